//! Messages.

use protocol::{MessageId, Timestamp, UserId, UserProfile, filter::Condition};
use uuid::Uuid;

use super::StoreError;
use crate::model::{Change, Message, events::Seqs, rules::Refusal};

/// A message on its way in.
pub struct Draft {
    /// Who writes it.
    pub sender: UserId,
    /// Whom it is for.
    pub receiver: UserId,
    /// What is written.
    pub content: String,
    /// The idempotency key, if the client sent one.
    pub key: Option<Key>,
}

/// An idempotency key with a digest of the body that it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub id: Uuid,
    /// SHA-256 of what was asked for.
    pub body: [u8; 32],
}

/// What a send answers.
#[derive(Debug)]
pub struct Sent {
    /// The message as it is now.
    pub message: Message,
    /// Whether it had been sent already with the same key: then nothing was stored or published.
    pub replayed: bool,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No such receiver, or a disabled one.
    #[error("the receiver does not exist")]
    ReceiverNotFound,
    /// The key was used for another message.
    #[error("the key was used for another message")]
    KeyConflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Decides what happens to a message; called inside the transaction.
pub type Decide = Box<dyn FnOnce(&Message) -> Result<Option<Change>, Refusal> + Send>;

/// What a change answers.
#[derive(Debug)]
pub struct Changed {
    /// The message as it is now.
    pub message: Message,
    /// Its places in the feeds; `None` where nothing changed.
    pub seqs: Option<Seqs>,
}

/// Why a message was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// No such message, or the rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A message and its people.
#[derive(Debug)]
pub struct WithPeople {
    /// The message; never a tombstone.
    pub message: Message,
    /// Who wrote it.
    pub sender: UserProfile,
    /// Whom it is for.
    pub receiver: UserProfile,
}

/// A message's place in the order of all messages: `(sentAt, _id)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Which message it is.
    pub id: MessageId,
}

/// Which of the caller's messages `GET /message` asks for (C7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// Only the conversation with this user.
    pub peer: Option<UserId>,
    /// Only messages after this one.
    pub after: Option<MessageId>,
    /// Only messages before this one.
    pub before: Option<MessageId>,
    /// At most so many: the oldest, or with `before` alone the newest.
    pub limit: Option<u32>,
}

/// Where a page begins and ends, found before its first message is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The first and the last message of the page; `None` for an empty one.
    pub ends: Option<(Position, Position)>,
    /// Whether the next page, in the direction of paging, has messages too.
    pub more: bool,
    /// The epoch of the feeds, read at the same instant.
    pub epoch: [u8; 16],
}

/// Why a page can't be listed.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// `before` or `after` is no message of the caller's.
    #[error("the message to page from does not exist")]
    AnchorNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A stretch of the order of messages, with both its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first position.
    pub from: Position,
    /// The last.
    pub to: Position,
}

/// What reading a conversation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOutcome {
    /// How many messages became read.
    pub updated: u64,
    /// When.
    pub at: Timestamp,
}

/// Why a conversation was not marked as read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No such user.
    #[error("the other participant does not exist")]
    PeerNotFound,
    /// `upTo` is no message of the conversation.
    #[error("the message to read up to does not exist")]
    AnchorNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps messages. Lists and searches hold no tombstones.
#[async_trait::async_trait]
pub trait MessageStore: Send + Sync {
    /// Takes a message. The record of the idempotency key opens the transaction: a key that was used with the same
    /// body answers the message as it is now and publishes nothing (I2).
    ///
    /// # Errors
    /// [`SendError`]; nothing is stored then.
    async fn send(&self, draft: Draft) -> Result<Sent, SendError>;

    /// Changes a message as `decide` says of its current state, tombstones included.
    ///
    /// # Errors
    /// [`ChangeError`]; nothing is changed then.
    async fn change(&self, id: MessageId, decide: Decide) -> Result<Changed, ChangeError>;

    /// A message with its people; `None` for a deleted one.
    ///
    /// # Errors
    /// Where the store fails.
    async fn message(&self, id: MessageId) -> Result<Option<WithPeople>, StoreError>;

    /// Notes that a device of `receiver` has these messages (extension `delivery`). Whatever is not theirs to
    /// confirm is passed over.
    ///
    /// # Errors
    /// Where the store fails.
    async fn mark_delivered(&self, receiver: UserId, ids: Vec<MessageId>) -> Result<(), StoreError>;

    /// Marks as read what `peer` wrote to `reader`, up to a message or all (extension `bulk-read`). A long
    /// conversation takes several transactions; each counts by itself.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn read_conversation(
        &self,
        reader: UserId,
        peer: UserId,
        up_to: Option<MessageId>,
    ) -> Result<ReadOutcome, ReadError>;

    /// Where a page of the user's messages begins and ends.
    ///
    /// # Errors
    /// [`PageError`].
    async fn bounds(&self, user: UserId, page: Page) -> Result<Bounds, PageError>;

    /// The first `limit` messages of the user's within a range, oldest first.
    ///
    /// # Errors
    /// Where the store fails.
    async fn range(
        &self,
        user: UserId,
        peer: Option<UserId>,
        range: Range,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;

    /// The user's newest messages that fulfil a condition, newest first (C9).
    ///
    /// # Errors
    /// Where the store fails.
    async fn search(
        &self,
        user: UserId,
        condition: Condition,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;
}

impl Message {
    /// Its place in the order.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { sent_at: self.sent_at, id: self.id }
    }
}
