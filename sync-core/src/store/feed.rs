//! How far the feed was followed, as a row.

use rusqlite::{Connection, params};

use crate::machine::tables::Feed;

/// How far the feed was followed.
pub(crate) fn feed(connection: &Connection) -> rusqlite::Result<Feed> {
    connection.prepare_cached("SELECT cursor, generation, history, history_began FROM feed")?.query_row(
        [],
        |row| {
            Ok(Feed {
                cursor: row.get(0)?,
                generation: row.get(1)?,
                history: row.get(2)?,
                history_began: row.get(3)?,
            })
        },
    )
}

/// Stores how far the feed was followed.
pub(super) fn set_feed(connection: &Connection, feed: &Feed) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE feed SET cursor = ?1, generation = ?2, history = ?3, history_began = ?4")?
        .execute(params![feed.cursor, feed.generation, feed.history, feed.history_began])?;
    Ok(())
}
