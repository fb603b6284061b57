//! Starting when one signs in to the system: an entry in `~/.config/autostart`, a launch agent, a key of the registry.

use tauri::{AppHandle, Wry, plugin::TauriPlugin};
use tauri_plugin_autostart::{Error, ManagerExt as _};

use crate::cli::Cli;

/// The plugin, with the arguments of such a start.
pub(super) fn plugin(cli: &Cli) -> TauriPlugin<Wry> {
    let mut plugin = tauri_plugin_autostart::Builder::new().arg("--minimised");
    if let Some(data_dir) = &cli.data_dir {
        plugin = plugin.arg("--data-dir").arg(data_dir.to_string_lossy());
    }
    plugin.build()
}

/// Makes the app start with the system, or no longer.
///
/// # Errors
/// Where the system does not take it.
pub(crate) fn switch(app: &AppHandle, on: bool) -> Result<(), Error> {
    let autostart = app.autolaunch();
    if on { autostart.enable() } else { autostart.disable() }
}
