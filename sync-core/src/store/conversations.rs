//! Conversations: the list, what is read, and how much of the history is here.

use protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    apply::{Message, Source},
    domain::{MessageId, Status, UserId},
    machine::tables::Extent,
};

use super::messages;

/// The conversation whose back-fill is not done and whose newest message is the newest.
pub(super) const NEXT_FILL: &str =
    "SELECT peer, fill_before FROM conversation WHERE fill_done = 0 AND fill_before IS NOT NULL
     ORDER BY (SELECT max(sent_at) FROM message WHERE message.peer = conversation.peer) DESC, peer LIMIT 1";

/// Makes the conversation's row where there is none. A conversation that the last snapshot did not name has no
/// history on the server, so it begins as complete.
pub(crate) fn ensure(connection: &Connection, peer: &UserId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO conversation (peer) VALUES (?1)")?
        .execute([peer.as_str()])?;
    Ok(())
}

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

/// Stores how much of this conversation's history is here.
pub(crate) fn set_extent(connection: &Connection, peer: &UserId, extent: &Extent) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE conversation SET floor_at = ?2, floor_id = ?3, fill_before = ?4, fill_done = ?5,
                 unread_unfilled = iif(?5, 0, unread_unfilled)
             WHERE peer = ?1",
        )?
        .execute(params![
            peer.as_str(),
            extent.floor.as_ref().map(|(at, _)| at.millis()),
            extent.floor.as_ref().map(|(_, id)| id.as_str()),
            extent.fill_before.as_ref().map(MessageId::as_str),
            extent.fill_done,
        ])?;
    Ok(())
}

/// How many of the peer's messages are unread: those that are here, and those that the server counted and that
/// back-fill has not brought yet. Exact once back-fill is done.
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

/// Takes over the server's count of unread messages, after the snapshot's own rows are stored.
pub(crate) fn set_unread(connection: &Connection, peer: &UserId, counted: u64) -> rusqlite::Result<()> {
    connection.execute("UPDATE conversation SET unread_unfilled = 0 WHERE peer = ?1", [peer.as_str()])?;
    let here = u64::from(unread(connection, peer)?);
    let unfilled = i64::try_from(counted.saturating_sub(here)).unwrap_or(i64::MAX);
    connection.execute(
        "UPDATE conversation SET unread_unfilled = ?2
         WHERE peer = ?1 AND read_at IS NULL AND fill_done = 0",
        params![peer.as_str(), unfilled],
    )?;
    Ok(())
}

/// A message of the peer's arrives for the first time: where it is one of those that the server counted as
/// unread and that were not here, they are one fewer.
pub(super) fn count_gap(connection: &Connection, told: &Message, source: Source) -> rusqlite::Result<()> {
    let Some(Extent { fill_done: false, fill_before: Some(before), .. }) = extent(connection, &told.peer)?
    else {
        return Ok(());
    };
    let counted = match source {
        // What the feed tells of a message that back-fill has not reached may be the very reading of it.
        Source::Feed(_) => {
            let reached = messages::by_id(connection, &before)?;
            let gap = reached.is_some_and(|reached| told.place() < reached.message.place());
            gap && (told.deleted_at.is_some() || !told.is_read || told.edited_at <= told.read_at)
        }
        Source::History => !told.is_read,
        Source::Answer => false,
    };
    if counted {
        connection
            .prepare_cached(
                "UPDATE conversation SET unread_unfilled = max(unread_unfilled - 1, 0) WHERE peer = ?1",
            )?
            .execute([told.peer.as_str()])?;
    }
    Ok(())
}

/// Whether this device has marked a place at or behind this message as read.
pub(super) fn was_read_here(connection: &Connection, told: &Message) -> rusqlite::Result<bool> {
    let (at, id) = told.place();
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM conversation
                            WHERE peer = ?1 AND read_at IS NOT NULL AND (?2, ?3) <= (read_at, read_id))",
        )?
        .query_row(params![told.peer.as_str(), at.millis(), id.as_str()], |row| row.get(0))
}

/// Marks everything of the peer's up to this place as read (I5). Says whether anything was unread.
pub(crate) fn mark_read(
    connection: &Connection,
    peer: &UserId,
    at: Timestamp,
    id: &MessageId,
) -> rusqlite::Result<bool> {
    let here = connection.execute(
        "UPDATE message SET is_read = 1
         WHERE peer = ?1 AND mine = 0 AND is_read = 0 AND (sent_at, id) <= (?2, ?3)",
        params![peer.as_str(), at.millis(), id.as_str()],
    )?;
    // What is not here yet is older than all that is.
    let unfilled = connection.execute(
        "UPDATE conversation SET unread_unfilled = 0 WHERE peer = ?1 AND unread_unfilled > 0",
        [peer.as_str()],
    )?;
    connection.execute(
        "UPDATE conversation SET read_at = ?2, read_id = ?3
         WHERE peer = ?1 AND (read_at IS NULL OR (read_at, read_id) < (?2, ?3))",
        params![peer.as_str(), at.millis(), id.as_str()],
    )?;
    Ok(here + unfilled > 0)
}

/// The newest message of a conversation that the server has.
pub(super) fn newest(connection: &Connection, peer: &UserId) -> rusqlite::Result<Option<Message>> {
    connection
        .prepare_cached(&format!(
            "SELECT {} FROM message WHERE peer = ?1 ORDER BY sent_at DESC, id DESC LIMIT 1",
            messages::COLUMNS
        ))?
        .query_row([peer.as_str()], |row| messages::from_row(row).map(|stored| stored.message))
        .optional()
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
