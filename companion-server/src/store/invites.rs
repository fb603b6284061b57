//! Invitations.

use protocol::{InviteId, Role, Timestamp, UserId};

use super::StoreError;
use crate::model::{Invite, audit::Actor};

/// SHA-256 of an invitation's code; the code itself is never stored.
pub type CodeHash = [u8; 32];

/// An invitation to make. No `Debug`, like all that a code can be checked against.
pub struct NewInvite {
    /// The hash of its code.
    pub code: CodeHash,
    /// What whoever uses it becomes.
    pub role: Role,
    /// What tells it from others; may be empty.
    pub note: String,
    /// How long it lets people in, in milliseconds.
    pub lasts: i64,
    /// How many accounts may be made with it.
    pub max_uses: u32,
    /// Who makes it.
    pub by: Actor,
}

/// Why an invitation was not made.
#[derive(Debug, thiserror::Error)]
pub enum AddInviteError {
    /// Its maker has as many that still let people in as anybody may have.
    #[error("there are too many invitations already: revoke some first")]
    TooMany,
    /// Whoever asks may not, or not any more.
    #[error("this invitation may not be made")]
    Forbidden,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an invitation was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// There is none of this id that concerns the caller.
    #[error("there is no such invitation")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps invitations. Each one that is made or revoked is an entry of the audit log in the same transaction.
#[async_trait::async_trait]
pub trait InviteStore: Send + Sync {
    /// Makes an invitation, if its maker may ([`crate::model::invite::may_invite`]) and has not too many.
    ///
    /// # Errors
    /// [`AddInviteError`].
    async fn add_invite(&self, new: NewInvite) -> Result<Invite, AddInviteError>;

    /// Makes an invitation for the first administrator, good for this many milliseconds and one account, and revokes
    /// those made like this before. `None` where there is an administrator who is not disabled.
    ///
    /// # Errors
    /// Where the store fails.
    async fn add_bootstrap_invite(&self, code: CodeHash, lasts: i64) -> Result<Option<Invite>, StoreError>;

    /// Up to `limit` invitations made before this one, newest first; of one maker, or of all.
    ///
    /// # Errors
    /// Where the store fails.
    async fn invites(
        &self,
        maker: Option<UserId>,
        before: Option<InviteId>,
        limit: u32,
    ) -> Result<Vec<Invite>, StoreError>;

    /// The invitation of this code, if it lets somebody in at this time.
    ///
    /// # Errors
    /// Where the store fails.
    async fn valid_invite(&self, code: CodeHash, now: Timestamp) -> Result<Option<Invite>, StoreError>;

    /// Takes an invitation back; one that was taken back stays as it is.
    ///
    /// # Errors
    /// [`RevokeError`].
    async fn revoke_invite(&self, id: InviteId, by: Actor) -> Result<Invite, RevokeError>;
}
