//! Conversations: the list, what is read, and how much of the history is here.

use protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    apply::Message,
    domain::{MessageId, Status, UserId},
    machine::tables::Extent,
};

use super::messages;

/// The conversation whose back-fill is not done and whose newest message is the newest.
pub(super) const NEXT_FILL: &str = "SELECT peer, fill_before FROM conversation LEFT JOIN summary USING (peer)
     WHERE fill_done = 0 AND fill_before IS NOT NULL ORDER BY newest_at DESC, peer LIMIT 1";

/// What is kept of a conversation beside its messages.
pub(crate) fn extent(connection: &Connection, peer: &UserId) -> rusqlite::Result<Option<Extent>> {
    connection
        .prepare_cached(
            "SELECT floor_at, floor_id, fill_before, fill_done, unread_unfilled, read_at, read_id
             FROM conversation WHERE peer = ?1",
        )?
        .query_row([peer.as_str()], |row| {
            Ok(Extent {
                floor: place(row, 0)?,
                fill_before: row.get::<_, Option<String>>(2)?.map(MessageId),
                fill_done: row.get(3)?,
                unread_unfilled: u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0),
                read: place(row, 5)?,
            })
        })
        .optional()
}

/// Stores what is kept of a conversation beside its messages, making its row where there is none.
pub(super) fn put_extent(connection: &Connection, peer: &UserId, extent: &Extent) -> rusqlite::Result<()> {
    let at = |place: &Option<(Timestamp, MessageId)>| place.as_ref().map(|(at, _)| at.millis());
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO conversation
                 (peer, floor_at, floor_id, fill_before, fill_done, unread_unfilled, read_at, read_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            peer.as_str(),
            at(&extent.floor),
            extent.floor.as_ref().map(|(_, id)| id.as_str()),
            extent.fill_before.as_ref().map(MessageId::as_str),
            extent.fill_done,
            i64::try_from(extent.unread_unfilled).unwrap_or(i64::MAX),
            at(&extent.read),
            extent.read.as_ref().map(|(_, id)| id.as_str()),
        ])?;
    Ok(())
}

/// A place from two columns that begin at `at`, NULL where there is none.
fn place(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<(Timestamp, MessageId)>> {
    Ok(messages::time(row, at)?.zip(row.get::<_, Option<String>>(at + 1)?.map(MessageId)))
}

/// Every conversation's peer, by id.
pub(super) fn peers(connection: &Connection) -> rusqlite::Result<Vec<UserId>> {
    connection
        .prepare_cached("SELECT peer FROM conversation ORDER BY peer")?
        .query_map([], |row| row.get(0).map(UserId))?
        .collect()
}

/// See [`NEXT_FILL`].
pub(super) fn next_fill(connection: &Connection) -> rusqlite::Result<Option<(UserId, MessageId)>> {
    connection
        .prepare_cached(NEXT_FILL)?
        .query_row([], |row| Ok((UserId(row.get(0)?), MessageId(row.get(1)?))))
        .optional()
}

/// How many of the peer's messages are unread: those that are here, and those that the server counted and that
/// back-fill has not brought yet. Exact once back-fill is done.
#[cfg(test)]
pub(crate) fn unread(connection: &Connection, peer: &UserId) -> rusqlite::Result<u32> {
    let count: i64 = connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM message INDEXED BY message_unread
                     WHERE peer = ?1 AND mine = 0 AND is_read = 0 AND deleted_at IS NULL AND lost = 0)
                  + ifnull((SELECT unread_unfilled FROM conversation WHERE peer = ?1), 0)",
        )?
        .query_row([peer.as_str()], |row| row.get(0))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How far a message of one's own got that the server has.
pub(super) fn taken_status(message: &Message) -> Status {
    if message.is_read {
        Status::Read
    } else if message.delivered_at.or(message.seen_at).is_some() {
        Status::Delivered
    } else {
        Status::Sent
    }
}
