//! The steps that every change of a message takes within its transaction: the message's row, where its conversation
//! stands, and the feeds of both participants.

use protocol::{MessageId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{accounts, activity, rows, texts, writer::Write};
use crate::{
    model::{
        Change, Message,
        activity::Kind,
        events::{Committed, Seqs},
        rules,
    },
    store::{Position, StoreError},
};

/// Carries a change out and notes it for publication.
pub(super) fn change(
    write: &mut Write<'_>,
    message: &mut Message,
    change: Change,
) -> Result<Seqs, StoreError> {
    note_activity(write, message, &change)?;
    let hidden = matches!(change, Change::Read | Change::Seen)
        && hides_receipts(write.db, message.sender, message.receiver)?;
    let seqs = change_quietly(write, message, &change, hidden)?;
    write.committed.push(Committed::Changed { message: message.clone(), change, seqs });
    Ok(seqs)
}

/// Who did it follows from what a participant may do. A first look is kept with every other look, by whoever serves it.
fn note_activity(write: &Write<'_>, message: &Message, change: &Change) -> Result<(), StoreError> {
    let (user, kind) = match change {
        Change::Content(_) => (message.sender, Kind::MessageEdited),
        Change::Deleted => (message.sender, Kind::MessageDeleted),
        Change::Read => (message.receiver, Kind::MessageRead),
        Change::Seen | Change::Delivered => return Ok(()),
    };
    activity::note(write, user, kind, Some(message.id.0))
}

/// Carries a change out; what is published is up to the caller. What is `hidden` from the sender goes into the
/// receiver's feed alone, and nobody else is to be told of it.
pub(super) fn change_quietly(
    write: &Write<'_>,
    message: &mut Message,
    change: &Change,
    hidden: bool,
) -> Result<Seqs, StoreError> {
    let was_unread = !message.is_read;
    message.apply(change, write.now, hidden);
    store(write.db, message, change)?;
    match change {
        Change::Read => take_unread(write.db, message)?,
        Change::Deleted => {
            texts::remove(write.db, message.id)?;
            if was_unread {
                take_unread(write.db, message)?;
            }
            find_last(write.db, message)?;
        }
        Change::Content(content) => texts::replace(write.db, message.id, content)?,
        Change::Seen | Change::Delivered => {}
    }
    if hidden {
        return Ok(Seqs { sender: None, receiver: append(write, message.receiver, message.id)? });
    }
    feeds(write, message)
}

/// Appends the message's change to the feeds of both participants, in sorted order, and tells its positions.
pub(super) fn feeds(write: &Write<'_>, message: &Message) -> Result<Seqs, StoreError> {
    let (mut in_senders, mut in_receivers) = (0, 0);
    let sender = (message.sender, &mut in_senders);
    let receiver = (message.receiver, &mut in_receivers);
    let sorted = if message.sender < message.receiver { [sender, receiver] } else { [receiver, sender] };
    for (user, seq) in sorted {
        *seq = append(write, user, message.id)?;
    }
    Ok(Seqs { sender: Some(in_senders), receiver: in_receivers })
}

/// Counts a new message in where its conversation stands, for both.
pub(super) fn arrived(db: &Connection, message: &Message) -> Result<(), StoreError> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO conversations (user, peer, last_sent_at, last_message, unread) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (user, peer) DO UPDATE SET
             last_sent_at = max(last_sent_at, excluded.last_sent_at),
             last_message = iif((excluded.last_sent_at, excluded.last_message) > (last_sent_at, last_message),
                                excluded.last_message, last_message),
             unread = unread + excluded.unread",
    )?;
    let (sender, receiver) = (message.sender.0.to_bytes(), message.receiver.0.to_bytes());
    for (user, peer, unread) in [(sender, receiver, false), (receiver, sender, !message.is_read)] {
        upsert.execute(params![user, peer, message.sent_at.millis(), message.id.0.to_bytes(), unread])?;
    }
    Ok(())
}

/// Where a message of this user's stands in the order; a tombstone keeps its place.
pub(super) fn position(
    db: &Connection,
    user: UserId,
    peer: Option<UserId>,
    id: MessageId,
) -> Result<Option<Position>, StoreError> {
    let mut select = db.prepare_cached("SELECT sender, receiver, sent_at FROM messages WHERE id = ?1")?;
    let found = select
        .query_row([id.0.to_bytes()], |row| {
            Ok((rows::user_id(row, 0)?, rows::user_id(row, 1)?, rows::time(row, 2)?))
        })
        .optional()?;
    Ok(found
        .filter(|(sender, receiver, _)| {
            let other = if *sender == user { *receiver } else { *sender };
            (*sender == user || *receiver == user) && peer.is_none_or(|peer| peer == other)
        })
        .map(|(.., sent_at)| Position { sent_at, id }))
}

fn store(db: &Connection, message: &Message, change: &Change) -> Result<(), StoreError> {
    let id = message.id.0.to_bytes();
    let updated_at = message.updated_at.millis();
    match change {
        Change::Content(content) => db
            .prepare_cached("UPDATE messages SET content = ?2, edited_at = ?3, updated_at = ?3 WHERE id = ?1")?
            .execute(params![id, content, updated_at])?,
        Change::Deleted => db
            .prepare_cached("UPDATE messages SET content = '', deleted_at = ?2, updated_at = ?2 WHERE id = ?1")?
            .execute(params![id, updated_at])?,
        Change::Read | Change::Seen | Change::Delivered => db
            .prepare_cached(
                "UPDATE messages SET is_read = ?2, read_at = ?3, seen_at = ?4, delivered_at = ?5, updated_at = ?6,
                     seen_hidden = ?7, read_hidden = ?8 WHERE id = ?1",
            )?
            .execute(params![
                id,
                message.is_read,
                rows::optional(message.read_at),
                rows::optional(message.seen_at),
                rows::optional(message.delivered_at),
                updated_at,
                message.seen_hidden,
                message.read_hidden
            ])?,
    };
    Ok(())
}

/// Whether it is kept from this sender that this receiver reads or sees a message now.
pub(super) fn hides_receipts(db: &Connection, sender: UserId, receiver: UserId) -> Result<bool, StoreError> {
    let privacy = |user| Ok::<_, StoreError>(accounts::account(db, user)?.map(|account| account.privacy));
    let (sender, receiver) = (privacy(sender)?, privacy(receiver)?);
    Ok(rules::hides_receipts(sender.unwrap_or_default(), receiver.unwrap_or_default()))
}

fn take_unread(db: &Connection, message: &Message) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE conversations SET unread = unread - 1 WHERE user = ?1 AND peer = ?2")?
        .execute(params![message.receiver.0.to_bytes(), message.sender.0.to_bytes()])?;
    Ok(())
}

/// Finds the newest message again where it was the one that is gone.
fn find_last(db: &Connection, gone: &Message) -> Result<(), StoreError> {
    let (sent_at, id) = newest(db, gone.sender, gone.receiver)?;
    let mut update = db.prepare_cached(
        "UPDATE conversations SET last_sent_at = ?4, last_message = ?5
         WHERE user = ?1 AND peer = ?2 AND last_message = ?3",
    )?;
    let (sender, receiver) = (gone.sender.0.to_bytes(), gone.receiver.0.to_bytes());
    for (user, peer) in [(sender, receiver), (receiver, sender)] {
        update.execute(params![user, peer, gone.id.0.to_bytes(), sent_at, id])?;
    }
    Ok(())
}

/// The newest message of two people that is not deleted, as `conversations` names it: by its time and its id.
pub(super) fn newest(db: &Connection, one: UserId, other: UserId) -> rusqlite::Result<(i64, Vec<u8>)> {
    let mut select = db.prepare_cached(
        "SELECT sent_at, id FROM messages INDEXED BY messages_by_pair
         WHERE deleted_at = 0 AND sender = ?1 AND receiver = ?2
         UNION ALL
         SELECT sent_at, id FROM messages INDEXED BY messages_by_pair
         WHERE deleted_at = 0 AND sender = ?2 AND receiver = ?1
         ORDER BY sent_at DESC, id DESC LIMIT 1",
    )?;
    let ids = [one.0.to_bytes(), other.0.to_bytes()];
    Ok(select.query_row(ids, |row| Ok((row.get(0)?, row.get(1)?))).optional()?.unwrap_or_default())
}

fn append(write: &Write<'_>, user: UserId, message: MessageId) -> Result<u64, StoreError> {
    let user = user.0.to_bytes();
    let seq: u64 = write
        .db
        .prepare_cached(
            "INSERT INTO feeds (user, seq) VALUES (?1, 1)
             ON CONFLICT (user) DO UPDATE SET seq = seq + 1 RETURNING seq",
        )?
        .query_row([user], |row| rows::seq(row, 0))?;
    write
        .db
        .prepare_cached("INSERT INTO changes (user, seq, message, nonce, at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![user, seq, message.0.to_bytes(), rand::random::<i64>(), write.now.millis()])?;
    Ok(seq)
}
