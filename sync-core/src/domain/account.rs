//! One's own account on its server: who one is there, where one is signed in, whom one invites.

use std::fmt;

use protocol::{Role, Timestamp};

use super::Person;

/// A place where one is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceId(pub String);

/// One sign-in of this account, here or elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// When somebody signed in there.
    pub signed_in_at: Timestamp,
    /// When it last showed itself to the server, to within the life of an access token.
    pub used_at: Timestamp,
    /// The program, in its own words; may be empty. At most [`crate::limits::PROGRAM_CHARS`] characters.
    pub program: String,
    /// The network address that it came from; may be empty.
    pub address: String,
    /// Whether it is this one.
    pub current: bool,
}

/// One's own account as the server has it.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnProfile {
    /// Who one is to others.
    pub person: Person,
    /// The name that one signs in with.
    pub user_name: String,
    /// Where mail reaches one, where the server says.
    pub email: Option<String>,
    /// Whether others see when one is there, and one sees them; `None` where the server knows no such choice.
    pub show_presence: Option<bool>,
    /// Whether others see that one has read their messages, and one sees theirs; `None` as above.
    pub send_read_receipts: Option<bool>,
}

/// What to change of one's own account; what is `None` stays.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ProfileChange {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name; may be empty.
    pub last_name: Option<String>,
    /// See [`OwnProfile::show_presence`].
    pub show_presence: Option<bool>,
    /// See [`OwnProfile::send_read_receipts`].
    pub send_read_receipts: Option<bool>,
}

/// An invitation to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// What whoever uses it becomes: one of [`crate::Offers::invites`].
    pub role: Role,
    /// For how many hours it lets people in, at most [`protocol::limits::INVITE_HOURS_MAX`].
    pub hours: u32,
    /// How many accounts may be made with it, at most [`protocol::limits::INVITE_USES_MAX`].
    pub uses: u32,
}

/// An invitation that was made. Nobody is told its code again, and no log: it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The address of a page that takes whoever opens it through registering.
    pub link: String,
    /// From when on it lets nobody in.
    pub expires_at: Timestamp,
}

// Names and addresses of mail are nobody's business who reads a log.
impl fmt::Debug for OwnProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnProfile")
            .field("id", &self.person.id)
            .field("show_presence", &self.show_presence)
            .field("send_read_receipts", &self.send_read_receipts)
            .finish_non_exhaustive()
    }
}
