//! What the server keeps, behind a trait that each backend implements.
//!
//! A method that writes answers only after its transaction is durable (I1). Whatever a request may do is decided
//! inside its transaction, by a pure function that the caller hands in or by what the trait documents. Each commit
//! that others want to know of is published as a [`Committed`] in commit order.
//!
//! One conformance suite, `tests/store/`, holds for every backend.
//!
//! [`Committed`]: crate::model::events::Committed

mod accounts;
mod activity;
mod admin;
mod external;
mod feed;
mod import;
mod invites;
mod messages;
mod presence;
pub mod sqlite;
mod upkeep;

pub use accounts::{
    AccountChange, AccountStore, AddAccountError, Credentials, Device, Joining, LivingSession, NewAccount,
    RefreshError, Renewed, SessionStore, TokenHash,
};
pub use activity::ActivityStore;
pub use admin::{AdminStore, Managed, OrderError};
pub use external::{ExternalError, ExternalNames, ExternalPerson, ExternalStore};
pub use feed::{ConversationState, FeedChange, FeedError, FeedPage, FeedStore, Snapshot};
pub use import::{ImportStore, ImportedMessage, ImportedPerson, MessageImported, PersonImported};
pub use invites::{AddInviteError, CodeHash, InviteStore, NewInvite, RevokeError};
pub use messages::{
    Bounds, ChangeError, Changed, Decide, Draft, Key, MessageStore, Page, PageError, Position, Range,
    ReadError, ReadOutcome, SendError, Sent, WithPeople,
};
pub use presence::{ACQUAINTANCES, PresenceStore};
pub use upkeep::{Cleared, Retention, Upkeep};

/// Everything that the server asks of its store.
#[async_trait::async_trait]
pub trait Store:
    MessageStore
    + FeedStore
    + AccountStore
    + SessionStore
    + InviteStore
    + AdminStore
    + ExternalStore
    + ActivityStore
    + PresenceStore
    + Upkeep
    + ImportStore
{
    /// Whether the store reads and would write, for `GET /readyz`.
    ///
    /// # Errors
    /// [`StoreError`], where it does not.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Finishes what was accepted, then closes. Everything asked afterwards is [`StoreError::Closed`].
    async fn close(&self);
}

/// The store could not do what was asked; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// More work waits than the store takes; try again shortly (503).
    #[error("the store has too much to do")]
    Busy,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The disk is full (503).
    #[error("the disk is full")]
    Full,
    /// The backend failed.
    #[error("the database failed: {0}")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}
