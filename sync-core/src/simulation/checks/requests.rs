//! What a device asks of the server, and what the server makes of it.

use crate::{
    domain::UserId,
    machine::{Ask, Dialect},
    outbox::{Kind, State},
};

use super::{super::world::World, Promise, Violation, broken, look};

impl World {
    /// A device is about to make a request; what led to it is committed.
    pub(in super::super) fn check_asked(&mut self, device: usize, ask: &Ask) -> Result<(), Violation> {
        self.checks += 1;
        if ask.is_operation() && self.now < self.devices[device].rest_until {
            return broken(Promise::Obeys, format!("device {device} asked {ask:?} before its time"));
        }
        let Ask::Send { peer, content, key } = ask else { return Ok(()) };
        let Some(intent) = self.ledger.get(key) else {
            return broken(Promise::Honest, format!("device {device} sends {key}, which nobody wrote"));
        };
        if !intent.words.contains(content) || self.server.id_of(intent.peer) != peer {
            return broken(Promise::Honest, format!("device {device} sends {key} with the words of another"));
        }
        self.check_alone(device, peer, key)?;
        self.check_looked(device, key)?;
        self.check_counted(device, peer, key)?;
        if let Some(intent) = self.ledger.get_mut(key) {
            intent.given_up = None;
        }
        Ok(())
    }

    /// No other send of the conversation is under way.
    fn check_alone(&self, device: usize, peer: &UserId, key: &str) -> Result<(), Violation> {
        let other = self.devices[device].waiting.values().find_map(|waiting| match &waiting.ask {
            Ask::Send { peer: other, key, .. } if other == peer => Some(key),
            _ => None,
        });
        match other {
            Some(other) => broken(Promise::OneInFlight, format!("{key} is sent while {other} is under way")),
            None => Ok(()),
        }
    }

    /// Its row says so, and nothing that was written before it waits.
    fn check_counted(&self, device: usize, peer: &UserId, key: &str) -> Result<(), Violation> {
        look(&self.devices[device].disk, |tables| {
            let entries = tables.entries()?;
            let own =
                |entry: &&crate::outbox::Entry| entry.kind == Kind::Send && entry.target.as_str() == key;
            let Some(row) = entries.iter().find(own) else {
                return broken(Promise::Counted, format!("{key} is sent, and is not in the outbox"));
            };
            if row.state != State::InFlight || row.attempts == 0 {
                return broken(Promise::Counted, format!("{key} is sent, and its row does not say so"));
            }
            let before = entries
                .iter()
                .find(|entry| entry.kind == Kind::Send && entry.peer == *peer && entry.seq < row.seq);
            match before {
                Some(before) => broken(Promise::Order, format!("{key} is sent before {}", before.target)),
                None => Ok(()),
            }
        })
    }

    /// A plain server was looked through since a try of unknown outcome, and did not have it.
    fn check_looked(&self, device: usize, key: &str) -> Result<(), Violation> {
        let Some(intent) = self.ledger.get(key) else { return Ok(()) };
        let (Dialect::Plain, Some(given_up)) = (self.server.dialect, intent.given_up) else { return Ok(()) };
        let Some(listed) = self.devices[device].listed.filter(|listed| listed.asked >= given_up) else {
            return broken(Promise::Looks, format!("{key} is sent again, and nobody looked for it"));
        };
        let there = |kept: &&super::super::server::Kept| {
            kept.key.as_deref() == Some(key) && kept.number <= listed.newest && kept.contents.len() == 1
        };
        let Some(found) = self.server.messages().iter().find(there) else { return Ok(()) };
        let claimed = self.ledger.of(device).iter().any(|other| other.confirmed.as_ref() == Some(&found.id));
        if claimed || intent.late || self.server.history() > 1 {
            return Ok(());
        }
        broken(Promise::Looks, format!("{key} is sent again, and {} was in the list", found.id))
    }

    /// The server has taken a message with this key. `late` is whether nobody waited for it any more.
    pub(in super::super) fn check_taken(&mut self, key: &str, late: bool) -> Result<(), Violation> {
        self.checks += 1;
        let Some((device, nth)) = self.ledger.find(key) else {
            return broken(Promise::Honest, format!("the server took {key}, which nobody wrote"));
        };
        if late && let Some(intent) = self.ledger.get_mut(key) {
            intent.late = true;
        }
        let newest = self.ledger.taken(device, nth);
        let intent = &self.ledger.of(device)[nth];
        if intent.late {
            return Ok(());
        }
        // One that somebody deleted or changed before it was looked for cannot be found, and a server that went back has
        // it again as it was.
        let same =
            |kept: &&super::super::server::Kept| kept.key.as_deref() == Some(key) && kept.contents.len() == 1;
        let there = self.server.messages().iter().filter(same).count();
        if intent.made > 1 && there > 1 && !self.is_plain_and_restored() {
            return broken(Promise::Once, format!("{key} is on the server twice"));
        }
        match newest.filter(|newest| *newest > nth && !intent.again) {
            Some(newest) => broken(Promise::Order, format!("{key} came behind k{device}-{newest}")),
            None => Ok(()),
        }
    }
}

impl Ask {
    /// Whether it carries a row of the outbox out.
    pub(in super::super) const fn is_operation(&self) -> bool {
        match self {
            Self::Send { .. }
            | Self::Edit { .. }
            | Self::Delete { .. }
            | Self::Read { .. }
            | Self::ReadOne { .. } => true,
            Self::Discover
            | Self::Snapshot
            | Self::Changes { .. }
            | Self::History { .. }
            | Self::List
            | Self::Person(_) => false,
        }
    }
}
