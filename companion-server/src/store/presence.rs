//! Who may know of whom that they are there (extension `presence`).
//!
//! People who share a conversation may, unless one of the two hides their presence: whoever hides it is not told of
//! others either.

use protocol::{Timestamp, UserId};

use super::StoreError;

/// The most people who are told of one user: those of the newest conversations.
pub const ACQUAINTANCES: u32 = 10_000;

/// Keeps when people were last there.
#[async_trait::async_trait]
pub trait PresenceStore: Send + Sync {
    /// Whoever shares a conversation with this user and may be told of others, at most [`ACQUAINTANCES`]. Whether
    /// the user hides is not looked at.
    ///
    /// # Errors
    /// Where the store fails.
    async fn acquaintances(&self, user: UserId) -> Result<Vec<UserId>, StoreError>;

    /// Those of `ids` whose presence `viewer` may know, with when they were last there.
    ///
    /// # Errors
    /// Where the store fails.
    async fn last_seen(
        &self,
        viewer: UserId,
        ids: Vec<UserId>,
    ) -> Result<Vec<(UserId, Option<Timestamp>)>, StoreError>;

    /// Whether a user's typing may be told to another: both are there, and neither hides.
    ///
    /// # Errors
    /// Where the store fails.
    async fn may_type(&self, sender: UserId, receiver: UserId) -> Result<bool, StoreError>;

    /// Notes when people were last there; of those who hide nothing is noted.
    ///
    /// # Errors
    /// Where the store fails.
    async fn note_last_seen(&self, seen: Vec<(UserId, Timestamp)>) -> Result<(), StoreError>;
}
