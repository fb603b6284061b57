//! Invitations (extension `invites`).

use serde::{Deserialize, Serialize};

use crate::{InviteId, Role, Timestamp, UserId};

/// The body of `POST /api/invite`; every field may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewInvite {
    /// What whoever uses it becomes; a student where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// For how many hours it lets people in; a week where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_hours: Option<u64>,
    /// How many accounts may be made with it; one where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u64>,
    /// What tells it from others. Whoever is invited never sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An invitation as its maker and administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Which; not the code.
    #[serde(rename = "_id")]
    pub id: InviteId,
    /// What whoever uses it becomes.
    pub role: Role,
    /// What tells it from others; may be empty.
    pub note: String,
    /// Who made it; absent where it was made on the server's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it lets nobody in.
    pub expires_at: Timestamp,
    /// How many accounts were made with it.
    pub uses: u32,
    /// How many there may be.
    pub max_uses: u32,
    /// When it was taken back; absent where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// What `POST /api/invite` answers: the only time that the code is told.
// No `Debug`, so that no log ever holds it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MadeInvite {
    /// The invitation.
    #[serde(flatten)]
    pub invite: Invite,
    /// What lets people in.
    pub code: String,
    /// A page that takes whoever opens it through registering. The code stands in the fragment, which browsers keep
    /// to themselves.
    pub link: String,
}

/// The body of `POST /api/invite/check`.
// No `Debug`, as above.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CheckInvite {
    /// The code, as it was copied or typed.
    pub invite_code: String,
}

/// What `POST /api/invite/check` answers where the code lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InviteOffer {
    /// What whoever uses it becomes.
    pub role: Role,
    /// From when on it lets nobody in.
    pub expires_at: Timestamp,
    /// What people call the server.
    pub server_name: String,
}
