//! Accounts (extension `accounts`) and the documented token payload.

use serde::{Deserialize, Serialize};

use crate::{Role, Timestamp, User, UserId};

/// What an access token says of its bearer (“Token Payload” in the document).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TokenPayload {
    /// Who it is.
    pub id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// What they are in the programme.
    pub role: Role,
    /// When the token was made, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// The session it belongs to; the document does not have it, our server always says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// The body of `POST /api/auth/register`.
// No `Debug`, so that no log ever holds the password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Register {
    /// The name to sign in with.
    pub user_name: String,
    /// Given name.
    pub first_name: String,
    /// Family name; may be left out.
    #[serde(default)]
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Accepted because the contract's clients send it; nobody makes themselves admin or coordinator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The code of an invitation, which gives its role; needed where the server asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite_code: Option<String>,
}

/// The body of `POST /api/auth/login`: one of `userName` and `email`, and the password.
// No `Debug`, as above.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Login {
    /// The name to sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Or the e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The password.
    pub password: String,
}

/// The body of `POST /api/auth/refresh`.
// No `Debug`, as above.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// The newest refresh token of the session.
    pub refresh_token: String,
}

/// The body of `PATCH /api/auth/change-password`.
// No `Debug`, as above.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangePassword {
    /// The password until now.
    pub current_password: String,
    /// The password from now on.
    pub new_password: String,
}

/// The envelope of every answer under `/api/auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Answer<T> {
    /// Always `success`.
    pub status: String,
    /// What happened, in words for people.
    pub message: String,
    /// What was asked for.
    pub data: T,
}

impl<T> Answer<T> {
    /// An answer with this text and these data.
    #[must_use]
    pub fn success(message: &str, data: T) -> Self {
        Self { status: "success".to_owned(), message: message.to_owned(), data }
    }
}

/// What registering, signing in and refreshing answer.
// No `Debug`, because it holds tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Who signed in.
    pub user: User,
    /// For the `Authorization` header and the socket's handshake; short-lived.
    pub access_token: String,
    /// For `POST /api/auth/refresh`, once.
    pub refresh_token: String,
}

/// The data of `GET /api/auth/profile`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Profile {
    /// Who the caller is.
    pub user: User,
}

/// One of the caller's sessions, as `GET /api/auth/sessions` lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionEntry {
    /// Which; 32 hex digits.
    #[serde(rename = "_id")]
    pub id: String,
    /// When it began, by signing in.
    pub created_at: Timestamp,
    /// When its refresh token was last exchanged.
    pub renewed_at: Timestamp,
    /// The program that did either last, in its own words; may be empty.
    pub user_agent: String,
    /// The address that it came from; may be empty.
    pub address: String,
    /// Whether it is the session of this request.
    pub current: bool,
}

/// The body of `POST /api/user/search`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UserSearch {
    /// Part of a name or of a user name, without regard to case; everybody where it is empty.
    #[serde(default)]
    pub query: String,
    /// How many people at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The body of `PATCH /api/user`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserPatch {
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Address of a picture; an empty string takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Whether others are told when one is connected; whoever keeps it to themselves is not told of others either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_presence: Option<bool>,
    /// Whether senders are told that one has read their messages; the same holds here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_read_receipts: Option<bool>,
}
