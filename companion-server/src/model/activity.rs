//! Who did what kind of thing when (extension `activity`); never any content.

use protocol::{ObjectId, Timestamp, UserId, admin::ActivityEntry};

/// A kind of thing that users do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Made their account.
    Registered,
    /// Signed in.
    SignedIn,
    /// Somebody tried to sign in as them with a wrong password; kept once in ten minutes.
    SignInFailed,
    /// Signed out, here or on another device.
    SignedOut,
    /// Changed their password.
    PasswordChanged,
    /// Sent a message.
    MessageSent,
    /// Changed what a message of theirs says.
    MessageEdited,
    /// Deleted a message of theirs.
    MessageDeleted,
    /// Marked a message as read.
    MessageRead,
    /// Looked at a message.
    MessageViewed,
    /// Listed their messages.
    MessagesFetched,
    /// Searched their messages.
    MessagesSearched,
    /// Marked a conversation as read.
    ConversationRead,
}

/// Something that was done, to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// By whom.
    pub user: UserId,
    /// What.
    pub kind: Kind,
    /// The message or user that it was done to.
    pub subject: Option<ObjectId>,
}

/// Something that was done, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its number; ascends.
    pub n: i64,
    /// When.
    pub at: Timestamp,
    /// The name of a [`Kind`]; a newer server's may be among them.
    pub kind: String,
    /// The message or user that it was done to.
    pub subject: Option<ObjectId>,
}

impl Kind {
    /// The kind as the wire and the store write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::SignedIn => "signedIn",
            Self::SignInFailed => "signInFailed",
            Self::SignedOut => "signedOut",
            Self::PasswordChanged => "passwordChanged",
            Self::MessageSent => "messageSent",
            Self::MessageEdited => "messageEdited",
            Self::MessageDeleted => "messageDeleted",
            Self::MessageRead => "messageRead",
            Self::MessageViewed => "messageViewed",
            Self::MessagesFetched => "messagesFetched",
            Self::MessagesSearched => "messagesSearched",
            Self::ConversationRead => "conversationRead",
        }
    }

    /// Whether it tells that somebody has read something: it is not kept of those who hide that, neither from
    /// administrators nor for later.
    #[must_use]
    pub const fn tells_of_reading(self) -> bool {
        matches!(self, Self::MessageRead | Self::MessageViewed | Self::ConversationRead)
    }
}

impl Kept {
    /// The entry as it is told.
    #[must_use]
    pub fn to_wire(&self) -> ActivityEntry {
        ActivityEntry { id: self.n, at: self.at, kind: self.kind.clone(), subject: self.subject }
    }
}
