//! Messages as rows: looking them up, and storing what `apply` decides.

use protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    apply::{self, Message, Source, Stored},
    domain::{ItemKey, MessageId, UserId},
};

use super::{Changed, conversations, outbox};

/// The columns that [`from_row`] reads.
pub(super) const COLUMNS: &str = "id, peer, mine, content, sent_at, is_read, edited_at, delivered_at, seen_at, \
     read_at, deleted_at, client_key, seq, generation";

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
        told_read: row.get(5)?,
        lost: false,
    })
}

/// The message with this id.
pub(crate) fn by_id(connection: &Connection, id: &MessageId) -> rusqlite::Result<Option<Stored>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE id = ?1"))?
        .query_row([id.as_str()], from_row)
        .optional()
}

/// The message that the screen knows by this key: its sender's key, or its id.
pub(crate) fn by_key(connection: &Connection, key: &ItemKey) -> rusqlite::Result<Option<Stored>> {
    let keyed = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE client_key = ?1"))?
        .query_row([key.as_str()], from_row)
        .optional()?;
    match keyed {
        Some(found) => Ok(Some(found)),
        None => by_id(connection, &MessageId(key.0.clone())),
    }
}

/// Stores what the server told of a message, with everything that follows from it in the same transaction: the
/// send that it confirms leaves the outbox (I8), and so do changes of a message that is gone.
pub(crate) fn put(
    connection: &Connection,
    mut told: Message,
    source: Source,
    generation: i64,
    changed: &mut Changed,
) -> rusqlite::Result<()> {
    let before = by_id(connection, &told.id)?;
    if before.as_ref().is_some_and(|before| before.message.peer != told.peer) {
        // A message cannot move to another conversation; a server that says so is not believed.
        return Ok(());
    }
    if let Some(key) = told.client_key.take() {
        // A key names one message for ever (I2); a server that gives it to a second one is not believed.
        let owner = by_key(connection, &ItemKey(key.clone()))?;
        told.client_key = owner.is_none_or(|owner| owner.message.id == told.id).then_some(key);
    }
    if !told.mine {
        told.is_read |= conversations::was_read_here(connection, &told)?;
    }
    conversations::ensure(connection, &told.peer)?;
    if before.is_none() && !told.mine {
        conversations::count_gap(connection, &told, source)?;
    }
    let after = apply::merge(before.clone(), told, source, generation);
    settle_outbox(connection, &after.message, changed)?;
    if before.as_ref() == Some(&after) {
        return Ok(());
    }
    write(connection, &after)?;
    if before.is_none_or(|before| before.message != after.message) {
        changed.conversation(&after.message.peer);
    }
    Ok(())
}

/// Takes from the outbox what this message makes pointless.
fn settle_outbox(connection: &Connection, message: &Message, changed: &mut Changed) -> rusqlite::Result<()> {
    if !message.mine {
        return Ok(());
    }
    let mut settled = 0;
    if let Some(key) = &message.client_key {
        settled += outbox::remove_send(connection, &ItemKey(key.clone()))?;
    }
    if message.deleted_at.is_some() {
        for key in [Some(message.id.0.clone()), message.client_key.clone()].into_iter().flatten() {
            settled += outbox::remove_changes(connection, &ItemKey(key))?;
        }
    }
    if settled > 0 {
        changed.outbox();
        changed.conversation(&message.peer);
    }
    Ok(())
}

fn write(connection: &Connection, stored: &Stored) -> rusqlite::Result<()> {
    let message = &stored.message;
    let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
    connection
        .prepare_cached(
            "INSERT INTO message (id, peer, mine, content, sent_at, is_read, edited_at, delivered_at,
                 seen_at, read_at, deleted_at, client_key, seq, generation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (id) DO UPDATE SET content = excluded.content, is_read = excluded.is_read,
                 edited_at = excluded.edited_at, delivered_at = excluded.delivered_at, seen_at = excluded.seen_at,
                 read_at = excluded.read_at, deleted_at = excluded.deleted_at, client_key = excluded.client_key,
                 seq = excluded.seq, generation = excluded.generation",
        )?
        .execute(params![
            message.id.as_str(),
            message.peer.as_str(),
            message.mine,
            message.content,
            message.sent_at.millis(),
            message.is_read,
            millis(message.edited_at),
            millis(message.delivered_at),
            millis(message.seen_at),
            millis(message.read_at),
            millis(message.deleted_at),
            message.client_key,
            stored.seq,
            stored.generation,
        ])?;
    Ok(())
}
