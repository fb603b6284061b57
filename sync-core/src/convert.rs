//! From what a server says to what the engine works with. No other module reads a server's JSON.
//!
//! It is liberal: a sender may be an id or an object with `_id`, an error body may be `{error}` or `{message}`,
//! unknown fields are ignored, and one odd entry of a list is left out and does not spoil the rest. And it is
//! careful: ids, names and contents are bounded, and a message that neither comes from this account nor goes to
//! it is left out.

mod entries;
pub(crate) mod list;
pub(crate) mod token;
mod wire;

use serde::Deserialize;
use serde_json::Value;

use protocol::{Role, limits::CONTENT_CHARS, limits::NAME_CHARS, limits::USER_NAME_CHARS};

use crate::{
    apply::Message,
    domain::{MessageId, Person, RegistrationMode, UserId},
    limits,
    machine::feed::{FeedPage, HistoryPage, Snapshot, Summary},
};

use entries::{Entries, Text};
use wire::{WireAbout, WireMessage, WirePerson, WireRef, WireSession, WireSummary, WireSync};

/// An answer that does not have the form of the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not of the documented form: {0}")]
pub(crate) struct Malformed(pub(crate) String);

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        // The category and place, and never the text that stood there.
        Self(format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()))
    }
}

/// What signing in, registering and refreshing bring. No `Debug`, because it holds tokens.
pub(crate) struct Signed {
    /// Who signed in, and the name they did it with; a refresh need not say.
    pub(crate) user: Option<(Person, String)>,
    pub(crate) access_token: String,
    /// A server need not give one.
    pub(crate) refresh_token: Option<String>,
}

/// What a server says of itself.
pub(crate) struct About {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) registration: RegistrationMode,
    pub(crate) supported: bool,
}

/// The answer to `GET /api/sync?since=…`.
pub(crate) fn feed_page(body: &[u8], me: &UserId) -> Result<FeedPage, Malformed> {
    let page: WireSync = serde_json::from_slice(body)?;
    let changes = page.changes.read("change", |change: WireMessage| {
        let seq = i64::try_from(change.seq?).ok()?;
        Some((message(change, me)?, seq))
    });
    Ok(FeedPage { changes, people: people_of(page.users), next: cursor(page.next)?, more: page.more })
}

/// The answer to `GET /api/sync` without a cursor.
pub(crate) fn snapshot(body: &[u8], me: &UserId) -> Result<Snapshot, Malformed> {
    let page: WireSync = serde_json::from_slice(body)?;
    let conversations = page.conversations.read("conversation", |summary: WireSummary| {
        let peer = person(summary.peer)?;
        let last = message(summary.last_message, me).filter(|last| last.peer == peer.id)?;
        Some(Summary { peer, last, unread: summary.unread_count })
    });
    let people = people_of(page.users);
    Ok(Snapshot { conversations, people, next: cursor(page.next)?, more: page.more })
}

/// The answer to `GET /message?peer=…&before=…&limit=…`; `more` is whether it named a next page.
pub(crate) fn history_page(
    body: &[u8],
    me: &UserId,
    peer: &UserId,
    more: bool,
) -> Result<HistoryPage, Malformed> {
    let page: Entries<'_> = serde_json::from_slice(body)?;
    let full = page.len() >= usize::try_from(limits::HISTORY_PAGE).unwrap_or(usize::MAX);
    let messages =
        page.read("message", |told: WireMessage| message(told, me).filter(|message| message.peer == *peer));
    Ok(HistoryPage { messages, done: !more && !full })
}

/// Whether an answer of status 410 says that the cursor is only too old.
pub(crate) fn is_expired(body: &[u8]) -> bool {
    serde_json::from_slice(body).is_ok_and(|value: Value| value["reason"] == "expired")
}

/// One message, as `POST` and `PATCH /message` answer it.
pub(crate) fn one_message(body: &[u8], me: &UserId) -> Result<Message, Malformed> {
    let told: WireMessage = serde_json::from_slice(body)?;
    message(told, me).ok_or_else(|| Malformed("a message that is not this account's".to_owned()))
}

/// An entry of a plain server's `GET /message`. Messages of others, and to oneself, are none.
pub(crate) fn listed(entry: &[u8], me: &UserId) -> Result<Option<Message>, Malformed> {
    let told: WireMessage = serde_json::from_slice(entry)?;
    if id(told.id.clone()).is_none() {
        return Err(Malformed("an id that cannot be used".to_owned()));
    }
    Ok(message(told, me))
}

/// Whom a live event tells of: the `sender` of `newMessage` comes with a name, and documented servers have no other
/// way to learn it. `None` where there is none, or nothing is said but the id.
pub(crate) fn sender(event: &Value) -> Option<Person> {
    let told = event.get("sender").filter(|sender| sender.is_object())?;
    let person = person(WirePerson::deserialize(told).ok()?)?;
    (!person.first_name.is_empty() || !person.last_name.is_empty()).then_some(person)
}

/// The answer of `/api/auth/register`, `login` and `refresh`. The document says nothing of it, so it may come in an
/// envelope or without, and with or without a refresh token.
pub(crate) fn signed(body: &[u8]) -> Result<Signed, Malformed> {
    let told: WireSession = serde_json::from_slice(body)?;
    let WireSession { user, access_token, token, refresh_token, .. } = match told {
        WireSession { data: Some(inner), .. } => *inner,
        outer => outer,
    };
    let access_token = access_token.0.or(token.0).ok_or_else(|| Malformed("no token in it".to_owned()))?;
    let refresh_token = refresh_token.0;
    if !token::is_token(&access_token) || refresh_token.as_ref().is_some_and(|token| !token::is_token(token))
    {
        return Err(Malformed("a token of an impossible form".to_owned()));
    }
    let user = user.and_then(|user| {
        let user_name = cut(user.user_name.0.clone().unwrap_or_default(), USER_NAME_CHARS);
        Some((person(user)?, user_name))
    });
    Ok(Signed { user, access_token, refresh_token })
}

/// The answer to `GET /api/user/:id`: the user, alone or in an envelope.
pub(crate) fn one_person(body: &[u8]) -> Result<Person, Malformed> {
    let value: Value = serde_json::from_slice(body)?;
    let user = [&value["data"]["user"], &value["data"], &value["user"], &value]
        .into_iter()
        .find(|candidate| candidate.get("_id").or_else(|| candidate.get("id")).is_some());
    user.and_then(|user| person(WirePerson::deserialize(user).ok()?))
        .ok_or_else(|| Malformed("no user in it".to_owned()))
}

/// The answer to `POST /api/user/search`: the users, alone or in an envelope.
pub(crate) fn several_people(body: &[u8]) -> Result<Vec<Person>, Malformed> {
    let value: Value = serde_json::from_slice(body)?;
    let users = [&value["data"]["users"], &value["data"], &value["users"], &value]
        .into_iter()
        .find_map(Value::as_array)
        .ok_or_else(|| Malformed("no users in it".to_owned()))?;
    let people = users.iter().take(limits::PAGE_ENTRIES);
    Ok(people.filter_map(|user| person(WirePerson::deserialize(user).ok()?)).collect())
}

/// The answer to `GET /api/capabilities`.
pub(crate) fn about(body: &[u8]) -> Result<About, Malformed> {
    let about: WireAbout = serde_json::from_slice(body)?;
    let supported = limits::REQUIRED_EXTENSIONS
        .iter()
        .all(|needed| about.extensions.iter().any(|offered| offered == needed));
    let registration = match about.registration.as_deref() {
        Some("open") => RegistrationMode::Open,
        Some("invite") => RegistrationMode::Invite,
        Some("closed") => RegistrationMode::Closed,
        _ => RegistrationMode::Unknown,
    };
    let text = |text: Option<String>| text.map(|text| cut(text, NAME_CHARS)).filter(|text| !text.is_empty());
    Ok(About { name: text(about.name), version: text(about.version), registration, supported })
}

/// The server's words for why it says no, bounded and on one line.
pub(crate) fn reason(status: u16, body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let words = ["error", "message"].into_iter().find_map(|field| value.get(field)?.as_str());
    match words.map(str::trim).filter(|words| !words.is_empty()) {
        Some(words) => cut(words.replace(char::is_control, " "), limits::REASON_CHARS),
        None => format!("the server answered with status {status}"),
    }
}

/// Whether this is a refusal as the document has them: an object with words in it.
pub(crate) fn is_refusal(body: &[u8]) -> bool {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    ["error", "message"].iter().any(|field| value.get(field).is_some_and(Value::is_string))
}

fn message(told: WireMessage, me: &UserId) -> Option<Message> {
    let (sender, receiver) = (id_of(told.sender)?, id_of(told.receiver)?);
    // A message to oneself has no peer, and one between others is not for this device.
    let (mine, peer) = match (sender == *me, receiver == *me) {
        (true, false) => (true, receiver),
        (false, true) => (false, sender),
        (true, true) | (false, false) => return None,
    };
    let content = if told.deleted_at.is_some() { String::new() } else { cut(told.content, CONTENT_CHARS) };
    let client_key =
        told.client_message_id.filter(|key| mine && !key.is_empty() && key.len() <= limits::ID_BYTES);
    Some(Message {
        id: MessageId(id(told.id)?),
        peer,
        mine,
        content,
        sent_at: told.sent_at,
        is_read: told.is_read,
        edited_at: told.edited_at,
        delivered_at: told.delivered_at,
        seen_at: told.seen_at,
        read_at: told.read_at,
        deleted_at: told.deleted_at,
        client_key,
    })
}

fn person(told: WirePerson) -> Option<Person> {
    let text = |Text(text): Text| cut(text.unwrap_or_default(), NAME_CHARS);
    Some(Person {
        id: UserId(id(told.id)?),
        first_name: text(told.first_name),
        last_name: text(told.last_name),
        role: told.role.0.and_then(|role| role.parse::<Role>().ok()),
        avatar: told
            .avatar
            .0
            .filter(|address| !address.is_empty() && address.len() <= protocol::limits::AVATAR_BYTES),
    })
}

fn people_of(users: Entries<'_>) -> Vec<Person> {
    users.read("user", person)
}

fn id_of(told: WireRef) -> Option<UserId> {
    match told {
        WireRef::Id(text) => id(text).map(UserId),
        WireRef::Person(person) => id(person.id).map(UserId),
    }
}

/// An id that can be stored, compared and put into a path.
fn id(text: String) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let whole = !text.is_empty() && text.len() <= limits::ID_BYTES && text.bytes().all(plain);
    (whole && !text.bytes().all(|byte| byte == b'.')).then_some(text)
}

fn cursor(text: String) -> Result<String, Malformed> {
    if text.is_empty() || text.len() > limits::CURSOR_BYTES {
        return Err(Malformed("a cursor of an impossible length".to_owned()));
    }
    Ok(text)
}

/// At most this many characters of it.
fn cut(mut text: String, characters: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn me() -> UserId {
        "ana".into()
    }

    fn told(changes: &Value) -> Value {
        let mut message = json!({
            "_id": "m1", "sender": "ana", "receiver": "ben", "content": "hi", "isRead": false,
            "sentAt": "2025-10-08T10:30:00.000Z",
        });
        for (field, value) in changes.as_object().unwrap() {
            message[field] = value.clone();
        }
        message
    }

    fn read(changes: &Value) -> Result<Message, Malformed> {
        one_message(told(changes).to_string().as_bytes(), &me())
    }

    #[test]
    fn a_participant_is_an_id_or_a_person() {
        let by_id = read(&json!({})).unwrap();
        assert_eq!((by_id.mine, by_id.peer.as_str()), (true, "ben"));
        let sender = json!({"_id": "ben", "firstName": "Ben", "unknown": [1]});
        let by_person = read(&json!({"sender": sender, "receiver": "ana"})).unwrap();
        assert_eq!((by_person.mine, by_person.peer.as_str()), (false, "ben"));
    }

    #[test]
    fn messages_of_others_and_to_oneself_are_left_out() {
        for changes in [
            json!({"sender": "ben", "receiver": "cleo"}),
            json!({"receiver": "ana"}),
            json!({"receiver": "../../x"}),
            json!({"receiver": ".."}),
            json!({"_id": ""}),
            json!({"_id": "x".repeat(200)}),
            json!({"sentAt": "yesterday"}),
        ] {
            assert!(read(&changes).is_err(), "{changes}");
        }
    }

    #[test]
    fn texts_are_bounded_and_keys_of_others_ignored() {
        let long = read(&json!({"content": "é".repeat(20_000)})).unwrap();
        assert_eq!(long.content.chars().count(), CONTENT_CHARS);
        let keyed = json!({"clientMessageId": "k1", "sender": "ben", "receiver": "ana"});
        assert_eq!(read(&keyed).unwrap().client_key, None);
        assert_eq!(read(&json!({"clientMessageId": "k1"})).unwrap().client_key.as_deref(), Some("k1"));
    }

    #[test]
    fn one_odd_change_does_not_spoil_the_page() {
        let body = json!({
            "changes": [
                told(&json!({"seq": 4})), told(&json!({"_id": 5, "seq": 5})), 7,
                {"_id": "m2", "sender": "ben", "receiver": "ana", "sentAt": "2025-10-08T10:30:00Z",
                 "deletedAt": "2025-10-08T10:31:00Z", "seq": 6},
            ],
            "next": "c2", "more": true, "users": [{"_id": "ben", "firstName": "Ben", "lastName": "Ng", "role": "?"}],
        });
        let page = feed_page(body.to_string().as_bytes(), &me()).unwrap();
        let ids: Vec<_> = page.changes.iter().map(|(message, seq)| (message.id.as_str(), *seq)).collect();
        assert_eq!(ids, [("m1", 4), ("m2", 6)]);
        assert!(page.changes[1].0.deleted_at.is_some());
        assert_eq!((page.next.as_str(), page.more, page.people[0].role), ("c2", true, None));
    }

    #[test]
    fn a_page_without_a_cursor_is_malformed() {
        for body in ["", "[]", "{}", r#"{"changes":[],"next":""}"#, r#"{"changes":{},"next":"x"}"#] {
            assert!(feed_page(body.as_bytes(), &me()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_reason_is_error_or_message_or_the_status() {
        assert_eq!(reason(400, br#"{"error":"Content is required","message":"x"}"#), "Content is required");
        assert_eq!(reason(400, br#"{"message":" Nope "}"#), "Nope");
        assert_eq!(reason(502, b"<html>"), "the server answered with status 502");
        assert_eq!(
            reason(400, json!({"error": "é".repeat(999)}).to_string().as_bytes()).chars().count(),
            300
        );
    }

    #[test]
    fn people_come_alone_or_in_an_envelope() {
        let user =
            json!({"_id": "ben", "firstName": "Ben", "lastName": "Ng", "role": "student", "avatar": null});
        for body in [user.clone(), json!({"data": user}), json!({"data": {"user": user}})] {
            assert_eq!(one_person(body.to_string().as_bytes()).unwrap().first_name, "Ben");
        }
        for body in [json!([user]), json!({"data": [user]}), json!({"data": {"users": [user]}})] {
            assert_eq!(several_people(body.to_string().as_bytes()).unwrap().len(), 1);
        }
    }
}
