//! Opens the engine beside the window, and passes on what it tells.
//!
//! ```text
//!   opening ──it opens──► open
//!     ▲  └──it does not──► shut ──the user tries again, or gives a passphrase──┐
//!     └────────────────────────────────────────────────────────────────────────┘
//! ```

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sync_core::{
    Client, KeyringSecrets, OpenError, Options, Profiles, SecretStore, SessionState, StoreError,
};
use tauri::AppHandle;
use tauri_specta::Event;
use tokio::sync::{Mutex, watch};

use crate::{
    dto::{CommandError, Update},
    first, notify,
};

/// The engine of this app, from the moment that it begins to open.
pub(crate) struct Shell {
    inner: Arc<Inner>,
}

struct Inner {
    app: AppHandle,
    profiles: Profiles,
    secrets: Arc<dyn SecretStore>,
    /// `None` while it opens.
    opened: watch::Sender<Option<Result<Client, CommandError>>>,
    /// The profile's folder, once it is known. Held while it opens.
    folder: Mutex<Option<PathBuf>>,
}

impl Shell {
    /// Begins to open the first profile below `data_dir`, and forwards its updates to the webview from then on.
    ///
    /// The window does not wait for it: a keyring may ask for a password first. Commands do.
    pub(crate) fn open(app: &AppHandle, data_dir: &Path) -> Self {
        let inner = Arc::new(Inner {
            app: app.clone(),
            profiles: Profiles::at(&data_dir.join("profiles")),
            secrets: Arc::new(KeyringSecrets::new()),
            opened: watch::Sender::new(None),
            folder: Mutex::new(None),
        });
        let opening = Arc::clone(&inner);
        // What it answers is what every command answers.
        tauri::async_runtime::spawn(async move { opening.open(None).await });
        Self { inner }
    }

    /// The engine, once it is open.
    ///
    /// # Errors
    /// Where the profile cannot be opened; the reason is the same for every caller until somebody tries again.
    pub(crate) async fn client(&self) -> Result<Client, CommandError> {
        let mut opened = self.inner.opened.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let opened = opened.wait_for(Option::is_some).await.ok().and_then(|opened| opened.clone());
        opened.unwrap_or_else(|| Err(OpenError::Store(StoreError::Closed).into()))
    }

    /// Tries again to open a profile that could not be opened, with the passphrase that protects it, or that shall
    /// protect a new one.
    ///
    /// # Errors
    /// Where it still cannot be opened.
    pub(crate) async fn try_again(&self, passphrase: Option<String>) -> Result<(), CommandError> {
        Arc::clone(&self.inner).open(passphrase).await
    }

    /// Puts a profile that cannot be opened aside, and begins a new one.
    ///
    /// # Errors
    /// Where it is open after all, or the new one cannot be opened.
    pub(crate) async fn start_over(&self) -> Result<(), CommandError> {
        let mut known = self.inner.folder.lock().await;
        let folder = self.inner.find(&mut known).await?;
        Client::start_over(&folder).await?;
        drop(known);
        self.try_again(None).await
    }

    /// Whether there is an account here whose messages arrive.
    #[cfg_attr(mobile, expect(dead_code, reason = "no window is closed on a phone"))]
    pub(crate) fn has_account(&self) -> bool {
        let opened = self.inner.opened.borrow();
        let client = opened.as_ref().and_then(|opened| opened.as_ref().ok());
        client.is_some_and(|client| !matches!(client.session(), SessionState::SignedOut))
    }

    /// Stops the engine, if it has started.
    pub(crate) async fn close(&self) {
        let opened = self.inner.opened.borrow().clone();
        if let Some(Ok(client)) = opened {
            client.close().await;
        }
    }
}

impl Inner {
    /// Opens the profile unless it is open, and keeps what came of it.
    async fn open(self: Arc<Self>, passphrase: Option<String>) -> Result<(), CommandError> {
        let mut known = self.folder.lock().await;
        if matches!(*self.opened.borrow(), Some(Ok(_))) {
            return Ok(());
        }
        let opened = match self.find(&mut known).await {
            Ok(profile_dir) => {
                let options = Options { profile_dir, secrets: Arc::clone(&self.secrets) };
                match passphrase {
                    Some(passphrase) => Client::open_with_passphrase(options, &passphrase).await,
                    None => Client::open(options).await,
                }
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &opened {
            tracing::error!(%error, "the profile cannot be opened");
        }
        let opened = opened.map_err(CommandError::from);
        if let Ok(client) = &opened {
            // Listened to before anybody can read, so that nothing happens between the first read and the first update.
            tauri::async_runtime::spawn(forward(self.app.clone(), client.updates()));
            tauri::async_runtime::spawn(notify::watch(self.app.clone(), client.clone()));
            tauri::async_runtime::spawn(first::draw(self.app.clone(), client.clone()));
        }
        let answer = opened.as_ref().map(|_| ()).map_err(Clone::clone);
        self.opened.send_replace(Some(opened));
        answer
    }

    /// The profile's folder, which stays the same from the first time on.
    async fn find(&self, known: &mut Option<PathBuf>) -> Result<PathBuf, OpenError> {
        if let Some(folder) = known {
            return Ok(folder.clone());
        }
        let profiles = self.profiles.clone();
        let found = tokio::task::spawn_blocking(move || profiles.first()).await;
        let folder = found.map_err(|_| OpenError::Store(StoreError::Closed))??;
        Ok(known.insert(folder).clone())
    }
}

/// Passes on what the engine tells, until it is gone.
async fn forward(app: AppHandle, mut updates: sync_core::Updates) {
    while let Some(update) = updates.next().await {
        if let Err(error) = Update::from(update).emit(&app) {
            tracing::warn!(%error, "the window did not take an update");
        }
    }
}
