//! Access tokens (signed, short-lived, the document's “Token Payload”) and refresh tokens (random, stored hashed).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use protocol::{Timestamp, auth::TokenPayload};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::secret::Secret;
use crate::{
    model::{Account, SessionId},
    store::TokenHash,
};

/// How long an access token lasts, in seconds.
pub const ACCESS_SECONDS: i64 = 60 * 60;

/// Makes and reads access tokens with one secret. HS256 alone is accepted, whatever a token's header says.
pub struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

/// Why an access token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Malformed or forged.
    #[error("the token is malformed or forged")]
    Invalid,
    /// Genuine, but its time is over.
    #[error("the token has expired")]
    Expired,
}

/// A refresh token. No `Debug`: only its hash may be kept.
pub struct RefreshToken {
    /// What the client gets.
    pub text: String,
    /// What the store keeps.
    pub hash: TokenHash,
}

impl Tokens {
    /// Signs with this secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // The time is checked against our own clock, below.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let (signing, checking) =
            (EncodingKey::from_secret(secret.bytes()), DecodingKey::from_secret(secret.bytes()));
        Self { signing, checking, validation }
    }

    /// An access token for a session of this account.
    ///
    /// # Errors
    /// Where signing fails.
    pub fn make(
        &self,
        account: &Account,
        session: SessionId,
        now: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let iat = now.millis().div_euclid(1000);
        let payload = TokenPayload {
            id: account.id,
            email: account.email.clone(),
            role: account.role,
            iat,
            exp: iat + ACCESS_SECONDS,
            sid: Some(session.to_string()),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &payload, &self.signing)
    }

    /// What a genuine token says.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn read(&self, token: &str, now: Timestamp) -> Result<TokenPayload, TokenError> {
        let data = jsonwebtoken::decode::<TokenPayload>(token, &self.checking, &self.validation);
        let claims = data.map_err(|_| TokenError::Invalid)?.claims;
        if claims.exp <= now.millis().div_euclid(1000) {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

impl Tokens {
    /// What else a genuine token says; `None` where it is not of that form.
    pub(super) fn read_more<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        jsonwebtoken::decode(token, &self.checking, &self.validation).ok().map(|data| data.claims)
    }
}

impl RefreshToken {
    /// A new one, of 256 random bits.
    #[must_use]
    pub fn random() -> Self {
        let text = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let hash = Self::hash(&text);
        Self { text, hash }
    }

    /// The hash of a presented one. It is random enough that one round of SHA-256 protects it.
    #[must_use]
    pub fn hash(text: &str) -> TokenHash {
        Sha256::digest(text.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use protocol::{ObjectId, Role, UserId};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_759_919_400_000;

    fn account() -> Account {
        Account {
            id: UserId(ObjectId::from_bytes([1; 12])),
            user_name: "ana".into(),
            first_name: "Ana".into(),
            last_name: String::new(),
            email: "ana@example.org".into(),
            role: Role::Student,
            avatar: None,
            disabled: false,
            privacy: crate::model::Privacy::default(),
        }
    }

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&Secret::parse(secret).unwrap())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::clamped(NOW + seconds * 1000)
    }

    #[test]
    fn a_token_is_read_until_its_time_is_over() {
        let tokens = tokens("0123456789abcdef0123456789abcdef");
        let session = SessionId(uuid::Uuid::from_u128(7));
        let token = tokens.make(&account(), session, at(0)).unwrap();
        let claims = tokens.read(&token, at(ACCESS_SECONDS - 1)).unwrap();
        assert_eq!((claims.id, claims.sid), (account().id, Some(session.to_string())));
        assert_eq!(tokens.read(&token, at(ACCESS_SECONDS)), Err(TokenError::Expired));
    }

    #[test]
    fn a_forged_token_is_refused() {
        let tokens = tokens("0123456789abcdef0123456789abcdef");
        let genuine = tokens.make(&account(), SessionId(uuid::Uuid::nil()), at(0)).unwrap();
        let [header, payload, signature]: [&str; 3] =
            genuine.split('.').collect::<Vec<_>>().try_into().unwrap();
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let none = encode(&json!({"alg": "none", "typ": "JWT"}));
        let hs512 = encode(&json!({"alg": "HS512", "typ": "JWT"}));
        let admin =
            encode(&json!({"id": "0".repeat(24), "email": "", "role": "admin", "iat": 0, "exp": i64::MAX}));
        let other = self::tokens("another-secret-of-32-bytes-or-more");
        for forged in [
            String::new(),
            "x.y.z".into(),
            format!("{none}.{payload}."),
            format!("{none}.{payload}.{signature}"),
            format!("{hs512}.{payload}.{signature}"),
            format!("{header}.{admin}.{signature}"),
            format!("{header}.{payload}."),
            other.make(&account(), SessionId(uuid::Uuid::nil()), at(0)).unwrap(),
        ] {
            assert_eq!(tokens.read(&forged, at(0)), Err(TokenError::Invalid), "{forged}");
        }
    }
}
