//! Who somebody is: passwords ([`password`], [`imported`]), access and refresh tokens ([`token`]), and the two together
//! ([`Authenticator`]); and the codes of invitations ([`invite_code`]).

mod external;
pub mod imported;
pub mod invite_code;
pub mod password;
pub mod secret;
pub mod token;

use std::{str::FromStr as _, sync::Arc};

use protocol::{Timestamp, error};

pub use self::password::Passwords;
use self::{
    external::Newcomers,
    token::{TokenError, Tokens},
};
use crate::{
    clock::Clock,
    model::{Account, SessionId},
    store::{Store, StoreError},
};

/// Checks access tokens against the sessions that live.
#[derive(Clone)]
pub struct Authenticator {
    tokens: Arc<Tokens>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Present where tokens of another system are trusted.
    newcomers: Option<Newcomers>,
}

/// Whoever a request or a socket comes from.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The account; not disabled.
    pub account: Account,
    /// The session that the token belongs to.
    pub session: SessionId,
    /// When the token ends.
    pub until: Timestamp,
}

/// Why somebody is not let in (401, C11).
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No token.
    #[error("{}", error::AUTHENTICATION_REQUIRED)]
    Missing,
    /// A token that is malformed, forged or revoked.
    #[error("{}", error::INVALID_TOKEN)]
    Invalid,
    /// A token whose time is over.
    #[error("{}", error::TOKEN_EXPIRED)]
    Expired,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Authenticator {
    /// Checks tokens that `tokens` made.
    #[must_use]
    pub fn new(tokens: Arc<Tokens>, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, store, clock, newcomers: None }
    }

    /// Trusts tokens of another system that signs with the same secret as well.
    #[must_use]
    pub fn trusting(mut self) -> Self {
        self.newcomers = Some(Newcomers::default());
        self
    }

    /// Who this access token belongs to.
    ///
    /// # Errors
    /// [`AuthError`].
    pub async fn identify(&self, token: &str) -> Result<Identity, AuthError> {
        let now = self.clock.now();
        let claims = self.tokens.read(token, now).map_err(|error| match error {
            TokenError::Invalid => AuthError::Invalid,
            TokenError::Expired => AuthError::Expired,
        })?;
        let until = Timestamp::clamped(claims.exp.saturating_mul(1000));
        if let (None, Some(newcomers)) = (&claims.sid, &self.newcomers) {
            let names = || self.tokens.read_more(token).unwrap_or_default();
            let (account, session) = newcomers.identify(&*self.store, &claims, names, now).await?;
            return Ok(Identity { account, session, until });
        }
        let session = claims.sid.as_deref().and_then(|sid| SessionId::from_str(sid).ok());
        let session = session.ok_or(AuthError::Invalid)?;
        let account = self.store.session(session).await?.filter(|account| account.id == claims.id);
        Ok(Identity { account: account.ok_or(AuthError::Invalid)?, session, until })
    }
}

/// The token of an `Authorization: Bearer …` header.
#[must_use]
pub fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn a_bearer_header_has_a_scheme_and_a_token() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic abc", None),
            ("abc", None),
        ] {
            assert_eq!(bearer(header), token, "{header}");
        }
    }
}
