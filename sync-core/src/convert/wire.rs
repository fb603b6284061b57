//! A server's JSON as it comes. What the document does not promise in every answer is optional, and a role or a
//! picture of an unexpected form must not cost the person.

use protocol::Timestamp;
use serde::Deserialize;

use super::entries::{Entries, Text};

pub(super) enum WireRef {
    Id(String),
    Person(WirePerson),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WirePerson {
    #[serde(rename = "_id", alias = "id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) first_name: Text,
    #[serde(default)]
    pub(super) last_name: Text,
    #[serde(default)]
    pub(super) user_name: Text,
    #[serde(default)]
    pub(super) role: Text,
    #[serde(default)]
    pub(super) avatar: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMessage {
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) sender: WireRef,
    pub(super) receiver: WireRef,
    #[serde(default)]
    pub(super) content: String,
    #[serde(default)]
    pub(super) is_read: bool,
    pub(super) sent_at: Timestamp,
    #[serde(default)]
    pub(super) edited_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) delivered_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) seen_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) read_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) deleted_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) client_message_id: Option<String>,
    #[serde(default)]
    pub(super) seq: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct WireSync<'a> {
    #[serde(default, borrow)]
    pub(super) changes: Entries<'a>,
    pub(super) next: String,
    #[serde(default)]
    pub(super) history: Option<String>,
    #[serde(default)]
    pub(super) more: bool,
    #[serde(default, borrow)]
    pub(super) conversations: Entries<'a>,
    #[serde(default, borrow)]
    pub(super) users: Entries<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireSummary {
    pub(super) peer: WirePerson,
    pub(super) last_message: WireMessage,
    #[serde(default)]
    pub(super) unread_count: u64,
}

/// A session, or an envelope around one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireSession {
    #[serde(default)]
    pub(super) data: Option<Box<WireSession>>,
    #[serde(default)]
    pub(super) user: Option<WirePerson>,
    #[serde(default)]
    pub(super) access_token: Text,
    #[serde(default)]
    pub(super) token: Text,
    #[serde(default)]
    pub(super) refresh_token: Text,
}

#[derive(Deserialize)]
pub(super) struct WireAbout {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) version: Option<String>,
    pub(super) extensions: Vec<String>,
    #[serde(default)]
    pub(super) registration: Option<String>,
}
