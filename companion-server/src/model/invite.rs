//! Invitations: who may invite whom, and when one lets somebody in.
//!
//! ```text
//! made ──used `max_uses` times──▶ used up
//!  │ ├──its time is over────────▶ expired
//!  │ └──its maker may no more───▶ void
//!  └────somebody revokes it─────▶ revoked
//! ```
//!
//! Nobody is told which of the four it is: each is [`error::INVITE_NOT_VALID`].
//!
//! [`error::INVITE_NOT_VALID`]: protocol::error::INVITE_NOT_VALID

use protocol::{InviteId, Role, Timestamp, UserId};

use super::audit::Actor;

/// An invitation without its code, which is kept by those who were given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Which.
    pub id: InviteId,
    /// What whoever uses it becomes.
    pub role: Role,
    /// What its maker wrote to tell it from others; may be empty.
    pub note: String,
    /// Who made it; `None` for the command line.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it lets nobody in.
    pub expires_at: Timestamp,
    /// How many accounts were made with it.
    pub uses: u32,
    /// How many there may be.
    pub max_uses: u32,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Whether it is the one that `serve` makes while there is no administrator.
    pub bootstrap: bool,
}

impl Invite {
    /// Whether it lets somebody in. `vouched` says whether it could still be made: its maker may still invite people
    /// to its role or, where it is for the first administrator, there is none yet.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp, vouched: bool) -> bool {
        vouched && self.revoked_at.is_none() && now < self.expires_at && self.uses < self.max_uses
    }

    /// The invitation as those whom it concerns are told it.
    #[must_use]
    pub fn to_wire(&self) -> protocol::invite::Invite {
        protocol::invite::Invite {
            id: self.id,
            role: self.role,
            note: self.note.clone(),
            created_by: self.created_by,
            created_at: self.created_at,
            expires_at: self.expires_at,
            uses: self.uses,
            max_uses: self.max_uses,
            revoked_at: self.revoked_at,
        }
    }

    /// Whether somebody of this role is told of it and may revoke it: every administrator, and the coordinator who
    /// made it.
    #[must_use]
    pub fn concerns(&self, caller: Actor, role: Role) -> bool {
        let made = self.created_by.is_some_and(|maker| caller == Actor::Person(maker));
        role == Role::Admin || (role == Role::Coordinator && made)
    }
}

/// Whether somebody of this role may invite people to that one.
#[must_use]
pub const fn may_invite(inviter: Role, to: Role) -> bool {
    match inviter {
        Role::Admin => true,
        Role::Coordinator => matches!(to, Role::Student),
        Role::Student => false,
    }
}

#[cfg(test)]
mod tests {
    use protocol::ObjectId;

    use super::*;

    fn invite() -> Invite {
        Invite {
            id: InviteId(ObjectId::from_bytes([1; 12])),
            role: Role::Student,
            note: String::new(),
            created_by: Some(UserId(ObjectId::from_bytes([2; 12]))),
            created_at: Timestamp::clamped(0),
            expires_at: Timestamp::clamped(100),
            uses: 0,
            max_uses: 2,
            revoked_at: None,
            bootstrap: false,
        }
    }

    #[test]
    fn it_lets_in_until_it_is_used_up_expired_or_revoked() {
        let now = Timestamp::clamped(99);
        assert!(invite().is_valid(now, true));
        assert!(Invite { uses: 1, ..invite() }.is_valid(now, true));
        assert!(!Invite { uses: 2, ..invite() }.is_valid(now, true), "used up");
        assert!(!invite().is_valid(Timestamp::clamped(100), true), "expired");
        assert!(!Invite { revoked_at: Some(now), ..invite() }.is_valid(now, true), "revoked");
        assert!(!invite().is_valid(now, false), "nobody stands for it any more");
    }

    #[test]
    fn admins_invite_anybody_coordinators_students_and_students_nobody() {
        for (inviter, to, may) in [
            (Role::Admin, Role::Admin, true),
            (Role::Admin, Role::Student, true),
            (Role::Coordinator, Role::Admin, false),
            (Role::Coordinator, Role::Coordinator, false),
            (Role::Coordinator, Role::Student, true),
            (Role::Student, Role::Student, false),
        ] {
            assert_eq!(may_invite(inviter, to), may, "{inviter} {to}");
        }
    }
}
