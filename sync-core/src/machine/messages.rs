//! Storing what a server told of a message, with everything that follows from it.

use crate::{
    apply::{self, Era, Message, Source, Stored},
    domain::{ItemKey, MessageId, Timestamp, UserId},
    error::StoreError,
    outbox::{Entry, Kind},
    store::Changed,
};

use super::{
    Now, Tables,
    tables::{Extent, Feed},
};

/// The message that the screen knows by this key: its sender's key, or its id.
pub(crate) fn by_key(tables: &impl Tables, key: &ItemKey) -> Result<Option<Stored>, StoreError> {
    match tables.message_by_client_key(key.as_str())? {
        Some(found) => Ok(Some(found)),
        None => tables.message(&key.as_str().into()),
    }
}

/// The key that the screen and the outbox know this message by.
pub(crate) fn key_of(message: &Message) -> ItemKey {
    ItemKey(message.client_key.clone().unwrap_or_else(|| message.id.0.clone()))
}

/// Whether a reading in the outbox tells of this place as well.
pub(super) fn reaches(
    tables: &impl Tables,
    reading: &Entry,
    place: (Timestamp, &MessageId),
) -> Result<bool, StoreError> {
    let target = by_key(tables, &reading.target)?;
    Ok(target.is_some_and(|target| target.message.place() >= place))
}

/// When what a server tells now is told.
pub(super) const fn era(feed: &Feed) -> Era {
    Era { generation: feed.generation, history_began: feed.history_began }
}

/// Stores what the server told of a message, with everything that follows from it in the same transaction: the
/// send that it confirms leaves the outbox (I8), and so do changes of a message that is gone. A deletion that another
/// history of the server undid is asked for again.
pub(super) fn put(
    tables: &mut impl Tables,
    mut told: Message,
    source: Source,
    era: Era,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let before = tables.message(&told.id)?;
    if before.as_ref().is_some_and(|before| before.message.peer != told.peer) {
        // A message cannot move to another conversation; a server that says so is not believed.
        return Ok(());
    }
    if let Some(key) = told.client_key.take() {
        told.client_key = own_key(tables, &told, key, era)?;
    }
    // A list is of the present, and its server's clock may step back: nothing in it is old for that.
    let read_here = !told.mine && source != Source::List && was_read_here(tables, &told)?;
    ensure(tables, &told.peer)?;
    if before.is_none() {
        if tables.newest(&told.peer)?.is_none() {
            changed.begins(&told.peer);
        }
        if !told.mine && !read_here {
            count_gap(tables, &told, source)?;
        }
    }
    let mut after = apply::merge(before.clone(), told, source, era);
    after.message.is_read |= read_here;
    settle_outbox(tables, &after.message, changed)?;
    if let Some(before) = &before {
        delete_again(tables, before, &after, era, now, changed)?;
        if *before == after {
            return Ok(());
        }
    }
    tables.put_message(&after)?;
    if before.is_none_or(|before| before.message != after.message || before.lost != after.lost) {
        changed.conversation(&after.message.peer);
    }
    Ok(())
}

/// Makes the conversation's row where there is none.
pub(super) fn ensure(tables: &mut impl Tables, peer: &UserId) -> Result<Extent, StoreError> {
    if let Some(extent) = tables.extent(peer)? {
        return Ok(extent);
    }
    let extent = Extent::default();
    tables.put_extent(peer, &extent)?;
    Ok(extent)
}

/// The key, where the message may have it. A key names one message for ever (I2); a server that gives it to a second
/// one is not believed, unless the first is from before the server lost its memory: then it was sent again.
fn own_key(
    tables: &mut impl Tables,
    told: &Message,
    key: String,
    era: Era,
) -> Result<Option<String>, StoreError> {
    let Some(owner) = tables.message_by_client_key(&key)? else { return Ok(Some(key)) };
    if owner.message.id == told.id {
        return Ok(Some(key));
    }
    if owner.lost || owner.generation < era.history_began {
        tables.remove_message(&owner.message.id)?;
        return Ok(Some(key));
    }
    Ok(None)
}

/// Whether this device has marked a place at or behind this message as read.
fn was_read_here(tables: &impl Tables, told: &Message) -> Result<bool, StoreError> {
    let read = tables.extent(&told.peer)?.and_then(|extent| extent.read);
    Ok(read.is_some_and(|(at, id)| told.place() <= (at, &id)))
}

/// A message of the peer's arrives for the first time: where it is one of those that the server counted as
/// unread and that were not here, they are one fewer.
fn count_gap(tables: &mut impl Tables, told: &Message, source: Source) -> Result<(), StoreError> {
    let Some(extent) = tables.extent(&told.peer)? else { return Ok(()) };
    let (false, Some(before)) = (extent.fill_done, &extent.fill_before) else { return Ok(()) };
    let counted = match source {
        // What the feed tells of a message that back-fill has not reached may be the very reading of it.
        Source::Feed(_) => {
            let reached = tables.message(before)?;
            let gap = reached.is_some_and(|reached| told.place() < reached.message.place());
            gap && (told.deleted_at.is_some() || !told.is_read || told.edited_at <= told.read_at)
        }
        Source::History => !told.is_read,
        Source::Answer | Source::List => false,
    };
    if counted && extent.unread_unfilled > 0 {
        let unread_unfilled = extent.unread_unfilled - 1;
        tables.put_extent(&told.peer, &Extent { unread_unfilled, ..extent })?;
    }
    Ok(())
}

/// Takes from the outbox what this message makes pointless.
fn settle_outbox(
    tables: &mut impl Tables,
    message: &Message,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    if !message.mine {
        return Ok(());
    }
    let mut settled = false;
    if let Some(key) = &message.client_key {
        settled |= remove_of(tables, &ItemKey(key.clone()), &[Kind::Send])?;
    }
    if message.deleted_at.is_some() {
        settled |= remove_changes(tables, message)?;
    }
    if settled {
        changed.outbox();
        changed.conversation(&message.peer);
    }
    Ok(())
}

/// Removes the changes of a message that is gone.
pub(super) fn remove_changes(tables: &mut impl Tables, message: &Message) -> Result<bool, StoreError> {
    let mut removed = false;
    for key in [Some(&message.id.0), message.client_key.as_ref()].into_iter().flatten() {
        removed |= remove_of(tables, &ItemKey(key.clone()), &[Kind::Edit, Kind::Delete])?;
    }
    Ok(removed)
}

/// Removes the rows of these kinds for this message.
pub(super) fn remove_of(
    tables: &mut impl Tables,
    target: &ItemKey,
    kinds: &[Kind],
) -> Result<bool, StoreError> {
    let mut removed = false;
    for kind in kinds {
        if let Some(entry) = tables.entry_of(target, *kind)? {
            tables.remove(entry.seq)?;
            removed = true;
        }
    }
    Ok(removed)
}

/// Where the server undid the deletion of one's own message by going back to an older copy of itself, it is asked to
/// delete it again: that was the user's decision.
fn delete_again(
    tables: &mut impl Tables,
    before: &Stored,
    after: &Stored,
    era: Era,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let undone = before.message.deleted_at.is_some() && after.message.deleted_at.is_none();
    if !undone || !after.message.mine || before.generation >= era.history_began {
        return Ok(());
    }
    let target = key_of(&after.message);
    if tables.entry_of(&target, Kind::Delete)?.is_none() {
        tables.append(Kind::Delete, &after.message.peer, &target, "", now.time)?;
        changed.outbox();
    }
    Ok(())
}
