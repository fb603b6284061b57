//! What the engine speaks of: people, conversations, messages and where they stand.
//!
//! Ids are opaque texts here, because a server of the contract may make them as it likes; `convert` bounds their
//! length. A [`Position`] and an [`ItemKey`] are opaque to callers too: they are handed out by one call and
//! given back to another.

mod account;
mod clock;
mod company;
mod profile;
mod search;

use std::fmt;

pub use protocol::{Role, Timestamp};
use url::Url;

use crate::transport::trust::TrustedCertificate;
pub use account::{Device, DeviceId, Invitation, NewInvitation, OwnProfile, ProfileChange};
pub use clock::ClockSkew;
pub use company::{Offers, Presence};
pub use profile::{Protection, Recovery, Storage};
pub use search::{Hit, Progress, Reach, Search, SearchPage};

/// Makes a newtype over a text that is opaque to callers.
macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub String);

        impl $name {
            /// The text of it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

opaque!(
    /// A person on the server.
    UserId
);
opaque!(
    /// A message on the server.
    MessageId
);
opaque!(
    /// Which message of a timeline is meant, from the moment it is written until it is gone: the key that its
    /// sender's device made where there is one, otherwise its id.
    ItemKey
);
opaque!(
    /// A place in a conversation's order. Messages that wait stand after all that the server has taken.
    Position
);

/// Someone to write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who it is.
    pub id: UserId,
    /// Given name; empty where the server has not said.
    pub first_name: String,
    /// Family name; may be empty.
    pub last_name: String,
    /// What they are in the programme, where the server says.
    pub role: Option<Role>,
    /// Address of a picture.
    pub avatar: Option<String>,
}

/// Who is signed in, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub user: Person,
    /// The name that they sign in with.
    pub user_name: String,
    /// The server's origin.
    pub server: Url,
    /// What people call the server.
    pub server_name: String,
    /// The certificate that was explicitly trusted there, and is the only one that is.
    pub trusted: Option<TrustedCertificate>,
}

/// A server to sign in at.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Its origin.
    pub url: &'a Url,
    /// The certificate to trust there, in place of every other. Without it, the one that the account on this device
    /// has for the same origin stays.
    pub trusted: Option<&'a TrustedCertificate>,
}

impl<'a> From<&'a Url> for Site<'a> {
    fn from(url: &'a Url) -> Self {
        Self { url, trusted: None }
    }
}

/// Whether somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// Nobody is.
    SignedOut,
    /// This account is, and the engine works for it.
    SignedIn(Account),
    /// The server ended the session. What is stored can be read and added to; it is sent after signing in again.
    Expired(Account),
}

impl SessionState {
    /// The account, also while its session is over.
    #[must_use]
    pub const fn account(&self) -> Option<&Account> {
        match self {
            Self::SignedOut => None,
            Self::SignedIn(account) | Self::Expired(account) => Some(account),
        }
    }
}

/// How the engine stands with its server. Means nothing while nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// The server cannot be reached; everything still works on what is stored.
    Offline {
        /// The server's host, for the words on the screen.
        host: String,
        /// When the next try is due.
        retry_at: Option<Timestamp>,
        /// What stands in the way.
        cause: OfflineCause,
    },
    /// The first try is under way.
    Connecting,
    /// The server answers, and what was missed is being fetched.
    CatchingUp,
    /// Nothing is missing.
    Online {
        /// When that was last seen to be so, by this device's clock.
        as_of: Timestamp,
    },
}

/// Why the server cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineCause {
    /// This device has no network, or no name service.
    NoNetwork,
    /// The network is there, the server does not answer.
    ServerUnreachable,
    /// The server answers that it has a problem.
    ServerError,
    /// No secure connection can be made: its certificate is not trusted, or is not the one that was trusted.
    Insecure,
    /// The keyring that holds the session's tokens cannot be read; it is probably locked.
    KeyringLocked,
}

/// What changed; whoever shows it reads it anew from the [`crate::Client`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Update {
    /// [`crate::Client::session`].
    Session,
    /// [`crate::Client::connection`].
    Connection,
    /// [`crate::Client::conversations`].
    Conversations,
    /// [`crate::Client::timeline`] of this person.
    Timeline(UserId),
    /// [`crate::Client::person`] and [`crate::Client::people`].
    People,
    /// [`crate::Client::waiting`].
    Outbox,
    /// [`crate::Client::progress`].
    Progress,
    /// [`crate::Client::recovered`].
    Recovered,
    /// Somebody has begun to write to this account, or has stopped. Who does so at the moment is
    /// [`crate::Client::writing`].
    Typing {
        /// Who.
        peer: UserId,
        /// Whether they are writing.
        is_typing: bool,
    },
    /// [`crate::Client::presence`].
    Presence,
    /// Anything: the reader was too slow to be told each change.
    Everything,
}

/// One line of the conversation list.
#[derive(Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The other one.
    pub peer: Person,
    /// The newest message; `None` before the first one.
    pub last: Option<LastMessage>,
    /// How many of the peer's messages are unread.
    pub unread: u32,
    /// The beginning of what is being written to them ([`crate::Client::draft`]), like [`LastMessage::preview`].
    pub draft: Option<String>,
    /// Whether it stands above the others ([`crate::Client::set_pinned`]).
    pub pinned: bool,
    /// Whether nobody is to be told of its messages ([`crate::Client::set_muted`]).
    pub muted: bool,
    /// Whether the user wants to come back to it ([`crate::Client::mark_unread`]), whatever `unread` says.
    pub marked_unread: bool,
}

/// The newest message of a conversation, for the list.
#[derive(Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// Its beginning on one line, at most [`crate::limits::PREVIEW_CHARS`] characters.
    pub preview: String,
    /// When it was sent, or written where it waits.
    pub at: Timestamp,
    /// Whether this account wrote it.
    pub mine: bool,
    /// How far it got; only of one's own.
    pub status: Option<Status>,
    /// Whether it was deleted; then there is no preview.
    pub deleted: bool,
}

/// Where reading a timeline begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// The newest page.
    Newest,
    /// The page that has this place in its middle: where a hit of a search is shown.
    Around(Position),
    /// The page that ends before this place.
    Before(Position),
    /// The page that begins after this place.
    After(Position),
    /// This place and what follows it: how a window is read anew after [`Update::Timeline`].
    From(Position),
    /// The first message of this time or later that is here, and what follows it; where there is none, the newest page.
    /// While [`TimelinePage::history`] is not complete, older messages of that time may still arrive.
    Date(Timestamp),
}

/// A page of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelinePage {
    /// The messages, oldest first.
    pub items: Vec<TimelineItem>,
    /// Whether older ones exist, here or on the server.
    pub has_older: bool,
    /// Whether newer ones exist.
    pub has_newer: bool,
    /// The oldest unread message of the conversation, on this page or not.
    pub first_unread: Option<ItemKey>,
    /// Whether older messages are still to be fetched from the server.
    pub history: History,
}

/// How much of a conversation's history this device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// All of it.
    Complete,
    /// The rest is being fetched.
    Loading,
    /// The rest will be fetched when the server can be reached.
    Offline,
}

/// One message of a timeline.
#[derive(Clone, PartialEq, Eq)]
pub struct TimelineItem {
    /// Which message it is, for good.
    pub key: ItemKey,
    /// Its place; a waiting message gets another one when the server takes it.
    pub position: Position,
    /// Whether this account wrote it.
    pub mine: bool,
    /// What it says, with an edit that waits already made; empty when deleted.
    pub content: String,
    /// When the server took it, or when it was written where it waits.
    pub sent_at: Timestamp,
    /// When its content was last changed after it was sent.
    pub edited_at: Option<Timestamp>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Whether the server no longer has this message and never said that it was deleted: it was restored from an older
    /// copy, or forgot it. It stays visible here. One's own is sent again by [`crate::Client::retry`].
    pub lost: bool,
    /// A change of it that the server has not confirmed.
    pub pending: Option<Pending>,
    /// How far it got; only of one's own. [`Status::Refused`] beside `pending` means the change was refused.
    pub status: Option<Status>,
    /// When the receiver's device got it.
    pub delivered_at: Option<Timestamp>,
    /// When the receiver opened it.
    pub seen_at: Option<Timestamp>,
    /// When the receiver read it.
    pub read_at: Option<Timestamp>,
}

/// A change that the server has not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// New content.
    Edit,
    /// A deletion.
    Delete,
}

/// How far one's own message got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Stored here, to be sent.
    Waiting,
    /// On its way.
    Sending,
    /// The server has it.
    Sent,
    /// The receiver's device has it.
    Delivered,
    /// The receiver has read it.
    Read,
    /// The server does not take it.
    Refused {
        /// The server's words.
        reason: String,
    },
    /// It waits behind a refused message of the same conversation.
    Held,
}

/// What a search for people found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// Who matches, by name.
    pub people: Vec<Person>,
    /// Whether the server was asked; otherwise these are only the people that this device knows.
    pub asked_server: bool,
}

/// What a server says of itself before anybody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// Its origin, to sign in at.
    pub url: Url,
    /// What people call it.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Who may make an account.
    pub registration: RegistrationMode,
    /// Whether it is a server of the contract, with the extensions ([`crate::limits::REQUIRED_EXTENSIONS`]) or without.
    pub supported: bool,
    /// What it can do.
    pub kind: ServerKind,
    /// Whether one can sign in there with a password. Where not, it takes an access token from elsewhere.
    pub has_login: bool,
}

/// How much of the contract a server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKind {
    /// The published document and the extensions that the engine needs.
    Extended,
    /// The published document alone. Everything works; some of it takes longer, and people are known by what they
    /// wrote.
    Plain,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationMode {
    /// Anyone.
    Open,
    /// Whoever has an invite.
    Invite,
    /// Nobody: an admin makes accounts.
    Closed,
    /// The server does not say.
    Unknown,
}

/// What an account is made from. No `Debug`, because it holds a password.
#[derive(Clone)]
pub struct Registration {
    /// The name to sign in with.
    pub user_name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The code of an invitation, which servers may ask for.
    pub invitation: Option<String>,
}

// Content stays out of logs: `Debug` of what holds it says how long it is and no more.
impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, last, unread, draft, pinned, muted, marked_unread } = self;
        f.debug_struct("Conversation")
            .field("peer", peer)
            .field("last", last)
            .field("unread", unread)
            .field("draft", &draft.as_ref().map(|draft| format!("{} bytes", draft.len())))
            .field("pinned", pinned)
            .field("muted", muted)
            .field("marked_unread", marked_unread)
            .finish()
    }
}

impl fmt::Debug for LastMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { preview, at, mine, status, deleted } = self;
        f.debug_struct("LastMessage")
            .field("preview", &format_args!("{} bytes", preview.len()))
            .field("at", at)
            .field("mine", mine)
            .field("status", status)
            .field("deleted", deleted)
            .finish()
    }
}

impl fmt::Debug for TimelineItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimelineItem")
            .field("key", &self.key)
            .field("position", &self.position)
            .field("mine", &self.mine)
            .field("content", &format_args!("{} bytes", self.content.len()))
            .field("sent_at", &self.sent_at)
            .field("edited_at", &self.edited_at)
            .field("deleted", &self.deleted)
            .field("lost", &self.lost)
            .field("pending", &self.pending)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
