//! A device as a whole, now that all is quiet.

use crate::{
    machine::{Dialect, Link, Tables},
    outbox::{Entry, Kind, State},
};

use super::{
    super::{server::Kept, world::World},
    Promise, Violation, broken, look,
};

impl World {
    /// Everything that was promised, now that all is quiet.
    pub(in super::super) fn check_end(&mut self, device: usize) -> Result<(), Violation> {
        self.checks += 1;
        let person = self.devices[device].person;
        look(&self.devices[device].disk, |tables| {
            self.same(device, tables)?;
            for peer in (0..self.people).filter(|peer| *peer != person) {
                let id = self.server.id_of(peer);
                let unfilled = tables.extent(id)?.map_or(0, |extent| extent.unread_unfilled);
                let here = tables.count_unread(id)? + unfilled;
                let there = u64::try_from(self.server.unread(person, peer)).unwrap_or(u64::MAX);
                if here != there && !self.is_plain_and_restored() {
                    let how = format!("device {device} counts {here} unread of {id}, the server {there}");
                    return broken(Promise::Agree, how);
                }
            }
            self.all_accepted(device, tables)
        })
    }

    /// Why this device is not at rest yet, if it is not.
    pub(in super::super) fn restless(&self, device: usize) -> Result<Option<String>, Violation> {
        let it = &self.devices[device];
        let Some(machine) = &it.machine else { return Ok(Some(format!("device {device} does not run"))) };
        let link = machine.link();
        if !matches!(link, Link::Online { .. }) {
            return Ok(Some(format!("device {device} is {link:?}")));
        }
        if let Some(waiting) = it.waiting.values().next() {
            return Ok(Some(format!("device {device} waits for {:?}", waiting.ask)));
        }
        look(&it.disk, |tables| {
            // A refused send holds back the sends behind it, and a change waits for the send of its message.
            let (mut held, mut unsent) = (Vec::new(), Vec::new());
            let entries = tables.entries()?;
            for Entry { kind, peer, target, state, .. } in &entries {
                let waits = match kind {
                    Kind::Send => held.contains(&peer),
                    Kind::Edit | Kind::Delete => unsent.contains(&target),
                    Kind::Read => false,
                };
                let refused = matches!(state, State::Refused { .. });
                if !waits && !refused {
                    return Ok(Some(format!("{kind:?} of {target} is {state:?}")));
                }
                if *kind == Kind::Send {
                    held.push(peer);
                    unsent.push(target);
                }
            }
            if self.server.dialect == Dialect::Extended
                && self.at_end(device, tables.feed()?.cursor.as_deref()).is_none()
            {
                return Ok(Some(format!("device {device} has not followed the feed to its end")));
            }
            for peer in tables.peers()? {
                if !tables.extent(&peer)?.is_none_or(|extent| extent.fill_done) {
                    return Ok(Some(format!("device {device} has not filled {peer}")));
                }
            }
            Ok(None)
        })
    }

    /// Every accepted send is on the server once, or waits behind a refusal, or was lost by the server and says so.
    fn all_accepted(&self, device: usize, tables: &dyn Tables) -> Result<(), Violation> {
        let extended = self.server.dialect == Dialect::Extended;
        for intent in self.ledger.of(device) {
            let key = intent.key.as_str();
            if tables.entry_of(&intent.key, Kind::Send)?.is_some() {
                continue;
            }
            if extended && intent.made > 1 {
                return broken(Promise::Once, format!("{key} is on the server {} times", intent.made));
            }
            if intent.unwanted {
                let there = intent.confirmed.as_ref().and_then(|id| self.server.find(id));
                let refused = tables.entry_of(&intent.key, Kind::Delete)?.is_some();
                let undone = self.server.history() > 1 || intent.late || refused;
                if there.is_some_and(Kept::is_live) && !undone {
                    return broken(Promise::Accepted, format!("{key} was deleted, and is on the server"));
                }
                continue;
            }
            let Some(id) = &intent.confirmed else {
                return broken(Promise::Accepted, format!("{key} is neither in the outbox nor confirmed"));
            };
            if self.server.find(id).is_none() {
                let row = tables.message(id)?;
                let said = row.is_none_or(|row| row.lost || row.message.deleted_at.is_some());
                if !said {
                    return broken(
                        Promise::Accepted,
                        format!("{key} is shown as sent, and the server lost it"),
                    );
                }
            }
        }
        Ok(())
    }
}
