//! The rows of a device, with somebody who watches: every write is noted for the checks, and any can be made to fail.

use protocol::Timestamp;

use crate::{
    apply::Stored,
    domain::{ItemKey, MessageId, Person, UserId},
    error::StoreError,
    machine::{
        Tables,
        tables::{Extent, Feed, Operation, Walked},
    },
    outbox::{Entry, Kind, State},
    store::account::Session,
};

/// A write that the checks look at.
pub(super) enum Written {
    /// A message was stored or removed.
    Message { before: Option<Box<Stored>>, after: Option<Box<Stored>> },
    /// The feed's place was moved.
    Feed { before: Feed, after: Feed },
    /// A row of the outbox left.
    Removed { entry: Entry, content: String },
    /// A row of the outbox changed its state.
    Moved { before: Entry, after: State, attempts: u32 },
}

/// What a transaction wrote.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) written: Vec<Written>,
    /// How many writes there were, of any kind.
    pub(super) count: u32,
    /// Whether one of them changed messages that are not among what was written.
    pub(super) swept: bool,
}

/// Rows that are watched.
pub(super) struct Watched<'a> {
    inner: &'a mut dyn Tables,
    notes: &'a mut Notes,
    /// The write that fails, counted from 0, and all behind it.
    fails_at: Option<u32>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(inner: &'a mut dyn Tables, notes: &'a mut Notes, fails_at: Option<u32>) -> Self {
        Self { inner, notes, fails_at }
    }

    fn writes(&mut self) -> Result<(), StoreError> {
        if self.fails_at.is_some_and(|at| self.notes.count >= at) {
            return Err(StoreError::Full);
        }
        self.notes.count += 1;
        Ok(())
    }

    fn messages(&mut self, before: Option<Stored>, after: Option<Stored>) {
        self.notes
            .written
            .push(Written::Message { before: before.map(Box::new), after: after.map(Box::new) });
    }
}

impl Tables for Watched<'_> {
    fn me(&self) -> Result<Option<UserId>, StoreError> {
        self.inner.me()
    }

    fn set_session(&mut self, session: Session) -> Result<(), StoreError> {
        self.writes()?;
        self.inner.set_session(session)
    }

    fn feed(&self) -> Result<Feed, StoreError> {
        self.inner.feed()
    }

    fn set_feed(&mut self, feed: &Feed) -> Result<(), StoreError> {
        self.writes()?;
        let before = self.inner.feed()?;
        self.inner.set_feed(feed)?;
        self.notes.written.push(Written::Feed { before, after: feed.clone() });
        Ok(())
    }

    fn message(&self, id: &MessageId) -> Result<Option<Stored>, StoreError> {
        self.inner.message(id)
    }

    fn message_by_client_key(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.inner.message_by_client_key(key)
    }

    fn put_message(&mut self, stored: &Stored) -> Result<(), StoreError> {
        self.writes()?;
        let before = self.inner.message(&stored.message.id)?;
        self.inner.put_message(stored)?;
        self.messages(before, Some(stored.clone()));
        Ok(())
    }

    fn remove_message(&mut self, id: &MessageId) -> Result<(), StoreError> {
        self.writes()?;
        let before = self.inner.message(id)?;
        self.inner.remove_message(id)?;
        self.messages(before, None);
        Ok(())
    }

    fn newest(&self, peer: &UserId) -> Result<Option<Stored>, StoreError> {
        self.inner.newest(peer)
    }

    fn count_unread(&self, peer: &UserId) -> Result<u64, StoreError> {
        self.inner.count_unread(peer)
    }

    fn set_read_up_to(&mut self, peer: &UserId, at: Timestamp, id: &MessageId) -> Result<u64, StoreError> {
        self.writes()?;
        self.notes.swept = true;
        self.inner.set_read_up_to(peer, at, id)
    }

    fn newest_untold_read(&self, peer: &UserId, since: i64) -> Result<Option<Stored>, StoreError> {
        self.inner.newest_untold_read(peer, since)
    }

    fn oldest_untold_read(
        &self,
        peer: &UserId,
        at: Timestamp,
        id: &MessageId,
    ) -> Result<Option<MessageId>, StoreError> {
        self.inner.oldest_untold_read(peer, at, id)
    }

    fn undelivered(&self, after: i64, limit: usize) -> Result<Vec<(i64, MessageId)>, StoreError> {
        self.inner.undelivered(after, limit)
    }

    fn untold_since(
        &self,
        peer: &UserId,
        generation: i64,
        limit: usize,
    ) -> Result<Vec<MessageId>, StoreError> {
        self.inner.untold_since(peer, generation, limit)
    }

    fn unclaimed(&self, peer: &UserId, content: &str, after: i64) -> Result<Option<Stored>, StoreError> {
        self.inner.unclaimed(peer, content, after)
    }

    fn last_number(&self) -> Result<i64, StoreError> {
        self.inner.last_number()
    }

    fn walk(&self, after: i64, limit: usize) -> Result<Vec<Walked>, StoreError> {
        self.inner.walk(after, limit)
    }

    fn set_absences(&mut self, id: &MessageId, absences: u32) -> Result<(), StoreError> {
        self.writes()?;
        self.inner.set_absences(id, absences)
    }

    fn extent(&self, peer: &UserId) -> Result<Option<Extent>, StoreError> {
        self.inner.extent(peer)
    }

    fn put_extent(&mut self, peer: &UserId, extent: &Extent) -> Result<(), StoreError> {
        self.writes()?;
        self.inner.put_extent(peer, extent)
    }

    fn peers(&self) -> Result<Vec<UserId>, StoreError> {
        self.inner.peers()
    }

    fn next_fill(&self) -> Result<Option<(UserId, MessageId)>, StoreError> {
        self.inner.next_fill()
    }

    fn person(&self, id: &UserId) -> Result<Option<Person>, StoreError> {
        self.inner.person(id)
    }

    fn put_person(&mut self, person: &Person) -> Result<(), StoreError> {
        self.writes()?;
        self.inner.put_person(person)
    }

    fn unknown_people(&self, limit: usize) -> Result<Vec<UserId>, StoreError> {
        self.inner.unknown_people(limit)
    }

    fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        self.inner.entries()
    }

    fn outbox_len(&self) -> Result<u32, StoreError> {
        self.inner.outbox_len()
    }

    fn operation(&self, seq: i64) -> Result<Option<Operation>, StoreError> {
        self.inner.operation(seq)
    }

    fn entry_of(&self, target: &ItemKey, kind: Kind) -> Result<Option<Entry>, StoreError> {
        self.inner.entry_of(target, kind)
    }

    fn queued_read(&self, peer: &UserId) -> Result<Option<Entry>, StoreError> {
        self.inner.queued_read(peer)
    }

    fn readings(&self, peer: &UserId) -> Result<Vec<Entry>, StoreError> {
        self.inner.readings(peer)
    }

    fn in_flight(&self) -> Result<Vec<Entry>, StoreError> {
        self.inner.in_flight()
    }

    fn unknown_sends(&self, limit: usize) -> Result<Vec<i64>, StoreError> {
        self.inner.unknown_sends(limit)
    }

    fn next_waiting(&self, after: Option<&UserId>) -> Result<Option<UserId>, StoreError> {
        self.inner.next_waiting(after)
    }

    fn next_send(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError> {
        self.inner.next_send(peer, after)
    }

    fn next_change(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError> {
        self.inner.next_change(peer, after)
    }

    fn append(
        &mut self,
        kind: Kind,
        peer: &UserId,
        target: &ItemKey,
        content: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.writes()?;
        self.inner.append(kind, peer, target, content, now)
    }

    fn set_state(&mut self, seq: i64, state: &State, attempts: u32) -> Result<(), StoreError> {
        self.writes()?;
        let before = self.inner.operation(seq)?;
        self.inner.set_state(seq, state, attempts)?;
        if let Some(Operation { entry, .. }) = before {
            self.notes.written.push(Written::Moved { before: entry, after: state.clone(), attempts });
        }
        Ok(())
    }

    fn set_after(&mut self, seq: i64, after: i64) -> Result<(), StoreError> {
        self.writes()?;
        self.inner.set_after(seq, after)
    }

    fn rewrite(&mut self, seq: i64, target: &ItemKey, content: &str) -> Result<(), StoreError> {
        self.writes()?;
        self.inner.rewrite(seq, target, content)
    }

    fn remove(&mut self, seq: i64) -> Result<(), StoreError> {
        self.writes()?;
        let before = self.inner.operation(seq)?;
        self.inner.remove(seq)?;
        if let Some(Operation { entry, content, .. }) = before {
            self.notes.written.push(Written::Removed { entry, content });
        }
        Ok(())
    }
}
