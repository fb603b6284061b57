//! Who is there (extension `presence`): a user is, from their first socket on until a while after their last.
//!
//! ```text
//! gone ──first socket──▶ there ──last socket gone──▶ leaving ──GRACE──▶ gone
//!                          ▲                            │
//!                          └────────another socket──────┘
//! ```
//!
//! People are told when somebody comes to be there and when they are gone, not of what happens in between: a client
//! that reconnects does not blink. Who is told is the store's to say ([`PresenceStore`]); when somebody was last there
//! is stored when they are gone, so at most once per [`GRACE`] and user. Where the store fails, people are told after
//! another [`GRACE`].
//!
//! [`PresenceStore`]: crate::store::PresenceStore

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{
    Timestamp, UserId,
    event::{Presence, ServerEvent},
};

use super::Live;
use crate::{
    clock::Clock,
    model::events::Outgoing,
    store::{Store, StoreError},
};

/// Everybody who is there; cheap to clone.
#[derive(Clone)]
pub(crate) struct People(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    entries: Mutex<HashMap<UserId, Entry>>,
}

/// Somebody who is there, or was a moment ago.
#[derive(Default)]
struct Entry {
    sockets: usize,
    /// When the last socket went; counts while there is none.
    left_at: Duration,
    /// Whether people were told that the user is there.
    told: bool,
    /// From when on they are to be told anew: the user has come, or hides or shows from now on.
    due: Option<Duration>,
}

/// The place of one socket among those of its user; left when it is dropped.
pub(super) struct Place {
    people: People,
    user: UserId,
}

/// How long somebody whose last socket is gone is still there.
const GRACE: Duration = Duration::from_secs(5);

/// What is to be done for a user.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    /// They are there.
    Tell,
    /// They are gone; whether people were told that they were there.
    Gone { told: bool },
}

impl People {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { clock, entries: Mutex::default() }))
    }

    /// Counts a socket in, unless the user has as many as `most` already.
    pub(super) fn enter(&self, user: UserId, most: usize) -> Option<Place> {
        let now = self.0.clock.elapsed();
        let mut entries = self.lock();
        let entry = entries.entry(user).or_default();
        if entry.sockets >= most {
            return None;
        }
        entry.sockets += 1;
        if !entry.told {
            entry.due.get_or_insert(now);
        }
        Some(Place { people: self.clone(), user })
    }

    /// Whether the user is there, or only just not any more.
    pub(crate) fn is_there(&self, user: UserId) -> bool {
        self.lock().contains_key(&user)
    }

    /// People are told anew, because the user hides or shows from now on.
    pub(crate) fn tell_anew(&self, user: UserId) {
        let now = self.0.clock.elapsed();
        if let Some(entry) = self.lock().get_mut(&user) {
            entry.due = Some(now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Entry>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn due(&self) -> Vec<(UserId, Due)> {
        let now = self.0.clock.elapsed();
        let mut due = Vec::new();
        self.lock().retain(|user, entry| {
            if entry.sockets == 0 && now >= entry.left_at + GRACE {
                due.push((*user, Due::Gone { told: entry.told }));
                return false;
            }
            if entry.due.take_if(|from| now >= *from).is_some() {
                due.push((*user, Due::Tell));
            }
            true
        });
        due
    }

    /// What could not be done for a user is due again after a while.
    fn again(&self, user: UserId, due: &Due) {
        let now = self.0.clock.elapsed();
        let mut entries = self.lock();
        match due {
            Due::Tell => {
                if let Some(entry) = entries.get_mut(&user) {
                    entry.due.get_or_insert(now + GRACE);
                }
            }
            Due::Gone { told } => {
                // The user may have come back meanwhile, and is told of in any case then.
                let left = || Entry { left_at: now, ..Entry::default() };
                entries.entry(user).or_insert_with(left).told |= *told;
            }
        }
    }

    /// Tells whoever is to be told, and stores who was last there when.
    pub(super) async fn tell(&self, live: &Live, store: &dyn Store) {
        let now = self.0.clock.now();
        let mut gone = Vec::new();
        for (user, due) in self.due() {
            if let Err(error) = self.tell_of(live, store, user, &due, now).await {
                tracing::warn!(%error, "a user's presence could not be told");
                self.again(user, &due);
            } else if matches!(due, Due::Gone { .. }) {
                gone.push((user, now));
            }
        }
        note(store, gone).await;
    }

    /// Stores that everybody was there until now: the server stops.
    pub(crate) async fn note_all(&self, store: &dyn Store) {
        let now = self.0.clock.now();
        let seen = self.lock().keys().map(|user| (*user, now)).collect();
        note(store, seen).await;
    }

    async fn tell_of(
        &self,
        live: &Live,
        store: &dyn Store,
        user: UserId,
        due: &Due,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let hides = store.account(user).await?.is_none_or(|account| account.privacy.hide_presence);
        let told = match due {
            Due::Tell => self.lock().get(&user).is_some_and(|entry| entry.told),
            Due::Gone { told } => *told,
        };
        let online = *due == Due::Tell && !hides;
        if !told && !online {
            return Ok(());
        }
        let people = store.acquaintances(user).await?;
        if let Some(entry) = self.lock().get_mut(&user).filter(|_| *due == Due::Tell) {
            entry.told = online;
        }
        // When somebody who hides by now was last there is nobody's business.
        let last_seen_at = (*due != Due::Tell && !hides).then_some(now);
        self.tell_all(live, people, Presence { user_id: user, online, last_seen_at });
        Ok(())
    }

    fn tell_all(&self, live: &Live, people: Vec<UserId>, presence: Presence) {
        let there: Vec<UserId> = {
            let entries = self.lock();
            people.into_iter().filter(|user| entries.contains_key(user)).collect()
        };
        live.emit_all(there.into_iter().map(|to| Outgoing { to, event: ServerEvent::Presence(presence) }));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let now = self.people.0.clock.elapsed();
        if let Some(entry) = self.people.lock().get_mut(&self.user) {
            entry.sockets -= 1;
            entry.left_at = now;
        }
    }
}

async fn note(store: &dyn Store, seen: Vec<(UserId, Timestamp)>) {
    if seen.is_empty() {
        return;
    }
    if let Err(error) = store.note_last_seen(seen).await {
        tracing::warn!(%error, "when people were last there could not be stored");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use protocol::ObjectId;

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::clamped(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn gone_to_there_to_leaving_to_there_to_leaving_to_gone() {
        let clock = Arc::new(Hand::default());
        let people = People::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let ana = UserId(ObjectId::from_bytes([1; 12]));
        let pass = |millis: i64| clock.0.fetch_add(millis, Ordering::SeqCst);

        let (first, second) = (people.enter(ana, 2), people.enter(ana, 2));
        assert!(people.enter(ana, 2).is_none(), "two at most");
        assert_eq!(people.due(), [(ana, Due::Tell)]);
        people.lock().get_mut(&ana).unwrap().told = true;
        drop(first);
        pass(60_000);
        assert_eq!(people.due(), [], "one socket is left");
        drop(second);
        pass(4_999);
        assert_eq!(people.due(), []);
        assert!(people.is_there(ana));
        let third = people.enter(ana, 2);
        assert_eq!(people.due(), [], "nobody is told of a reconnection");
        drop(third);
        pass(4_999);
        assert_eq!(people.due(), []);
        pass(1);
        assert_eq!(people.due(), [(ana, Due::Gone { told: true })]);
        assert!(!people.is_there(ana));
    }
}
