//! Messages as rows: looking them up, and storing what `apply` decides.

use protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    apply::{Message, Stored},
    domain::{ItemKey, MessageId, UserId},
    machine::tables::Walked,
};

/// The columns that [`from_row`] reads, as a literal.
macro_rules! columns {
    () => {
        "id, peer, mine, content, sent_at, is_read, edited_at, delivered_at, seen_at, read_at, deleted_at, \
         client_key, seq, generation, told_read, lost"
    };
}
pub(super) use columns;

/// The columns that [`from_row`] reads.
pub(super) const COLUMNS: &str = columns!();

// The planner has no figures of this database and would often take another index than the one that was made for
// a statement, so these say which: a statement for which its index no longer does fails in the tests.

/// The newest message of a conversation that the server has.
pub(super) const NEWEST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message INDEXED BY message_in_order WHERE peer = ?1 AND lost = 0 ORDER BY sent_at DESC, id DESC LIMIT 1"
);
/// How many of the peer's messages are unread.
pub(super) const COUNT_UNREAD: &str = "SELECT count(*) FROM message INDEXED BY message_unread
     WHERE peer = ?1 AND mine = 0 AND is_read = 0 AND deleted_at IS NULL AND lost = 0";
/// Marks the peer's unread messages as read, up to a place.
pub(super) const SET_READ: &str = "UPDATE message INDEXED BY message_unread SET is_read = 1
     WHERE peer = ?1 AND mine = 0 AND is_read = 0 AND deleted_at IS NULL AND lost = 0
         AND (sent_at, id) <= (?2, ?3)";
/// The newest of the peer's messages that was read here and that the server told as unread.
pub(super) const NEWEST_UNTOLD_READ: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message INDEXED BY message_untold_read
      WHERE peer = ?1 AND mine = 0 AND is_read = 1 AND told_read = 0 AND deleted_at IS NULL AND lost = 0
          AND generation >= ?2
      ORDER BY sent_at DESC, id DESC LIMIT 1"
);
/// The oldest of these, up to a place.
pub(super) const OLDEST_UNTOLD_READ: &str = "SELECT id FROM message INDEXED BY message_untold_read
     WHERE peer = ?1 AND mine = 0 AND is_read = 1 AND told_read = 0 AND deleted_at IS NULL AND lost = 0
         AND (sent_at, id) <= (?2, ?3)
     ORDER BY sent_at, id LIMIT 1";
/// Messages of others that the server does not know to be delivered. What is read is known to be.
pub(super) const UNDELIVERED: &str = "SELECT number, id FROM message INDEXED BY message_undelivered
     WHERE mine = 0 AND is_read = 0 AND delivered_at IS NULL AND deleted_at IS NULL AND lost = 0 AND number > ?1
     ORDER BY number LIMIT ?2";
/// Messages that only older generations told of.
pub(super) const UNTOLD_SINCE: &str = "SELECT id FROM message INDEXED BY message_by_generation
     WHERE peer = ?1 AND generation < ?2 AND deleted_at IS NULL AND lost = 0
     ORDER BY generation, number LIMIT ?3";
/// The oldest message of one's own without a key, with this content.
pub(super) const UNCLAIMED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message INDEXED BY message_unclaimed
      WHERE peer = ?1 AND mine = 1 AND client_key IS NULL AND deleted_at IS NULL AND lost = 0 AND number > ?3
          AND content = ?2
      ORDER BY number LIMIT 1"
);
/// What is neither deleted nor lost, by number.
pub(super) const WALK: &str = "SELECT number, id, absences FROM message
     WHERE number > ?1 AND deleted_at IS NULL AND lost = 0 ORDER BY number LIMIT ?2";

/// A time from a column that may be NULL.
pub(super) fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp::clamped))
}

/// A message from [`COLUMNS`].
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        message: Message {
            id: MessageId(row.get(0)?),
            peer: UserId(row.get(1)?),
            mine: row.get(2)?,
            content: row.get(3)?,
            sent_at: Timestamp::clamped(row.get(4)?),
            is_read: row.get(5)?,
            edited_at: time(row, 6)?,
            delivered_at: time(row, 7)?,
            seen_at: time(row, 8)?,
            read_at: time(row, 9)?,
            deleted_at: time(row, 10)?,
            client_key: row.get(11)?,
        },
        seq: row.get(12)?,
        generation: row.get(13)?,
        told_read: row.get(14)?,
        lost: row.get(15)?,
    })
}

/// The message with this id.
pub(crate) fn by_id(connection: &Connection, id: &MessageId) -> rusqlite::Result<Option<Stored>> {
    connection
        .prepare_cached(concat!("SELECT ", columns!(), " FROM message WHERE id = ?1"))?
        .query_row([id.as_str()], from_row)
        .optional()
}

/// The message that the screen knows by this key: its sender's key, or its id.
pub(super) fn by_key(connection: &Connection, key: &ItemKey) -> rusqlite::Result<Option<Stored>> {
    match by_client_key(connection, key.as_str())? {
        Some(found) => Ok(Some(found)),
        None => by_id(connection, &MessageId(key.0.clone())),
    }
}

/// Stores a message, in place of an earlier one of this id, which keeps its place; a new one gets the next number.
pub(super) fn write(connection: &Connection, stored: &Stored) -> rusqlite::Result<()> {
    let message = &stored.message;
    let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
    let values = params![
        message.id.as_str(),
        message.content,
        message.is_read,
        millis(message.edited_at),
        millis(message.delivered_at),
        millis(message.seen_at),
        millis(message.read_at),
        millis(message.deleted_at),
        message.client_key,
        stored.seq,
        stored.generation,
        stored.told_read,
        stored.lost,
        // What a message keeps for good; so its place in the indexes of its conversation is not touched by a change.
        message.peer.as_str(),
        message.mine,
        message.sent_at.millis(),
    ];
    let changing = &values[..values.len() - 3];
    // Not one statement with ON CONFLICT: that would use up a number for each message that is here already.
    let here = connection
        .prepare_cached(
            "UPDATE message SET content = ?2, is_read = ?3, edited_at = ?4, delivered_at = ?5, seen_at = ?6,
                 read_at = ?7, deleted_at = ?8, client_key = ?9, seq = ?10, generation = ?11, told_read = ?12,
                 lost = ?13
             WHERE id = ?1",
        )?
        .execute(changing)?;
    if here == 0 {
        connection
            .prepare_cached(
                "INSERT INTO message (id, content, is_read, edited_at, delivered_at, seen_at, read_at, deleted_at,
                     client_key, seq, generation, told_read, lost, peer, mine, sent_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(values)?;
    }
    Ok(())
}

/// The message that was sent with this key.
pub(super) fn by_client_key(connection: &Connection, key: &str) -> rusqlite::Result<Option<Stored>> {
    connection
        .prepare_cached(concat!("SELECT ", columns!(), " FROM message WHERE client_key = ?1"))?
        .query_row([key], from_row)
        .optional()
}

/// Removes a message's row.
pub(super) fn remove(connection: &Connection, id: &MessageId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute([id.as_str()])?;
    Ok(())
}

/// See [`NEWEST`].
pub(super) fn newest(connection: &Connection, peer: &UserId) -> rusqlite::Result<Option<Stored>> {
    connection.prepare_cached(NEWEST)?.query_row([peer.as_str()], from_row).optional()
}

/// See [`COUNT_UNREAD`].
pub(super) fn count_unread(connection: &Connection, peer: &UserId) -> rusqlite::Result<i64> {
    connection.prepare_cached(COUNT_UNREAD)?.query_row([peer.as_str()], |row| row.get(0))
}

/// See [`SET_READ`]. Says how many there were.
pub(super) fn set_read_up_to(
    connection: &Connection,
    peer: &UserId,
    at: Timestamp,
    id: &MessageId,
) -> rusqlite::Result<usize> {
    connection.prepare_cached(SET_READ)?.execute(params![peer.as_str(), at.millis(), id.as_str()])
}

/// See [`NEWEST_UNTOLD_READ`].
pub(super) fn newest_untold_read(
    connection: &Connection,
    peer: &UserId,
    since: i64,
) -> rusqlite::Result<Option<Stored>> {
    connection
        .prepare_cached(NEWEST_UNTOLD_READ)?
        .query_row(params![peer.as_str(), since], from_row)
        .optional()
}

/// See [`OLDEST_UNTOLD_READ`].
pub(super) fn oldest_untold_read(
    connection: &Connection,
    peer: &UserId,
    at: Timestamp,
    id: &MessageId,
) -> rusqlite::Result<Option<MessageId>> {
    connection
        .prepare_cached(OLDEST_UNTOLD_READ)?
        .query_row(params![peer.as_str(), at.millis(), id.as_str()], |row| row.get(0).map(MessageId))
        .optional()
}

/// See [`UNDELIVERED`].
pub(crate) fn undelivered(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> rusqlite::Result<Vec<(i64, MessageId)>> {
    connection
        .prepare_cached(UNDELIVERED)?
        .query_map(params![after, bound(limit)], |row| Ok((row.get(0)?, MessageId(row.get(1)?))))?
        .collect()
}

/// See [`UNTOLD_SINCE`].
pub(super) fn untold_since(
    connection: &Connection,
    peer: &UserId,
    generation: i64,
    limit: usize,
) -> rusqlite::Result<Vec<MessageId>> {
    connection
        .prepare_cached(UNTOLD_SINCE)?
        .query_map(params![peer.as_str(), generation, bound(limit)], |row| row.get(0).map(MessageId))?
        .collect()
}

/// See [`UNCLAIMED`].
pub(super) fn unclaimed(
    connection: &Connection,
    peer: &UserId,
    content: &str,
    after: i64,
) -> rusqlite::Result<Option<Stored>> {
    connection
        .prepare_cached(UNCLAIMED)?
        .query_row(params![peer.as_str(), content, after], from_row)
        .optional()
}

/// The highest number that a message ever got here; 0 where there was none.
pub(super) fn last_number(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'message'")?
        .query_row([], |row| row.get::<_, Option<i64>>(0))
        .optional()
        .map(|found| found.flatten().unwrap_or(0))
}

/// See [`WALK`].
pub(super) fn walk(connection: &Connection, after: i64, limit: usize) -> rusqlite::Result<Vec<Walked>> {
    connection
        .prepare_cached(WALK)?
        .query_map(params![after, bound(limit)], |row| {
            Ok(Walked { number: row.get(0)?, id: MessageId(row.get(1)?), absences: row.get(2)? })
        })?
        .collect()
}

/// Stores how many complete lists in a row did not name this message.
pub(super) fn set_absences(connection: &Connection, id: &MessageId, absences: u32) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET absences = ?2 WHERE id = ?1 AND absences <> ?2")?
        .execute(params![id.as_str(), absences])?;
    Ok(())
}

/// A limit as `SQLite` takes it.
fn bound(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
