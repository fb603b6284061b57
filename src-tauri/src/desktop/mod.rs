//! What only a desktop has: one instance, a tray, a window that remembers its place and can close into the tray, starting
//! with the system.

mod autostart;
mod badge;
mod instance;
mod tray;

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tauri::{App, AppHandle, Manager as _, Theme as WindowTheme};
use tauri_plugin_window_state::StateFlags;

pub(crate) use self::{autostart::switch as switch_autostart, tray::has_tray};
use self::{instance::Claim, tray::Tray};
use crate::{
    cli::Cli,
    links,
    settings::{Settings, Theme},
    window,
    words::Words,
};

/// Where the window's size and place are kept, in the data directory.
const WINDOW_STATE: &str = "window.json";

/// The desktop's side of the app.
#[derive(Default)]
pub(crate) struct Desktop {
    tray: Mutex<Option<Tray>>,
    /// How many messages are unread, as it was told last.
    unread: Mutex<u32>,
}

impl Desktop {
    fn tray(&self) -> MutexGuard<'_, Option<Tray>> {
        self.tray.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unread(&self) -> MutexGuard<'_, u32> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this start goes on: not where another one runs on the same data, which is shown instead.
pub(crate) fn is_first(app: &App, data_dir: &Path, cli: &Cli) -> bool {
    let instance = match instance::claim(data_dir, cli.link.as_deref()) {
        Claim::First(instance) => instance,
        Claim::Passed => return false,
        Claim::Alone => return true,
    };
    let handle = app.handle().clone();
    let heeded = instance.heed(move |link| match link {
        Some(link) => links::arrived(&handle, link),
        None => window::show(&handle),
    });
    if let Err(error) = heeded {
        tracing::warn!(%error, "a second start will not be noticed");
    }
    true
}

/// Prepares the desktop before the window is there.
///
/// # Errors
/// Where a plugin does not start.
pub(crate) fn prepare(app: &App, data_dir: &Path, cli: &Cli, settings: &Settings) -> tauri::Result<()> {
    let handle = app.handle();
    app.manage(Desktop::default());
    handle.plugin(
        tauri_plugin_window_state::Builder::new()
            .with_filename(data_dir.join(WINDOW_STATE).to_string_lossy())
            .with_state_flags(
                StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN,
            )
            .build(),
    )?;
    handle.plugin(autostart::plugin(cli))?;
    if settings.autostart {
        // Again at each start, because an update may have moved the program.
        if let Err(error) = autostart::switch(handle, true) {
            tracing::warn!(%error, "the app will not start with the system");
        }
    }
    Ok(())
}

/// Shows the window that was made hidden, unless it shall stay so: in the tray where closing goes there, else minimised.
pub(crate) fn show_first(app: &App, minimised: bool, settings: &Settings) {
    let Some(window) = window::of(app.handle()) else { return };
    let done = match (minimised, settings.close_to_tray) {
        (false, _) => window.show(),
        (true, Some(true)) => Ok(()),
        (true, _) => window.show().and_then(|()| window.minimize()),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "the window did not come up as it should");
    }
}

/// Makes the tray speak these words, and be there.
pub(crate) fn speak(app: &AppHandle, words: Words) {
    on_main_thread(app, move |app| tray::speak(app, &words));
}

/// Shows how many messages are unread, everywhere outside the window.
pub(crate) fn show_unread(app: &AppHandle, unread: u32) {
    on_main_thread(app, move |app| badge::show(app, unread));
}

/// The window's frame follows the theme of what is in it.
pub(crate) fn theme(app: &AppHandle, theme: Theme) {
    let theme = match theme {
        Theme::System => None,
        Theme::Light => Some(WindowTheme::Light),
        Theme::Dark => Some(WindowTheme::Dark),
    };
    if let Some(Err(error)) = window::of(app).map(|window| window.set_theme(theme)) {
        tracing::warn!(%error, "the window's frame did not take the theme");
    }
}

/// Notifications are muted, or no longer.
pub(crate) fn show_muted(app: &AppHandle, muted: bool) {
    on_main_thread(app, move |app| tray::show_muted(app, muted));
}

/// Trays, menus and windows belong to one thread on every system.
fn on_main_thread(app: &AppHandle, act: impl FnOnce(&AppHandle) + Send + 'static) {
    let handle = app.clone();
    if let Err(error) = app.run_on_main_thread(move || act(&handle)) {
        tracing::warn!(%error, "the app is ending");
    }
}
