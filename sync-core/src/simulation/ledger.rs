//! What people wanted: every message that [`compose::send`](crate::machine::compose::send) accepted, and what became
//! of it as far as the checks must know.

use crate::domain::{ItemKey, MessageId};

/// A message that somebody wrote on a device.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub(super) key: ItemKey,
    pub(super) peer: usize,
    /// Every content that it may be sent with: the first, and those that were put in its place before it was.
    pub(super) words: Vec<String>,
    /// Whether the user deleted it, on whatever device.
    pub(super) unwanted: bool,
    /// Whether it was sent again after the server lost it, which may break the order of writing.
    pub(super) again: bool,
    /// The message that confirmed it on its own device.
    pub(super) confirmed: Option<MessageId>,
    /// Whether a request of it was carried out after its device had stopped waiting: the one thing that may put a
    /// second message on a plain server, and a cancelled one on any.
    pub(super) late: bool,
    /// When the last try of it was given up without an answer that says what came of it.
    pub(super) given_up: Option<u64>,
    /// How many messages it made on the server, in the server's present history.
    pub(super) made: u32,
}

/// What was written on each device, in order.
pub(super) struct Ledger {
    devices: Vec<Vec<Intent>>,
    /// The newest intent of each device and peer that the server has.
    newest: Vec<[Option<usize>; 3]>,
}

impl Ledger {
    pub(super) fn new(devices: usize) -> Self {
        Self { devices: vec![Vec::new(); devices], newest: vec![[None; 3]; devices] }
    }

    /// The key of the next message that is written on this device.
    pub(super) fn next_key(&self, device: usize) -> ItemKey {
        ItemKey(format!("k{device}-{}", self.devices[device].len()))
    }

    /// A message was accepted.
    pub(super) fn wrote(&mut self, device: usize, key: ItemKey, peer: usize, words: String) {
        self.devices[device].push(Intent {
            key,
            peer,
            words: vec![words],
            unwanted: false,
            again: false,
            confirmed: None,
            late: false,
            given_up: None,
            made: 0,
        });
    }

    /// On which device and as which one this key was made.
    pub(super) fn find(&self, key: &str) -> Option<(usize, usize)> {
        let (device, nth) = key.strip_prefix('k')?.split_once('-')?;
        let (device, nth) = (device.parse::<usize>().ok()?, nth.parse::<usize>().ok()?);
        (nth < self.devices.get(device)?.len()).then_some((device, nth))
    }

    /// The intent with this key.
    pub(super) fn get(&self, key: &str) -> Option<&Intent> {
        self.find(key).map(|(device, nth)| &self.devices[device][nth])
    }

    /// The intent with this key, to be changed.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Intent> {
        self.find(key).map(|(device, nth)| &mut self.devices[device][nth])
    }

    /// What was written on this device.
    pub(super) fn of(&self, device: usize) -> &[Intent] {
        &self.devices[device]
    }

    /// What came of this device's unclear sends can no longer be found out.
    pub(super) fn excuse(&mut self, device: usize) {
        for intent in &mut self.devices[device] {
            intent.late |= intent.given_up.is_some();
        }
    }

    /// The server took this one: the newest that it had taken of this device and peer before.
    pub(super) fn taken(&mut self, device: usize, nth: usize) -> Option<usize> {
        let intent = &mut self.devices[device][nth];
        intent.made += 1;
        let newest = &mut self.newest[device][intent.peer];
        let before = *newest;
        if !intent.again {
            *newest = before.max(Some(nth));
        }
        before
    }

    /// The server has another history, in which it has these.
    pub(super) fn restored<'a>(&mut self, keys: impl Iterator<Item = &'a str>) {
        for intent in self.devices.iter_mut().flatten() {
            intent.made = 0;
        }
        self.newest.fill([None; 3]);
        for key in keys {
            if let Some((device, nth)) = self.find(key) {
                self.taken(device, nth);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_to_its_intent() {
        let mut ledger = Ledger::new(2);
        for words in ["one", "two"] {
            let key = ledger.next_key(1);
            ledger.wrote(1, key, 0, words.to_owned());
        }
        assert_eq!(ledger.get("k1-1").unwrap().words, ["two"]);
        for key in ["k1-2", "k0-0", "k2-0", "x", "k1"] {
            assert!(ledger.get(key).is_none(), "{key}");
        }
    }

    #[test]
    fn the_order_begins_anew_in_another_history() {
        let mut ledger = Ledger::new(1);
        for words in ["one", "two", "three"] {
            let key = ledger.next_key(0);
            ledger.wrote(0, key, 1, words.to_owned());
        }
        assert_eq!((ledger.taken(0, 0), ledger.taken(0, 1)), (None, Some(0)));
        ledger.restored(["k0-0"].into_iter());
        assert_eq!(ledger.taken(0, 2), Some(0));
        assert_eq!(ledger.of(0).iter().map(|intent| intent.made).collect::<Vec<_>>(), [1, 0, 1]);
    }
}
