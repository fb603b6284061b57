//! Both stores at once: each call is made on the two, and both must answer alike.
//!
//! Whatever is tested on a [`Twin`] is tested on `SQLite` and in memory, and everything that the machine asks on the way
//! is another comparison of them.

use protocol::Timestamp;
use rusqlite::Connection;

use crate::{
    apply::Stored,
    domain::{ItemKey, MessageId, Person, UserId},
    error::StoreError,
    machine::{
        memory::MemoryTables,
        tables::{Extent, Feed, Operation, Tables, Walked},
    },
    outbox::{Entry, Kind, State},
    store::{
        account::Session,
        rows::{Rows, scratch},
    },
};

/// Two stores with the same rows.
pub(crate) struct Twin {
    memory: MemoryTables,
    connection: Connection,
    /// Whether `SQLite` alone answers.
    parted: bool,
}

impl Twin {
    /// The rows of a profile in which this account has just signed in.
    pub(crate) fn of(me: &UserId) -> Self {
        Self { memory: MemoryTables::of(me.clone()), connection: scratch(me).unwrap(), parted: false }
    }

    /// The one in memory, to look at.
    pub(crate) fn memory(&self) -> &MemoryTables {
        &self.memory
    }

    /// Does something to the one in `SQLite` that is no call, and that the one in memory knows nothing of: from here on
    /// `SQLite` alone answers.
    pub(crate) fn part(&mut self, work: impl FnOnce(&Connection)) {
        self.parted = true;
        work(&self.connection);
    }

    /// The one in `SQLite`, to look at.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Makes a call on both, and answers what both answered.
macro_rules! both {
    ($twin:ident.$call:ident($($value:expr),*)) => {{
        let sqlite = Rows(&$twin.connection).$call($($value),*);
        if $twin.parted {
            return sqlite;
        }
        let memory = $twin.memory.$call($($value),*);
        let alike = match (&memory, &sqlite) {
            (Ok(memory), Ok(sqlite)) => memory == sqlite,
            (memory, sqlite) => memory.is_err() && sqlite.is_err(),
        };
        assert!(alike, "memory and SQLite differ in {}", stringify!($call));
        sqlite
    }};
}

impl Tables for Twin {
    fn me(&self) -> Result<Option<UserId>, StoreError> {
        both!(self.me())
    }

    fn set_session(&mut self, session: Session) -> Result<(), StoreError> {
        both!(self.set_session(session))
    }

    fn feed(&self) -> Result<Feed, StoreError> {
        both!(self.feed())
    }

    fn set_feed(&mut self, feed: &Feed) -> Result<(), StoreError> {
        both!(self.set_feed(feed))
    }

    fn message(&self, id: &MessageId) -> Result<Option<Stored>, StoreError> {
        both!(self.message(id))
    }

    fn message_by_client_key(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        both!(self.message_by_client_key(key))
    }

    fn put_message(&mut self, stored: &Stored) -> Result<(), StoreError> {
        both!(self.put_message(stored))
    }

    fn remove_message(&mut self, id: &MessageId) -> Result<(), StoreError> {
        both!(self.remove_message(id))
    }

    fn newest(&self, peer: &UserId) -> Result<Option<Stored>, StoreError> {
        both!(self.newest(peer))
    }

    fn count_unread(&self, peer: &UserId) -> Result<u64, StoreError> {
        both!(self.count_unread(peer))
    }

    fn set_read_up_to(&mut self, peer: &UserId, at: Timestamp, id: &MessageId) -> Result<u64, StoreError> {
        both!(self.set_read_up_to(peer, at, id))
    }

    fn newest_untold_read(&self, peer: &UserId, since: i64) -> Result<Option<Stored>, StoreError> {
        both!(self.newest_untold_read(peer, since))
    }

    fn oldest_untold_read(
        &self,
        peer: &UserId,
        at: Timestamp,
        id: &MessageId,
    ) -> Result<Option<MessageId>, StoreError> {
        both!(self.oldest_untold_read(peer, at, id))
    }

    fn undelivered(&self, after: i64, limit: usize) -> Result<Vec<(i64, MessageId)>, StoreError> {
        both!(self.undelivered(after, limit))
    }

    fn untold_since(
        &self,
        peer: &UserId,
        generation: i64,
        limit: usize,
    ) -> Result<Vec<MessageId>, StoreError> {
        both!(self.untold_since(peer, generation, limit))
    }

    fn unclaimed(&self, peer: &UserId, content: &str, after: i64) -> Result<Option<Stored>, StoreError> {
        both!(self.unclaimed(peer, content, after))
    }

    fn last_number(&self) -> Result<i64, StoreError> {
        both!(self.last_number())
    }

    fn walk(&self, after: i64, limit: usize) -> Result<Vec<Walked>, StoreError> {
        both!(self.walk(after, limit))
    }

    fn set_absences(&mut self, id: &MessageId, absences: u32) -> Result<(), StoreError> {
        both!(self.set_absences(id, absences))
    }

    fn extent(&self, peer: &UserId) -> Result<Option<Extent>, StoreError> {
        both!(self.extent(peer))
    }

    fn put_extent(&mut self, peer: &UserId, extent: &Extent) -> Result<(), StoreError> {
        both!(self.put_extent(peer, extent))
    }

    fn peers(&self) -> Result<Vec<UserId>, StoreError> {
        both!(self.peers())
    }

    fn next_fill(&self) -> Result<Option<(UserId, MessageId)>, StoreError> {
        both!(self.next_fill())
    }

    fn person(&self, id: &UserId) -> Result<Option<Person>, StoreError> {
        both!(self.person(id))
    }

    fn put_person(&mut self, person: &Person) -> Result<(), StoreError> {
        both!(self.put_person(person))
    }

    fn unknown_people(&self, limit: usize) -> Result<Vec<UserId>, StoreError> {
        both!(self.unknown_people(limit))
    }

    fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        both!(self.entries())
    }

    fn outbox_len(&self) -> Result<u32, StoreError> {
        both!(self.outbox_len())
    }

    fn operation(&self, seq: i64) -> Result<Option<Operation>, StoreError> {
        both!(self.operation(seq))
    }

    fn entry_of(&self, target: &ItemKey, kind: Kind) -> Result<Option<Entry>, StoreError> {
        both!(self.entry_of(target, kind))
    }

    fn queued_read(&self, peer: &UserId) -> Result<Option<Entry>, StoreError> {
        both!(self.queued_read(peer))
    }

    fn readings(&self, peer: &UserId) -> Result<Vec<Entry>, StoreError> {
        both!(self.readings(peer))
    }

    fn in_flight(&self) -> Result<Vec<Entry>, StoreError> {
        both!(self.in_flight())
    }

    fn unknown_sends(&self, limit: usize) -> Result<Vec<i64>, StoreError> {
        both!(self.unknown_sends(limit))
    }

    fn next_waiting(&self, after: Option<&UserId>) -> Result<Option<UserId>, StoreError> {
        both!(self.next_waiting(after))
    }

    fn next_send(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError> {
        both!(self.next_send(peer, after))
    }

    fn next_change(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError> {
        both!(self.next_change(peer, after))
    }

    fn append(
        &mut self,
        kind: Kind,
        peer: &UserId,
        target: &ItemKey,
        content: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        both!(self.append(kind, peer, target, content, now))
    }

    fn set_state(&mut self, seq: i64, state: &State, attempts: u32) -> Result<(), StoreError> {
        both!(self.set_state(seq, state, attempts))
    }

    fn set_after(&mut self, seq: i64, after: i64) -> Result<(), StoreError> {
        both!(self.set_after(seq, after))
    }

    fn rewrite(&mut self, seq: i64, target: &ItemKey, content: &str) -> Result<(), StoreError> {
        both!(self.rewrite(seq, target, content))
    }

    fn remove(&mut self, seq: i64) -> Result<(), StoreError> {
        both!(self.remove(seq))
    }
}
