//! Administration (extension `administration`) and activity (extension `activity`).

use serde::{Deserialize, Serialize};

use crate::{ObjectId, Role, Timestamp, User, UserId};

/// An account as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ManagedUser {
    /// The user, with the e-mail address.
    #[serde(flatten)]
    pub user: User,
    /// Whether the account is closed.
    pub disabled: bool,
    /// Whether the user is known by the tokens of another system.
    pub external: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When the user was last connected; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

/// The body of `PATCH /api/admin/users/:id`: what is absent stays. No `Debug`, so that no log ever holds the password.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserChange {
    /// What the user is in the programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether the account is closed: its user can't sign in, and nobody can write to it. Ends its sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// A new password. Ends the user's sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// One act of an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its number; ascends.
    #[serde(rename = "_id")]
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// By whom; absent for the command line, the server itself, and where `external` is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    /// Whether a token of another system asked for it, by which the account is known.
    pub external: bool,
    /// What was done, such as `roleChanged`.
    pub action: String,
    /// The user or the invitation that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, pattern = "^[0-9a-f]{24}$"))]
    pub subject: Option<ObjectId>,
    /// What it was changed to, such as a role; may be empty.
    pub detail: String,
}

/// One thing that somebody did; never its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ActivityEntry {
    /// Its number; ascends.
    #[serde(rename = "_id")]
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What kind of thing, such as `messageSent`.
    pub kind: String,
    /// The message or user that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, pattern = "^[0-9a-f]{24}$"))]
    pub subject: Option<ObjectId>,
}
