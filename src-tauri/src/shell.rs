//! Opens the engine beside the window, and passes on what it tells.

use std::{path::Path, sync::Arc};

use sync_core::{Client, KeyringSecrets, Options};
use tauri::AppHandle;
use tauri_specta::Event;
use tokio::sync::SetOnce;

use crate::dto::{CommandError, Update};

/// The engine of this app, from the moment that it begins to open.
pub(crate) struct Shell {
    opened: Arc<SetOnce<Result<Client, CommandError>>>,
}

impl Shell {
    /// Begins to open the profile below `data_dir`, and forwards its updates to the webview from then on.
    ///
    /// The window does not wait for it: a keyring may ask for a password first. Commands do.
    pub(crate) fn open(app: &AppHandle, data_dir: &Path) -> Self {
        let opened = Arc::new(SetOnce::new());
        let options = Options {
            profile_dir: data_dir.join("profiles").join("default"),
            secrets: Arc::new(KeyringSecrets::new()),
        };
        tauri::async_runtime::spawn(serve(app.clone(), options, Arc::clone(&opened)));
        Self { opened }
    }

    /// The engine, once it is open.
    ///
    /// # Errors
    /// Where the profile cannot be opened; the reason is the same for every caller.
    pub(crate) async fn client(&self) -> Result<Client, CommandError> {
        self.opened.wait().await.clone()
    }

    /// Stops the engine, if it has started.
    pub(crate) async fn close(&self) {
        if let Some(Ok(client)) = self.opened.get() {
            client.close().await;
        }
    }
}

async fn serve(app: AppHandle, options: Options, opened: Arc<SetOnce<Result<Client, CommandError>>>) {
    let client = Client::open(options).await;
    if let Err(error) = &client {
        tracing::error!(%error, "the profile cannot be opened");
    }
    let updates = client.as_ref().ok().map(Client::updates);
    // Set after the updates are listened to, so that nothing happens between the first read and the first update.
    if opened.set(client.map_err(CommandError::from)).is_err() {
        return;
    }
    let Some(mut updates) = updates else { return };
    while let Some(update) = updates.next().await {
        if let Err(error) = Update::from(update).emit(&app) {
            tracing::warn!(%error, "the window did not take an update");
        }
    }
}
