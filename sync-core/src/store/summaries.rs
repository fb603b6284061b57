//! The conversation list: one query over what triggers keep of each conversation's messages, and what waits in the
//! few conversations where something does.

use std::collections::HashSet;

use protocol::Timestamp;
use rusqlite::{Connection, Row};

use crate::{
    apply::Message,
    domain::{Conversation, LastMessage, Progress, Reach, UserId},
    limits,
};

use super::{conversations::taken_status, messages, outbox, people};

/// Everybody who has a line in the list.
const LINES: &str = "(SELECT peer FROM conversation UNION SELECT peer FROM draft)";

/// The conversations, and the people to whom something is being written: pinned ones first, and then newest first.
pub(crate) fn list(connection: &Connection) -> rusqlite::Result<Vec<Conversation>> {
    let columns: Vec<_> = messages::COLUMNS.split(',').map(|column| format!("m.{}", column.trim())).collect();
    let at = columns.len();
    let mut lines: Vec<(Conversation, Option<Message>)> = connection
        .prepare_cached(&format!(
            "SELECT {}, l.peer, p.first_name, p.last_name, p.role, p.avatar,
                 ifnull(s.unread, 0) + ifnull(c.unread_unfilled, 0), substr(d.content, 1, {}),
                 ifnull(f.pinned, 0) AS pinned, ifnull(f.muted, 0), ifnull(f.marked_unread, 0)
             FROM {LINES} l LEFT JOIN flags f ON f.peer = l.peer
                 LEFT JOIN conversation c ON c.peer = l.peer LEFT JOIN draft d ON d.peer = l.peer
                 LEFT JOIN person p ON p.id = l.peer LEFT JOIN summary s ON s.peer = l.peer
                 LEFT JOIN message m ON m.number = s.newest
             ORDER BY pinned DESC, s.newest_at DESC, l.peer LIMIT ?1",
            columns.join(", "),
            10 * limits::PREVIEW_CHARS,
        ))?
        .query_map([limits::CONVERSATIONS], |row| line(row, at))?
        .collect::<rusqlite::Result<_>>()?;
    let waiting: HashSet<UserId> = connection
        .prepare_cached("SELECT DISTINCT peer FROM outbox WHERE kind <> 'read'")?
        .query_map([], |row| row.get(0).map(UserId))?
        .collect::<rusqlite::Result<_>>()?;
    for (line, newest) in lines.iter_mut().filter(|(line, _)| waiting.contains(&line.peer.id)) {
        add_waiting(connection, line, newest.as_ref())?;
    }
    let mut list: Vec<Conversation> = lines.into_iter().map(|(line, _)| line).collect();
    list.sort_by_key(|line| std::cmp::Reverse((line.pinned, line.last.as_ref().map(|last| last.at))));
    Ok(list)
}

/// How many messages are unread where nothing is muted; what is marked as unread counts as one at least.
pub(crate) fn unread(connection: &Connection) -> rusqlite::Result<u32> {
    let count: i64 = connection
        .prepare_cached(&format!(
            "SELECT ifnull(sum(max(ifnull(s.unread, 0) + ifnull(c.unread_unfilled, 0), ifnull(f.marked_unread, 0))), 0)
             FROM {LINES} l LEFT JOIN conversation c ON c.peer = l.peer LEFT JOIN summary s ON s.peer = l.peer
                 LEFT JOIN flags f ON f.peer = l.peer
             WHERE ifnull(f.muted, 0) = 0"
        ))?
        .query_row([], |row| row.get(0))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How much of the history is here.
pub(crate) fn progress(connection: &Connection) -> rusqlite::Result<Progress> {
    connection
        .prepare_cached(
            "SELECT count(*), ifnull(sum(fill_done), 0), (SELECT ifnull(sum(messages), 0) FROM summary)
             FROM conversation",
        )?
        .query_row([], |row| {
            Ok(Progress {
                conversations: row.get(0)?,
                complete: row.get(1)?,
                messages: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
            })
        })
}

/// From when on every message is here, as far as a feed tells: of a server without one nothing is known.
///
/// It is told by where back-fill stands, and not by the oldest message: after a device was away for too long, there may
/// be a gap between what it has and what the server told it first.
pub(crate) fn reach(connection: &Connection) -> rusqlite::Result<Reach> {
    let (filling, since, known): (bool, Option<i64>, bool) = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM conversation WHERE fill_done = 0),
                 (SELECT max(m.sent_at) FROM conversation c JOIN message m ON m.id = c.fill_before
                  WHERE c.fill_done = 0),
                 EXISTS (SELECT 1 FROM feed WHERE cursor IS NOT NULL)",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(match since {
        _ if !known => Reach::Unknown,
        Some(since) => Reach::Since(Timestamp::clamped(since)),
        None if filling => Reach::Unknown,
        None => Reach::All,
    })
}

/// Whether some of the history is still to be fetched.
pub(super) fn is_filling(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM conversation WHERE fill_done = 0)")?
        .query_row([], |row| row.get(0))
}

/// A line as far as the server has, or had, its messages, and the newest of these; its columns end at `at`.
fn line(row: &Row<'_>, at: usize) -> rusqlite::Result<(Conversation, Option<Message>)> {
    let id: Option<String> = row.get(0)?;
    let newest = id.map(|_| messages::from_row(row)).transpose()?.map(|stored| stored.message);
    let draft: Option<String> = row.get(at + 6)?;
    let line = Conversation {
        peer: people::from_row(row, at)?,
        last: newest.as_ref().map(last),
        unread: u32::try_from(row.get::<_, i64>(at + 5)?).unwrap_or(u32::MAX),
        draft: draft.map(|draft| preview(&draft)),
        pinned: row.get(at + 7)?,
        muted: row.get(at + 8)?,
        marked_unread: row.get(at + 9)?,
    };
    Ok((line, newest))
}

/// What waits stands behind what the server has, and a new content that waits in place of the old one.
fn add_waiting(
    connection: &Connection,
    line: &mut Conversation,
    newest: Option<&Message>,
) -> rusqlite::Result<()> {
    let changes = outbox::changes(connection, &line.peer.id)?;
    if let Some((send, status)) = outbox::sends_before(connection, &line.peer.id, i64::MAX, 1)?.pop() {
        line.last = Some(LastMessage {
            preview: preview(changes.edited(&send.key).unwrap_or(&send.content)),
            at: send.written_at,
            mine: true,
            status: Some(status),
            deleted: false,
        });
    } else if let Some(last) = &mut line.last
        && let Some(edited) = newest.and_then(|message| changes.edited_message(message))
    {
        last.preview = preview(edited);
    }
    Ok(())
}

fn last(message: &Message) -> LastMessage {
    LastMessage {
        preview: preview(&message.content),
        at: message.sent_at,
        mine: message.mine,
        status: message.mine.then(|| taken_status(message)),
        deleted: message.deleted_at.is_some(),
    }
}

/// The beginning of a text on one line.
fn preview(content: &str) -> String {
    let mut line = String::new();
    for (count, character) in content.trim_start().chars().enumerate() {
        if count == limits::PREVIEW_CHARS {
            line.push('…');
            break;
        }
        line.push(if character.is_control() { ' ' } else { character });
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::fixture::{Device, at, from_ben};

    #[test]
    fn the_reach_goes_back_as_history_arrives() {
        let device = Device::new();
        let reached = |device: &Device| reach(&device.db()).unwrap();
        assert_eq!(reached(&device), Reach::Unknown);
        device.snapshot(from_ben(40), 0, "c1");
        assert_eq!(reached(&device), Reach::Since(at(40)));
        device.history("m040", vec![from_ben(20), from_ben(30)], false);
        assert_eq!(reached(&device), Reach::Since(at(20)));
        device.history("m020", vec![from_ben(10)], true);
        assert_eq!(reached(&device), Reach::All);
        device.snapshot(from_ben(90), 0, "c2");
        assert_eq!(reached(&device), Reach::Since(at(90)), "what was sent while it was away is missing");
        device.history("m090", vec![from_ben(40), from_ben(50)], false);
        assert_eq!(reached(&device), Reach::Since(at(40)));
    }
}
