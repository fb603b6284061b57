//! Who is writing to whom just now (extension `typing`).
//!
//! Nothing of it is stored. It lapses where the client does not say it again, and when its socket goes; then the
//! receiver is told that it is over.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{
    UserId,
    event::{ServerEvent, Typing},
};
use socketioxide::socket::Sid;

use crate::{clock::Clock, model::events::Outgoing};

/// Everybody who is writing; cheap to clone.
#[derive(Clone)]
pub(crate) struct Writers(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    entries: Mutex<HashMap<Pair, Entry>>,
}

type Pair = (UserId, UserId);

#[derive(Clone, Copy)]
struct Entry {
    socket: Sid,
    until: Duration,
}

/// How long somebody is writing after having said so.
const LAPSE: Duration = Duration::from_secs(6);

/// To how many people one user can be writing at a time.
const AT_ONCE: usize = 8;

/// How many may be writing in all; more are not told.
const WRITERS: usize = 20_000;

impl Writers {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { clock, entries: Mutex::default() }))
    }

    /// A user is writing: what the receiver is told.
    pub(super) fn begin(&self, sender: UserId, receiver: UserId, socket: Sid) -> Option<Outgoing> {
        let until = self.0.clock.elapsed() + LAPSE;
        let mut entries = self.lock();
        if !entries.contains_key(&(sender, receiver)) {
            let busy = entries.len() >= WRITERS
                || entries.keys().filter(|(writing, _)| *writing == sender).count() >= AT_ONCE;
            if busy {
                return None;
            }
        }
        entries.insert((sender, receiver), Entry { socket, until });
        Some(told(sender, receiver, true))
    }

    /// A user has stopped writing: what the receiver is told, where they were told of it.
    pub(super) fn end(&self, sender: UserId, receiver: UserId) -> Option<Outgoing> {
        self.lock().remove(&(sender, receiver)).map(|_| told(sender, receiver, false))
    }

    /// A socket is gone, and with it what was written there.
    pub(super) fn leave(&self, socket: Sid) -> Vec<Outgoing> {
        self.end_where(|entry| entry.socket == socket)
    }

    /// What has lapsed by now.
    pub(super) fn lapse(&self) -> Vec<Outgoing> {
        let now = self.0.clock.elapsed();
        self.end_where(|entry| entry.until <= now)
    }

    fn end_where(&self, over: impl Fn(&Entry) -> bool) -> Vec<Outgoing> {
        let mut ended = Vec::new();
        self.lock().retain(|(sender, receiver), entry| {
            let over = over(entry);
            if over {
                ended.push(told(*sender, *receiver, false));
            }
            !over
        });
        ended
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Pair, Entry>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(sender: UserId, receiver: UserId, is_typing: bool) -> Outgoing {
    Outgoing { to: receiver, event: ServerEvent::Typing(Typing { sender, is_typing }) }
}
