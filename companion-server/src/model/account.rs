//! People's accounts and their sessions.

use std::{fmt, str::FromStr};

use protocol::{Role, User, UserId, UserProfile};
use uuid::Uuid;

/// An account without its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub id: UserId,
    /// The name to sign in with; unique without regard to case.
    pub user_name: String,
    /// Given name.
    pub first_name: String,
    /// Family name; may be empty.
    pub last_name: String,
    /// E-mail address; unique without regard to case.
    pub email: String,
    /// What the user is in the programme.
    pub role: Role,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// Whether the account is closed: it can't sign in, and nobody can write to it.
    pub disabled: bool,
    /// What the user keeps from others.
    pub privacy: Privacy,
}

/// What a user keeps from others, and in return is not told of them either.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Privacy {
    /// Whether they are connected, and when they last were.
    pub hide_presence: bool,
    /// That they have read or seen a message.
    pub hide_receipts: bool,
}

impl Account {
    /// What others see beside a message (C3).
    #[must_use]
    pub fn profile(&self) -> UserProfile {
        UserProfile {
            id: self.id,
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            avatar: self.avatar.clone(),
            role: Some(self.role),
        }
    }

    /// The documented `User` as `viewer` is told it: the e-mail address only to oneself, coordinators and admins.
    #[must_use]
    pub fn to_wire(&self, viewer: &Self) -> User {
        let own = viewer.id == self.id;
        let told = own || matches!(viewer.role, Role::Admin | Role::Coordinator);
        User {
            id: self.id,
            user_name: self.user_name.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            email: told.then(|| self.email.clone()),
            role: self.role,
            avatar: self.avatar.clone(),
            show_presence: own.then_some(!self.privacy.hide_presence),
            send_read_receipts: own.then_some(!self.privacy.hide_receipts),
        }
    }
}

/// Names the account and leaves out what is private.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

/// One sign-in on one device, from signing in to signing out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub Uuid);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

impl FromStr for SessionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: u8, role: Role) -> Account {
        Account {
            id: UserId(protocol::ObjectId::from_bytes([id; 12])),
            user_name: "ana".into(),
            first_name: "Ana".into(),
            last_name: "Cruz".into(),
            email: "ana@example.org".into(),
            role,
            avatar: None,
            disabled: false,
            privacy: Privacy::default(),
        }
    }

    #[test]
    fn an_email_address_is_told_to_oneself_and_to_staff_only() {
        let ana = account(1, Role::Student);
        for (viewer, told) in [
            (account(1, Role::Student), true),
            (account(2, Role::Student), false),
            (account(2, Role::Coordinator), true),
            (account(2, Role::Admin), true),
        ] {
            assert_eq!(ana.to_wire(&viewer).email.is_some(), told, "{:?}", viewer.role);
        }
    }

    #[test]
    fn debug_output_holds_nothing_private() {
        assert!(!format!("{:?}", account(1, Role::Student)).contains("ana"));
    }
}
