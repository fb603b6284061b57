//! Accounts as administrators see and change them, and what they did.

use protocol::{Timestamp, UserId};

use super::StoreError;
use crate::model::{
    Account,
    admin::{AccountOrder, LastAdmin},
    audit::{Actor, AuditEntry},
};

/// An account with what administrators see of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Managed {
    /// The account; may be disabled.
    pub account: Account,
    /// Whether the user is known by the tokens of another system.
    pub external: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When the user was last connected.
    pub last_seen_at: Option<Timestamp>,
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There is no such account.
    #[error("there is no such user")]
    NotFound,
    /// Whoever asks is no administrator, or not any more.
    #[error("only administrators may do this")]
    Forbidden,
    /// It would leave nobody who administers the server.
    #[error(transparent)]
    LastAdmin(#[from] LastAdmin),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What administrators do. Each act is an entry of the audit log in the same transaction.
#[async_trait::async_trait]
pub trait AdminStore: Send + Sync {
    /// Up to `limit` accounts, disabled ones too, by id, after one of them; of those whose full name, user name or e-mail
    /// address contains the text without regard to case.
    ///
    /// # Errors
    /// Where the store fails.
    async fn all_accounts(
        &self,
        after: Option<UserId>,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Managed>, StoreError>;

    /// Changes an account, if [`crate::model::admin::decide`] lets it. Disabling an account and setting its password end
    /// its sessions.
    ///
    /// # Errors
    /// [`OrderError`].
    async fn order(&self, id: UserId, order: AccountOrder, by: Actor) -> Result<Managed, OrderError>;

    /// Up to `limit` entries of the audit log before this one, newest first.
    ///
    /// # Errors
    /// Where the store fails.
    async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;
}
