//! The twins of one's own account: who one is, where one is signed in, whom one invites.

use serde::{Deserialize, Serialize};
use specta::Type;
use sync_core::DeviceId;

use super::{Person, Role};

/// One sign-in of this account, here or elsewhere.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Device {
    id: String,
    signed_in_at: String,
    /// When it last showed itself, to within minutes.
    used_at: String,
    /// The program, in its own words; may be empty.
    program: String,
    /// The network address that it came from; may be empty.
    address: String,
    /// Whether it is this one.
    current: bool,
}

impl From<sync_core::Device> for Device {
    fn from(device: sync_core::Device) -> Self {
        let sync_core::Device { id: DeviceId(id), signed_in_at, used_at, program, address, current } = device;
        let (signed_in_at, used_at) = (signed_in_at.to_string(), used_at.to_string());
        Self { id, signed_in_at, used_at, program, address, current }
    }
}

/// One's own account as the server has it.
// No `Debug`, because an address of mail is nobody's business who reads a log.
#[derive(Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnProfile {
    person: Person,
    user_name: String,
    email: Option<String>,
    /// Whether others see when one is there, and one sees them; `null` where the server knows no such choice.
    show_presence: Option<bool>,
    /// Whether others see that one has read their messages, and one sees theirs; `null` as above.
    send_read_receipts: Option<bool>,
}

impl From<sync_core::OwnProfile> for OwnProfile {
    fn from(profile: sync_core::OwnProfile) -> Self {
        let sync_core::OwnProfile { person, user_name, email, show_presence, send_read_receipts } = profile;
        Self { person: person.into(), user_name, email, show_presence, send_read_receipts }
    }
}

/// What to change of one's own account; what is `null` stays.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfileChange {
    first_name: Option<String>,
    last_name: Option<String>,
    show_presence: Option<bool>,
    send_read_receipts: Option<bool>,
}

impl From<ProfileChange> for sync_core::ProfileChange {
    fn from(change: ProfileChange) -> Self {
        let ProfileChange { first_name, last_name, show_presence, send_read_receipts } = change;
        Self { first_name, last_name, show_presence, send_read_receipts }
    }
}

/// An invitation to make: `role` is one of `Offers.invites`, for at most 90 days and 1,000 accounts.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewInvitation {
    role: Role,
    hours: u32,
    uses: u32,
}

impl From<NewInvitation> for sync_core::NewInvitation {
    fn from(new: NewInvitation) -> Self {
        let NewInvitation { role, hours, uses } = new;
        Self { role: role.into(), hours, uses }
    }
}

/// An invitation that was made; the link is not told again.
#[derive(Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitation {
    link: String,
    expires_at: String,
}

impl From<sync_core::Invitation> for Invitation {
    fn from(made: sync_core::Invitation) -> Self {
        let sync_core::Invitation { link, expires_at } = made;
        Self { link, expires_at: expires_at.to_string() }
    }
}
