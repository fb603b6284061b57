//! People: the documented `User` and the short form that goes with messages.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::UserId;

/// What a user is in the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the server: sees and changes accounts.
    Admin,
    /// Looks after students.
    Coordinator,
    /// Everybody else, and what a new account is.
    Student,
}

/// A text that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of admin, coordinator, student")]
pub struct InvalidRole;

impl Role {
    /// The role as the wire and the store write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Coordinator => "coordinator",
            Self::Student => "student",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        [Self::Admin, Self::Coordinator, Self::Student]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(InvalidRole)
    }
}

/// What others see of a person beside a message: never an e-mail address or anything secret (C3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserProfile {
    /// Who it is.
    #[serde(rename = "_id")]
    pub id: UserId,
    /// Given name; may be empty.
    pub first_name: String,
    /// Family name; may be empty.
    pub last_name: String,
    /// Address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The document's examples leave it out, our server always says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// A message's `sender` or `receiver`: an id, or the person where the document shows the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum UserRef {
    /// The id alone, as in lists.
    Id(UserId),
    /// The person, as in `GET /message/:id` and `newMessage`.
    Profile(UserProfile),
}

impl UserRef {
    /// Who is meant.
    #[must_use]
    pub const fn id(&self) -> UserId {
        match self {
            Self::Id(id) => *id,
            Self::Profile(profile) => profile.id,
        }
    }
}

/// The documented `User`, plus `userName`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Who it is.
    #[serde(rename = "_id")]
    pub id: UserId,
    /// The name to sign in with, unique on a server without regard to case.
    pub user_name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Only oneself, coordinators and admins are told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What the user is in the programme.
    pub role: Role,
    /// Address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Whether others are told when one is connected; told to oneself only (extension `presence`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_presence: Option<bool>,
    /// Whether senders are told that one has read their messages; told to oneself only (extension `presence`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_read_receipts: Option<bool>,
}
