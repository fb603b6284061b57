//! Storing what the feed, a snapshot and pages of history tell, with the cursor in the same transaction (I7).
//!
//! A *generation* begins with each snapshot. What older generations told is kept and shown, but whatever the server
//! tells from then on replaces it, and back-fill walks through every conversation once more. When it is through with
//! one, what it did not tell is not on the server any more:
//!
//! ```text
//!   cursor too old, same history ──► snapshot ──► back-fill done ──► the untold: deleted
//!   another history (restored)   ──► snapshot ──► back-fill done ──► the untold: lost, kept and marked
//! ```

use std::collections::BTreeSet;

use crate::{
    apply::{Message, Source, Stored},
    domain::{ItemKey, MessageId, Person, UserId},
    error::StoreError,
    limits,
    mutation::{self, Mutation},
    outbox::Kind,
    store::Changed,
};

use super::{
    Now, Tables,
    messages::{self, era},
    tables::{Extent, Feed},
};

/// A page of the feed, converted.
#[derive(Clone)]
pub(crate) struct FeedPage {
    pub(crate) changes: Vec<(Message, i64)>,
    pub(crate) people: Vec<Person>,
    pub(crate) next: String,
    /// What the server calls the history that this is of.
    pub(crate) history: Option<String>,
    pub(crate) more: bool,
}

/// A snapshot, converted.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) conversations: Vec<Summary>,
    pub(crate) people: Vec<Person>,
    pub(crate) next: String,
    /// What the server calls the history that this is of.
    pub(crate) history: Option<String>,
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
    /// What the server calls the history that this is of.
    pub(crate) history: Option<String>,
    /// Whether the server has nothing older.
    pub(crate) done: bool,
}

/// Stores a page that was asked for at `since`, and moves the cursor. Does nothing where the cursor has moved
/// meanwhile.
pub(super) fn put_feed(
    tables: &mut impl Tables,
    since: &str,
    page: FeedPage,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let feed = tables.feed()?;
    if feed.cursor.as_deref() != Some(since) {
        return Ok(());
    }
    put_people(tables, &page.people, changed)?;
    let all = if mutation::on(Mutation::CursorWithoutChanges) { 1 } else { usize::MAX };
    for (message, seq) in page.changes.into_iter().take(all) {
        messages::put(tables, message, Source::Feed(seq), era(&feed), now, changed)?;
    }
    // The cursor was given out by the history that takes it.
    let name = feed.name.clone().or(page.history);
    tables.set_feed(&Feed { cursor: Some(page.next), name, ..feed })
}

/// Stores a snapshot over what is here, keeps the outbox, and lets back-fill begin anew.
pub(super) fn put_snapshot(
    tables: &mut impl Tables,
    snapshot: Snapshot,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let before = tables.feed()?;
    let generation = before.generation + 1;
    let feed = Feed { cursor: Some(snapshot.next), generation, ..begun(before, snapshot.history) };
    tables.set_feed(&feed)?;
    put_people(tables, &snapshot.people, changed)?;
    if generation == feed.history_began && generation > 1 {
        // The places up to which was read here are of the old history.
        for peer in tables.peers()? {
            if let Some(extent) = tables.extent(&peer)?.filter(|extent| extent.read.is_some()) {
                tables.put_extent(&peer, &Extent { read: None, ..extent })?;
            }
        }
    }
    let mut unnamed: BTreeSet<UserId> = tables.peers()?.into_iter().collect();
    for summary in snapshot.conversations {
        unnamed.remove(&summary.peer.id);
        put_summary(tables, summary, &feed, now, changed)?;
    }
    // What the snapshot does not name has no history on the server.
    for peer in unnamed {
        complete(tables, &peer, &feed, now, changed)?;
    }
    Ok(())
}

/// Where the snapshot that comes next stands among the histories. It is of the present one only if the server calls it
/// the same: it may have been restored since it said that the cursor was too old.
fn begun(feed: Feed, name: Option<String>) -> Feed {
    let next = feed.generation + 1;
    let known = name.is_some() && name == feed.name;
    let (history, history_began) = match feed.generation {
        // What is here before the first snapshot is not from a feed: it has a history of its own.
        0 => (feed.history, next),
        _ if known || feed.history_began == next => (feed.history, feed.history_began),
        _ => (feed.history + 1, next),
    };
    Feed { name, history, history_began, ..feed }
}

fn put_summary(
    tables: &mut impl Tables,
    summary: Summary,
    feed: &Feed,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let peer = summary.peer.id.clone();
    put_person(tables, &summary.peer, changed)?;
    let empty_before = tables.newest(&peer)?.is_none();
    // Told apart from the walk that begins here, so that the newest message is not counted as one of its gap.
    let extent = Extent { unread_unfilled: 0, ..messages::ensure(tables, &peer)? };
    tables.put_extent(&peer, &Extent { fill_done: true, fill_before: None, ..extent.clone() })?;
    let last = (summary.last.sent_at, summary.last.id.clone());
    messages::put(tables, summary.last, Source::History, era(feed), now, changed)?;
    let floor = if empty_before { Some(last.clone()) } else { extent.floor };
    let here = tables.count_unread(&peer)?;
    let unread_unfilled = if extent.read.is_none() { summary.unread.saturating_sub(here) } else { 0 };
    let fill_before = Some(last.1);
    tables.put_extent(
        &peer,
        &Extent {
            floor,
            fill_before,
            fill_done: mutation::on(Mutation::HistorySkipped),
            unread_unfilled,
            ..extent
        },
    )?;
    changed.conversation(&peer);
    Ok(())
}

/// Forgets the cursor, because the server cannot honour it: the next step is a snapshot. `expired` is whether it is
/// only too old, so that the snapshot may be of the same history.
pub(super) fn forget_cursor(tables: &mut impl Tables, expired: bool) -> Result<(), StoreError> {
    let mut feed = tables.feed()?;
    feed.cursor = None;
    if mutation::on(Mutation::OutboxDropped) {
        for entry in tables.entries()? {
            tables.remove(entry.seq)?;
        }
    }
    if !expired {
        feed.name = None;
        feed.history += 1;
        feed.history_began = feed.generation + 1;
    }
    tables.set_feed(&feed)
}

/// Stores a page of history that was asked for before this message in this generation. Does nothing where a
/// snapshot or another page came in between.
pub(super) fn put_history(
    tables: &mut impl Tables,
    peer: &UserId,
    before: &MessageId,
    generation: i64,
    page: HistoryPage,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let feed = tables.feed()?;
    if feed.generation != generation && !mutation::on(Mutation::GenerationIgnored) {
        return Ok(());
    }
    let current = |extent: &Extent| !extent.fill_done && extent.fill_before.as_ref() == Some(before);
    if !tables.extent(peer)?.as_ref().is_some_and(current) && !mutation::on(Mutation::GenerationIgnored) {
        return Ok(());
    }
    let oldest = page.messages.iter().map(|message| (message.sent_at, message.id.clone())).min();
    for message in page.messages {
        messages::put(tables, message, Source::History, era(&feed), now, changed)?;
    }
    changed.conversation(peer);
    // A page that does not lead further down ends the walk, or a hostile server could keep it going for ever.
    let reached = tables.message(before)?.map(|stored| (stored.message.sent_at, stored.message.id));
    let lower = oldest.filter(|oldest| reached.is_none_or(|reached| *oldest < reached));
    match lower {
        Some(lowest) if !page.done => {
            let extent = messages::ensure(tables, peer)?;
            let floor = extent.floor.clone().map(|floor| floor.min(lowest.clone()));
            tables.put_extent(peer, &Extent { floor, fill_before: Some(lowest.1), ..extent })
        }
        _ => complete(tables, peer, &feed, now, changed),
    }
}

/// Everything that the server has of this conversation is here: what it did not tell of is not there, and what it does
/// not know to be read is told to it.
fn complete(
    tables: &mut impl Tables,
    peer: &UserId,
    feed: &Feed,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let extent = messages::ensure(tables, peer)?;
    let filled = Extent { floor: None, fill_before: None, fill_done: true, unread_unfilled: 0, ..extent };
    tables.put_extent(peer, &filled)?;
    loop {
        let untold = tables.untold_since(peer, feed.generation, limits::FEED_PAGE as usize)?;
        if untold.is_empty() || mutation::on(Mutation::UntoldKept) {
            break;
        }
        for id in untold {
            let Some(stored) = tables.message(&id)? else { continue };
            if stored.generation < feed.history_began {
                lose(tables, stored, changed)?;
            } else {
                bury(tables, stored, now, changed)?;
            }
        }
    }
    read_again(tables, peer, now, changed)
}

/// The server no longer has this message, and never said that it was deleted.
pub(super) fn lose(
    tables: &mut impl Tables,
    stored: Stored,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    changed.conversation(&stored.message.peer);
    if mutation::on(Mutation::LostRemoved) {
        return tables.remove_message(&stored.message.id);
    }
    tables.put_message(&Stored { lost: true, ..stored })
}

/// This message was deleted, as its absence shows.
pub(super) fn bury(
    tables: &mut impl Tables,
    mut stored: Stored,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    changed.conversation(&stored.message.peer);
    if messages::remove_changes(tables, &stored.message)? {
        changed.outbox();
    }
    stored.message.deleted_at = Some(now.time);
    stored.message.content = String::new();
    tables.put_message(&stored)
}

/// What was read here, and what the server takes for unread although nothing waits to tell it: it forgot.
pub(super) fn read_again(
    tables: &mut impl Tables,
    peer: &UserId,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let since = tables.feed()?.history_began;
    let Some(newest) = tables.newest_untold_read(peer, since)? else { return Ok(()) };
    for reading in tables.readings(peer)? {
        if messages::reaches(tables, &reading, newest.message.place())? {
            return Ok(());
        }
    }
    let target = ItemKey(newest.message.id.0);
    match tables.queued_read(peer)? {
        Some(queued) => tables.rewrite(queued.seq, &target, "")?,
        None => tables.append(Kind::Read, peer, &target, "", now.time)?,
    }
    changed.outbox();
    Ok(())
}

/// Stores what is known of people.
pub(super) fn put_people(
    tables: &mut impl Tables,
    people: &[Person],
    changed: &mut Changed,
) -> Result<(), StoreError> {
    people.iter().try_for_each(|person| put_person(tables, person, changed))
}

/// Stores what is known of a person.
pub(super) fn put_person(
    tables: &mut impl Tables,
    person: &Person,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    if tables.person(&person.id)?.as_ref() != Some(person) {
        tables.put_person(person)?;
        changed.people();
    }
    Ok(())
}
