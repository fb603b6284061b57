//! Who calls in the matrix, with which token, and whether anything changed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use crate::harness::{Person, Server};

/// Signs the tokens of the server under test.
pub(super) const SECRET: &str = "a secret that only the tests of the matrix know";

/// Callers whose token is good, or who have none, in the order of the table's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Anonymous,
    Sender,
    Receiver,
    Outsider,
    Coordinator,
    Admin,
}

impl Role {
    pub(super) const ALL: [Self; 6] =
        [Self::Anonymous, Self::Sender, Self::Receiver, Self::Outsider, Self::Coordinator, Self::Admin];
}

/// A message from one person to another, and everybody who might want something of it.
pub(super) struct Scene {
    pub(super) sender: Person,
    pub(super) receiver: Person,
    pub(super) outsider: Person,
    pub(super) coordinator: Person,
    pub(super) admin: Person,
    pub(super) disabled: Person,
    /// Somebody to write to, who calls nothing.
    pub(super) bystander: Person,
    pub(super) message: String,
    /// An invitation that the admin made.
    pub(super) invite: String,
}

impl Scene {
    pub(super) async fn new(server: &Server) -> Self {
        let person = async |name: &str| server.register(name).await;
        let scene = Self {
            sender: person("sender").await,
            receiver: person("receiver").await,
            outsider: person("outsider").await,
            coordinator: person("coordinator").await,
            admin: person("admin").await,
            disabled: person("disabled").await,
            bystander: person("bystander").await,
            message: String::new(),
            invite: String::new(),
        };
        server.decree(&scene.coordinator, "role = 'coordinator'");
        server.decree(&scene.admin, "role = 'admin'");
        server.decree(&scene.disabled, "disabled = 1");
        let message = server.send(&scene.sender, &scene.receiver, "Hello").await;
        let invite = server.ask("POST", "/api/invite", &scene.admin, json!({})).await.json();
        Self { message, invite: invite["_id"].as_str().unwrap().to_owned(), ..scene }
    }

    pub(super) fn person(&self, role: Role) -> Option<&Person> {
        match role {
            Role::Anonymous => None,
            Role::Sender => Some(&self.sender),
            Role::Receiver => Some(&self.receiver),
            Role::Outsider => Some(&self.outsider),
            Role::Coordinator => Some(&self.coordinator),
            Role::Admin => Some(&self.admin),
        }
    }

    /// Tokens that are nobody's, each with what is wrong with it and what the server says of it.
    pub(super) async fn bad_tokens(&self, server: &Server) -> Vec<(&'static str, String, &'static str)> {
        let good = &self.sender.token;
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let mut other = signature.as_bytes().to_vec();
        other[10] = if other[10] == b'A' { b'B' } else { b'A' };
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let mut expired = claims(good);
        expired["exp"] = json!(expired["iat"].as_i64().unwrap() - 1);
        let ended = server.sign_in("sender").await;
        assert_eq!(server.ask("POST", "/api/auth/logout", &ended, None).await.status, 200);
        vec![
            ("of a disabled user", self.disabled.token.clone(), "Invalid token"),
            ("expired", sign(&expired, SECRET), "Token expired"),
            ("forged", format!("{signed}.{}", String::from_utf8(other).unwrap()), "Invalid token"),
            ("alg none", format!("{unsigned}.{}.", signed.split_once('.').unwrap().1), "Invalid token"),
            (
                "alg none with a signature",
                format!("{unsigned}.{}.{signature}", signed.split_once('.').unwrap().1),
                "Invalid token",
            ),
            ("foreign", sign(&claims(good), "the secret of another server, long enough"), "Invalid token"),
            ("of an ended session", ended.token, "Invalid token"),
            ("a refresh token", self.sender.refresh.clone(), "Invalid token"),
        ]
    }
}

/// The session that somebody's token belongs to.
pub(super) fn session(person: &Person) -> String {
    claims(&person.token)["sid"].as_str().unwrap().to_owned()
}

/// What a token says.
fn claims(token: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn sign(claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}
