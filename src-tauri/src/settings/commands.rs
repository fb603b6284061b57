//! What the chat asks of the settings.

use tauri::{AppHandle, State};
use tauri_specta::Event;

use super::{Settings, SettingsChanged, SettingsFile};
use crate::dto::CommandError;

/// The app's settings on this device.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings(file: State<'_, SettingsFile>) -> Result<Settings, CommandError> {
    Ok(file.get())
}

/// Stores the app's settings and puts them into effect. Every window is told by `settingsChanged`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_settings(
    app: AppHandle,
    file: State<'_, SettingsFile>,
    settings: Settings,
) -> Result<(), CommandError> {
    #[cfg(desktop)]
    if settings.autostart != file.get().autostart {
        crate::desktop::switch_autostart(&app, settings.autostart)
            .map_err(|error| CommandError::no_autostart(error.to_string()))?;
    }
    let (before, now) = file.set(settings)?;
    changed(&app, &before, now);
    Ok(())
}

/// Tells of settings that are others now.
pub(crate) fn changed(app: &AppHandle, before: &Settings, now: Settings) {
    if *before == now {
        return;
    }
    #[cfg(desktop)]
    crate::desktop::theme(app, now.theme);
    if let Err(error) = SettingsChanged(now).emit(app) {
        tracing::warn!(%error, "the window was not told of its settings");
    }
}
