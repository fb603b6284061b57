//! The keyring of a phone: preferences encrypted by the Android Keystore, or the iOS keychain's protected data. It has the
//! shape of `keyring::v1`, which knows desktops only.

use std::sync::LazyLock;

use keyring_core::set_default_store;
pub(super) use keyring_core::{Error, Result};

/// Done once, when the first secret is asked for: by then the app's framework has told of the app's context.
static STORE: LazyLock<Result<()>> = LazyLock::new(|| {
    #[cfg(target_os = "android")]
    set_default_store(android_native_keyring_store::Store::new()?);
    #[cfg(target_os = "ios")]
    set_default_store(apple_native_keyring_store::protected::Store::new()?);
    Ok(())
});

/// A secret by its name.
pub(super) struct Entry {
    inner: keyring_core::Entry,
}

impl Entry {
    pub(super) fn new(service: &str, name: &str) -> Result<Self> {
        if STORE.is_err() {
            return Err(Error::NoDefaultStore);
        }
        Ok(Self { inner: keyring_core::Entry::new(service, name)? })
    }

    /// Why there is no store, where there is none.
    pub(super) fn store_status() -> &'static Result<()> {
        &STORE
    }

    pub(super) fn get_password(&self) -> Result<String> {
        self.inner.get_password()
    }

    pub(super) fn set_password(&self, password: &str) -> Result<()> {
        self.inner.set_password(password)
    }

    pub(super) fn delete_credential(&self) -> Result<()> {
        self.inner.delete_credential()
    }
}
