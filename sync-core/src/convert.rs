//! From what a server says to what the engine works with. No other module reads a server's JSON.
//!
//! It is liberal: a sender may be an id or an object with `_id`, an error body may be `{error}` or `{message}`,
//! unknown fields are ignored, and one odd entry of a list is left out and does not spoil the rest. And it is
//! careful: ids, names and contents are bounded, and a message that neither comes from this account nor goes to
//! it is left out.

pub(crate) mod account;
mod entries;
pub(crate) mod list;
#[cfg(test)]
mod tests;
pub(crate) mod token;
mod wire;

use serde::Deserialize;
use serde_json::Value;

use protocol::{Role, limits::CONTENT_CHARS, limits::NAME_CHARS, limits::USER_NAME_CHARS};

use crate::{
    apply::Message,
    domain::{MessageId, Person, Presence, RegistrationMode, UserId},
    limits,
    machine::feed::{FeedPage, HistoryPage, Snapshot, Summary},
};

use entries::{Entries, Text};
use wire::{
    WireAbout, WireMessage, WirePerson, WirePresence, WireRef, WireSession, WireSummary, WireSync, WireTyping,
};

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
    /// The names of all extensions that it offers.
    pub(crate) extensions: Vec<String>,
}

/// The answer to `GET /api/sync?since=…`.
pub(crate) fn feed_page(body: &[u8], me: &UserId) -> Result<FeedPage, Malformed> {
    let page: WireSync = serde_json::from_slice(body)?;
    let changes = page.changes.read("change", |change: WireMessage| {
        let seq = i64::try_from(change.seq?).ok()?;
        Some((message(change, me)?, seq))
    });
    Ok(FeedPage {
        changes,
        people: people_of(page.users),
        next: cursor(page.next)?,
        history: page.history.and_then(history_name),
        more: page.more,
    })
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
    let history = page.history.and_then(history_name);
    Ok(Snapshot { conversations, people, next: cursor(page.next)?, history, more: page.more })
}

/// The answer to `GET /message?peer=…&before=…&limit=…`, with what its headers say: whether there is a next page, and
/// of which history it is.
pub(crate) fn history_page(
    body: &[u8],
    me: &UserId,
    peer: &UserId,
    (more, history): (bool, Option<String>),
) -> Result<HistoryPage, Malformed> {
    let page: Entries<'_> = serde_json::from_slice(body)?;
    let full = page.len() >= usize::try_from(limits::HISTORY_PAGE).unwrap_or(usize::MAX);
    let messages =
        page.read("message", |told: WireMessage| message(told, me).filter(|message| message.peer == *peer));
    Ok(HistoryPage { messages, history: history.and_then(history_name), done: !more && !full })
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
    let whose = [&told.sender, &told.receiver].map(id_of);
    if id(told.id.clone()).is_none() || whose.contains(&None) {
        return Err(Malformed("an id that cannot be used".to_owned()));
    }
    Ok(message(told, me))
}

/// Whom a live event tells of: the `sender` of `newMessage` comes with a name, and documented servers have no other
/// way to learn it. `None` where there is none, or nothing is said but the id.
pub(crate) fn sender_of(event: &Value) -> Option<Person> {
    let told = event.get("sender").filter(|sender| sender.is_object())?;
    let person = person(WirePerson::deserialize(told).ok()?)?;
    (!person.first_name.is_empty() || !person.last_name.is_empty()).then_some(person)
}

/// Who is writing, or is not any more, by a live event.
pub(crate) fn typing(event: &Value) -> Option<(UserId, bool)> {
    let told = WireTyping::deserialize(event).ok()?;
    Some((UserId(id(told.sender)?), told.is_typing))
}

/// Whether somebody is there, by a live event.
pub(crate) fn presence(event: &Value) -> Option<Presence> {
    present(WirePresence::deserialize(event).ok()?)
}

/// The answer to `GET /api/user/presence`.
pub(crate) fn presences(body: &[u8]) -> Result<Vec<Presence>, Malformed> {
    let told: Entries<'_> = serde_json::from_slice(body)?;
    Ok(told.read("presence", present))
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
    let mut extensions = about.extensions;
    extensions.retain(|name| name.len() <= limits::EXTENSIONS);
    extensions.truncate(limits::EXTENSIONS);
    Ok(About { name: text(about.name), version: text(about.version), registration, supported, extensions })
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
    let (sender, receiver) = (id_of(&told.sender)?, id_of(&told.receiver)?);
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

fn present(told: WirePresence) -> Option<Presence> {
    let last_seen_at = told.last_seen_at.filter(|_| !told.online);
    Some(Presence { id: UserId(id(told.user_id)?), online: told.online, last_seen_at })
}

fn people_of(users: Entries<'_>) -> Vec<Person> {
    users.read("user", person)
}

fn id_of(told: &WireRef) -> Option<UserId> {
    let (WireRef::Id(text) | WireRef::Person(WirePerson { id: text, .. })) = told;
    id(text.clone()).map(UserId)
}

/// An id that can be stored, compared and put into a path.
fn id(text: String) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let whole = !text.is_empty() && text.len() <= limits::ID_BYTES && text.bytes().all(plain);
    (whole && !text.bytes().all(|byte| byte == b'.')).then_some(text)
}

/// What a server calls its history, if that can be kept.
fn history_name(text: String) -> Option<String> {
    (!text.is_empty() && text.len() <= limits::ID_BYTES).then_some(text)
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
