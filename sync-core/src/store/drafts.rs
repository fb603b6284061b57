//! What is being written, one text a conversation. It leaves in the transaction that queues it to be sent, so that a
//! text is in one of the two places at any moment.

use protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{domain::UserId, error::WriteError, limits};

use super::{Changed, account};

/// What is being written to this person.
pub(crate) fn draft(connection: &Connection, peer: &UserId) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT content FROM draft WHERE peer = ?1")?
        .query_row([peer.as_str()], |row| row.get(0))
        .optional()
}

/// Stores what is being written to this person; blank, it is removed.
pub(crate) fn set(
    connection: &Connection,
    peer: &UserId,
    content: &str,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    if account::session(connection)?.account().is_none() {
        return Err(WriteError::SignedOut);
    }
    if content.trim().is_empty() {
        return Ok(clear(connection, peer, changed)?);
    }
    let characters = content.chars().count();
    if characters > limits::DRAFT_CHARS {
        return Err(WriteError::DraftTooLong { characters });
    }
    match draft(connection, peer)? {
        Some(there) if there == content => return Ok(()),
        Some(_) => {}
        None => {
            let drafts: u32 = connection.query_row("SELECT count(*) FROM draft", [], |row| row.get(0))?;
            if drafts >= limits::DRAFTS {
                return Err(WriteError::TooManyDrafts);
            }
        }
    }
    connection
        .prepare_cached(
            "INSERT INTO draft (peer, content, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (peer) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at",
        )?
        .execute(params![peer.as_str(), content, now.millis()])?;
    changed.conversations();
    Ok(())
}

/// Removes what was being written to this person: it was sent, or thrown away.
pub(crate) fn clear(connection: &Connection, peer: &UserId, changed: &mut Changed) -> rusqlite::Result<()> {
    if connection.prepare_cached("DELETE FROM draft WHERE peer = ?1")?.execute([peer.as_str()])? > 0 {
        changed.conversations();
    }
    Ok(())
}
