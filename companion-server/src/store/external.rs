//! People who sign in with the tokens of another system that shares the secret.

use protocol::{Role, Timestamp, UserId};

use super::StoreError;
use crate::model::{Account, SessionId};

/// What a token says of somebody. No `Debug`: it holds what is private.
#[derive(Clone)]
pub struct ExternalPerson {
    /// Who it is.
    pub id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// What they are in the programme.
    pub role: Role,
    /// When the token was made, to the second.
    pub issued_at: Timestamp,
}

/// What somebody is called, needed when they are made known.
#[derive(Clone)]
pub struct ExternalNames {
    /// Given name.
    pub first_name: String,
    /// Family name; may be empty.
    pub last_name: String,
    /// The user name to begin with; another is made of it where it is taken.
    pub user_name: String,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum ExternalError {
    /// Nobody has this id yet, and no names were given.
    #[error("nobody has this id yet")]
    Unknown,
    /// The account is closed.
    #[error("the account is disabled")]
    Disabled,
    /// Somebody else has the e-mail address.
    #[error("somebody else has the e-mail address")]
    EmailTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps people of another system.
#[async_trait::async_trait]
pub trait ExternalStore: Send + Sync {
    /// The account of this person, and the one session that all their tokens share, which lives as long as somebody shows
    /// such a token. With names, somebody unknown is made known. Where the account came from a token, role and e-mail
    /// address follow each that was made after all that were followed, and after a role was set here; the last
    /// administrator stays one. An account that was made or imported here stays as it is.
    ///
    /// # Errors
    /// [`ExternalError`].
    async fn know_external(
        &self,
        person: ExternalPerson,
        names: Option<ExternalNames>,
    ) -> Result<(Account, SessionId), ExternalError>;
}
