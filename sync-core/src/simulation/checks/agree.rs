//! What a device holds beside what the server holds (I4).
//!
//! Every message is compared when a device has followed the server to its end and all is quiet, and before that the
//! first time, in another generation or history, and now and then. In between, a message of which nothing was written
//! on either side since it was last found to be the same is the same, so only the others are compared.

use crate::{
    apply::Stored,
    domain::MessageId,
    machine::{Dialect, Tables},
};

use super::{
    super::{
        disk::Touched,
        server::{Cursor, Kept},
        world::World,
    },
    Promise, Violation, broken, look,
};

/// How much there is to walk over at a time.
const WALK: usize = 64;
/// How many comparisons of what changed may follow one another before everything is compared again.
const IN_PARTS: u32 = 16;

/// Up to where a device was found to hold what its server holds.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Agreed {
    cursor: Cursor,
    generation: i64,
    /// How often only what changed was compared since everything was.
    in_parts: u32,
}

/// A comparison of a device with its server.
struct Comparison<'a> {
    world: &'a World,
    tables: &'a dyn Tables,
    device: usize,
    generation: i64,
    /// Whether all is quiet. Until then, what back-fill has not reached or confirmed may be missing, and what was read
    /// here may not have been told.
    quiet: bool,
}

impl World {
    /// Where a device has followed the server to the end, it holds what the server holds.
    pub(in super::super) fn check_caught_up(&mut self, device: usize) -> Result<(), Violation> {
        if self.server.dialect == Dialect::Plain {
            return Ok(());
        }
        self.checks += 1;
        let it = &self.devices[device];
        let agreed = look(&it.disk, |tables| {
            let feed = tables.feed()?;
            let Some(cursor) = self.at_end(device, feed.cursor.as_deref()) else { return Ok(None) };
            let generation = feed.generation;
            let comparison = Comparison { world: self, tables, device, generation, quiet: false };
            let in_parts = match comparison.changed(cursor)? {
                Some(in_parts) => in_parts,
                None => comparison.whole().map(|()| 0)?,
            };
            Ok(Some(Agreed { cursor, generation, in_parts }))
        })?;
        if agreed.is_some() {
            let it = &mut self.devices[device];
            it.agreed = agreed;
            it.disk.compared();
        }
        Ok(())
    }

    /// Now that all is quiet, a device holds what the server holds, all of it.
    pub(super) fn same(&self, device: usize, tables: &dyn Tables) -> Result<(), Violation> {
        let generation = tables.feed()?.generation;
        Comparison { world: self, tables, device, generation, quiet: true }.whole()
    }

    /// The end of the feed, where this is the cursor of it.
    pub(super) fn at_end(&self, device: usize, cursor: Option<&str>) -> Option<Cursor> {
        let seq = self.server.feed(self.devices[device].person).len();
        let end = Cursor { history: self.server.history(), seq };
        cursor.and_then(Cursor::parse).filter(|cursor| *cursor == end)
    }

    /// A plain server has no way to say that it forgot what was read.
    pub(super) fn is_plain_and_restored(&self) -> bool {
        self.server.dialect == Dialect::Plain && self.server.history() > 1
    }
}

impl Comparison<'_> {
    /// Compares what changed on either side since the last comparison, and counts that. `None` where that is not known
    /// or not enough: then everything is to be compared.
    fn changed(&self, cursor: Cursor) -> Result<Option<u32>, Violation> {
        let it = &self.world.devices[self.device];
        let Some(last) = it.agreed else { return Ok(None) };
        let Touched::These(touched) = it.disk.touched() else { return Ok(None) };
        let elsewhere = last.cursor.history != cursor.history || last.generation != self.generation;
        if elsewhere || last.in_parts >= IN_PARTS {
            return Ok(None);
        }
        let server = &self.world.server;
        let told = &server.feed(it.person)[last.cursor.seq..];
        let told = told.iter().filter_map(|change| server.numbered(change.number)).map(|kept| &kept.id);
        for id in told.chain(touched) {
            let row = self.tables.message(id)?;
            let kept = server.find(id).filter(|kept| kept.concerns(it.person));
            let same = kept.map_or(Ok(()), |kept| self.same(kept, row.as_ref()));
            let row = row.filter(Stored::is_live);
            if same.and_then(|()| row.map_or(Ok(()), |row| self.is_there(id, &row))).is_err() {
                // Told in the words of the whole.
                return Ok(None);
            }
        }
        Ok(Some(last.in_parts + 1))
    }

    /// Compares every message.
    fn whole(&self) -> Result<(), Violation> {
        let person = self.world.devices[self.device].person;
        for kept in self.world.server.messages().iter().filter(|kept| kept.concerns(person)) {
            self.same(kept, self.tables.message(&kept.id)?.as_ref())?;
        }
        let mut after = 0;
        loop {
            let walked = self.tables.walk(after, WALK)?;
            let Some(last) = walked.last() else { return Ok(()) };
            after = last.number;
            for row in walked.iter().filter(|row| !self.has(&row.id)) {
                if let Some(stored) = self.tables.message(&row.id)? {
                    self.is_there(&row.id, &stored)?;
                }
            }
        }
    }

    /// What the server has of its user's is here, and as the server has it.
    fn same(&self, kept: &Kept, row: Option<&Stored>) -> Result<(), Violation> {
        let Some(row) = row else {
            if self.quiet && kept.is_live() {
                return broken(Promise::Agree, format!("device {} lacks {}", self.device, kept.id));
            }
            return Ok(());
        };
        if !self.quiet && row.generation < self.generation {
            return Ok(());
        }
        let message = &row.message;
        match (kept.is_live(), row.is_live()) {
            (true, false) => return self.differs(&kept.id, "gone, and the server has it"),
            (false, true) => return self.differs(&kept.id, "live, and the server deleted it"),
            (false, false) => return Ok(()),
            (true, true) => {}
        }
        if message.content != kept.content() {
            return self.differs(&kept.id, "another content");
        }
        let (here, there) = (message.is_read, kept.read_at.is_some());
        let untold = here && !there && !message.mine && !self.quiet;
        if here != there && !untold && !(here && self.world.is_plain_and_restored()) {
            let how = if here { "read, and the server has it unread" } else { "unread" };
            return self.differs(&kept.id, how);
        }
        Ok(())
    }

    /// What is live here is on the server.
    fn is_there(&self, id: &MessageId, row: &Stored) -> Result<(), Violation> {
        let plain = self.world.server.dialect == Dialect::Plain;
        if self.has(id) || !(plain || row.generation == self.generation) {
            return Ok(());
        }
        self.differs(id, &format!("live on device {}, and not on the server", self.device))
    }

    /// Whether the server has this message, not deleted.
    fn has(&self, id: &MessageId) -> bool {
        self.world.server.find(id).is_some_and(Kept::is_live)
    }

    fn differs(&self, id: &MessageId, how: &str) -> Result<(), Violation> {
        broken(Promise::Agree, format!("device {} holds {id}: {how}", self.device))
    }
}

impl Stored {
    /// Whether it is neither deleted nor lost.
    fn is_live(&self) -> bool {
        self.message.deleted_at.is_none() && !self.lost
    }
}

#[cfg(test)]
mod tests;
