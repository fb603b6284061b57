//! What decides, without I/O, clock, randomness or `async`.
//!
//! [`Machine`] is one session's state machine. It is told one [`Input`] at a time, together with the rows of the store
//! within a transaction ([`Tables`]), the time and a source of randomness; it writes what follows into the rows and
//! answers with [`Effect`]s, which whoever drives it carries out once the transaction is committed. What waits for
//! a moment is told by [`Machine::wake_at`]. Driven by tokio and `SQLite` it is the engine; driven by a schedule in
//! virtual time it is what the simulator torments.

pub(crate) mod compose;
#[cfg(test)]
mod conformance;
mod deliver;
pub(crate) mod feed;
mod fill;
#[cfg(test)]
pub(crate) mod fixture;
mod listing;
mod live;
#[cfg(any(test, feature = "simulation"))]
pub(crate) mod memory;
pub(crate) mod messages;
mod pull;
mod settle;
#[cfg(test)]
mod stories;
pub(crate) mod tables;
#[cfg(test)]
mod tests;
mod turns;

use std::{collections::BTreeSet, fmt, time::Duration};

use protocol::Timestamp;

use crate::{
    apply::Message,
    backoff::Backoff,
    domain::{MessageId, OfflineCause, Person, UserId},
    error::StoreError,
    limits,
    store::{Changed, account::Session},
    transport::{http::HttpError, socket::Say},
};

use self::{
    deliver::Deliver,
    feed::{FeedPage, HistoryPage, Snapshot},
    fill::Fill,
    live::Live,
    pull::Pull,
};

pub(crate) use tables::Tables;

/// What kind of server it is, as far as the machine behaves differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// It offers [`crate::limits::REQUIRED_EXTENSIONS`].
    Extended,
    /// It knows the published document alone: no keys, no feed, no bulk reading, no user routes.
    Plain,
}

/// A moment, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Now {
    /// How long the engine has been running; never goes back.
    pub(crate) elapsed: Duration,
    /// The time of day, which may jump.
    pub(crate) time: Timestamp,
}

/// Names a request from its [`Effect::Ask`] to its [`Input::Answer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AskId(pub(crate) u64);

/// Names a socket from its [`Effect::Open`] to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SocketId(pub(crate) u64);

/// What happened.
#[derive(Clone)]
pub(crate) enum Input {
    /// Time passed, or something that is not told by any other input may have changed.
    Tick,
    /// The user wrote something into the outbox.
    Written,
    /// Somebody looks at the oldest message here of this conversation.
    Wanted(UserId),
    /// The user wants everything that waits tried now.
    RetryNow,
    /// What came of a request. A list is answered by any number of [`Reply::Batch`]es first.
    Answer(AskId, Result<Reply, Failed>),
    /// What a socket says.
    Socket(SocketId, Heard),
}

/// What a socket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is in its room: from here on events arrive.
    Joined,
    /// It lives, and nothing is new.
    Alive,
    /// Something may be new.
    News,
    /// It told who somebody is.
    Person(Person),
    /// It is over, or was refused.
    Ended,
}

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// What kind of server is it?
    Discover,
    /// `GET /api/sync` without a cursor.
    Snapshot,
    /// `GET /api/sync` from a cursor.
    Changes {
        /// The cursor.
        since: String,
    },
    /// `GET /api/message?peer=…&before=…`.
    History {
        /// The conversation.
        peer: UserId,
        /// The message that the page ends before.
        before: MessageId,
    },
    /// `GET /message` of a plain server: everything.
    List,
    /// `GET /api/user/:id`.
    Person(UserId),
    /// `POST /message`.
    Send {
        /// To whom.
        peer: UserId,
        /// What.
        content: String,
        /// The key; plain servers take no notice of it.
        key: String,
    },
    /// `PATCH /message` with a content.
    Edit {
        /// Which message.
        id: MessageId,
        /// The new content.
        content: String,
    },
    /// `DELETE /message/:id`.
    Delete {
        /// Which message.
        id: MessageId,
    },
    /// `PATCH /api/message/conversation/:peer/read`.
    Read {
        /// The conversation.
        peer: UserId,
        /// Up to which message.
        up_to: MessageId,
    },
    /// `PATCH /message` with `isRead`, at a plain server.
    ReadOne {
        /// Which message.
        id: MessageId,
    },
}

/// A success.
#[derive(Clone)]
pub(crate) enum Reply {
    /// To [`Ask::Discover`].
    Kind(Dialect),
    /// To [`Ask::Snapshot`].
    Snapshot(Snapshot),
    /// To [`Ask::Changes`].
    Changes(FeedPage),
    /// To [`Ask::History`].
    History(HistoryPage),
    /// A part of the answer to [`Ask::List`]; more follows.
    Batch(Vec<Message>),
    /// The end of the answer to [`Ask::List`], of which some entries made no sense: what it lacks says nothing.
    Partly,
    /// To [`Ask::Person`].
    Person(Person),
    /// To [`Ask::Send`] and [`Ask::Edit`].
    Message(Message),
    /// To [`Ask::Delete`], [`Ask::Read`] and [`Ask::ReadOne`], and the end of the answer to [`Ask::List`].
    Done,
}

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The server ended the session.
    SessionOver,
    /// This request failed.
    Http(HttpError),
}

/// What is to be done once the transaction is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Make this request, and tell what came of it.
    Ask(AskId, Ask),
    /// Open a socket, and tell what it says.
    Open(SocketId),
    /// Say this on the socket. Dropping it is no error.
    Say(SocketId, Say),
    /// Close the socket, which says nothing more.
    Close(SocketId),
    /// The session is over.
    SessionOver,
}

/// How the machine stands with its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// The first try is under way.
    Connecting,
    /// The server cannot be reached.
    Offline {
        /// When the next try is due, by the time of day.
        retry_at: Option<Timestamp>,
        /// What stands in the way.
        cause: OfflineCause,
    },
    /// The server answers, and what was missed is being fetched.
    CatchingUp,
    /// Nothing is missing.
    Online {
        /// When that was last seen to be so.
        as_of: Timestamp,
    },
}

/// One session's state machine. What is not in the rows may be lost at any moment: a new one begins where they stand.
///
/// ```text
///              hints                      wakes
///   live ────────────────► pull ─────────────────────► deliver, fill, live
///    │ socket                │ feed or list, reachability  │ outbox     │ history
///    └───────────────────────┴────────── server ───────────┴────────────┘
/// ```
///
/// `pull` follows the server and alone decides whether it can be reached: it alone sets the [`Link`]. The others begin
/// nothing while it cannot, and make `pull` look when they meet a failure.
#[derive(Clone)]
pub(crate) struct Machine {
    link: Link,
    /// What kind of server it is, once it has said so since it could last be reached.
    dialect: Option<Dialect>,
    /// Whether the server answered last time.
    reachable: bool,
    /// Whether the server ended the session.
    over: bool,
    /// Until when nothing is begun, because the store failed.
    hold: Option<Duration>,
    store_backoff: Backoff,
    last_id: u64,
    pull: Pull,
    live: Live,
    deliver: Deliver,
    fill: Fill,
}

/// What one step works with.
struct Context<'a, T> {
    tables: &'a mut T,
    changed: &'a mut Changed,
    now: Now,
    random: &'a mut dyn FnMut() -> f64,
    effects: Vec<Effect>,
}

/// Settles what was in flight when the program ended: it may have been carried out. To be called before anything else
/// is done with the rows.
pub(crate) fn recover(tables: &mut impl Tables, changed: &mut Changed) -> Result<(), StoreError> {
    settle::recover(tables, &BTreeSet::new(), changed)
}

/// The back-off of what meets a failure while the server can be reached.
const fn backoff() -> Backoff {
    Backoff::new(limits::BACKOFF_FIRST, limits::BACKOFF_FAILING)
}

impl Machine {
    /// The machine of a session that begins.
    pub(crate) fn new() -> Self {
        Self {
            link: Link::Connecting,
            dialect: None,
            reachable: false,
            over: false,
            hold: None,
            store_backoff: backoff(),
            last_id: 0,
            pull: Pull::new(),
            live: Live::new(),
            deliver: Deliver::new(),
            fill: Fill::new(),
        }
    }

    /// How it stands with its server.
    pub(crate) const fn link(&self) -> Link {
        self.link
    }

    /// Whether the server answered last time.
    pub(crate) const fn reachable(&self) -> bool {
        self.reachable
    }

    /// What kind of server it is, where it can be reached and has said so.
    pub(crate) const fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// When the next [`Input::Tick`] is due, if nothing else happens before.
    pub(crate) fn wake_at(&self) -> Option<Duration> {
        if self.over {
            return None;
        }
        let due = [
            self.pull.wake_at(),
            self.live.wake_at(self.reachable, self.dialect.is_some()),
            self.deliver.wake_at().filter(|_| self.reachable),
            self.fill.wake_at().filter(|_| self.reachable),
        ];
        // While the store rests nothing is begun, and then everything that was put off.
        self.hold.or_else(|| due.into_iter().flatten().min())
    }

    /// Takes one input, does what is due, and answers what is to be done once the rows are committed. `random` answers
    /// numbers in 0..1.
    ///
    /// # Errors
    /// Where a row cannot be read or written. Then the rows must be rolled back, this machine be replaced by its clone
    /// from before, and that one be told by [`Machine::store_failed`].
    pub(crate) fn step<T: Tables>(
        &mut self,
        tables: &mut T,
        changed: &mut Changed,
        input: Input,
        now: Now,
        random: &mut dyn FnMut() -> f64,
    ) -> Result<Vec<Effect>, StoreError> {
        if self.over {
            return Ok(Vec::new());
        }
        let mut cx = Context { tables, changed, now, random, effects: Vec::new() };
        self.take(input, &mut cx)?;
        if self.hold.is_some_and(|until| until <= now.elapsed) {
            self.hold = None;
        }
        if !self.over && self.hold.is_none() {
            self.pull(&mut cx)?;
            self.live(&mut cx)?;
            self.deliver(&mut cx)?;
            self.fill(&mut cx)?;
        }
        Ok(cx.effects)
    }

    /// A step could not be stored, and this is the machine from before it. `answered` is the request that the step was
    /// told of, if it was told of one. What the step wrote may have reached the disk all the same.
    pub(crate) fn store_failed(
        &mut self,
        answered: Option<AskId>,
        now: Now,
        random: &mut dyn FnMut() -> f64,
    ) {
        let elapsed = now.elapsed;
        self.hold = Some(elapsed + self.store_backoff.failed(random()));
        if self.deliver.store_failed(answered, elapsed, random()) {
            self.pull.spoilt(elapsed, random());
        }
        self.fill.wake();
        self.live.confirm();
        if answered.is_some_and(|id| self.pull.asked(id)) {
            self.pull.store_failed(elapsed, random());
        }
        if answered.is_some_and(|id| self.fill.asked(id)) {
            self.fill.store_failed(elapsed, random());
        }
    }

    fn take(&mut self, input: Input, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        match input {
            Input::Tick => {}
            Input::Written => self.deliver.wake(),
            Input::Wanted(peer) => self.fill.want(peer),
            Input::RetryNow => {
                self.hold = None;
                self.pull.hurry();
                self.live.hurry();
                self.deliver.hurry();
                self.fill.hurry();
            }
            Input::Answer(id, outcome) => {
                self.answer(id, outcome, cx)?;
                self.store_backoff.worked();
            }
            Input::Socket(id, heard) => self.heard(id, heard, cx)?,
        }
        Ok(())
    }

    fn answer(
        &mut self,
        id: AskId,
        outcome: Result<Reply, Failed>,
        cx: &mut Context<'_, impl Tables>,
    ) -> Result<(), StoreError> {
        let outcome = match outcome {
            Ok(reply) => Some(Ok(reply)),
            Err(Failed::Http(error)) => Some(Err(error)),
            Err(Failed::SessionOver) => None,
        };
        if self.delivering(id) {
            self.delivered(id, outcome.clone(), cx)?;
        } else if self.pull.asked(id) {
            match outcome.clone() {
                Some(Ok(Reply::Batch(messages))) => self.pulled_batch(messages, cx)?,
                Some(outcome) => self.pulled(outcome, cx)?,
                None => {}
            }
        } else if self.fill.asked(id) {
            if let Some(outcome) = outcome.clone() {
                self.filled(outcome, cx)?;
            }
        } else {
            // Nobody waits for it any more.
            return Ok(());
        }
        if outcome.is_none() {
            self.session_over(cx)?;
        }
        Ok(())
    }

    /// The server ended the session: what is stored stays, and nothing more is begun.
    fn session_over(&mut self, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        tracing::info!("the session is over");
        cx.tables.set_session(Session::Expired)?;
        self.close_socket(cx);
        self.over = true;
        self.reachable = false;
        cx.effects.push(Effect::SessionOver);
        Ok(())
    }

    /// The server answers, maybe after it did not.
    fn came_back(&mut self) {
        if !std::mem::replace(&mut self.reachable, true) {
            self.live.hurry();
            self.deliver.came_back();
            self.fill.hurry();
        }
    }

    /// The server does not answer. It may be another one when it does.
    fn went_away(&mut self) {
        self.reachable = false;
        self.dialect = None;
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn ask<T>(&mut self, ask: Ask, cx: &mut Context<'_, T>) -> AskId {
        let id = AskId(self.next_id());
        cx.effects.push(Effect::Ask(id, ask));
        id
    }
}

// Content stays out of logs.
impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Discover => f.write_str("Discover"),
            Self::Snapshot => f.write_str("Snapshot"),
            Self::Changes { since } => write!(f, "Changes since {since}"),
            Self::History { peer, before } => write!(f, "History with {peer} before {before}"),
            Self::List => f.write_str("List"),
            Self::Person(id) => write!(f, "Person {id}"),
            Self::Send { peer, content, key } => write!(f, "Send {} bytes to {peer} as {key}", content.len()),
            Self::Edit { id, content } => write!(f, "Edit {id} to {} bytes", content.len()),
            Self::Delete { id } => write!(f, "Delete {id}"),
            Self::Read { peer, up_to } => write!(f, "Read with {peer} up to {up_to}"),
            Self::ReadOne { id } => write!(f, "Read {id}"),
        }
    }
}
