//! Who one is, by what an access token says of itself.
//!
//! A JSON Web Token carries its claims in the clear. They are read and not verified: that is for the server, which
//! turns a forged token away. So a wrong claim can mislead only whoever pasted it, and only until the first request.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use protocol::{Role, Timestamp, limits::NAME_CHARS, limits::USER_NAME_CHARS};
use serde::Deserialize;

use crate::{
    domain::{Person, UserId},
    limits,
};

use super::{Malformed, cut, entries::Text, id};

/// What a token says of whose it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    /// The person; names are empty where the token has none.
    pub(crate) person: Person,
    /// A user name, or otherwise an e-mail address.
    pub(crate) user_name: Option<String>,
    /// When it ends.
    pub(crate) expires: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    object_id: Text,
    #[serde(default)]
    user_id: Text,
    #[serde(default)]
    sub: Text,
    #[serde(default)]
    user_name: Text,
    #[serde(default)]
    email: Text,
    #[serde(default)]
    first_name: Text,
    #[serde(default)]
    last_name: Text,
    #[serde(default)]
    role: Text,
    #[serde(default)]
    exp: Option<f64>,
}

/// With or without padding: both are met.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Whether a text can be a token at all: it goes into a header.
pub(super) fn is_token(token: &str) -> bool {
    !token.is_empty()
        && token.len() <= limits::TOKEN_BYTES
        && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whose token this is. Spaces around it, and a `Bearer` in front of it, are taken for a slip in copying.
///
/// # Errors
/// Where it is no token, or does not say whose it is.
pub(crate) fn whose(pasted: &str) -> Result<(String, Bearer), Malformed> {
    let malformed = |what: &str| Malformed(what.to_owned());
    let token = pasted.trim();
    let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
    if !is_token(token) {
        return Err(malformed("not a token"));
    }
    let payload = token.split('.').nth(1).filter(|_| token.split('.').count() == 3);
    let payload = payload.ok_or_else(|| malformed("not a token of three parts"))?;
    let json = BASE64.decode(payload).map_err(|_| malformed("a token that is not base64"))?;
    let claims: Claims = serde_json::from_slice(&json)?;
    let whose = [claims.id, claims.object_id, claims.user_id, claims.sub]
        .into_iter()
        .find_map(|Text(text)| id(text?));
    let name = |Text(text): Text| cut(text.unwrap_or_default(), NAME_CHARS);
    let person = Person {
        id: UserId(whose.ok_or_else(|| malformed("a token that does not say whose it is"))?),
        first_name: name(claims.first_name),
        last_name: name(claims.last_name),
        role: claims.role.0.and_then(|role| role.parse::<Role>().ok()),
        avatar: None,
    };
    let user_name = claims.user_name.0.or(claims.email.0).map(|name| cut(name, USER_NAME_CHARS));
    #[expect(clippy::cast_possible_truncation, reason = "a cast from a float ends at the ends of the range")]
    let expires = claims.exp.map(|seconds| Timestamp::clamped((seconds * 1_000.0) as i64));
    Ok((token.to_owned(), Bearer { person, user_name: user_name.filter(|name| !name.is_empty()), expires }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn token(claims: &Value) -> String {
        format!("e30.{}.c2ln", BASE64.encode(claims.to_string()))
    }

    fn read(claims: &Value) -> Result<Bearer, Malformed> {
        whose(&token(claims)).map(|(_, bearer)| bearer)
    }

    #[test]
    fn the_documents_payload_says_who_one_is() {
        let payload = json!({"id": "507f1f77bcf86cd799439011", "email": "ana@example.org", "role": "student",
            "iat": 1_760_000_000, "exp": 1_760_086_400});
        let pasted = format!("  Bearer {}\n", token(&payload));
        let (clean, bearer) = whose(&pasted).unwrap();
        assert_eq!(clean, token(&payload));
        assert_eq!(bearer.person.id.as_str(), "507f1f77bcf86cd799439011");
        assert_eq!(
            (bearer.person.role, bearer.user_name.as_deref()),
            (Some(Role::Student), Some("ana@example.org"))
        );
        assert_eq!(bearer.expires.map(Timestamp::millis), Some(1_760_086_400_000));
    }

    #[test]
    fn ids_come_under_several_names_and_odd_claims_do_not_spoil_them() {
        for claims in [
            json!({"_id": "ana"}),
            json!({"userId": "ana", "id": 7}),
            json!({"sub": "ana", "id": "../x", "role": ["x"], "exp": 1e300}),
        ] {
            assert_eq!(read(&claims).unwrap().person.id.as_str(), "ana", "{claims}");
        }
    }

    #[test]
    fn what_is_no_token_is_said_to_be_none() {
        for claims in [json!({}), json!([]), json!({"id": ""}), json!({"id": "x".repeat(999)})] {
            assert!(read(&claims).is_err(), "{claims}");
        }
        for text in
            ["", "abc", "a.b", "a.b.c", "a.e30.c.d", "a b.e30.c", &format!("a.{}.c", "e".repeat(9_000))]
        {
            assert!(whose(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_pasted_is_dangerous(text in "\\PC*", claims in ".*", exp: f64) {
            let _ = whose(&text);
            let _ = whose(&format!("a.{}.c", BASE64.encode(&claims)));
            let _ = read(&json!({"id": claims, "firstName": text, "exp": exp}));
        }
    }
}
