//! Tokens with the document's payload: `{id, email, role, iat, exp}`.

use anyhow::Context;
use axum::http::{HeaderMap, header};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::people::Person;

use super::{rest::Refusal, store};

const SECRET: &[u8] = b"a secret that only this server and its tests know";
/// How long a token is good for, in seconds.
const LIFETIME: i64 = 24 * 60 * 60;

#[derive(Serialize, Deserialize)]
struct Payload {
    id: String,
    email: String,
    role: String,
    iat: i64,
    exp: i64,
}

pub(super) fn token(id: &str, person: &Person) -> anyhow::Result<String> {
    let iat = store::now().millis() / 1_000;
    let payload = Payload {
        id: id.to_owned(),
        email: person.email.to_owned(),
        role: person.role.to_owned(),
        iat,
        exp: iat + LIFETIME,
    };
    encode(&Header::new(Algorithm::HS256), &payload, &EncodingKey::from_secret(SECRET))
        .context("a token could not be signed")
}

/// Whose request it is.
pub(super) fn caller(headers: &HeaderMap) -> Result<String, Refusal> {
    let bearer =
        headers.get(header::AUTHORIZATION).and_then(|header| header.to_str().ok()?.strip_prefix("Bearer "));
    let token = bearer.ok_or(Refusal(401, "Authentication required"))?;
    let payload =
        decode::<Payload>(token, &DecodingKey::from_secret(SECRET), &Validation::new(Algorithm::HS256));
    Ok(payload.map_err(|_| Refusal(401, "Invalid token"))?.claims.id)
}
