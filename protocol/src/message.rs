//! The documented `Message`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{MessageId, Timestamp, UserRef};

/// A message as answers, `newMessage` and the change feed carry it.
///
/// The document shows `createdAt` and `updatedAt` in some answers and not in others; our server always says
/// them. The fields after `updated_at` belong to extensions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Which message it is.
    #[serde(rename = "_id")]
    pub id: MessageId,
    /// Who wrote it.
    pub sender: UserRef,
    /// Whom it is for.
    pub receiver: UserRef,
    /// What was written, verbatim.
    pub content: String,
    /// Whether the receiver has read it; goes only from false to true (C5).
    pub is_read: bool,
    /// When the server took it (C2). A conversation is ordered by `(sentAt, _id)`.
    pub sent_at: Timestamp,
    /// When the server stored it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When its content or its read state last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// When the receiver's device got it (extension `delivery`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// When the receiver first fetched it by its id (C6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// When the receiver marked it as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// When the sender last changed the content (extension `edits`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// The sender's idempotency key, told to the sender only (extension `idempotency`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<Uuid>,
}

/// The body of `POST /message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewMessage {
    /// Whom it is for.
    pub receiver: crate::UserId,
    /// What is written.
    pub content: String,
    /// Accepted because the document shows it, and stored as false: a new message is unread (C4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_read: Option<bool>,
}

/// The body of `PATCH /message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessagePatch {
    /// Which message to change.
    #[serde(rename = "_id")]
    pub id: MessageId,
    /// The new content; the sender's to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// True marks it as read; the receiver's to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_read: Option<bool>,
}

/// The answer to `DELETE /message/:id`, as a JSON string.
pub const DELETED: &str = "Message deleted successfully";
