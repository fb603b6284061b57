//! A device: its disk, the machine while the app runs, and what the machine waits for.

use std::collections::BTreeMap;

use crate::{
    machine::{Ask, AskId, Machine, SocketId},
    store::account::Session,
};

use super::{checks::Agreed, disk::Disk, random::Random};

/// A device of somebody's.
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own that the checks ask for")]
pub(super) struct Device {
    pub(super) person: usize,
    pub(super) disk: Disk,
    /// What it was last compared with and found to hold.
    pub(super) agreed: Option<Agreed>,
    /// `None` while the app does not run, or nobody is signed in.
    pub(super) machine: Option<Machine>,
    pub(super) session: Session,
    /// Counts the machines, so that what was meant for an earlier one is not given to a later.
    pub(super) life: u32,
    /// When the present machine began, in milliseconds of virtual time.
    pub(super) began: u64,
    /// How far its clock is wrong, in milliseconds.
    pub(super) clock: i64,
    pub(super) online: bool,
    /// Until when its disk is full.
    pub(super) full_until: u64,
    /// The requests that the machine waits for.
    pub(super) waiting: BTreeMap<AskId, Waiting>,
    pub(super) socket: Option<Socket>,
    /// When the next tick is due that was asked for.
    pub(super) tick: Option<u64>,
    /// Whether what its last step wrote is on the disk.
    pub(super) stored: bool,
    /// Whether its machine was told that its last step could not be stored.
    pub(super) failed: bool,
    /// Until when the server asked it not to send anything.
    pub(super) rest_until: u64,
    pub(super) random: Random,
    /// Of a plain server: when the list that it last read completely was asked for, and what the server had then.
    pub(super) listed: Option<Listed>,
    /// Whether a list left something out since it stored one that did not, and how many more will be empty.
    pub(super) lied_to: bool,
    pub(super) hollow: u64,
    /// How many things its user wrote, to make contents.
    pub(super) texts: u32,
}

/// A request under way.
pub(super) struct Waiting {
    pub(super) ask: Ask,
    /// When it was made.
    pub(super) asked: u64,
    /// Of a list: when the server answered, by the number of the newest message, and whether it named everything.
    pub(super) answered: Option<(u32, bool)>,
    /// Of a list: whether a part of it, or a change beside it, could not be stored. Then the device lets it go.
    pub(super) spoilt: bool,
}

/// A list that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    pub(super) asked: u64,
    /// The newest message that the server had taken when it answered.
    pub(super) newest: u32,
}

/// A socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Socket {
    pub(super) id: SocketId,
    pub(super) joined: bool,
    pub(super) silent: bool,
}

impl Device {
    pub(super) fn new(person: usize, disk: Disk, random: Random) -> Self {
        Self {
            person,
            disk,
            agreed: None,
            machine: None,
            session: Session::SignedIn,
            life: 0,
            began: 0,
            clock: 0,
            online: true,
            full_until: 0,
            waiting: BTreeMap::new(),
            socket: None,
            tick: None,
            stored: true,
            failed: false,
            rest_until: 0,
            random,
            listed: None,
            lied_to: false,
            hollow: 0,
            texts: 0,
        }
    }

    /// Where what was answered just now could not be stored, no list that is under way is read to its end.
    pub(super) fn spoil_lists(&mut self) {
        if self.failed {
            self.waiting
                .values_mut()
                .filter(|waiting| waiting.ask == Ask::List)
                .for_each(|list| list.spoilt = true);
        }
    }

    /// The app ends: nothing that was only in memory is left.
    pub(super) fn stop(&mut self) {
        self.machine = None;
        self.life += 1;
        self.waiting.clear();
        self.socket = None;
        self.tick = None;
        self.listed = None;
        self.rest_until = 0;
    }
}
