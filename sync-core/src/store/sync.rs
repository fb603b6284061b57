//! Storing what the feed, a snapshot and pages of history tell, with the cursor in the same transaction (I7).
//!
//! A *generation* begins with each snapshot. After a 410 the server's history may be another one, so rows of older
//! generations are kept and shown, but whatever the server tells from then on replaces them, and back-fill walks
//! through every conversation once more.

use protocol::Timestamp;
use rusqlite::{Connection, params};

use crate::{
    apply::{Message, Source},
    domain::{MessageId, Person, UserId},
    error::StoreError,
    machine::tables::Extent,
};

use super::{Changed, conversations, messages, people};

pub(crate) use crate::machine::tables::Feed;

/// A page of the feed, converted.
#[derive(Clone)]
pub(crate) struct FeedPage {
    pub(crate) changes: Vec<(Message, i64)>,
    pub(crate) people: Vec<Person>,
    pub(crate) next: String,
    pub(crate) more: bool,
}

/// A snapshot, converted.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) conversations: Vec<Summary>,
    pub(crate) people: Vec<Person>,
    pub(crate) next: String,
    pub(crate) more: bool,
}

/// Where one conversation stands.
#[derive(Clone)]
pub(crate) struct Summary {
    pub(crate) peer: Person,
    pub(crate) last: Message,
    pub(crate) unread: u64,
}

/// A page of a conversation's history, converted.
#[derive(Clone)]
pub(crate) struct HistoryPage {
    pub(crate) messages: Vec<Message>,
    /// Whether the server has nothing older.
    pub(crate) done: bool,
}

/// How far the feed was followed.
pub(crate) fn feed(connection: &Connection) -> rusqlite::Result<Feed> {
    connection.prepare_cached("SELECT cursor, generation, history, history_began FROM feed")?.query_row(
        [],
        |row| {
            Ok(Feed {
                cursor: row.get(0)?,
                generation: row.get(1)?,
                history: row.get(2)?,
                history_began: row.get(3)?,
            })
        },
    )
}

/// Stores how far the feed was followed.
pub(super) fn set_feed(connection: &Connection, feed: &Feed) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE feed SET cursor = ?1, generation = ?2, history = ?3, history_began = ?4")?
        .execute(params![feed.cursor, feed.generation, feed.history, feed.history_began])?;
    Ok(())
}

/// Stores a page that was asked for at `since`, and moves the cursor. Does nothing where the cursor has moved
/// meanwhile.
pub(crate) fn put_feed(
    connection: &Connection,
    since: &str,
    page: FeedPage,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let feed = feed(connection)?;
    if feed.cursor.as_deref() != Some(since) {
        return Ok(());
    }
    put_people(connection, &page.people, changed)?;
    for (message, seq) in page.changes {
        messages::put(connection, message, Source::Feed(seq), feed.generation, changed)?;
    }
    connection.execute("UPDATE feed SET cursor = ?1", [page.next])?;
    Ok(())
}

/// Stores a snapshot over what is here, keeps the outbox, and lets back-fill begin anew.
pub(crate) fn put_snapshot(
    connection: &Connection,
    snapshot: Snapshot,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let generation = feed(connection)?.generation + 1;
    connection.execute("UPDATE feed SET cursor = ?1, generation = ?2", params![snapshot.next, generation])?;
    // What the snapshot does not name has no history on the server.
    connection
        .execute("UPDATE conversation SET fill_done = 1, fill_before = NULL, unread_unfilled = 0", [])?;
    put_people(connection, &snapshot.people, changed)?;
    for summary in snapshot.conversations {
        let peer = summary.peer.id.clone();
        if people::put(connection, &summary.peer)? {
            changed.people();
        }
        let empty_before: bool = connection.query_row(
            "SELECT NOT EXISTS (SELECT 1 FROM message WHERE peer = ?1)",
            [peer.as_str()],
            |row| row.get(0),
        )?;
        let last = (summary.last.sent_at, summary.last.id.clone());
        messages::put(connection, summary.last, Source::History, generation, changed)?;
        let floor = match conversations::extent(connection, &peer)? {
            Some(extent) if !empty_before => extent.floor,
            _ => Some(last.clone()),
        };
        let extent = Extent { floor, fill_before: Some(last.1), fill_done: false, ..Extent::default() };
        conversations::set_extent(connection, &peer, &extent)?;
        conversations::set_unread(connection, &peer, summary.unread)?;
        changed.conversation(&peer);
    }
    Ok(())
}

/// Forgets the cursor, because the server cannot honour it: the next step is a snapshot.
pub(crate) fn forget_cursor(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE feed SET cursor = NULL", [])?;
    Ok(())
}

/// The conversation to back-fill next, with the message to go on before: of those in `wanted` the first, else the
/// one with the newest message.
pub(crate) fn next_to_fill(
    connection: &Connection,
    wanted: &[UserId],
) -> rusqlite::Result<Option<(UserId, MessageId)>> {
    for peer in wanted {
        if let Some(Extent { fill_done: false, fill_before: Some(before), .. }) =
            conversations::extent(connection, peer)?
        {
            return Ok(Some((peer.clone(), before)));
        }
    }
    conversations::next_fill(connection)
}

/// Stores a page of history that was asked for before this message in this generation. Does nothing where a
/// snapshot or another page came in between.
pub(crate) fn put_history(
    connection: &Connection,
    peer: &UserId,
    before: &MessageId,
    generation: i64,
    page: HistoryPage,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    if feed(connection)?.generation != generation {
        return Ok(());
    }
    let Some(extent) = conversations::extent(connection, peer)? else { return Ok(()) };
    if extent.fill_done || extent.fill_before.as_ref() != Some(before) {
        return Ok(());
    }
    let oldest: Option<(Timestamp, MessageId)> =
        page.messages.iter().map(|message| (message.sent_at, message.id.clone())).min();
    for message in page.messages {
        messages::put(connection, message, Source::History, generation, changed)?;
    }
    // A page that does not lead further down ends the walk, or a hostile server could keep it going for ever.
    let reached =
        messages::by_id(connection, before)?.map(|stored| (stored.message.sent_at, stored.message.id));
    let lower = oldest.filter(|oldest| reached.is_none_or(|reached| *oldest < reached));
    let extent = match lower {
        Some(lowest) if !page.done => Extent {
            floor: extent.floor.map(|floor| floor.min(lowest.clone())),
            fill_before: Some(lowest.1),
            fill_done: false,
            ..extent
        },
        _ => Extent { floor: None, fill_before: None, fill_done: true, ..extent },
    };
    conversations::set_extent(connection, peer, &extent)?;
    changed.conversation(peer);
    Ok(())
}

fn put_people(connection: &Connection, list: &[Person], changed: &mut Changed) -> rusqlite::Result<()> {
    for person in list {
        if people::put(connection, person)? {
            changed.people();
        }
    }
    Ok(())
}
