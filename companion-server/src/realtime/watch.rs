//! Cuts sockets whose token has expired or whose session was ended, within a few seconds (C12).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{
    Timestamp, error,
    event::{ServerEvent, SocketError},
};
use socketioxide::{SocketIo, extract::SocketRef, socket::Sid};
use tokio::time::MissedTickBehavior;

use super::{doorway::Doorway, tell_one};
use crate::{auth::Identity, clock::Clock, model::SessionId, store::Store};

/// The sockets that showed a token, with what they stand on.
#[derive(Clone)]
pub(crate) struct Register {
    io: SocketIo,
    entries: Arc<Mutex<HashMap<Sid, Entry>>>,
}

#[derive(Clone, Copy)]
struct Entry {
    session: SessionId,
    until: Timestamp,
}

/// How often they are looked at. Two looks fit into the five seconds that a revoked session may live on.
const INTERVAL: Duration = Duration::from_secs(2);

impl Register {
    pub(super) fn new(io: SocketIo) -> Self {
        Self { io, entries: Arc::default() }
    }

    pub(super) fn add(&self, socket: Sid, identity: &Identity) {
        self.lock().insert(socket, Entry { session: identity.session, until: identity.until });
    }

    pub(super) fn remove(&self, socket: Sid) {
        self.lock().remove(&socket);
    }

    /// The socket, as long as it is connected and the server is not going down.
    fn find(&self, socket: Sid) -> Option<SocketRef> {
        self.io.of("/")?.get_socket(socket)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Sid, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the socket why, then ends it.
    fn cut(&self, sid: Sid, why: &str) {
        let Some(socket) = self.find(sid) else { return self.remove(sid) };
        tell_one(&socket, &ServerEvent::Error(SocketError { message: why.to_owned() }));
        Doorway::cut(&socket);
        self.remove(sid);
    }
}

/// Looks at the sockets until it is dropped.
pub(crate) async fn watch(register: Register, store: Arc<dyn Store>, clock: Arc<dyn Clock>) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let entries: Vec<(Sid, Entry)> = register.lock().iter().map(|(sid, entry)| (*sid, *entry)).collect();
        if entries.is_empty() {
            continue;
        }
        let now = clock.now();
        // What has expired needs nobody to be asked, so it goes even where the store fails.
        let (expired, entries): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(_, entry)| entry.until <= now);
        for (socket, _) in expired {
            register.cut(socket, error::TOKEN_EXPIRED);
        }
        let mut sessions: Vec<SessionId> = entries.iter().map(|(_, entry)| entry.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        let living = match store.living(sessions).await {
            Ok(living) => living,
            Err(error) => {
                tracing::error!(%error, "the sessions of the connected sockets could not be checked");
                continue;
            }
        };
        for (socket, entry) in entries {
            if !living.contains(&entry.session) {
                register.cut(socket, error::INVALID_TOKEN);
            } else if register.find(socket).is_none() {
                register.remove(socket);
            }
        }
    }
}
