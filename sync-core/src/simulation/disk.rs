//! What a device keeps when it is switched off: the rows, in memory or in `SQLite`.

use rusqlite::Connection;

use crate::{
    domain::{MessageId, UserId},
    error::StoreError,
    machine::{Tables, memory::MemoryTables},
    store::rows::{Rows, scratch},
};

use super::watched::{Notes, Watched, Written};

/// So many messages are remembered as touched; with more, all count as touched.
const REMEMBERED: usize = 64;

/// Rows that survive, one transaction at a time.
trait Rowset {
    /// Does this within one transaction. With `keep` it is committed, otherwise rolled back.
    fn transact(&mut self, keep: bool, work: &mut dyn FnMut(&mut dyn Tables)) -> Result<(), StoreError>;
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

/// What was written since a device was last compared with its server.
pub(super) enum Touched {
    /// No other message than these, some of them more than once.
    These(Vec<MessageId>),
    /// Maybe all.
    Everything,
}

/// A device's disk.
pub(super) struct Disk {
    rows: Box<dyn Rowset>,
    /// Whether a write is known to touch no other row than it names. What `SQLite` makes of a statement is not.
    exact: bool,
    touched: Touched,
}

impl Disk {
    /// A disk on which this person has just signed in.
    pub(super) fn new(store: Store, me: &UserId) -> Result<Self, StoreError> {
        let rows: Box<dyn Rowset> = match store {
            Store::Memory => Box::new(MemoryTables::of(me.clone())),
            Store::Sqlite => {
                let opened = scratch(me);
                Box::new(opened.map_err(|error| StoreError::Database { details: error.to_string() })?)
            }
        };
        Ok(Self { rows, exact: store == Store::Memory, touched: Touched::Everything })
    }

    /// Does this within one transaction, and tells what it wrote. With `keep` it is committed, otherwise rolled back.
    /// The write with the number `fails_at`, counted from 0, fails, and all behind it.
    pub(super) fn transact(
        &mut self,
        keep: bool,
        fails_at: Option<u32>,
        work: impl FnOnce(&mut Watched<'_>),
    ) -> Result<Notes, StoreError> {
        let (mut notes, mut work) = (Notes::default(), Some(work));
        self.rows.transact(keep, &mut |tables| {
            if let Some(work) = work.take() {
                work(&mut Watched::new(tables, &mut notes, fails_at));
            }
        })?;
        if keep {
            self.touch(&notes);
        }
        Ok(notes)
    }

    /// Looks at the rows.
    pub(super) fn look(&self, work: &mut dyn FnMut(&dyn Tables)) {
        self.rows.look(work);
    }

    /// What was written since [`Self::compared`].
    pub(super) const fn touched(&self) -> &Touched {
        &self.touched
    }

    /// The device was found to hold what its server holds.
    pub(super) fn compared(&mut self) {
        if self.exact {
            self.touched = Touched::These(Vec::new());
        }
    }

    fn touch(&mut self, notes: &Notes) {
        let Touched::These(touched) = &mut self.touched else { return };
        for written in &notes.written {
            if let Written::Message { before, after } = written {
                touched.extend(after.as_ref().or(before.as_ref()).map(|stored| stored.message.id.clone()));
            }
        }
        if notes.swept || touched.len() > REMEMBERED {
            self.touched = Touched::Everything;
        }
    }
}

impl Rowset for MemoryTables {
    fn transact(&mut self, keep: bool, work: &mut dyn FnMut(&mut dyn Tables)) -> Result<(), StoreError> {
        if keep {
            work(self);
        } else {
            work(&mut self.clone());
        }
        Ok(())
    }

    fn look(&self, work: &mut dyn FnMut(&dyn Tables)) {
        work(self);
    }
}

impl Rowset for Connection {
    fn transact(&mut self, keep: bool, work: &mut dyn FnMut(&mut dyn Tables)) -> Result<(), StoreError> {
        let transaction = self.transaction()?;
        work(&mut Rows(&transaction));
        Ok(if keep { transaction.commit() } else { transaction.rollback() }?)
    }

    fn look(&self, work: &mut dyn FnMut(&dyn Tables)) {
        work(&Rows(self));
    }
}
