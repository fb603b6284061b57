//! Accounts and sessions.
//!
//! A session's refresh tokens form generations. Presenting a token of the newest generation begins the next one. The
//! token that began the newest generation may be presented again as long as no token of that generation was used,
//! because the answer that carried it may have been lost. Any other known token is a sign of theft and ends the
//! session.
//!
//! ```text
//! sign in ─▶ generation 0 ──present──▶ generation 1 ──present──▶ generation 2 …
//!                 │    ▲ again, before 1 is used: one more token of generation 1
//!                 └────┘
//!            generation 0 again, after 1 was used ─▶ the session ends
//! ```

use std::collections::HashSet;

use protocol::{Role, Timestamp, UserId};

use super::{CodeHash, StoreError};
use crate::model::{Account, SessionId, audit::Actor};

/// An account to make. No `Debug`: it holds what is private.
pub struct NewAccount {
    /// The name to sign in with.
    pub user_name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// The password's hash in PHC form.
    pub password_hash: String,
}

/// How somebody comes to have an account, which decides their role.
#[derive(Clone, Copy)]
pub enum Joining {
    /// By themselves: as a student.
    Open,
    /// With the code of an invitation, which is used up in the same transaction: as what it says.
    Invited(CodeHash),
    /// Made by somebody else, which is an entry of the audit log.
    Added {
        /// By whom.
        by: Actor,
        /// As what.
        role: Role,
    },
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum AddAccountError {
    /// Somebody has the user name, without regard to case.
    #[error("this user name is taken")]
    UserNameTaken,
    /// Somebody has the e-mail address, without regard to case.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The invitation lets nobody in: unknown, used up, revoked or too old.
    #[error("this invitation is not valid any more")]
    InviteNotValid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What signing in needs. No `Debug`: it holds a hash.
pub struct Credentials {
    /// The account; may be disabled.
    pub account: Account,
    /// The password's hash in PHC form.
    pub password_hash: String,
}

/// What a user changes of their own account; what is `None` stays.
#[derive(Clone, Default)]
pub struct AccountChange {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Address of a picture; empty takes it away.
    pub avatar: Option<String>,
    /// See [`crate::model::Privacy`].
    pub hide_presence: Option<bool>,
    /// See [`crate::model::Privacy`].
    pub hide_receipts: Option<bool>,
}

/// SHA-256 of a refresh token; the token itself is never stored.
pub type TokenHash = [u8; 32];

/// What a user recognizes a session by. No `Debug`: an address is private.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The program, in its own words; may be empty.
    pub user_agent: String,
    /// Where it called from; may be empty.
    pub address: String,
}

/// A session that lives.
#[derive(Clone, PartialEq, Eq)]
pub struct LivingSession {
    /// Which.
    pub id: SessionId,
    /// When its user signed in.
    pub created_at: Timestamp,
    /// When its refresh token was last exchanged.
    pub renewed_at: Timestamp,
    /// What did either last.
    pub device: Device,
}

/// A session whose refresh token was exchanged.
#[derive(Debug)]
pub struct Renewed {
    /// Whose session it is.
    pub account: Account,
    /// Which session.
    pub session: SessionId,
}

/// Why a refresh token was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown, expired, or of a disabled account.
    #[error("the refresh token is not valid")]
    Invalid,
    /// Used before: the session was ended.
    #[error("the refresh token was used before; its session was ended")]
    Reused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps accounts.
#[async_trait::async_trait]
pub trait AccountStore: Send + Sync {
    /// Makes an account.
    ///
    /// # Errors
    /// [`AddAccountError`].
    async fn add_account(&self, new: NewAccount, joining: Joining) -> Result<Account, AddAccountError>;

    /// An account by its id, disabled ones included.
    ///
    /// # Errors
    /// Where the store fails.
    async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError>;

    /// Whether there is an administrator who is not disabled.
    ///
    /// # Errors
    /// Where the store fails.
    async fn has_admin(&self) -> Result<bool, StoreError>;

    /// What signing in with this user name or e-mail address needs.
    ///
    /// # Errors
    /// Where the store fails.
    async fn credentials(&self, login: &str) -> Result<Option<Credentials>, StoreError>;

    /// The hash of a user's password.
    ///
    /// # Errors
    /// Where the store fails.
    async fn password_hash(&self, id: UserId) -> Result<Option<String>, StoreError>;

    /// Puts the hash of another password in the place of the one that a password was checked against, and ends every
    /// session of the user but the one that asks. Says whether that hash and that session were still there; nothing
    /// is stored where either was not.
    ///
    /// # Errors
    /// Where the store fails.
    async fn change_password(
        &self,
        id: UserId,
        verified: String,
        new: String,
        session: SessionId,
    ) -> Result<bool, StoreError>;

    /// Puts another hash of the same password in the place of one; says whether that was still there. Sessions stay.
    ///
    /// # Errors
    /// Where the store fails.
    async fn replace_password_hash(&self, id: UserId, old: String, new: String) -> Result<bool, StoreError>;

    /// The greatest cost of the bcrypt hashes that were imported and not replaced yet; `None` where there are none.
    ///
    /// # Errors
    /// Where the store fails.
    async fn imported_cost(&self) -> Result<Option<u32>, StoreError>;

    /// Up to `limit` accounts that are not disabled, by id, after one of them.
    ///
    /// # Errors
    /// Where the store fails.
    async fn accounts(&self, after: Option<UserId>, limit: u32) -> Result<Vec<Account>, StoreError>;

    /// Up to `limit` accounts that are not disabled and whose full name or user name contains the text without
    /// regard to case, by name.
    ///
    /// # Errors
    /// Where the store fails.
    async fn search_accounts(&self, text: &str, limit: u32) -> Result<Vec<Account>, StoreError>;

    /// Changes an account; `None` where it does not exist.
    ///
    /// # Errors
    /// Where the store fails.
    async fn change_account(&self, id: UserId, change: AccountChange) -> Result<Option<Account>, StoreError>;
}

/// Keeps sessions.
#[async_trait::async_trait]
pub trait SessionStore: Send + Sync {
    /// Begins a session. The oldest session of a user makes room where there are too many.
    ///
    /// # Errors
    /// Where the store fails.
    async fn begin_session(
        &self,
        user: UserId,
        refresh: TokenHash,
        device: Device,
    ) -> Result<SessionId, StoreError>;

    /// The account of a session that lives, where the account is not disabled.
    ///
    /// # Errors
    /// Where the store fails.
    async fn session(&self, id: SessionId) -> Result<Option<Account>, StoreError>;

    /// Exchanges a refresh token for a new one, as the module says.
    ///
    /// # Errors
    /// [`RefreshError`].
    async fn renew_session(
        &self,
        presented: TokenHash,
        next: TokenHash,
        device: Device,
    ) -> Result<Renewed, RefreshError>;

    /// Ends a session, if it lives.
    ///
    /// # Errors
    /// Where the store fails.
    async fn end_session(&self, id: SessionId) -> Result<(), StoreError>;

    /// A user's sessions that live at this time, the one that was renewed last first.
    ///
    /// # Errors
    /// Where the store fails.
    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<LivingSession>, StoreError>;

    /// Ends a session of this user; says whether there was one.
    ///
    /// # Errors
    /// Where the store fails.
    async fn end_session_of(&self, user: UserId, id: SessionId) -> Result<bool, StoreError>;

    /// Ends all of a user's sessions but one; says how many.
    ///
    /// # Errors
    /// Where the store fails.
    async fn end_other_sessions(&self, user: UserId, keep: SessionId) -> Result<u64, StoreError>;

    /// Which of these sessions live, their accounts not disabled.
    ///
    /// # Errors
    /// Where the store fails.
    async fn living(&self, ids: Vec<SessionId>) -> Result<HashSet<SessionId>, StoreError>;
}
