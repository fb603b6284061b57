//! What a device keeps when it is switched off: the rows, in memory or in `SQLite`.

use rusqlite::Connection;

use crate::{
    domain::UserId,
    error::StoreError,
    machine::{Tables, memory::MemoryTables},
    store::rows::{Rows, scratch},
};

/// Rows that survive, one transaction at a time.
pub(super) trait Disk {
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

impl Store {
    /// A disk on which this person has just signed in.
    pub(super) fn disk(self, me: &UserId) -> Result<Box<dyn Disk>, StoreError> {
        Ok(match self {
            Self::Memory => Box::new(MemoryTables::of(me.clone())),
            Self::Sqlite => {
                let opened = scratch(me);
                Box::new(opened.map_err(|error| StoreError::Database { details: error.to_string() })?)
            }
        })
    }
}

impl Disk for MemoryTables {
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

impl Disk for Connection {
    fn transact(&mut self, keep: bool, work: &mut dyn FnMut(&mut dyn Tables)) -> Result<(), StoreError> {
        let transaction = self.transaction()?;
        work(&mut Rows(&transaction));
        Ok(if keep { transaction.commit() } else { transaction.rollback() }?)
    }

    fn look(&self, work: &mut dyn FnMut(&dyn Tables)) {
        work(&Rows(self));
    }
}
