//! The profile itself: what protects it, what became of it, and starting over.

use std::{
    path::Path,
    sync::{Arc, Weak},
};

use zeroize::Zeroizing;

use crate::{
    domain::{Protection, Recovery, Storage, Update},
    error::{OpenError, StoreError},
    profile::{self, Vault},
    store::{account, storage},
};

use super::{Client, Options};

/// Unlocks a profile, off the asynchronous threads: keyrings ask people, and passphrases take time.
pub(super) async fn unlock(options: &Options, passphrase: Option<&str>) -> Result<Arc<Vault>, OpenError> {
    let (folder, secrets) = (options.profile_dir.clone(), Arc::clone(&options.secrets));
    let passphrase = passphrase.map(|text| Zeroizing::new(text.to_owned()));
    off_thread(move || {
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        Ok(Arc::new(Vault::open(&folder, secrets, passphrase)?))
    })
    .await
}

impl Client {
    /// What protects the key that the messages on this device are encrypted with.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.inner.vault.protection()
    }

    /// Protects the key with a passphrase from now on, in place of the keyring or of another passphrase. A copy of the
    /// profile that was made before still opens as it did.
    ///
    /// # Errors
    /// Where the passphrase is too short, or the profile's folder cannot be written; then all is as it was.
    pub async fn protect_with_passphrase(&self, passphrase: &str) -> Result<(), OpenError> {
        let (vault, passphrase) = (Arc::clone(&self.inner.vault), Zeroizing::new(passphrase.to_owned()));
        off_thread(move || vault.protect_with_passphrase(&passphrase)).await
    }

    /// Keeps the key in the keyring from now on.
    ///
    /// # Errors
    /// Where there is no keyring, or the profile's folder cannot be written; then all is as it was.
    pub async fn protect_with_keyring(&self) -> Result<(), OpenError> {
        let vault = Arc::clone(&self.inner.vault);
        off_thread(move || vault.protect_with_keyring()).await
    }

    /// What came of the database where it was damaged, until [`Client::forget_recovery`].
    #[must_use]
    pub fn recovered(&self) -> Option<Recovery> {
        self.inner.vault.recovery()
    }

    /// The user was told of [`Client::recovered`].
    ///
    /// # Errors
    /// Where the profile's folder cannot be written.
    pub async fn forget_recovery(&self) -> Result<(), OpenError> {
        let vault = Arc::clone(&self.inner.vault);
        off_thread(move || vault.forget_recovery()).await
    }

    /// Puts a profile that cannot be opened aside, for a new one in its place: the way out of [`OpenError::KeyLost`], and
    /// of a forgotten passphrase. Nothing is removed: it lies in a folder `locked-…` in the profile's own, and opens again
    /// where its files are put back and its key is found.
    ///
    /// # Errors
    /// Where the profile is open, or its folder cannot be written.
    pub async fn start_over(profile_dir: &Path) -> Result<(), OpenError> {
        let folder = profile_dir.to_owned();
        off_thread(move || profile::put_aside(&folder)).await
    }

    /// What the profile takes of the disk.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn storage(&self) -> Result<Storage, StoreError> {
        self.inner.face.store.storage().await
    }

    /// Removes the messages on this device that the server has, and gives their space back. What waits to be sent and
    /// drafts stay; the messages come again from the server, the newest first. What is answered says what is left: where
    /// the disk is too full to write the database anew, the space is free within it.
    ///
    /// # Errors
    /// Where the database cannot be written; then nothing was removed.
    pub async fn clear_messages(&self) -> Result<Storage, StoreError> {
        let _gate = self.inner.gate.lock().await;
        let store = &self.inner.face.store;
        self.stop_engine().await;
        let cleared = store.write(|connection, _| Ok::<_, StoreError>(storage::clear(connection)?)).await;
        if cleared.is_ok() {
            if let Err(error) = store.compact().await {
                tracing::warn!(%error, "the space of the removed messages stays with the message store");
            }
            store.announce(Update::Everything);
        }
        self.go_on().await?;
        cleared?;
        store.storage().await
    }

    /// Notes in the profile whose it is, to be told while it is locked. It is of no use for anything else, so a failure is
    /// made up for at the next start.
    pub(super) async fn note_account(&self) {
        let holder = self.inner.face.store.read(|connection| account::holder(connection)).await;
        let vault = Arc::clone(&self.inner.vault);
        let noted = match holder {
            Ok(holder) => {
                off_thread(move || vault.set_account(holder.map(|(account, _)| account).as_ref())).await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "it could not be noted whose profile this is");
        }
    }

    /// Repairs the database as soon as damage shows, for as long as the client is there.
    pub(super) fn repair_when_damaged(&self) {
        let (client, store) = (Arc::downgrade(&self.inner), self.inner.face.store.clone());
        let mut closing = self.inner.closing.subscribe();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = closing.wait_for(|closing| *closing) => return,
                    () = store.damaged() => {}
                }
                let Some(client) = Weak::upgrade(&client).map(|inner| Self { inner }) else { return };
                if let Err(error) = client.repair().await {
                    tracing::error!(%error, "the message store could not be repaired");
                    return;
                }
            }
        });
    }

    async fn repair(&self) -> Result<(), OpenError> {
        let _gate = self.inner.gate.lock().await;
        self.stop_engine().await;
        self.inner.face.store.repair(self.inner.clock.now()).await?;
        Ok(self.go_on().await?)
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OpenError> + Send + 'static,
) -> Result<T, OpenError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| OpenError::Store(StoreError::Closed))?
}
