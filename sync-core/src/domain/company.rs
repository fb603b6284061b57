//! Who is there, and what a server offers beside messages.

use protocol::{Role, Timestamp};

use super::UserId;

/// Whether somebody is connected, as the server tells those who share a conversation with them. Never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub id: UserId,
    /// Whether they are.
    pub online: bool,
    /// When they last were, where the server tells; never while they are.
    pub last_seen_at: Option<Timestamp>,
}

/// What the account's server offers beyond what the engine needs, as far as it has said so since the engine started:
/// nothing before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own that a server offers or not")]
pub struct Offers {
    /// One's own account and its password ([`crate::Client::profile`]).
    pub accounts: bool,
    /// Where one is signed in ([`crate::Client::devices`]).
    pub devices: bool,
    /// Who is there, and keeping that to oneself ([`crate::Client::presence`]).
    pub presence: bool,
    /// Who is writing ([`crate::Client::set_typing`]).
    pub typing: bool,
    /// What this account's user may invite others to be ([`crate::Client::invite`]); empty where they may not.
    pub invites: Vec<Role>,
}
