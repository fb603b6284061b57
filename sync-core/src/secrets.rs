//! Where tokens and the profile's key are kept: the keyring of the operating system, or memory.
//!
//! Tokens are never written anywhere else. A store is asked by name and blocks, so the engine calls it on a
//! blocking thread.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

#[cfg(not(any(target_os = "android", target_os = "ios")))]
use keyring::v1::{Entry, Error};

#[cfg(any(target_os = "android", target_os = "ios"))]
use self::phone::{Entry, Error};

#[cfg(any(target_os = "android", target_os = "ios"))]
mod phone;

/// The service name of this program's entries in the keyring.
const SERVICE: &str = "app.roost.chat";

/// A secret could not be read or written. Its text says nothing of the secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the keyring of this device cannot be used: {details}")]
pub struct SecretError {
    /// What the keyring says.
    pub details: String,
}

/// Keeps short texts that must not be read by others, by name.
pub trait SecretStore: Send + Sync + 'static {
    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// Where the store cannot be reached.
    fn get(&self, name: &str) -> Result<Option<String>, SecretError>;

    /// Stores a secret, in place of an earlier one of this name.
    ///
    /// # Errors
    /// Where the store cannot be reached.
    fn set(&self, name: &str, secret: &str) -> Result<(), SecretError>;

    /// Stores a secret without which data is lost: where the store is to outlive the program and can't, this fails.
    ///
    /// # Errors
    /// Where the store cannot be reached.
    fn set_for_good(&self, name: &str, secret: &str) -> Result<(), SecretError> {
        self.set(name, secret)
    }

    /// Removes a secret; one that is not there is no error.
    ///
    /// # Errors
    /// Where the store cannot be reached.
    fn delete(&self, name: &str) -> Result<(), SecretError>;

    /// Whether secrets outlive the program. Where not, people have to sign in again next time.
    fn lasts(&self) -> bool;
}

/// Secrets for this run of the program only.
#[derive(Default)]
pub struct MemorySecrets {
    secrets: Mutex<HashMap<String, String>>,
}

impl MemorySecrets {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn secrets(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for MemorySecrets {
    fn get(&self, name: &str) -> Result<Option<String>, SecretError> {
        Ok(self.secrets().get(name).cloned())
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), SecretError> {
        self.secrets().insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.secrets().remove(name);
        Ok(())
    }

    fn lasts(&self) -> bool {
        false
    }
}

/// The keyring of the operating system: Secret Service, Keychain, Credential Manager, or the keystore of a phone.
///
/// Where it cannot be written to, the secret stays in memory for this run, and [`SecretStore::lasts`] says so.
#[derive(Default)]
pub struct KeyringSecrets {
    memory: MemorySecrets,
}

impl KeyringSecrets {
    /// The keyring of whoever runs the program.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl SecretStore for KeyringSecrets {
    fn get(&self, name: &str) -> Result<Option<String>, SecretError> {
        if let Some(secret) = self.memory.get(name)? {
            return Ok(Some(secret));
        }
        match Entry::new(SERVICE, name).and_then(|entry| entry.get_password()) {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explained(&error)),
        }
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), SecretError> {
        match Entry::new(SERVICE, name).and_then(|entry| entry.set_password(secret)) {
            Ok(()) => self.memory.delete(name),
            Err(error) => {
                let error = explained(&error);
                tracing::warn!(%error, "staying signed in for this run only");
                self.memory.set(name, secret)
            }
        }
    }

    fn set_for_good(&self, name: &str, secret: &str) -> Result<(), SecretError> {
        Entry::new(SERVICE, name)
            .and_then(|entry| entry.set_password(secret))
            .map_err(|error| explained(&error))?;
        self.memory.delete(name)
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.memory.delete(name)?;
        match Entry::new(SERVICE, name).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(explained(&error)),
        }
    }

    fn lasts(&self) -> bool {
        self.memory.secrets().is_empty()
    }
}

/// Where there is no keyring at all, the reason is in what its start said.
fn explained(error: &Error) -> SecretError {
    let details = match (error, Entry::store_status()) {
        (Error::NoDefaultStore, Err(reason)) => reason.to_string(),
        (error, _) => error.to_string(),
    };
    SecretError { details }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_keeps_replaces_and_forgets() {
        let store = MemorySecrets::new();
        assert_eq!(store.get("a").unwrap(), None);
        store.set("a", "one").unwrap();
        store.set("a", "two").unwrap();
        assert_eq!(store.get("a").unwrap().as_deref(), Some("two"));
        store.delete("a").unwrap();
        store.delete("a").unwrap();
        assert_eq!(store.get("a").unwrap(), None);
        assert!(!store.lasts());
    }
}
