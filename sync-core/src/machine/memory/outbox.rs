//! The outbox in memory.

use std::{collections::BTreeMap, ops::Bound};

use crate::{
    domain::{ItemKey, UserId},
    error::StoreError,
    outbox::{Entry, Kind, State},
};

use super::{super::tables::Operation, taken};

/// The rows, by number. There are few of them at a time, so what is asked for is looked for.
#[derive(Clone, Default)]
pub(super) struct Outbox {
    rows: BTreeMap<i64, Operation>,
    last_seq: i64,
}

impl Outbox {
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Operation> {
        self.rows.values()
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn operation(&self, seq: i64) -> Option<&Operation> {
        self.rows.get(&seq)
    }

    pub(super) fn of(&self, target: &ItemKey, kind: Kind) -> Option<&Operation> {
        self.all().find(|row| kind != Kind::Read && row.entry.kind == kind && row.entry.target == *target)
    }

    pub(super) fn queued_read(&self, peer: &UserId) -> Option<&Operation> {
        self.all().rfind(|row| row.entry.kind == Kind::Read && waits(row) && row.entry.peer == *peer)
    }

    pub(super) fn readings(&self, peer: &UserId) -> impl Iterator<Item = &Operation> {
        self.all().filter(move |row| row.entry.kind == Kind::Read && row.entry.peer == *peer)
    }

    pub(super) fn in_flight(&self) -> impl Iterator<Item = &Operation> {
        self.all().filter(|row| row.entry.state == State::InFlight)
    }

    pub(super) fn unknown_sends(&self) -> impl Iterator<Item = i64> {
        let unknown = |row: &&Operation| row.entry.kind == Kind::Send && row.entry.state == State::Unknown;
        self.all().filter(unknown).map(|row| row.entry.seq)
    }

    pub(super) fn next_waiting(&self, after: Option<&UserId>) -> Option<&UserId> {
        let peers = self.all().filter(|row| waits(row)).map(|row| &row.entry.peer);
        peers.filter(|peer| after.is_none_or(|after| *peer > after)).min()
    }

    pub(super) fn next_send(&self, peer: &UserId, after: i64) -> Option<&Operation> {
        self.behind(after).find(|row| row.entry.kind == Kind::Send && row.entry.peer == *peer)
    }

    pub(super) fn next_change(&self, peer: &UserId, after: i64) -> Option<&Operation> {
        self.behind(after).find(|row| row.entry.kind != Kind::Send && waits(row) && row.entry.peer == *peer)
    }

    fn behind(&self, after: i64) -> impl Iterator<Item = &Operation> {
        self.rows.range((Bound::Excluded(after), Bound::Unbounded)).map(|(_, row)| row)
    }

    pub(super) fn append(
        &mut self,
        kind: Kind,
        peer: &UserId,
        target: &ItemKey,
        content: &str,
    ) -> Result<(), StoreError> {
        if self.of(target, kind).is_some() {
            return Err(taken("outbox.target, outbox.kind"));
        }
        self.last_seq += 1;
        let entry = Entry {
            seq: self.last_seq,
            kind,
            peer: peer.clone(),
            target: target.clone(),
            state: State::Queued,
            attempts: 0,
        };
        self.rows.insert(self.last_seq, Operation { entry, content: content.to_owned(), after: 0 });
        Ok(())
    }

    pub(super) fn set_state(&mut self, seq: i64, state: &State, attempts: u32) {
        if let Some(row) = self.rows.get_mut(&seq) {
            row.entry.state.clone_from(state);
            row.entry.attempts = attempts;
        }
    }

    pub(super) fn set_after(&mut self, seq: i64, after: i64) {
        if let Some(row) = self.rows.get_mut(&seq) {
            row.after = after;
        }
    }

    pub(super) fn rewrite(&mut self, seq: i64, target: &ItemKey, content: &str) -> Result<(), StoreError> {
        let Some(kind) = self.operation(seq).map(|row| row.entry.kind) else { return Ok(()) };
        if self.of(target, kind).is_some_and(|row| row.entry.seq != seq) {
            return Err(taken("outbox.target, outbox.kind"));
        }
        if let Some(row) = self.rows.get_mut(&seq) {
            row.entry.target.clone_from(target);
            row.entry.state = State::Queued;
            row.entry.attempts = 0;
            content.clone_into(&mut row.content);
            row.after = 0;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, seq: i64) {
        self.rows.remove(&seq);
    }
}

/// Whether it can be tried.
fn waits(row: &Operation) -> bool {
    matches!(row.entry.state, State::Queued | State::Unknown)
}
