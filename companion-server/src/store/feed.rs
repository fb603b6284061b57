//! The change feed (extension `sync-1`).
//!
//! Each user has a counter that the transaction of a change raises, for both participants in sorted order. So the
//! order of positions is the order of commits, a reader's cursor skips nothing, and no position is left out.

use protocol::{UserId, UserProfile};

use super::StoreError;
use crate::model::{Message, cursor::Cursor};

/// A change: the message as it is now, maybe a tombstone.
#[derive(Debug)]
pub struct FeedChange {
    /// The position in the reader's feed.
    pub seq: u64,
    /// The message.
    pub message: Message,
}

/// A stretch of a feed.
#[derive(Debug)]
pub struct FeedPage {
    /// The changes, oldest first; each message once, at its last place in the stretch.
    pub changes: Vec<FeedChange>,
    /// The people that the changes name, the reader excepted.
    pub people: Vec<UserProfile>,
    /// The cursor that covers the stretch.
    pub next: Cursor,
    /// Whether there is more.
    pub more: bool,
}

/// Where one conversation stands.
#[derive(Debug)]
pub struct ConversationState {
    /// The other participant.
    pub peer: UserProfile,
    /// The newest message that is not deleted.
    pub last: Message,
    /// How many of the peer's messages the reader has not read.
    pub unread: u64,
}

/// Where a user stands now.
#[derive(Debug)]
pub struct Snapshot {
    /// The conversations, newest first.
    pub conversations: Vec<ConversationState>,
    /// The cursor of the same instant.
    pub next: Cursor,
}

/// Why a feed can't be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The cursor belongs to another history than this database has (410).
    #[error("the cursor belongs to another history")]
    Gone,
    /// The cursor belongs to positions of this history that were cleared away (410).
    #[error("the cursor is too old")]
    Expired,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads feeds.
#[async_trait::async_trait]
pub trait FeedStore: Send + Sync {
    /// Up to `limit` positions after a cursor.
    ///
    /// # Errors
    /// [`FeedError`].
    async fn feed(&self, user: UserId, since: Cursor, limit: u32) -> Result<FeedPage, FeedError>;

    /// The conversations and the cursor of now, read at one instant.
    ///
    /// # Errors
    /// Where the store fails.
    async fn snapshot(&self, user: UserId) -> Result<Snapshot, StoreError>;
}
