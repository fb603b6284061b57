//! What somebody looks at, and whether they want to be left alone for a while.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tauri::{AppHandle, Manager as _, State};
use tokio::time::{Instant, sleep_until};

use crate::dto::CommandError;

/// How long notifications are muted from the tray.
const MUTED_FOR: Duration = Duration::from_hours(1);

/// Where somebody's attention is. It is of this run only.
#[derive(Default)]
pub(crate) struct Attention {
    open: Mutex<Option<String>>,
    muted_until: Mutex<Option<Instant>>,
}

impl Attention {
    /// Whose conversation is open in the window.
    pub(super) fn open(&self) -> Option<String> {
        locked(&self.open).clone()
    }

    /// Whether notifications are muted for now.
    pub(crate) fn is_muted(&self) -> bool {
        locked(&self.muted_until).is_some_and(|until| Instant::now() < until)
    }

    /// Mutes notifications for an hour, or no longer.
    #[cfg(desktop)]
    pub(crate) fn toggle_mute(&self, app: &AppHandle) {
        let until = (!self.is_muted()).then(|| Instant::now() + MUTED_FOR);
        *locked(&self.muted_until) = until;
        crate::desktop::show_muted(app, until.is_some());
        let Some(until) = until else { return };
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            sleep_until(until).await;
            // Somebody may have muted them anew since.
            if !app.state::<Self>().is_muted() {
                crate::desktop::show_muted(&app, false);
            }
        });
    }
}

/// Says whose conversation is open in the window, if anybody's: what arrives there needs no notification.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_open_conversation(
    attention: State<'_, Attention>,
    peer: Option<String>,
) -> Result<(), CommandError> {
    *locked(&attention.open) = peer;
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
