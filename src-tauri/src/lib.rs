//! The shell: a window around the chat in `ui/`, and the commands and the one event that join it to `sync-core`.
//!
//! Nothing is decided here. [`commands`] delegate to [`sync_core::Client`], [`dto`] are the twins of its types
//! that cross to the webview, [`shell`] opens the client and forwards what it tells.

mod bindings;
mod cli;
mod commands;
mod dto;
mod settings;
mod shell;

use std::process::ExitCode;

use clap::Parser;
use tauri::{Manager, RunEvent, Url, WebviewWindowBuilder};
use tracing_subscriber::EnvFilter;

use crate::{cli::Cli, settings::SettingsFile, shell::Shell};

/// What is logged where `RUST_LOG` does not say otherwise.
const LOG: &str = "warn";

/// Runs the app until its last window is closed.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG)))
        .with_writer(std::io::stderr)
        .init();
    match build(cli) {
        Ok(app) => {
            app.run(|app, event| {
                if matches!(event, RunEvent::Exit) {
                    tauri::async_runtime::block_on(app.state::<Shell>().close());
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window cannot be opened");
            ExitCode::FAILURE
        }
    }
}

fn build(cli: Cli) -> tauri::Result<tauri::App> {
    let bindings = bindings::builder();
    tauri::Builder::default()
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            let data_dir = cli.data_dir.map_or_else(|| app.path().app_data_dir(), Ok)?;
            app.manage(SettingsFile::open(&data_dir));
            app.manage(Shell::open(app.handle(), &data_dir));
            // Made here and not by the configuration, so that two data directories share no webview state.
            for window in &app.config().app.windows {
                WebviewWindowBuilder::from_config(app, window)?
                    .data_directory(data_dir.join("webview"))
                    .on_navigation(stays_inside)
                    .build()?;
            }
            Ok(())
        })
        .build(tauri::generate_context!())
}

/// Whether an address is the app's own: nothing else is ever shown in its window.
fn stays_inside(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => true,
        "http" | "https" if url.host_str() == Some("tauri.localhost") => true,
        // `tauri dev` serves the chat from here.
        "http" => cfg!(dev) && url.host_str() == Some("127.0.0.1"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_the_app_and_nothing_else() {
        for (address, inside) in [
            ("tauri://localhost/", true),
            ("http://tauri.localhost/index.html", true),
            ("https://example.org/", false),
            ("http://tauri.localhost.example.org/", false),
            ("javascript:alert(1)", false),
            ("data:text/html,hello", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(stays_inside(&address.parse().unwrap()), inside, "{address}");
        }
    }
}
