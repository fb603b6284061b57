//! The change feed (extension `sync-1`), reading a conversation at once (`bulk-read`) and capabilities.

use serde::{Deserialize, Serialize};

use crate::{Message, MessageId, Timestamp, UserId, UserProfile};

/// What `GET /api/capabilities` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Capabilities {
    /// What people call the server.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The extensions that it speaks; see [`extension`].
    pub extensions: Vec<String>,
    /// Who may make an account; absent where the server does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Anyone who reaches the server.
    Open,
    /// Whoever has an invite.
    Invite,
    /// Nobody: an admin makes accounts.
    Closed,
}

/// The names of the extensions.
pub mod extension {
    /// Header `Idempotency-Key` on `POST /message`.
    pub const IDEMPOTENCY: &str = "idempotency";
    /// `GET /api/sync`.
    pub const SYNC: &str = "sync-1";
    /// `delivered` and `messageDelivered`.
    pub const DELIVERY: &str = "delivery";
    /// `messageUpdated` and `messageDeleted`.
    pub const EDITS: &str = "edits";
    /// `PATCH /message/conversation/:userId/read`.
    pub const BULK_READ: &str = "bulk-read";
    /// `/api/auth/…` and `/api/user…`.
    pub const ACCOUNTS: &str = "accounts";
    /// `GET /api/activity`.
    pub const ACTIVITY: &str = "activity";
    /// `/api/admin…`.
    pub const ADMINISTRATION: &str = "administration";
    /// `/api/invite…`.
    pub const INVITES: &str = "invites";
    /// `/api/auth/sessions…`.
    pub const SESSIONS: &str = "sessions";
    /// `typing`, both ways.
    pub const TYPING: &str = "typing";
    /// `presence`, `GET /api/user/presence`, and what `PATCH /api/user` lets one keep to oneself.
    pub const PRESENCE: &str = "presence";
    /// `heartbeat`, both ways.
    pub const HEARTBEAT: &str = "heartbeat";
}

/// One page of `GET /api/sync`.
///
/// With `since`, `changes` holds what happened after that cursor, oldest first, and `conversations` is absent.
/// Without it, `conversations` holds where the account stands now and `changes` is empty: a new device shows
/// the list at once, follows the feed from `next`, and fetches history by `GET /message?peer=…&before=…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SyncPage {
    /// What changed.
    pub changes: Vec<Change>,
    /// The cursor that covers `changes`. Opaque, and bound to this server's history.
    pub next: String,
    /// What the server calls the history that this page is of: another one after it was restored from an older copy.
    /// Pages of `GET /message` say it in the header `Sync-History`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<String>,
    /// Whether there is more to fetch right away.
    pub more: bool,
    /// The account's conversations, newest first; only without `since`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversations: Option<Vec<ConversationSummary>>,
    /// The people that this page names, so that a client need not ask for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserProfile>,
}

/// One change: a message as it is now, or what is left of a deleted one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Change {
    /// The message is gone. Told apart by its `deletedAt`.
    Deleted(Tombstone),
    /// The whole message as it is now, with ids for sender and receiver.
    Current(Box<CurrentMessage>),
}

/// A message in the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CurrentMessage {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// The position of the change in the caller's feed.
    pub seq: u64,
}

/// What is left of a deleted message: enough to remove it, nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Tombstone {
    /// Which message it was.
    #[serde(rename = "_id")]
    pub id: MessageId,
    /// Who wrote it.
    pub sender: UserId,
    /// Whom it was for.
    pub receiver: UserId,
    /// When it was sent, which is its place in the conversation.
    pub sent_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// The sender's idempotency key, told to the sender only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<uuid::Uuid>,
    /// The position of the change in the caller's feed.
    pub seq: u64,
}

/// Where one conversation stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConversationSummary {
    /// The other participant.
    pub peer: UserProfile,
    /// The newest message that is not deleted.
    pub last_message: Message,
    /// How many of the peer's messages the caller has not read.
    pub unread_count: u64,
}

/// The body of `PATCH /message/conversation/:userId/read`; may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReadConversation {
    /// The newest message to mark as read; all of the conversation where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<MessageId>,
}

/// The answer to `PATCH /message/conversation/:userId/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConversationRead {
    /// How many messages this request marked as read.
    pub updated: u64,
    /// When.
    pub read_at: Timestamp,
}
