//! Tokens of another system that signs with the same secret (`trust-external-tokens`).
//!
//! Such a token has the payload of the document and nothing more: no `sid`, which each of our own has. Its user becomes
//! known at its first use; how many do in a minute is bounded. How long it lasts is up to whoever signed it.

use std::sync::{Arc, Mutex, PoisonError};

use protocol::{Timestamp, auth::TokenPayload};
use serde::Deserialize;

use super::AuthError;
use crate::{
    model::{Account, SessionId, form},
    store::{ExternalError, ExternalNames, ExternalPerson, Store, StoreError},
};

/// What a token may say of its user besides the documented payload.
#[derive(Default, Deserialize)]
pub(super) struct Names {
    #[serde(rename = "firstName")]
    first: Option<String>,
    #[serde(rename = "lastName")]
    last: Option<String>,
    #[serde(rename = "userName")]
    user: Option<String>,
}

/// Lets people of another system in.
#[derive(Clone, Default)]
pub(super) struct Newcomers(Arc<Mutex<(i64, u32)>>);

/// How many become known in a minute.
const PER_MINUTE: u32 = 300;

const MINUTE: i64 = 60 * 1000;

/// How far ahead the other system's clock may be, in milliseconds. Were a token of next year followed, none made until
/// then would be.
const AHEAD: i64 = 5 * MINUTE;

impl Newcomers {
    /// The account of a genuine token's user, and the session that their tokens share. `names` reads the token again.
    pub(super) async fn identify(
        &self,
        store: &dyn Store,
        claims: &TokenPayload,
        names: impl FnOnce() -> Names,
        now: Timestamp,
    ) -> Result<(Account, SessionId), AuthError> {
        let email = form::email(&claims.email).map_err(|_| AuthError::Invalid)?;
        let issued_at = Timestamp::clamped(claims.iat.saturating_mul(1000));
        if issued_at.millis() - now.millis() > AHEAD {
            tracing::warn!(user = %claims.id, "a trusted token is refused: its iat lies in the future");
            return Err(AuthError::Invalid);
        }
        let person = ExternalPerson { id: claims.id, email, role: claims.role, issued_at };
        let known = match store.know_external(person.clone(), None).await {
            Err(ExternalError::Unknown) => {
                if !self.has_room(now) {
                    return Err(StoreError::Busy.into());
                }
                let names = names().of(&person.email);
                store.know_external(person, Some(names)).await
            }
            known => known,
        };
        known.map_err(|error| match error {
            ExternalError::Store(error) => error.into(),
            ExternalError::EmailTaken => {
                tracing::warn!(user = %claims.id, "a trusted token is refused: somebody else has its e-mail address");
                AuthError::Invalid
            }
            ExternalError::Unknown | ExternalError::Disabled => AuthError::Invalid,
        })
    }

    fn has_room(&self, now: Timestamp) -> bool {
        let minute = now.millis().div_euclid(MINUTE);
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 += 1;
        counted.1 <= PER_MINUTE
    }
}

impl Names {
    /// What the token says, as far as it may stand in an account; the rest is made of the e-mail address.
    fn of(self, email: &str) -> ExternalNames {
        let local = email.split('@').next().unwrap_or_default();
        let said = |text: Option<String>, check: fn(&str) -> Result<String, protocol::request::Invalid>| {
            text.and_then(|text| check(&text).ok())
        };
        let name = || form::first_name(&local.chars().take(100).collect::<String>());
        let user_name = || form::user_name(&local.chars().take(64).collect::<String>());
        ExternalNames {
            first_name: said(self.first, form::first_name)
                .or_else(|| name().ok())
                .unwrap_or_else(|| "Guest".to_owned()),
            last_name: said(self.last, form::last_name).unwrap_or_default(),
            user_name: said(self.user, form::user_name)
                .or_else(|| user_name().ok())
                .unwrap_or_else(|| "guest".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_token_or_from_the_address() {
        let names = Names { first: Some("Ana".into()), last: None, user: Some("a b".into()) };
        let names = names.of("ana.cruz@example.org");
        assert_eq!((&*names.first_name, &*names.last_name, &*names.user_name), ("Ana", "", "ana.cruz"));
        let names = Names::default().of("ana@example.org");
        assert_eq!((&*names.first_name, &*names.user_name), ("ana", "ana"));
    }

    #[test]
    fn newcomers_of_a_minute_are_bounded() {
        let newcomers = Newcomers::default();
        let now = Timestamp::clamped(0);
        assert!((0..PER_MINUTE).all(|_| newcomers.has_room(now)));
        assert!(!newcomers.has_room(now) && newcomers.has_room(Timestamp::clamped(MINUTE)));
    }
}
