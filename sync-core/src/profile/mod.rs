//! A profile on the disk: its folder, its key, and what is known of it while it is locked.
//!
//! ```text
//! profiles/3f0c…/            one folder for each account, its owner's alone
//!   lock                     held while a client has the profile open
//!   profile.json             where the key is, and whose profile it is; with a copy beside it
//!   roost.db                 everything else, encrypted
//!   damaged-20261122….db     a database that was damaged, for experts; a few are kept
//! ```

pub(crate) mod folder;
pub(crate) mod key;
mod list;
mod manifest;
mod passphrase;
mod vault;

use std::path::Path;

use crate::error::OpenError;

pub use list::{Profile, Profiles};
pub(crate) use vault::Vault;

use self::folder::Folder;

/// Where a profile that cannot be opened is put, with a number.
const LOCKED: &str = "locked";

/// Moves everything of a profile into a folder of its own, so that a new one can be made.
///
/// # Errors
/// Where the profile is open, or its folder cannot be written.
pub(crate) fn put_aside(path: &Path) -> Result<(), OpenError> {
    let folder = Folder::open(path)?;
    folder.move_aside(LOCKED)
}
