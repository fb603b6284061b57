//! What decides, without I/O, clock, randomness or `async`.
//!
//! [`Machine`] is one session's state machine. It is told one [`Input`] at a time, together with the rows of the store
//! within a transaction ([`Tables`]), the time and a source of randomness; it writes what follows into the rows and
//! answers with [`Effect`]s, which whoever drives it carries out once the transaction is committed. What waits for
//! a moment is told by [`Machine::wake_at`]. Driven by tokio and `SQLite` it is the engine; driven by a schedule in
//! virtual time it is what the simulator torments.

// Removed once the engine runs on it.
#![allow(dead_code, unused_imports, reason = "the engine is being moved onto it")]

#[cfg(test)]
mod conformance;
#[cfg(any(test, feature = "simulation"))]
pub(crate) mod memory;
pub(crate) mod tables;

use std::{fmt, time::Duration};

use protocol::Timestamp;

use crate::{
    apply::Message,
    domain::{MessageId, OfflineCause, Person, UserId},
    store::sync::{FeedPage, HistoryPage, Snapshot},
    transport::{http::HttpError, socket::Say},
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
            Self::Send { peer, content, key } => {
                write!(f, "Send {} bytes to {peer} with key {key}", content.len())
            }
            Self::Edit { id, content } => write!(f, "Edit {id} to {} bytes", content.len()),
            Self::Delete { id } => write!(f, "Delete {id}"),
            Self::Read { peer, up_to } => write!(f, "Read with {peer} up to {up_to}"),
            Self::ReadOne { id } => write!(f, "Read {id}"),
        }
    }
}
