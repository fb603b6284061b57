//! What the machine asks of a store ([`Tables`]), kept in memory: for tests, and for the simulator, which asks
//! hundreds of millions of times.
//!
//! Rows lie under their numbers, and every question that the machine asks often has an index of numbers, kept with
//! each change of a row as `SQLite` keeps its own. Nothing is answered in the order of a hash map, so the same calls
//! have the same answers in every run. A clone is what a transaction began from; it shares what neither has written since.

mod messages;
mod outbox;

use std::collections::BTreeMap;

use protocol::Timestamp;

use crate::{
    apply::Stored,
    domain::{ItemKey, MessageId, Person, UserId},
    error::StoreError,
    outbox::{Entry, Kind, State},
    store::account::Session,
};

use super::tables::{Extent, Feed, Operation, Tables, Walked};

/// The rows of one profile.
#[derive(Clone, Default)]
pub(crate) struct MemoryTables {
    account: Option<(UserId, Session)>,
    feed: Feed,
    messages: messages::Messages,
    extents: BTreeMap<UserId, Extent>,
    people: BTreeMap<UserId, Person>,
    outbox: outbox::Outbox,
}

impl MemoryTables {
    /// The rows of a profile in which this account has just signed in.
    pub(crate) fn of(me: UserId) -> Self {
        Self { account: Some((me, Session::SignedIn)), ..Self::default() }
    }

    /// How the session stands.
    #[cfg(test)]
    pub(crate) fn session(&self) -> Option<Session> {
        self.account.as_ref().map(|(_, session)| *session)
    }

    /// The messages of one conversation, in their order.
    #[cfg(test)]
    pub(crate) fn conversation(&self, peer: &UserId) -> impl DoubleEndedIterator<Item = &Stored> {
        self.messages.conversation(peer)
    }

    /// Every row of the outbox, in order.
    #[cfg(test)]
    pub(crate) fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.outbox.all()
    }
}

impl Tables for MemoryTables {
    fn me(&self) -> Result<Option<UserId>, StoreError> {
        let writes = |(_, session): &&(UserId, Session)| *session != Session::SignedOut;
        Ok(self.account.as_ref().filter(writes).map(|(me, _)| me.clone()))
    }

    fn set_session(&mut self, session: Session) -> Result<(), StoreError> {
        if let Some((_, stands)) = &mut self.account {
            *stands = session;
        }
        Ok(())
    }

    fn feed(&self) -> Result<Feed, StoreError> {
        Ok(self.feed.clone())
    }

    fn set_feed(&mut self, feed: &Feed) -> Result<(), StoreError> {
        self.feed.clone_from(feed);
        Ok(())
    }

    fn message(&self, id: &MessageId) -> Result<Option<Stored>, StoreError> {
        Ok(self.messages.by_id(id).cloned())
    }

    fn message_by_client_key(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        Ok(self.messages.by_client_key(key).cloned())
    }

    fn put_message(&mut self, stored: &Stored) -> Result<(), StoreError> {
        self.messages.put(stored)
    }

    fn remove_message(&mut self, id: &MessageId) -> Result<(), StoreError> {
        self.messages.remove(id);
        Ok(())
    }

    fn newest(&self, peer: &UserId) -> Result<Option<Stored>, StoreError> {
        Ok(self.messages.conversation(peer).rfind(|stored| !stored.lost).cloned())
    }

    fn count_unread(&self, peer: &UserId) -> Result<u64, StoreError> {
        Ok(self.messages.count_unread(peer))
    }

    fn set_read_up_to(&mut self, peer: &UserId, at: Timestamp, id: &MessageId) -> Result<u64, StoreError> {
        Ok(self.messages.set_read_up_to(peer, at, id))
    }

    fn newest_untold_read(&self, peer: &UserId, since: i64) -> Result<Option<Stored>, StoreError> {
        Ok(self.messages.newest_untold_read(peer, since).cloned())
    }

    fn oldest_untold_read(
        &self,
        peer: &UserId,
        at: Timestamp,
        id: &MessageId,
    ) -> Result<Option<MessageId>, StoreError> {
        Ok(self.messages.oldest_untold_read(peer, at, id).cloned())
    }

    fn undelivered(&self, after: i64, limit: usize) -> Result<Vec<(i64, MessageId)>, StoreError> {
        Ok(self.messages.undelivered(after, limit))
    }

    fn untold_since(
        &self,
        peer: &UserId,
        generation: i64,
        limit: usize,
    ) -> Result<Vec<MessageId>, StoreError> {
        Ok(self.messages.untold_since(peer, generation, limit))
    }

    fn unclaimed(&self, peer: &UserId, content: &str, after: i64) -> Result<Option<Stored>, StoreError> {
        Ok(self.messages.unclaimed(peer, content, after).cloned())
    }

    fn last_number(&self) -> Result<i64, StoreError> {
        Ok(self.messages.last_number())
    }

    fn walk(&self, after: i64, limit: usize) -> Result<Vec<Walked>, StoreError> {
        Ok(self.messages.walk(after, limit))
    }

    fn set_absences(&mut self, id: &MessageId, absences: u32) -> Result<(), StoreError> {
        self.messages.set_absences(id, absences);
        Ok(())
    }

    fn extent(&self, peer: &UserId) -> Result<Option<Extent>, StoreError> {
        Ok(self.extents.get(peer).cloned())
    }

    fn put_extent(&mut self, peer: &UserId, extent: &Extent) -> Result<(), StoreError> {
        match self.extents.get_mut(peer) {
            Some(kept) => kept.clone_from(extent),
            None => drop(self.extents.insert(peer.clone(), extent.clone())),
        }
        Ok(())
    }

    fn peers(&self) -> Result<Vec<UserId>, StoreError> {
        Ok(self.extents.keys().cloned().collect())
    }

    fn next_fill(&self) -> Result<Option<(UserId, MessageId)>, StoreError> {
        let mut best = None;
        for (peer, extent) in &self.extents {
            let Extent { fill_done: false, fill_before: Some(before), .. } = extent else { continue };
            let at = self.messages.conversation(peer).next_back().map(|stored| stored.message.sent_at);
            if best.as_ref().is_none_or(|(newest, _, _)| at > *newest) {
                best = Some((at, peer, before));
            }
        }
        Ok(best.map(|(_, peer, before)| (peer.clone(), before.clone())))
    }

    fn person(&self, id: &UserId) -> Result<Option<Person>, StoreError> {
        Ok(self.people.get(id).cloned())
    }

    fn put_person(&mut self, person: &Person) -> Result<(), StoreError> {
        self.people.insert(person.id.clone(), person.clone());
        Ok(())
    }

    fn unknown_people(&self, limit: usize) -> Result<Vec<UserId>, StoreError> {
        let unknown = self.extents.keys().filter(|peer| !self.people.contains_key(*peer));
        Ok(unknown.take(limit).cloned().collect())
    }

    fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        Ok(self.outbox.all().map(|operation| operation.entry.clone()).collect())
    }

    fn outbox_len(&self) -> Result<u32, StoreError> {
        Ok(self.outbox.len())
    }

    fn operation(&self, seq: i64) -> Result<Option<Operation>, StoreError> {
        Ok(self.outbox.operation(seq).cloned())
    }

    fn entry_of(&self, target: &ItemKey, kind: Kind) -> Result<Option<Entry>, StoreError> {
        Ok(self.outbox.of(target, kind).map(|operation| operation.entry.clone()))
    }

    fn queued_read(&self, peer: &UserId) -> Result<Option<Entry>, StoreError> {
        Ok(self.outbox.queued_read(peer).map(|operation| operation.entry.clone()))
    }

    fn readings(&self, peer: &UserId) -> Result<Vec<Entry>, StoreError> {
        Ok(self.outbox.readings(peer).map(|operation| operation.entry.clone()).collect())
    }

    fn in_flight(&self) -> Result<Vec<Entry>, StoreError> {
        Ok(self.outbox.in_flight().map(|operation| operation.entry.clone()).collect())
    }

    fn unknown_sends(&self, limit: usize) -> Result<Vec<i64>, StoreError> {
        Ok(self.outbox.unknown_sends().take(limit).collect())
    }

    fn next_waiting(&self, after: Option<&UserId>) -> Result<Option<UserId>, StoreError> {
        Ok(self.outbox.next_waiting(after).cloned())
    }

    fn next_send(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError> {
        Ok(self.outbox.next_send(peer, after).map(|operation| operation.entry.clone()))
    }

    fn next_change(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError> {
        Ok(self.outbox.next_change(peer, after).map(|operation| operation.entry.clone()))
    }

    fn append(
        &mut self,
        kind: Kind,
        peer: &UserId,
        target: &ItemKey,
        content: &str,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        self.outbox.append(kind, peer, target, content)
    }

    fn set_state(&mut self, seq: i64, state: &State, attempts: u32) -> Result<(), StoreError> {
        self.outbox.set_state(seq, state, attempts);
        Ok(())
    }

    fn set_after(&mut self, seq: i64, after: i64) -> Result<(), StoreError> {
        self.outbox.set_after(seq, after);
        Ok(())
    }

    fn rewrite(&mut self, seq: i64, target: &ItemKey, content: &str) -> Result<(), StoreError> {
        self.outbox.rewrite(seq, target, content)
    }

    fn remove(&mut self, seq: i64) -> Result<(), StoreError> {
        self.outbox.remove(seq);
        Ok(())
    }
}

/// What `SQLite` answers where an index allows one row only.
fn taken(what: &str) -> StoreError {
    StoreError::Database { details: format!("UNIQUE constraint failed: {what}") }
}
