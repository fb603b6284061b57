//! The twins of who is there, and of what a server offers.

use serde::Serialize;
use specta::Type;

use super::Role;

/// Whether somebody is connected; `lastSeenAt` says when they last were, where the server tells.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Presence {
    id: String,
    online: bool,
    last_seen_at: Option<String>,
}

impl From<sync_core::Presence> for Presence {
    fn from(presence: sync_core::Presence) -> Self {
        let sync_core::Presence { id, online, last_seen_at } = presence;
        Self { id: id.0, online, last_seen_at: last_seen_at.map(|at| at.to_string()) }
    }
}

/// What the account's server offers beside messages; nothing before it has said so.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own that a server offers or not")]
pub(crate) struct Offers {
    /// One's own account and its password.
    accounts: bool,
    /// Where one is signed in.
    devices: bool,
    /// Who is there, and what one keeps to oneself.
    presence: bool,
    /// Who is writing.
    typing: bool,
    /// What one may invite others to be; empty where one may not.
    invites: Vec<Role>,
}

impl From<sync_core::Offers> for Offers {
    fn from(offers: sync_core::Offers) -> Self {
        let sync_core::Offers { accounts, devices, presence, typing, invites } = offers;
        Self { accounts, devices, presence, typing, invites: invites.into_iter().map(Into::into).collect() }
    }
}
