//! Statements that take long go to the log: the SQL as it stands in the code, never the values.

use std::time::Duration;

use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};

/// From when on a statement is slow, where nobody says otherwise.
pub(crate) const THRESHOLD: Duration = Duration::from_millis(200);

/// Has every statement of this connection that takes at least `threshold` written to the log.
pub(super) fn watch(connection: &mut Connection, threshold: Duration) -> rusqlite::Result<()> {
    let report = move |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, elapsed) = event
            && elapsed >= threshold
        {
            let sql = statement.sql();
            let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(target: "slow_query", ms, sql);
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(report))
}
