//! Error bodies and their documented texts (“Error Handling” in the document, C10, C11 and C13 in the design).

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// What was wrong, in words for people.
    pub error: String,
    /// The HTTP status once more.
    pub status_code: u16,
    /// When the server answered.
    pub timestamp: Timestamp,
    /// Which of several causes it was, where clients treat them differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ErrorReason>,
}

/// A cause that the status does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum ErrorReason {
    /// With [`CURSOR_GONE`]: the cursor is of this server's history and only too old, so what is missing from a
    /// fresh copy was deleted. Without it, the server may have lost what is missing.
    Expired,
}

/// No `Authorization: Bearer` header, or no token in the handshake (401).
pub const AUTHENTICATION_REQUIRED: &str = "Authentication required";
/// A token that is malformed, forged or revoked (401).
pub const INVALID_TOKEN: &str = "Invalid token";
/// A token whose time is over (401).
pub const TOKEN_EXPIRED: &str = "Token expired";
/// A message's body is missing or empty (400).
pub const MESSAGE_DATA_REQUIRED: &str = "Message data are required";
/// `PATCH /message` without `_id` (400).
pub const MESSAGE_ID_REQUIRED: &str = "Message ID is required";
/// A message without a receiver (400).
pub const RECEIVER_REQUIRED: &str = "Receiver is required";
/// A message without content, or of white space alone (400).
pub const CONTENT_REQUIRED: &str = "Content is required";
/// A message to oneself (400).
pub const MESSAGE_TO_SELF: &str = "Cannot send message to yourself";
/// No such message, or none that the caller takes part in (404).
pub const MESSAGE_NOT_FOUND: &str = "Message not found";
/// No such user, or a disabled one (404).
pub const USER_NOT_FOUND: &str = "User not found";
/// Somebody other than the receiver marks a message as read (403).
pub const UNAUTHORIZED_READ: &str = "Unauthorized to mark this message as read";
/// Somebody other than the sender changes a message's content (403).
pub const UNAUTHORIZED_UPDATE: &str = "Unauthorized to update this message";
/// Somebody other than the sender deletes a message (403).
pub const UNAUTHORIZED_DELETE: &str = "Unauthorized to delete this message";
/// An id of a message that is not 24 hex digits (400).
pub const MESSAGE_ID_INVALID: &str = "Message ID is invalid";
/// An id of a user that is not 24 hex digits (400).
pub const USER_ID_INVALID: &str = "User ID is invalid";
/// An id of an invitation that is not 24 hex digits (400).
pub const INVITE_ID_INVALID: &str = "Invitation ID is invalid";
/// No such invitation, or none that concerns the caller (404).
pub const INVITE_NOT_FOUND: &str = "Invitation not found";
/// Somebody asks for what administrators may do (403).
pub const ADMIN_ONLY: &str = "Only administrators may do this";
/// The last administrator would be demoted or disabled (409).
pub const LAST_ADMIN: &str = "The last administrator can't be demoted or disabled";
/// A student asks for what coordinators and administrators may see (403).
pub const STAFF_ONLY: &str = "Only coordinators and administrators may do this";
/// Somebody invites people who may not, or to a role that they may not give (403).
pub const INVITE_FORBIDDEN: &str = "You may not invite people to this role";
/// An id of a session that is not 32 hex digits (400).
pub const SESSION_ID_INVALID: &str = "Session ID is invalid";
/// No such session of the caller's (404).
pub const SESSION_NOT_FOUND: &str = "Session not found";
/// An idempotency key that was used for another message (409).
pub const IDEMPOTENCY_CONFLICT: &str = "Idempotency-Key was used for a different message";
/// Unknown user and wrong password alike (401).
pub const INVALID_CREDENTIALS: &str = "Invalid credentials";
/// A refresh token that is unknown, used up or revoked (401).
pub const INVALID_REFRESH_TOKEN: &str = "Invalid refresh token";
/// The server takes no registrations (403).
pub const REGISTRATION_CLOSED: &str = "Registration is closed";
/// A registration without the code of an invitation, where the server asks for one (400).
pub const INVITE_CODE_REQUIRED: &str = "inviteCode is required";
/// A code that is unknown, used up, revoked or too old (403).
pub const INVITE_NOT_VALID: &str = "This invitation is not valid any more";
/// A cursor that the feed cannot honour: too old, or of another history (410).
pub const CURSOR_GONE: &str = "Cursor can no longer be honoured";
/// What a client is told of an unexpected failure (500); the cause stands in the server's log.
pub const INTERNAL: &str = "Internal server error";
/// A socket asks for a room that is not its own user's.
pub const JOIN_FORBIDDEN: &str = "Cannot join another user's room";
