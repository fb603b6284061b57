//! What administrators did to others: one entry for each act, kept in the transaction of the act.

use protocol::{ObjectId, Timestamp, UserId};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Whoever has the machine: the command line, and the server for itself.
    Console,
    /// Somebody who was signed in.
    Person(UserId),
    /// The system whose tokens are trusted, by a token of the account that it was done to.
    Issuer,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An account was made for somebody.
    UserAdded,
    /// A role was changed.
    RoleChanged,
    /// An account was closed.
    UserDisabled,
    /// A closed account was opened again.
    UserEnabled,
    /// A password was set for somebody, which ended their sessions.
    PasswordReset,
    /// An invitation was made.
    InviteCreated,
    /// An invitation was taken back.
    InviteRevoked,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; ascends.
    pub n: i64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// The name of an [`Act`]; a newer server's may be among them.
    pub action: String,
    /// The user or the invitation that it was done to.
    pub subject: Option<ObjectId>,
    /// What it was changed to, such as a role; nothing private.
    pub detail: String,
}

impl AuditEntry {
    /// The entry as it is told.
    #[must_use]
    pub fn to_wire(&self) -> protocol::admin::AuditEntry {
        protocol::admin::AuditEntry {
            id: self.n,
            at: self.at,
            actor: match self.actor {
                Actor::Console | Actor::Issuer => None,
                Actor::Person(id) => Some(id),
            },
            external: self.actor == Actor::Issuer,
            action: self.action.clone(),
            subject: self.subject,
            detail: self.detail.clone(),
        }
    }
}

impl Act {
    /// The act as the wire and the store write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserAdded => "userAdded",
            Self::RoleChanged => "roleChanged",
            Self::UserDisabled => "userDisabled",
            Self::UserEnabled => "userEnabled",
            Self::PasswordReset => "passwordReset",
            Self::InviteCreated => "inviteCreated",
            Self::InviteRevoked => "inviteRevoked",
        }
    }
}
