//! What a device keeps when it is switched off: the rows, in memory or in `SQLite`.

use crate::{
    domain::UserId,
    machine::{Tables, memory::MemoryTables},
};

/// Rows that survive, one transaction at a time.
pub(super) trait Disk {
    /// Does this within one transaction. With `keep` it is committed, otherwise rolled back.
    fn transact(&mut self, keep: bool, work: &mut dyn FnMut(&mut dyn Tables));
    /// Looks at the rows.
    fn look(&self, work: &mut dyn FnMut(&dyn Tables));
}

/// Which rows a simulation runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// In memory, to run millions of schedules.
    Memory,
    /// In `SQLite`, as in the app.
    Sqlite,
}

impl Store {
    /// A disk on which this person has just signed in.
    pub(super) fn disk(self, me: UserId) -> Box<dyn Disk> {
        match self {
            Self::Memory | Self::Sqlite => Box::new(MemoryTables::of(me)),
        }
    }
}

impl Disk for MemoryTables {
    fn transact(&mut self, keep: bool, work: &mut dyn FnMut(&mut dyn Tables)) {
        if keep {
            work(self);
        } else {
            work(&mut self.clone());
        }
    }

    fn look(&self, work: &mut dyn FnMut(&dyn Tables)) {
        work(self);
    }
}
