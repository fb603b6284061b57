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
#[serde(try_from = "TwiceNamed")]
pub(super) struct WirePerson {
    pub(super) id: String,
    pub(super) first_name: Text,
    pub(super) last_name: Text,
    pub(super) user_name: Text,
    pub(super) role: Text,
    pub(super) avatar: Text,
}

/// A person whose id may come under either name. Database libraries show it under both.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TwiceNamed {
    #[serde(default, rename = "_id")]
    object_id: Text,
    #[serde(default)]
    id: Text,
    #[serde(default)]
    first_name: Text,
    #[serde(default)]
    last_name: Text,
    #[serde(default)]
    user_name: Text,
    #[serde(default)]
    role: Text,
    #[serde(default)]
    avatar: Text,
}

impl TryFrom<TwiceNamed> for WirePerson {
    type Error = &'static str;

    fn try_from(told: TwiceNamed) -> Result<Self, Self::Error> {
        let TwiceNamed { object_id, id, first_name, last_name, user_name, role, avatar } = told;
        let id = object_id.0.or(id.0).ok_or("a person without an id")?;
        Ok(Self { id, first_name, last_name, user_name, role, avatar })
    }
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
#[serde(rename_all = "camelCase")]
pub(super) struct WireTyping {
    pub(super) sender: String,
    pub(super) is_typing: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WirePresence {
    pub(super) user_id: String,
    pub(super) online: bool,
    #[serde(default)]
    pub(super) last_seen_at: Option<Timestamp>,
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
