//! The outbox as rows.

use std::collections::HashMap;

use protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    apply::Message,
    domain::{ItemKey, Status, UserId},
    machine::tables::Operation,
    outbox::{Entry, Kind, State},
};

/// A send that waits, as the timeline shows it.
pub(crate) struct WaitingSend {
    pub(crate) seq: i64,
    pub(crate) key: ItemKey,
    pub(crate) content: String,
    pub(crate) written_at: Timestamp,
}

/// A change of a message that waits.
pub(crate) struct WaitingChange {
    pub(crate) kind: Kind,
    pub(crate) content: String,
    /// The server's words where it said no.
    pub(crate) refused: Option<String>,
}

/// The changes that wait in one conversation, by the key of their message.
#[derive(Default)]
pub(crate) struct Changes(HashMap<ItemKey, WaitingChange>);

impl Changes {
    /// The change that waits for the message with this key.
    pub(crate) fn of(&self, key: &ItemKey) -> Option<&WaitingChange> {
        self.0.get(key)
    }

    /// The content that an edit that waits gives to the message with this key.
    pub(crate) fn edited(&self, key: &ItemKey) -> Option<&str> {
        self.of(key).filter(|change| change.kind == Kind::Edit).map(|change| change.content.as_str())
    }

    /// The change that waits for this message.
    pub(crate) fn of_message(&self, message: &Message) -> Option<&WaitingChange> {
        let keyed = message.client_key.as_ref().and_then(|key| self.of(&ItemKey(key.clone())));
        keyed.or_else(|| self.of(&ItemKey(message.id.0.clone())))
    }

    /// The content that an edit that waits gives to this message.
    pub(crate) fn edited_message(&self, message: &Message) -> Option<&str> {
        self.of_message(message)
            .filter(|change| change.kind == Kind::Edit)
            .map(|change| change.content.as_str())
    }
}

/// The columns that [`entry_of`] reads, as a literal.
macro_rules! entry {
    () => {
        "seq, kind, peer, target, state, attempts, reason"
    };
}

/// The row of one kind for one message. The index is of what is no reading, so the statement has to say so too.
pub(super) const BY_TARGET: &str =
    concat!("SELECT ", entry!(), " FROM outbox WHERE target = ?1 AND kind = ?2 AND kind <> 'read'");
// As with messages, these say which index was made for them.

/// The newest reading of a conversation that waits and is not under way.
pub(super) const QUEUED_READ: &str = concat!(
    "SELECT ",
    entry!(),
    " FROM outbox INDEXED BY outbox_reads
      WHERE peer = ?1 AND kind = 'read' AND state IN ('queued', 'unknown') ORDER BY seq DESC LIMIT 1"
);
/// Every reading of a conversation.
pub(super) const READINGS: &str = concat!(
    "SELECT ",
    entry!(),
    " FROM outbox INDEXED BY outbox_reads WHERE peer = ?1 AND kind = 'read' ORDER BY seq"
);
/// Every row that is in flight.
pub(super) const IN_FLIGHT: &str = concat!(
    "SELECT ",
    entry!(),
    " FROM outbox INDEXED BY outbox_in_flight WHERE state = 'in_flight' ORDER BY seq"
);
/// The sends of which nobody knows whether the server has them.
pub(super) const UNKNOWN_SENDS: &str = "SELECT seq FROM outbox INDEXED BY outbox_unknown
     WHERE kind = 'send' AND state = 'unknown' ORDER BY seq LIMIT ?1";
/// The first conversation in which something can be tried.
pub(super) const FIRST_WAITING: &str = "SELECT peer FROM outbox INDEXED BY outbox_waiting
     WHERE state IN ('queued', 'unknown') ORDER BY peer LIMIT 1";
/// The next one.
pub(super) const NEXT_WAITING: &str = "SELECT peer FROM outbox INDEXED BY outbox_waiting
     WHERE state IN ('queued', 'unknown') AND peer > ?1 ORDER BY peer LIMIT 1";
/// The next send of a conversation.
pub(super) const NEXT_SEND: &str = concat!(
    "SELECT ",
    entry!(),
    " FROM outbox INDEXED BY outbox_sends WHERE peer = ?1 AND kind = 'send' AND seq > ?2 ORDER BY seq LIMIT 1"
);
/// What can be tried next of a conversation beside its sends.
pub(super) const NEXT_CHANGE: &str = concat!(
    "SELECT ",
    entry!(),
    " FROM outbox INDEXED BY outbox_changes
      WHERE peer = ?1 AND kind <> 'send' AND state IN ('queued', 'unknown') AND seq > ?2 ORDER BY seq LIMIT 1"
);
/// The sends of a conversation before a row, the last one first.
pub(super) const SENDS_BEFORE: &str = "SELECT seq, target, content, written_at, state, reason
     FROM outbox INDEXED BY outbox_sends
     WHERE peer = ?1 AND kind = 'send' AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
/// The sends of a conversation from a row on.
pub(super) const SENDS_FROM: &str = "SELECT seq, target, content, written_at, state, reason
     FROM outbox INDEXED BY outbox_sends
     WHERE peer = ?1 AND kind = 'send' AND seq >= ?2 ORDER BY seq LIMIT ?3";
/// The first send of a conversation that was refused, and holds those behind it back.
pub(super) const FIRST_REFUSED: &str = "SELECT seq FROM outbox INDEXED BY outbox_refused
     WHERE peer = ?1 AND kind = 'send' AND state = 'refused' ORDER BY seq LIMIT 1";
/// The changes of a conversation's messages.
pub(super) const CHANGES: &str = "SELECT target, kind, content, state, reason
     FROM outbox INDEXED BY outbox_changes
     WHERE peer = ?1 AND kind <> 'send' AND kind <> 'read' ORDER BY seq";

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Send => "send",
        Kind::Edit => "edit",
        Kind::Delete => "delete",
        Kind::Read => "read",
    }
}

fn kind_of(text: &str) -> Kind {
    match text {
        "send" => Kind::Send,
        "edit" => Kind::Edit,
        "delete" => Kind::Delete,
        // The column's CHECK leaves nothing else.
        _ => Kind::Read,
    }
}

fn state_text(state: &State) -> (&'static str, Option<&str>) {
    match state {
        State::Queued => ("queued", None),
        State::InFlight => ("in_flight", None),
        State::Unknown => ("unknown", None),
        State::Refused { reason } => ("refused", Some(reason)),
    }
}

fn state_of(text: &str, reason: Option<String>) -> State {
    match text {
        "queued" => State::Queued,
        "in_flight" => State::InFlight,
        "unknown" => State::Unknown,
        // The column's CHECK leaves nothing else.
        _ => State::Refused { reason: reason.unwrap_or_default() },
    }
}

fn entry_of(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        seq: row.get(0)?,
        kind: kind_of(&row.get::<_, String>(1)?),
        peer: UserId(row.get(2)?),
        target: ItemKey(row.get(3)?),
        state: state_of(&row.get::<_, String>(4)?, row.get(6)?),
        attempts: row.get(5)?,
    })
}

/// Every row, in order.
pub(crate) fn entries(connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
    connection
        .prepare_cached(concat!("SELECT ", entry!(), " FROM outbox ORDER BY seq"))?
        .query_map([], entry_of)?
        .collect()
}

/// How many rows there are.
pub(crate) fn len(connection: &Connection) -> rusqlite::Result<u32> {
    connection.prepare_cached("SELECT count(*) FROM outbox")?.query_row([], |row| row.get(0))
}

/// How many messages and changes of messages wait for the server, without what it refused.
pub(crate) fn waiting(connection: &Connection) -> rusqlite::Result<u32> {
    connection
        .prepare_cached("SELECT count(*) FROM outbox WHERE kind <> 'read' AND state <> 'refused'")?
        .query_row([], |row| row.get(0))
}

/// The row of this kind, readings excepted, for this message.
pub(crate) fn by_target(
    connection: &Connection,
    target: &ItemKey,
    kind: Kind,
) -> rusqlite::Result<Option<Entry>> {
    connection.prepare_cached(BY_TARGET)?.query_row([target.as_str(), kind_text(kind)], entry_of).optional()
}

/// The row with this number, with its content.
pub(crate) fn operation(connection: &Connection, seq: i64) -> rusqlite::Result<Option<Operation>> {
    connection
        .prepare_cached(concat!("SELECT ", entry!(), ", content, after FROM outbox WHERE seq = ?1"))?
        .query_row([seq], |row| {
            Ok(Operation { entry: entry_of(row)?, content: row.get(7)?, after: row.get(8)? })
        })
        .optional()
}

/// Appends a row.
pub(crate) fn append(
    connection: &Connection,
    kind: Kind,
    peer: &UserId,
    target: &ItemKey,
    content: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (kind, peer, target, content, state, written_at)
             VALUES (?1, ?2, ?3, ?4, 'queued', ?5)",
        )?
        .execute(params![kind_text(kind), peer.as_str(), target.as_str(), content, now.millis()])?;
    Ok(())
}

/// Stores a row's state and attempts.
pub(crate) fn set_state(
    connection: &Connection,
    seq: i64,
    state: &State,
    attempts: u32,
) -> rusqlite::Result<()> {
    let (state, reason) = state_text(state);
    connection
        .prepare_cached("UPDATE outbox SET state = ?2, reason = ?3, attempts = ?4 WHERE seq = ?1")?
        .execute(params![seq, state, reason, attempts])?;
    Ok(())
}

/// Stores the number of the newest message here when the row was first tried.
pub(crate) fn set_after(connection: &Connection, seq: i64, after: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE outbox SET after = ?2 WHERE seq = ?1")?.execute(params![seq, after])?;
    Ok(())
}

/// Gives a row that the server certainly does not have another content, or another target.
pub(crate) fn rewrite(
    connection: &Connection,
    seq: i64,
    target: &ItemKey,
    content: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
        "UPDATE outbox SET target = ?2, content = ?3, state = 'queued', reason = NULL, attempts = 0, after = 0
         WHERE seq = ?1",
    )?.execute(params![seq, target.as_str(), content])?;
    Ok(())
}

/// Removes a row: confirmed, or by the user's decision (I8).
pub(crate) fn remove(connection: &Connection, seq: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?.execute([seq])?;
    Ok(())
}

/// The reading of this conversation that waits and is not under way.
pub(crate) fn queued_read(connection: &Connection, peer: &UserId) -> rusqlite::Result<Option<Entry>> {
    connection.prepare_cached(QUEUED_READ)?.query_row([peer.as_str()], entry_of).optional()
}

/// See [`READINGS`].
pub(super) fn readings(connection: &Connection, peer: &UserId) -> rusqlite::Result<Vec<Entry>> {
    connection.prepare_cached(READINGS)?.query_map([peer.as_str()], entry_of)?.collect()
}

/// See [`IN_FLIGHT`].
pub(super) fn in_flight(connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
    connection.prepare_cached(IN_FLIGHT)?.query_map([], entry_of)?.collect()
}

/// See [`UNKNOWN_SENDS`].
pub(super) fn unknown_sends(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<i64>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(UNKNOWN_SENDS)?.query_map([limit], |row| row.get(0))?.collect()
}

/// See [`FIRST_WAITING`] and [`NEXT_WAITING`].
pub(super) fn next_waiting(
    connection: &Connection,
    after: Option<&UserId>,
) -> rusqlite::Result<Option<UserId>> {
    let peer = |row: &Row<'_>| row.get(0).map(UserId);
    match after {
        None => connection.prepare_cached(FIRST_WAITING)?.query_row([], peer),
        Some(after) => connection.prepare_cached(NEXT_WAITING)?.query_row([after.as_str()], peer),
    }
    .optional()
}

/// See [`NEXT_SEND`].
pub(super) fn next_send(
    connection: &Connection,
    peer: &UserId,
    after: i64,
) -> rusqlite::Result<Option<Entry>> {
    connection.prepare_cached(NEXT_SEND)?.query_row(params![peer.as_str(), after], entry_of).optional()
}

/// See [`NEXT_CHANGE`].
pub(super) fn next_change(
    connection: &Connection,
    peer: &UserId,
    after: i64,
) -> rusqlite::Result<Option<Entry>> {
    connection.prepare_cached(NEXT_CHANGE)?.query_row(params![peer.as_str(), after], entry_of).optional()
}

/// The last sends of one conversation that wait, `count` at most and before the row `before`, in order, each with its
/// status.
pub(super) fn sends_before(
    connection: &Connection,
    peer: &UserId,
    before: i64,
    count: usize,
) -> rusqlite::Result<Vec<(WaitingSend, Status)>> {
    let mut sends = sends(connection, SENDS_BEFORE, peer, before, count)?;
    sends.reverse();
    Ok(sends)
}

/// The sends of one conversation that wait from the row `from` on, `count` at most, in order, each with its status.
pub(super) fn sends_from(
    connection: &Connection,
    peer: &UserId,
    from: i64,
    count: usize,
) -> rusqlite::Result<Vec<(WaitingSend, Status)>> {
    sends(connection, SENDS_FROM, peer, from, count)
}

fn sends(
    connection: &Connection,
    sql: &str,
    peer: &UserId,
    bound: i64,
    count: usize,
) -> rusqlite::Result<Vec<(WaitingSend, Status)>> {
    let refused: Option<i64> =
        connection.prepare_cached(FIRST_REFUSED)?.query_row([peer.as_str()], |row| row.get(0)).optional()?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    connection
        .prepare_cached(sql)?
        .query_map(params![peer.as_str(), bound, count], |row| {
            let send = WaitingSend {
                seq: row.get(0)?,
                key: ItemKey(row.get(1)?),
                content: row.get(2)?,
                written_at: Timestamp::clamped(row.get(3)?),
            };
            let held = refused.is_some_and(|refused| refused < send.seq);
            Ok((send, state_of(&row.get::<_, String>(4)?, row.get(5)?).status(held)))
        })?
        .collect()
}

/// The changes that wait in one conversation. Where a message has both, its deletion counts.
pub(crate) fn changes(connection: &Connection, peer: &UserId) -> rusqlite::Result<Changes> {
    let mut statement = connection.prepare_cached(CHANGES)?;
    let mut rows = statement.query([peer.as_str()])?;
    let mut changes = Changes::default();
    while let Some(row) = rows.next()? {
        let state = state_of(&row.get::<_, String>(3)?, row.get(4)?);
        let refused = match state {
            State::Refused { reason } => Some(reason),
            State::Queued | State::InFlight | State::Unknown => None,
        };
        let change =
            WaitingChange { kind: kind_of(&row.get::<_, String>(1)?), content: row.get(2)?, refused };
        let (key, deleted) = (ItemKey(row.get(0)?), |change: &WaitingChange| change.kind == Kind::Delete);
        if !changes.of(&key).is_some_and(deleted) {
            changes.0.insert(key, change);
        }
    }
    Ok(changes)
}
