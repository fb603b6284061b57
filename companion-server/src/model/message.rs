//! A message as the server holds it, and the five ways in which it changes.

use std::fmt;

use protocol::{MessageId, Timestamp, UserId, UserProfile, UserRef};
use uuid::Uuid;

/// A message or, once `deleted_at` is set, its tombstone: without content, but with its place and its key (I2, I6).
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Which message it is.
    pub id: MessageId,
    /// Who wrote it.
    pub sender: UserId,
    /// Whom it is for.
    pub receiver: UserId,
    /// What was written; empty in a tombstone.
    pub content: String,
    /// Whether the receiver has read it.
    pub is_read: bool,
    /// When the server took it; with `id` the order of a conversation (I3).
    pub sent_at: Timestamp,
    /// When its content or its read state last changed.
    pub updated_at: Timestamp,
    /// When a device of the receiver first had it.
    pub delivered_at: Option<Timestamp>,
    /// When the receiver first fetched it by its id (C6).
    pub seen_at: Option<Timestamp>,
    /// When the receiver marked it as read.
    pub read_at: Option<Timestamp>,
    /// When the sender last changed the content.
    pub edited_at: Option<Timestamp>,
    /// When the sender deleted it.
    pub deleted_at: Option<Timestamp>,
    /// The idempotency key that it was sent with.
    pub key: Option<Uuid>,
    /// Whether it is kept from the sender that the message was seen.
    pub seen_hidden: bool,
    /// Whether it is kept from the sender that the message was read.
    pub read_hidden: bool,
}

/// What happens to a stored message.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// The sender edits it.
    Content(String),
    /// The receiver marks it as read.
    Read,
    /// The receiver fetches it by its id for the first time.
    Seen,
    /// It reaches a device of the receiver for the first time.
    Delivered,
    /// The sender deletes it.
    Deleted,
}

impl Message {
    /// Whether this user wrote or receives it.
    #[must_use]
    pub fn concerns(&self, user: UserId) -> bool {
        self.sender == user || self.receiver == user
    }

    /// The other participant, seen from this one.
    #[must_use]
    pub fn peer_of(&self, user: UserId) -> UserId {
        if self.sender == user { self.receiver } else { self.sender }
    }

    /// Carries a change out. What a later state includes is filled in: who read a message also has it. Where receipts
    /// are `hidden`, a message that is read or seen changes in nothing that its sender is told, then or later.
    pub fn apply(&mut self, change: &Change, at: Timestamp, hidden: bool) {
        match change {
            Change::Content(content) => {
                self.content.clone_from(content);
                self.edited_at = Some(at);
                self.updated_at = at;
            }
            Change::Read => {
                self.is_read = true;
                self.read_at.get_or_insert(at);
                self.read_hidden = hidden;
                if !hidden {
                    self.delivered_at.get_or_insert(at);
                    self.updated_at = at;
                }
            }
            Change::Seen => {
                self.seen_at.get_or_insert(at);
                self.seen_hidden = hidden;
                if !hidden {
                    self.delivered_at.get_or_insert(at);
                }
            }
            Change::Delivered => {
                self.delivered_at.get_or_insert(at);
            }
            Change::Deleted => {
                self.content.clear();
                self.deleted_at = Some(at);
                self.updated_at = at;
            }
        }
    }

    /// Whether it was read, as far as `viewer` is told.
    #[must_use]
    pub fn is_read_to(&self, viewer: UserId) -> bool {
        self.is_read && !(self.read_hidden && viewer == self.sender)
    }

    /// The message as `viewer` is told it, with ids for its people. Only the sender is told the idempotency key; what
    /// the receiver hides, the sender is not told. Every answer and event comes from here.
    #[must_use]
    pub fn to_wire(&self, viewer: UserId) -> protocol::Message {
        let sender = viewer == self.sender;
        // A hidden read leaves `updated_at` alone, because the sender is told it too.
        let read_at = self.read_at.filter(|_| self.read_hidden && !sender);
        protocol::Message {
            id: self.id,
            sender: UserRef::Id(self.sender),
            receiver: UserRef::Id(self.receiver),
            content: self.content.clone(),
            is_read: self.is_read_to(viewer),
            sent_at: self.sent_at,
            created_at: Some(self.sent_at),
            updated_at: Some(self.updated_at).max(read_at),
            delivered_at: self.delivered_at,
            seen_at: self.seen_at.filter(|_| !(self.seen_hidden && sender)),
            read_at: self.read_at.filter(|_| !(self.read_hidden && sender)),
            edited_at: self.edited_at,
            client_message_id: self.key.filter(|_| sender),
        }
    }

    /// The same, with the people themselves where they are given (C3).
    #[must_use]
    pub fn to_wire_with(
        &self,
        viewer: UserId,
        sender: Option<UserProfile>,
        receiver: Option<UserProfile>,
    ) -> protocol::Message {
        let mut message = self.to_wire(viewer);
        if let Some(sender) = sender {
            message.sender = UserRef::Profile(sender);
        }
        if let Some(receiver) = receiver {
            message.receiver = UserRef::Profile(receiver);
        }
        message
    }
}

/// Names the message and leaves out what was written.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Content(_) => "Content",
            Self::Read => "Read",
            Self::Seen => "Seen",
            Self::Delivered => "Delivered",
            Self::Deleted => "Deleted",
        })
    }
}
