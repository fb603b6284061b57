//! `profile.json`: what has to be known of a profile before its database can be opened.
//!
//! It is readable without the key, by the owner of the folder: where the key is, how to tell that it is the right one,
//! and whose profile it is, so that a list of profiles can be shown while they are locked. It holds no message and no
//! key. A copy stands beside it, because without it an encrypted database is of no use.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{
    domain::{Account, Recovery},
    error::{OpenError, StoreError},
    limits,
};

use super::{
    folder::{self, Folder},
    key::Key,
    passphrase::WrappedKey,
};

/// The file, and its copy.
const FILES: [&str; 2] = ["profile.json", "profile.copy.json"];
const VERSION: u32 = 1;

/// What the file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    version: u32,
    /// Under which name the keyring holds what is this profile's; random, so that two profiles never share one.
    pub(crate) secret_name: String,
    /// Tells whether a key is the profile's.
    check: String,
    /// Where the key is.
    pub(crate) key: KeyPlace,
    /// Whose messages it holds, if anybody's.
    pub(crate) account: Option<Holder>,
    /// The damaged database, put aside, that a new one is being made from.
    #[serde(default)]
    pub(crate) repairing: Option<String>,
    /// What the user is still to be told of the last repair.
    #[serde(default)]
    pub(crate) recovery: Option<Recovery>,
}

/// Where a profile's key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum KeyPlace {
    /// In the keyring.
    Keyring,
    /// Here, and a passphrase opens it.
    Passphrase(WrappedKey),
}

/// What every version of the file begins with.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// Whose profile it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Holder {
    pub(crate) user_id: String,
    pub(crate) user_name: String,
    pub(crate) server: String,
    pub(crate) server_name: String,
}

impl Manifest {
    pub(crate) fn new(secret_name: String, key: &Key, place: KeyPlace) -> Self {
        Self {
            version: VERSION,
            secret_name,
            check: key.check(),
            key: place,
            account: None,
            repairing: None,
            recovery: None,
        }
    }

    /// The manifest of a folder; `None` where there is none.
    ///
    /// # Errors
    /// Where it cannot be read, or a newer version wrote it.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, OpenError> {
        for file in FILES {
            let Some(bytes) = folder::read(folder, file, limits::MANIFEST_BYTES)? else { continue };
            match serde_json::from_slice(&bytes) {
                Ok(Versioned { version }) if version > VERSION => {
                    return Err(OpenError::Newer { found: version.into(), known: VERSION.into() });
                }
                _ => {}
            }
            if let Ok(manifest) = serde_json::from_slice(&bytes) {
                return Ok(Some(manifest));
            }
        }
        Ok(None)
    }

    /// Writes it: after a crash there is the old one or the new one.
    pub(crate) fn write(&self, folder: &Folder) -> Result<(), OpenError> {
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| StoreError::Database { details: error.to_string() })?;
        FILES.iter().try_for_each(|file| folder.write(file, &bytes))
    }

    /// Whether this is the profile's key.
    pub(crate) fn fits(&self, key: &Key) -> bool {
        key.check() == self.check
    }

    /// The name of the key in the keyring; the tokens have the plain one.
    pub(crate) fn key_name(&self) -> String {
        key_name(&self.secret_name)
    }
}

/// Under which name the keyring holds the key of the profile with this name.
pub(super) fn key_name(secret_name: &str) -> String {
    format!("{secret_name}.key")
}

impl Holder {
    /// What is noted of an account.
    pub(crate) fn of(account: &Account) -> Self {
        Self {
            user_id: account.user.id.0.clone(),
            user_name: account.user_name.clone(),
            server: account.server.to_string(),
            server_name: account.server_name.clone(),
        }
    }
}
