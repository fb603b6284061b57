//! What a person writes, as rows of the outbox: committed before the call returns (I9), and shown at once.

use protocol::{Timestamp, limits::CONTENT_CHARS};
use sha2::{Digest as _, Sha256};

use crate::{
    apply::{Message, Stored},
    domain::{ItemKey, UserId},
    error::WriteError,
    limits,
    mutation::{self, Mutation},
    outbox::{Entry, Kind, State},
    store::Changed,
};

use super::{Tables, messages, tables::Extent};

/// Queues a new message under `key`.
pub(crate) fn send(
    tables: &mut impl Tables,
    peer: &UserId,
    content: &str,
    key: &ItemKey,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    let me = signed_in(tables)?;
    check(content)?;
    if *peer == me {
        return Err(WriteError::ToOneself);
    }
    messages::ensure(tables, peer)?;
    append(tables, Kind::Send, peer, key, content, now)?;
    announce(peer, changed);
    Ok(())
}

/// Changes the content of one's own message: in the outbox where the server certainly does not have it yet,
/// otherwise as an operation. Giving back what the server has takes an edit that waits out again.
pub(crate) fn edit(
    tables: &mut impl Tables,
    key: &ItemKey,
    content: &str,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    signed_in(tables)?;
    check(content)?;
    let (target, peer, taken) = match own(tables, key)? {
        Own::Waiting(send) if send.state.is_here_alone(send.attempts) => {
            tables.rewrite(send.seq, key, content)?;
            announce(&send.peer, changed);
            return Ok(());
        }
        Own::Waiting(send) => {
            let tried = tables.operation(send.seq)?.map(|operation| operation.content);
            (send.target, send.peer, tried)
        }
        Own::Lost(_) => return Err(WriteError::NoSuchMessage),
        Own::Taken(stored) => {
            let message = stored.message;
            (messages::key_of(&message), message.peer, Some(message.content))
        }
    };
    match tables.entry_of(&target, Kind::Edit)? {
        Some(edit) if edit.state == State::InFlight => {
            // The request under way carries the older content. This row stands for the newer one from now on, and
            // the answer to the older finds that its row has changed.
            tables.remove(edit.seq)?;
            append(tables, Kind::Edit, &peer, &target, content, now)?;
        }
        Some(edit) if taken.as_deref() == Some(content) && edit.state.is_here_alone(edit.attempts) => {
            tables.remove(edit.seq)?;
        }
        Some(edit) => tables.rewrite(edit.seq, &target, content)?,
        None if taken.as_deref() == Some(content) => return Ok(()),
        None => append(tables, Kind::Edit, &peer, &target, content, now)?,
    }
    announce(&peer, changed);
    Ok(())
}

/// Deletes one's own message: cancels it where the server certainly does not have it yet, otherwise queues the
/// deletion.
pub(crate) fn delete(
    tables: &mut impl Tables,
    key: &ItemKey,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    signed_in(tables)?;
    let (target, peer) = match own(tables, key)? {
        Own::Waiting(send) if send.state.is_here_alone(send.attempts) => {
            messages::remove_of(tables, key, &[Kind::Send, Kind::Edit, Kind::Delete])?;
            announce(&send.peer, changed);
            return Ok(());
        }
        Own::Waiting(send) => (send.target, send.peer),
        // A lost one is asked for as well: a plain server whose lists failed may have it after all.
        Own::Lost(stored) | Own::Taken(stored) => (messages::key_of(&stored.message), stored.message.peer),
    };
    messages::remove_of(tables, &target, &[Kind::Edit])?;
    match tables.entry_of(&target, Kind::Delete)? {
        Some(refused) => {
            if let Ok(state) = refused.state.retry() {
                tables.set_state(refused.seq, &state, refused.attempts)?;
            }
        }
        None => append(tables, Kind::Delete, &peer, &target, "", now)?,
    }
    announce(&peer, changed);
    Ok(())
}

/// Marks everything of this person's up to a message as read, here at once and on the server when it can be.
pub(crate) fn mark_read(
    tables: &mut impl Tables,
    peer: &UserId,
    up_to: &ItemKey,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    signed_in(tables)?;
    let feed = tables.feed()?;
    let stored = match messages::by_key(tables, up_to)? {
        Some(stored) if stored.message.peer == *peer => stored,
        Some(_) => return Err(WriteError::NoSuchMessage),
        // A message of one's own that waits stands behind everything that the server has.
        None => match tables.newest(peer)? {
            Some(newest) if tables.entry_of(up_to, Kind::Send)?.is_some() => newest,
            _ => return Err(WriteError::NoSuchMessage),
        },
    };
    let known = !stored.lost && stored.generation >= feed.history_began;
    let message = stored.message;
    let here = tables.set_read_up_to(peer, message.sent_at, &message.id)?;
    let extent = messages::ensure(tables, peer)?;
    // What is not here yet is older than all that is.
    let unfilled = extent.unread_unfilled;
    if here + unfilled == 0 {
        return Ok(());
    }
    // No further than the peer's own messages: one that comes between them and this one has not been seen. And up to
    // nothing that a server which went back does not know: its clock may be behind that.
    let message = match tables.newest_untold_read(peer, feed.history_began)? {
        Some(newest) if here > 0 && newest.message.place() <= message.place() => newest.message,
        Some(newest) if !known => newest.message,
        None if !known => return Ok(()),
        _ => message,
    };
    let place = (message.sent_at, message.id.clone());
    let read = extent.read.clone().max(Some(place.clone()));
    if unfilled > 0 || read != extent.read {
        tables.put_extent(peer, &Extent { unread_unfilled: 0, read, ..extent })?;
    }
    let target = ItemKey(message.id.0);
    match tables.queued_read(peer)? {
        // It tells of this as well.
        Some(queued) if messages::reaches(tables, &queued, (place.0, &place.1))? => {}
        Some(queued) => tables.rewrite(queued.seq, &target, "")?,
        None if mutation::on(Mutation::ReadNotTold) => {}
        None => append(tables, Kind::Read, peer, &target, "", now)?,
    }
    announce(peer, changed);
    Ok(())
}

/// Marks everything of this person's that is here as read.
pub(crate) fn mark_all_read(
    tables: &mut impl Tables,
    peer: &UserId,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    match tables.newest(peer)? {
        Some(newest) => mark_read(tables, peer, &messages::key_of(&newest.message), now, changed),
        None => Ok(()),
    }
}

/// Tries what was refused of this message again: its send, or its change. Sends one's own message again that the
/// server lost, with a key that is the same on all devices, so that it cannot come to be there twice (I2).
pub(crate) fn retry(
    tables: &mut impl Tables,
    key: &ItemKey,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    signed_in(tables)?;
    let found = messages::by_key(tables, key)?;
    if let Some(stored) = found.as_ref().filter(|stored| stored.lost && stored.message.mine) {
        return send_again(tables, stored, now, changed);
    }
    let target = found.map_or_else(|| key.clone(), |stored| messages::key_of(&stored.message));
    for kind in [Kind::Send, Kind::Edit, Kind::Delete] {
        let Some(entry) = tables.entry_of(&target, kind)? else { continue };
        if let Ok(state) = entry.state.retry() {
            tables.set_state(entry.seq, &state, entry.attempts)?;
            announce(&entry.peer, changed);
            return Ok(());
        }
    }
    Err(WriteError::NoSuchMessage)
}

fn send_again(
    tables: &mut impl Tables,
    lost: &Stored,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    let message = &lost.message;
    messages::remove_changes(tables, message)?;
    tables.remove_message(&message.id)?;
    append(tables, Kind::Send, &message.peer, &key_again(message), &message.content, now)?;
    announce(&message.peer, changed);
    Ok(())
}

/// The key to send a message with again: its own, or where another client sent it without one, a UUID that follows from
/// its id.
fn key_again(message: &Message) -> ItemKey {
    let derived = || {
        let digest: [u8; 32] = Sha256::digest(message.id.as_str()).into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
    };
    ItemKey(message.client_key.clone().unwrap_or_else(derived))
}

/// One's own message, where it stands.
enum Own {
    Waiting(Entry),
    Taken(Stored),
    Lost(Stored),
}

fn own(tables: &impl Tables, key: &ItemKey) -> Result<Own, WriteError> {
    if let Some(send) = tables.entry_of(key, Kind::Send)? {
        return Ok(Own::Waiting(send));
    }
    let stored = messages::by_key(tables, key)?.ok_or(WriteError::NoSuchMessage)?;
    if !stored.message.mine {
        return Err(WriteError::NotYours);
    }
    if stored.message.deleted_at.is_some() {
        return Err(WriteError::NoSuchMessage);
    }
    Ok(if stored.lost { Own::Lost(stored) } else { Own::Taken(stored) })
}

fn signed_in(tables: &impl Tables) -> Result<UserId, WriteError> {
    tables.me()?.ok_or(WriteError::SignedOut)
}

fn check(content: &str) -> Result<(), WriteError> {
    if content.trim().is_empty() {
        return Err(WriteError::Blank);
    }
    let characters = content.chars().count();
    if characters > CONTENT_CHARS {
        return Err(WriteError::TooLong { characters });
    }
    Ok(())
}

fn append(
    tables: &mut impl Tables,
    kind: Kind,
    peer: &UserId,
    target: &ItemKey,
    content: &str,
    now: Timestamp,
) -> Result<(), WriteError> {
    if tables.outbox_len()? >= limits::OUTBOX_ROWS {
        return Err(WriteError::OutboxFull);
    }
    tables.append(kind, peer, target, content, now)?;
    Ok(())
}

fn announce(peer: &UserId, changed: &mut Changed) {
    changed.conversation(peer);
    changed.outbox();
}
