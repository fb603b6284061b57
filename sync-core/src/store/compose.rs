//! What a person writes, as rows of the outbox: committed before the call returns (I9), and shown at once.

use protocol::{Timestamp, limits::CONTENT_CHARS};
use rusqlite::Connection;

use crate::{
    apply::Message,
    domain::{ItemKey, UserId},
    error::WriteError,
    limits,
    outbox::{Kind, State},
};

use super::{Changed, account, conversations, messages, outbox};

/// Queues a new message under `key`.
pub(crate) fn send(
    connection: &Connection,
    peer: &UserId,
    content: &str,
    key: &ItemKey,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    let me = signed_in(connection)?;
    check(content)?;
    if *peer == me {
        return Err(WriteError::ToOneself);
    }
    conversations::ensure(connection, peer)?;
    append(connection, Kind::Send, peer, key, content, now)?;
    announce(peer, changed);
    Ok(())
}

/// Changes the content of one's own message: in the outbox where the server certainly does not have it yet,
/// otherwise as an operation. Giving back what the server has takes an edit that waits out again.
pub(crate) fn edit(
    connection: &Connection,
    key: &ItemKey,
    content: &str,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    signed_in(connection)?;
    check(content)?;
    let (target, peer, taken) = match own(connection, key)? {
        Own::Waiting(send) if send.state.is_here_alone(send.attempts) => {
            outbox::rewrite(connection, send.seq, key, content)?;
            announce(&send.peer, changed);
            return Ok(());
        }
        Own::Waiting(send) => {
            let tried = outbox::operation(connection, send.seq)?.map(|operation| operation.content);
            (send.target, send.peer, tried)
        }
        Own::Taken(message) => (key_of(&message), message.peer, Some(message.content)),
    };
    match outbox::by_target(connection, &target, Kind::Edit)? {
        Some(edit) if edit.state == State::InFlight => {
            // The request under way carries the older content. This row stands for the newer one from now on, and
            // the answer to the older finds that its row has changed.
            outbox::remove(connection, edit.seq)?;
            append(connection, Kind::Edit, &peer, &target, content, now)?;
        }
        Some(edit) if taken.as_deref() == Some(content) && edit.state.is_here_alone(edit.attempts) => {
            outbox::remove(connection, edit.seq)?;
        }
        Some(edit) => outbox::rewrite(connection, edit.seq, &target, content)?,
        None if taken.as_deref() == Some(content) => return Ok(()),
        None => append(connection, Kind::Edit, &peer, &target, content, now)?,
    }
    announce(&peer, changed);
    Ok(())
}

/// Deletes one's own message: cancels it where the server certainly does not have it yet, otherwise queues the
/// deletion.
pub(crate) fn delete(
    connection: &Connection,
    key: &ItemKey,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    signed_in(connection)?;
    let (target, peer) = match own(connection, key)? {
        Own::Waiting(send) if send.state.is_here_alone(send.attempts) => {
            outbox::remove(connection, send.seq)?;
            outbox::remove_changes(connection, key)?;
            announce(&send.peer, changed);
            return Ok(());
        }
        Own::Waiting(send) => (send.target, send.peer),
        Own::Taken(message) => (key_of(&message), message.peer),
    };
    if let Some(edit) = outbox::by_target(connection, &target, Kind::Edit)? {
        outbox::remove(connection, edit.seq)?;
    }
    match outbox::by_target(connection, &target, Kind::Delete)? {
        Some(refused) => {
            if let Ok(state) = refused.state.retry() {
                outbox::set_state(connection, refused.seq, &state, refused.attempts)?;
            }
        }
        None => append(connection, Kind::Delete, &peer, &target, "", now)?,
    }
    announce(&peer, changed);
    Ok(())
}

/// Marks everything of this person's up to a message as read, here at once and on the server when it can be.
pub(crate) fn mark_read(
    connection: &Connection,
    peer: &UserId,
    up_to: &ItemKey,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    signed_in(connection)?;
    let message = match messages::by_key(connection, up_to)? {
        Some(stored) if stored.message.peer == *peer => stored.message,
        Some(_) => return Err(WriteError::NoSuchMessage),
        // A message of one's own that waits stands behind everything that the server has.
        None => match conversations::newest(connection, peer)? {
            Some(newest) if outbox::by_target(connection, up_to, Kind::Send)?.is_some() => newest,
            _ => return Err(WriteError::NoSuchMessage),
        },
    };
    if !conversations::mark_read(connection, peer, message.sent_at, &message.id)? {
        return Ok(());
    }
    let target = ItemKey(message.id.0);
    match outbox::queued_read(connection, peer)? {
        Some(queued) => outbox::rewrite(connection, queued.seq, &target, "")?,
        None => append(connection, Kind::Read, peer, &target, "", now)?,
    }
    announce(peer, changed);
    Ok(())
}

/// Tries what was refused of this message again: its send, or its change.
pub(crate) fn retry(connection: &Connection, key: &ItemKey, changed: &mut Changed) -> Result<(), WriteError> {
    signed_in(connection)?;
    let target =
        messages::by_key(connection, key)?.map_or_else(|| key.clone(), |stored| key_of(&stored.message));
    for kind in [Kind::Send, Kind::Edit, Kind::Delete] {
        let Some(entry) = outbox::by_target(connection, &target, kind)? else { continue };
        if let Ok(state) = entry.state.retry() {
            outbox::set_state(connection, entry.seq, &state, entry.attempts)?;
            announce(&entry.peer, changed);
            return Ok(());
        }
    }
    Err(WriteError::NoSuchMessage)
}

/// One's own message, where it stands.
enum Own {
    Waiting(crate::outbox::Entry),
    Taken(Message),
}

fn own(connection: &Connection, key: &ItemKey) -> Result<Own, WriteError> {
    if let Some(send) = outbox::by_target(connection, key, Kind::Send)? {
        return Ok(Own::Waiting(send));
    }
    let message = messages::by_key(connection, key)?.ok_or(WriteError::NoSuchMessage)?.message;
    if !message.mine {
        return Err(WriteError::NotYours);
    }
    if message.deleted_at.is_some() {
        return Err(WriteError::NoSuchMessage);
    }
    Ok(Own::Taken(message))
}

/// The key that the screen and the outbox know this message by.
pub(crate) fn key_of(message: &Message) -> ItemKey {
    ItemKey(message.client_key.clone().unwrap_or_else(|| message.id.0.clone()))
}

fn signed_in(connection: &Connection) -> Result<UserId, WriteError> {
    match account::session(connection)?.account() {
        Some(account) => Ok(account.user.id.clone()),
        None => Err(WriteError::SignedOut),
    }
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
    connection: &Connection,
    kind: Kind,
    peer: &UserId,
    target: &ItemKey,
    content: &str,
    now: Timestamp,
) -> Result<(), WriteError> {
    if outbox::len(connection)? >= limits::OUTBOX_ROWS {
        return Err(WriteError::OutboxFull);
    }
    outbox::append(connection, kind, peer, target, content, now)?;
    Ok(())
}

fn announce(peer: &UserId, changed: &mut Changed) {
    changed.conversation(peer);
    changed.outbox();
}
