//! Unlocking a profile: finding its key, or making one.
//!
//! ```text
//!                          ┌─ its key is in the keyring ──► open
//!                          ├─ the keyring has none ───────► KeyLost         (stops, and asks)
//!   there is a profile ────┼─ the keyring does not answer ► KeyringLocked   (try again)
//!                          ├─ a passphrase, and it fits ──► open
//!                          └─ none, or another ───────────► PassphraseNeeded, WrongPassphrase
//!   there is none ─────────┬─ keyring or passphrase ──────► a key is kept, then an encrypted database made
//!                          └─ neither ────────────────────► NoKeyring
//! ```
//!
//! - A key is in the keyring, and was read back, before anything is encrypted with it.
//! - Nothing is ever made anew in the place of what cannot be opened, and nothing is kept unencrypted.
//! - A key that is there and does not fit counts as lost. So what cannot be read with the right key is damaged.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use zeroize::Zeroizing;

use crate::{
    domain::{Account, Protection, Recovery},
    error::OpenError,
    secrets::SecretStore,
    store::plain,
};

use super::{
    folder::{DATABASE, Folder},
    key::Key,
    manifest::{self, Holder, KeyPlace, Manifest},
    passphrase,
};

/// A profile that is unlocked and that nobody else has open. Everything here blocks.
pub(crate) struct Vault {
    folder: Folder,
    secrets: Arc<dyn SecretStore>,
    key: Key,
    manifest: Mutex<Manifest>,
}

impl Vault {
    /// Locks the folder and finds the key, or makes both. A passphrase is for a profile that has one, and for a new
    /// one; where the keyring has the key, it is not needed.
    ///
    /// # Errors
    /// As the diagram says.
    pub(crate) fn open(
        path: &Path,
        secrets: Arc<dyn SecretStore>,
        passphrase: Option<&str>,
    ) -> Result<Self, OpenError> {
        let folder = Folder::open(path)?;
        let (manifest, key) = match Manifest::read(path)? {
            Some(manifest) => {
                let key = key_of(&manifest, secrets.as_ref(), passphrase)?;
                (manifest, key)
            }
            None => make(&folder, secrets.as_ref(), passphrase)?,
        };
        Ok(Self { folder, secrets, key, manifest: Mutex::new(manifest) })
    }

    pub(crate) const fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    /// Under which name the keyring holds the tokens.
    pub(crate) fn secret_name(&self) -> String {
        self.manifest().secret_name.clone()
    }

    /// What protects the key.
    pub(crate) fn protection(&self) -> Protection {
        match self.manifest().key {
            KeyPlace::Keyring => Protection::Keyring,
            KeyPlace::Passphrase(_) => Protection::Passphrase,
        }
    }

    /// Lets a passphrase protect the key from now on, in place of the keyring or of another passphrase.
    ///
    /// # Errors
    /// Where the passphrase is too short or the file cannot be written; then all is as it was.
    pub(crate) fn protect_with_passphrase(&self, passphrase: &str) -> Result<(), OpenError> {
        let wrapped = passphrase::wrap(&self.key, passphrase)?;
        self.update(|manifest| manifest.key = KeyPlace::Passphrase(wrapped))?;
        if let Err(error) = self.secrets.delete(&self.manifest().key_name()) {
            tracing::warn!(%error, "the profile's key could not be removed from the keyring");
        }
        Ok(())
    }

    /// Lets the keyring protect the key from now on.
    ///
    /// # Errors
    /// Where there is no keyring, or the file cannot be written; then all is as it was.
    pub(crate) fn protect_with_keyring(&self) -> Result<(), OpenError> {
        let name = self.manifest().key_name();
        keep(self.secrets.as_ref(), &name, &self.key)?;
        self.update(|manifest| manifest.key = KeyPlace::Keyring)
    }

    /// Notes whose profile it is, to be read while it is locked.
    pub(crate) fn set_account(&self, account: Option<&Account>) -> Result<(), OpenError> {
        let holder = account.map(Holder::of);
        if self.manifest().account == holder {
            return Ok(());
        }
        self.update(|manifest| manifest.account = holder)
    }

    /// Whose profile it was when somebody last signed in.
    pub(crate) fn account(&self) -> Option<Holder> {
        self.manifest().account.clone()
    }

    /// The damaged database that is being repaired.
    pub(crate) fn repairing(&self) -> Option<String> {
        self.manifest().repairing.clone()
    }

    /// Notes that a damaged database, put aside under this name, is to be repaired.
    pub(crate) fn begin_repair(&self, aside: &str) -> Result<(), OpenError> {
        self.update(|manifest| manifest.repairing = Some(aside.to_owned()))
    }

    /// Notes what came of the repair.
    pub(crate) fn end_repair(&self, recovery: Recovery) -> Result<(), OpenError> {
        self.update(|manifest| {
            manifest.repairing = None;
            manifest.recovery = Some(recovery);
        })
    }

    /// What the user is still to be told of a repair.
    pub(crate) fn recovery(&self) -> Option<Recovery> {
        self.manifest().recovery.clone()
    }

    /// The user was told.
    pub(crate) fn forget_recovery(&self) -> Result<(), OpenError> {
        self.update(|manifest| manifest.recovery = None)
    }

    fn update(&self, change: impl FnOnce(&mut Manifest)) -> Result<(), OpenError> {
        let mut manifest = self.manifest();
        let mut changed = manifest.clone();
        change(&mut changed);
        changed.write(&self.folder)?;
        *manifest = changed;
        Ok(())
    }

    fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a profile that there is.
fn key_of(
    manifest: &Manifest,
    secrets: &dyn SecretStore,
    passphrase: Option<&str>,
) -> Result<Key, OpenError> {
    let key = match &manifest.key {
        KeyPlace::Keyring => {
            let locked = |error: crate::SecretError| OpenError::KeyringLocked { details: error.details };
            let secret = secrets.get(&manifest.key_name()).map_err(locked)?.map(Zeroizing::new);
            secret.and_then(|secret| Key::from_hex(&secret)).ok_or(OpenError::KeyLost)?
        }
        KeyPlace::Passphrase(wrapped) => {
            let passphrase = passphrase.ok_or(OpenError::PassphraseNeeded)?;
            passphrase::unwrap(wrapped, passphrase).ok_or(OpenError::WrongPassphrase)?
        }
    };
    if manifest.fits(&key) { Ok(key) } else { Err(OpenError::KeyLost) }
}

/// Makes a profile's key, and keeps it, where there is no database or one that is not encrypted yet.
fn make(
    folder: &Folder,
    secrets: &dyn SecretStore,
    passphrase: Option<&str>,
) -> Result<(Manifest, Key), OpenError> {
    let name = match folder.holds(DATABASE) {
        false => None,
        true if plain::is_plain(folder)? => plain::secret_name(folder),
        // It is encrypted, and what tells where its key is has gone.
        true => return Err(OpenError::KeyLost),
    };
    let name = name.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let key = Key::random();
    let place = if let Some(passphrase) = passphrase {
        KeyPlace::Passphrase(passphrase::wrap(&key, passphrase)?)
    } else {
        keep(secrets, &manifest::key_name(&name), &key)?;
        KeyPlace::Keyring
    };
    let manifest = Manifest::new(name, &key, place);
    manifest.write(folder)?;
    Ok((manifest, key))
}

/// Stores the key in the keyring, and makes sure that it can be had from there again.
fn keep(secrets: &dyn SecretStore, name: &str, key: &Key) -> Result<(), OpenError> {
    let none = |details: String| OpenError::NoKeyring { details };
    let text = key.to_hex();
    secrets.set_for_good(name, &text).map_err(|error| none(error.details))?;
    let kept = secrets.get(name).map_err(|error| none(error.details))?.map(Zeroizing::new);
    if kept.as_ref() == Some(&text) {
        Ok(())
    } else {
        Err(none("what was stored could not be read back".to_owned()))
    }
}
