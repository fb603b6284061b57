//! What acts: one task that drives a [`Machine`], over one store and one session.
//!
//! ```text
//!   client: written, wanted, retry ──┐                       ┌──► requests (a task each)
//!   answers, socket, time ───────────┴─► step ──► commit ────┴──► socket
//! ```
//!
//! Each input is one step of the machine within one write transaction of the store; what the step asks for is carried
//! out only after its commit. Nothing is decided here. Stopping aborts at any await; what was in flight is `unknown`
//! when the next engine starts.

mod ask;
mod company;

use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    sync::{Notify, mpsc, watch},
    task::{self, JoinError, JoinSet},
    time::{Instant, sleep_until},
};

use crate::{
    clock::Clock,
    company::Company,
    domain::{ClockSkew, Connection, Person, Presence, SessionState, Update, UserId},
    error::StoreError,
    limits,
    machine::{self, AskId, Dialect, Effect, Failed, Input, Link, Machine, Now, Reply, SocketId},
    store::{Store, rows::Rows},
    transport::{
        api::Api,
        http::{HttpError, NoAnswer},
        socket::{EventSource, Say, Session, Signal},
        token::TokenError,
    },
};

/// What the client and its engine both see and set.
pub(crate) struct Face {
    pub(crate) session: watch::Sender<SessionState>,
    pub(crate) connection: watch::Sender<Connection>,
    pub(crate) clock_skew: watch::Sender<Option<ClockSkew>>,
    pub(crate) store: Store,
}

impl Face {
    /// Sets the session, and says so where it is news.
    pub(crate) fn set_session(&self, session: SessionState) {
        if self.session.send_if_modified(|current| replace(current, session)) {
            self.store.announce(Update::Session);
        }
    }

    /// Whoever is signed in is called so now; says so where it is news.
    pub(crate) fn set_user(&self, user: &Person) {
        let news = self.session.send_if_modified(|session| match session {
            SessionState::SignedIn(account) if account.user.id == user.id => {
                replace(&mut account.user, user.clone())
            }
            SessionState::SignedIn(_) | SessionState::Expired(_) | SessionState::SignedOut => false,
        });
        if news {
            self.store.announce(Update::Session);
        }
    }

    /// Sets the connection, and says so where it is news.
    pub(crate) fn set_connection(&self, connection: Connection) {
        if self.connection.send_if_modified(|current| replace(current, connection)) {
            self.store.announce(Update::Connection);
        }
    }

    /// Sets how far this device's clock is off, and says so where it is news.
    pub(crate) fn set_clock_skew(&self, skew: Option<ClockSkew>) {
        if self.clock_skew.send_if_modified(|current| replace(current, skew)) {
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
    face: Arc<Face>,
    inbox: Arc<Inbox>,
    /// Words for the socket.
    words: mpsc::Sender<Say>,
    api: Api,
    tasks: JoinSet<()>,
}

/// What the client tells the engine, and what the engine says of itself.
struct Inbox {
    began: Instant,
    written: Notify,
    retry: Notify,
    looked: Notify,
    /// Conversations whose history is wanted.
    wanted: Mutex<Vec<UserId>>,
    /// Whether the server answered last time,
    reachable: AtomicBool,
    /// and whether it is one of those that know more than the document.
    extended: AtomicBool,
    company: Mutex<Company>,
    /// Somebody looked at people of whom nothing is known.
    looked_at_people: Notify,
}

impl Engine {
    /// Starts it on the current runtime.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) async fn start(
        face: Arc<Face>,
        api: Api,
        clock: Arc<dyn Clock>,
        source: Arc<dyn EventSource>,
    ) -> Result<Self, StoreError> {
        face.store.write(|connection, changed| machine::recover(&mut Rows(connection), changed)).await?;
        face.set_connection(Connection::Connecting);
        let inbox = Arc::new(Inbox {
            began: Instant::now(),
            written: Notify::new(),
            retry: Notify::new(),
            looked: Notify::new(),
            wanted: Mutex::default(),
            reachable: AtomicBool::new(false),
            extended: AtomicBool::new(false),
            company: Mutex::default(),
            looked_at_people: Notify::new(),
        });
        let (answer, answers) = mpsc::channel(limits::ANSWERS);
        let (opened, opening) = mpsc::channel(1);
        let (words, said) = mpsc::channel(limits::TYPING_WORDS);
        let (present, presences) = mpsc::channel(1);
        let driver = Driver {
            face: Arc::clone(&face),
            api: api.clone(),
            clock,
            source,
            inbox: Arc::clone(&inbox),
            machine: Machine::new(),
            answer,
            answers,
            asks: JoinSet::new(),
            asked: HashMap::new(),
            opened,
            opening,
            socket: None,
            said,
            present,
            presences,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(driver.run());
        Ok(Self { face, inbox, words, api, tasks })
    }

    /// Stops it, and waits until it is gone. Whoever still asks the server with this session's [`Engine::api`] keeps
    /// away from the next one's tokens.
    pub(crate) async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.api.retire();
        for update in self.inbox.company().forget() {
            self.face.store.announce(update);
        }
    }

    /// The outbox has something new.
    pub(crate) fn deliver(&self) {
        self.inbox.written.notify_one();
    }

    /// Ends every back-off.
    pub(crate) fn retry_now(&self) {
        self.inbox.retry.notify_one();
    }

    /// Somebody looks at the oldest message here of this conversation.
    pub(crate) fn want_history(&self, peer: &UserId) {
        let mut wanted = self.inbox.wanted();
        if !wanted.contains(peer) && wanted.len() < limits::WANTED_HISTORIES {
            wanted.push(peer.clone());
        }
        drop(wanted);
        self.inbox.looked.notify_one();
    }

    /// Whether the server answered last time.
    pub(crate) fn reachable(&self) -> bool {
        self.inbox.reachable.load(Ordering::Relaxed)
    }

    /// Whether the server answered last time, and offers the extensions.
    pub(crate) fn extended(&self) -> bool {
        self.reachable() && self.inbox.extended.load(Ordering::Relaxed)
    }

    /// The session's way to its server.
    pub(crate) fn api(&self) -> Api {
        self.api.clone()
    }
}

impl Inbox {
    fn wanted(&self) -> MutexGuard<'_, Vec<UserId>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn company(&self) -> MutexGuard<'_, Company> {
        self.company.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Driver {
    face: Arc<Face>,
    api: Api,
    clock: Arc<dyn Clock>,
    source: Arc<dyn EventSource>,
    inbox: Arc<Inbox>,
    machine: Machine,
    /// Where requests put what came of them: in one channel, so that the parts of a list stay in order.
    answer: mpsc::Sender<(AskId, Result<Reply, Failed>)>,
    answers: mpsc::Receiver<(AskId, Result<Reply, Failed>)>,
    asks: JoinSet<()>,
    /// Which request each of these tasks makes.
    asked: HashMap<task::Id, AskId>,
    /// Sockets whose token has been looked up.
    opened: mpsc::Sender<(SocketId, Session)>,
    opening: mpsc::Receiver<(SocketId, Session)>,
    /// The socket that the machine knows of, and its session once there is one.
    socket: Option<(SocketId, Option<Session>)>,
    /// Words for the socket that are not the machine's.
    said: mpsc::Receiver<Say>,
    /// What the server answered of the people it was asked about.
    present: mpsc::Sender<Present>,
    presences: mpsc::Receiver<Present>,
}

/// Of whom was asked who is there, and what the server answered.
type Present = (Vec<UserId>, Result<Vec<Presence>, TokenError>);

impl Driver {
    async fn run(mut self) {
        self.step(Input::Tick).await;
        let inbox = Arc::clone(&self.inbox);
        loop {
            let due = self.machine.wake_at().map(|due| inbox.began + due);
            let lapse = inbox.company().wake_at().map(|due| inbox.began + due);
            tokio::select! {
                // The user comes first: the parts of a long list may come without a pause for minutes.
                biased;
                () = inbox.retry.notified() => self.step(Input::RetryNow).await,
                () = inbox.written.notified() => self.step(Input::Written).await,
                () = inbox.looked.notified() => {
                    let wanted = mem::take(&mut *inbox.wanted());
                    for peer in wanted {
                        self.step(Input::Wanted(peer)).await;
                    }
                }
                Some((id, outcome)) = self.answers.recv() => self.answered(id, outcome).await,
                Some((id, session)) = self.opening.recv() => {
                    if let Some((open, place)) = &mut self.socket
                        && *open == id
                    {
                        *place = Some(session);
                    }
                }
                (id, signal) = heard(&mut self.socket) => self.heard(id, signal).await,
                Some((asked, outcome)) = self.presences.recv() => {
                    self.learn(&asked, outcome);
                    self.ask_presence();
                }
                Some(word) = self.said.recv() => self.say(word),
                () = inbox.looked_at_people.notified() => self.ask_presence(),
                () = until(lapse) => {
                    let updates = inbox.company().lapse(inbox.began.elapsed());
                    self.announce(updates);
                }
                Some(ended) = self.asks.join_next_with_id() => self.ended(ended).await,
                () = until(due) => self.step(Input::Tick).await,
            }
        }
    }

    fn now(&self) -> Now {
        Now { elapsed: self.inbox.began.elapsed(), time: self.clock.now() }
    }

    async fn answered(&mut self, id: AskId, outcome: Result<Reply, Failed>) {
        // An engine that is being stopped must not end the session that comes after it.
        if outcome.as_ref().err() != Some(&Failed::SessionOver) || !self.api.is_retired() {
            self.step(Input::Answer(id, outcome)).await;
        }
    }

    /// A task of a request is over; what came of it was told before, unless it panicked.
    async fn ended(&mut self, ended: Result<(task::Id, ()), JoinError>) {
        match ended {
            Ok((task, ())) => drop(self.asked.remove(&task)),
            Err(error) => {
                tracing::error!("a request ended abnormally");
                if let Some(id) = self.asked.remove(&error.id()) {
                    let failure = HttpError::NoAnswer {
                        cause: NoAnswer::Other,
                        details: "the request ended abnormally".to_owned(),
                    };
                    self.step(Input::Answer(id, Err(Failed::Http(failure)))).await;
                }
            }
        }
    }

    /// One step in one transaction, and then what it asks for.
    async fn step(&mut self, input: Input) {
        let now = self.now();
        let answered = match &input {
            Input::Answer(id, _) => Some(*id),
            _ => None,
        };
        let mut machine = self.machine.clone();
        let stepped = self.face.store.write(move |connection, changed| {
            let effects = machine.step(&mut Rows(connection), changed, input, now, &mut rand::random)?;
            Ok::<_, StoreError>((machine, effects, changed.take_begun()))
        });
        match stepped.await {
            Ok((machine, effects, begun)) => {
                self.machine = machine;
                self.show();
                self.inbox.company().met(&begun);
                for effect in effects {
                    self.perform(effect);
                }
                self.ask_presence();
            }
            Err(error) => {
                tracing::error!(%error, details = error.details(), "a step could not be stored");
                self.machine.store_failed(answered, now, &mut rand::random);
            }
        }
    }

    /// Lets everybody see how it stands.
    fn show(&self) {
        // In this order, so that whoever reads “online” can ask the server for something.
        self.inbox.reachable.store(self.machine.reachable(), Ordering::Relaxed);
        let extended = self.machine.dialect() == Some(Dialect::Extended);
        self.inbox.extended.store(extended, Ordering::Relaxed);
        let connection = match self.machine.link() {
            Link::Connecting => Connection::Connecting,
            Link::CatchingUp => Connection::CatchingUp,
            Link::Online { as_of } => Connection::Online { as_of },
            Link::Offline { retry_at, cause } => {
                let host = self.api.server().host_str().unwrap_or_default().to_owned();
                Connection::Offline { host, retry_at, cause }
            }
        };
        self.face.set_connection(connection);
        self.face.set_clock_skew(self.api.clock_skew());
        if !self.machine.reachable() {
            let updates = self.inbox.company().forget();
            self.announce(updates);
        }
    }

    fn announce(&self, updates: impl IntoIterator<Item = Update>) {
        updates.into_iter().for_each(|update| self.face.store.announce(update));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Ask(id, ask) => {
                let (api, answer) = (self.api.clone(), self.answer.clone());
                let task = self.asks.spawn(async move {
                    let outcome = ask::perform(&api, ask, |part| {
                        let answer = answer.clone();
                        async move { answer.send((id, Ok(part))).await.is_ok() }
                    });
                    let outcome = outcome.await;
                    // Nobody is there any more only when everything is being stopped.
                    let _ = answer.send((id, outcome)).await;
                });
                self.asked.insert(task.id(), id);
            }
            Effect::Open(id) => self.open(id),
            Effect::Say(id, what) => {
                if let Some((open, Some(session))) = &self.socket
                    && *open == id
                {
                    session.say(what);
                }
            }
            Effect::Close(id) => {
                if self.socket.as_ref().is_some_and(|(open, _)| *open == id) {
                    self.part();
                }
            }
            Effect::SessionOver => {
                let account = self.face.session.borrow().account().cloned();
                if let Some(account) = account {
                    self.face.set_session(SessionState::Expired(account));
                }
            }
        }
    }

    /// Opens a socket. Where that fails nothing is heard of it, so the machine gives it up after a while; whatever is
    /// wrong with the session, the next request meets it too.
    fn open(&mut self, id: SocketId) {
        self.socket = Some((id, None));
        let (api, source, opened) = (self.api.clone(), Arc::clone(&self.source), self.opened.clone());
        self.asks.spawn(async move {
            let Ok(opening) = api.opening().await else { return };
            match source.open(opening) {
                Ok(session) => drop(opened.send((id, session)).await),
                Err(error) => tracing::warn!(%error, "no socket can be opened"),
            }
        });
    }
}

/// What the socket says next; for ever nothing where there is none.
async fn heard(socket: &mut Option<(SocketId, Option<Session>)>) -> (SocketId, Signal) {
    let Some((id, Some(session))) = socket else { return std::future::pending().await };
    (*id, session.signal().await)
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
