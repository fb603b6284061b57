//! What acts: four tasks over one store and one session.
//!
//! ```text
//!              hints                      wakes
//!   live ────────────────► pull ─────────────────────► deliver, fill, live
//!    ▲ socket                │ feed, poll, reachability    │ outbox     │ history
//!    └───────────────────────┴──────────── api ────────────┴────────────┘
//! ```
//!
//! - `pull` follows the feed and is the one that decides whether the server can be reached: it alone sets the
//!   [`Connection`]. The others wait while it cannot, and ask it to look when they meet a failure.
//! - `live` keeps a socket open, whose events make `pull` ask at once. Without a socket everything works, later.
//! - `deliver` empties the outbox.
//! - `fill` fetches history, newest first, and waits while there is something to deliver.
//!
//! Each task registers its wake-up before it looks for work, and a failing store makes it wait. Stopping aborts
//! them at any await; what was in flight is `unknown` when the engine starts again.

mod deliver;
mod fill;
mod live;
mod pull;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::{
    backoff::Backoff,
    clock::Clock,
    domain::{Connection, SessionState, Update, UserId},
    error::StoreError,
    limits,
    store::{Store, account, outbox},
    transport::{api::Api, socket::EventSource},
};

/// What the client and its engine both see and set.
pub(crate) struct Face {
    pub(crate) session: watch::Sender<SessionState>,
    pub(crate) connection: watch::Sender<Connection>,
    pub(crate) store: Store,
}

impl Face {
    /// Sets the session, and says so where it is news.
    pub(crate) fn set_session(&self, session: SessionState) {
        if self.session.send_if_modified(|current| replace(current, session)) {
            self.store.announce(Update::Session);
        }
    }

    /// Sets the connection, and says so where it is news.
    pub(crate) fn set_connection(&self, connection: Connection) {
        if self.connection.send_if_modified(|current| replace(current, connection)) {
            self.store.announce(Update::Connection);
        }
    }
}

fn replace<T: PartialEq>(current: &mut T, new: T) -> bool {
    let news = *current != new;
    *current = new;
    news
}

/// The engine of one session. Dropping it stops it.
pub(crate) struct Engine {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

/// What the tasks share.
struct Shared {
    face: Arc<Face>,
    api: Api,
    clock: Arc<dyn Clock>,
    source: Arc<dyn EventSource>,
    /// Whether the server answered last time.
    reachable: watch::Sender<bool>,
    /// Whether something is being delivered.
    busy: watch::Sender<bool>,
    /// Whether a socket gives hints.
    hints: AtomicBool,
    /// Conversations that somebody looks at and whose history is wanted first.
    wanted: Mutex<VecDeque<UserId>>,
    wake: Wake,
}

/// Who is to look for work.
#[derive(Default)]
struct Wake {
    pull: Notify,
    deliver: Notify,
    fill: Notify,
    /// Messages arrived by another way than the feed.
    confirm: Notify,
    /// Ends every back-off.
    retry: Notify,
}

impl Engine {
    /// Starts the tasks, on the current runtime.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) async fn start(
        face: Arc<Face>,
        api: Api,
        clock: Arc<dyn Clock>,
        source: Arc<dyn EventSource>,
    ) -> Result<Self, StoreError> {
        face.store.write(|connection, _| Ok::<_, StoreError>(outbox::recover(connection)?)).await?;
        let shared = Arc::new(Shared {
            face,
            api,
            clock,
            source,
            reachable: watch::Sender::new(false),
            busy: watch::Sender::new(false),
            hints: AtomicBool::new(false),
            wanted: Mutex::default(),
            wake: Wake::default(),
        });
        shared.face.set_connection(Connection::Connecting);
        let mut tasks = JoinSet::new();
        tasks.spawn(pull::run(Arc::clone(&shared)));
        tasks.spawn(live::run(Arc::clone(&shared)));
        tasks.spawn(deliver::run(Arc::clone(&shared)));
        tasks.spawn(fill::run(Arc::clone(&shared)));
        Ok(Self { shared, tasks })
    }

    /// Stops the tasks, and waits until they are gone. Whoever still asks the server with this session's
    /// [`Engine::api`] keeps away from the next one's tokens.
    pub(crate) async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.shared.api.retire();
    }

    /// The outbox has something new.
    pub(crate) fn deliver(&self) {
        self.shared.wake.deliver.notify_one();
    }

    /// Ends every back-off.
    pub(crate) fn retry_now(&self) {
        self.shared.wake.retry.notify_waiters();
    }

    /// Somebody looks at the oldest message here of this conversation.
    pub(crate) fn want_history(&self, peer: &UserId) {
        let mut wanted = self.shared.wanted();
        wanted.retain(|other| other != peer);
        wanted.push_front(peer.clone());
        wanted.truncate(limits::WANTED_HISTORIES);
        drop(wanted);
        self.shared.wake.fill.notify_one();
    }

    /// Whether the server answered last time.
    pub(crate) fn reachable(&self) -> bool {
        *self.shared.reachable.borrow()
    }

    /// The session's way to its server.
    pub(crate) fn api(&self) -> Api {
        self.shared.api.clone()
    }
}

impl Shared {
    fn store(&self) -> &Store {
        &self.face.store
    }

    fn wanted(&self) -> MutexGuard<'_, VecDeque<UserId>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_hints(&self) -> bool {
        self.hints.load(Ordering::Relaxed)
    }

    fn set_hints(&self, hints: bool) {
        self.hints.store(hints, Ordering::Relaxed);
    }

    /// Waits until the server answers.
    async fn until_reachable(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.reachable.subscribe().wait_for(|reachable| *reachable).await;
    }

    /// Waits so long, or until somebody wants it tried now, or until the server is back after it was away.
    async fn back_off(&self, delay: Duration) {
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = self.wake.retry.notified() => {}
            () = self.came_back() => {}
        }
    }

    /// Waits until the server answers after it did not.
    async fn came_back(&self) {
        let mut reachable = self.reachable.subscribe();
        let _ = reachable.wait_for(|reachable| !reachable).await;
        let _ = reachable.wait_for(|reachable| *reachable).await;
    }

    /// The server ended the session: what is stored stays, and the tasks end. Never returns, so that a task that
    /// learns of it does nothing more until it is stopped.
    async fn session_over(&self) -> std::convert::Infallible {
        if self.api.is_retired() {
            // The engine is stopped, and a try that has not noticed yet must not end the next session.
            return std::future::pending().await;
        }
        tracing::info!("the session is over");
        let stored = self.store().write(|connection, _| {
            account::set_session(connection, account::Session::Expired)?;
            Ok::<_, StoreError>(())
        });
        if let Err(error) = stored.await {
            tracing::warn!(%error, "the end of the session could not be stored");
        }
        let account = self.face.session.borrow().account().cloned();
        if let Some(account) = account {
            self.face.set_session(SessionState::Expired(account));
        }
        self.reachable.send_replace(false);
        std::future::pending().await
    }
}

/// The back-off of a task that meets a failure while the server can be reached.
const fn backoff() -> Backoff {
    Backoff::new(limits::BACKOFF_FIRST, limits::BACKOFF_FAILING)
}
