//! The shell: a window around the chat in `ui/`, and the commands and events that join it to `sync-core` and the system.
//!
//! [`commands`] delegate to [`sync_core::Client`], [`dto`] are the twins of its types that cross to the webview, [`shell`]
//! opens the client and forwards what it tells. What a system has beside the window is here: [`settings`], [`notify`],
//! [`links`], and on a desktop [`desktop`].

mod bindings;
mod cli;
mod closing;
mod commands;
#[cfg(desktop)]
mod desktop;
mod dto;
mod first;
mod links;
#[cfg(mobile)]
mod mobile;
mod notify;
#[cfg(target_os = "linux")]
mod rendering;
mod settings;
mod shell;
mod window;
mod words;

use std::process::ExitCode;

use clap::Parser;
use tauri::{App, AppHandle, Manager as _, RunEvent, Wry};
use tauri_specta::Builder;
use tracing_subscriber::EnvFilter;

use crate::{
    cli::Cli, closing::Closing, first::FirstPicture, links::Links, notify::Attention, settings::SettingsFile,
    shell::Shell, words::Spoken,
};

/// What is logged where `RUST_LOG` does not say otherwise.
const LOG: &str = "warn";

/// Runs the app until its last window is closed.
#[must_use]
pub fn run() -> ExitCode {
    // A phone's app has no command line, and none of its arguments are for it.
    let cli = if cfg!(mobile) { Cli::default() } else { Cli::parse() };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG)))
        .with_writer(std::io::stderr)
        .init();
    #[cfg(target_os = "linux")]
    rendering::choose();
    match build(cli) {
        Ok(app) => {
            app.run(|app, event| heed(app, &event));
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window cannot be opened");
            ExitCode::FAILURE
        }
    }
}

fn build(cli: Cli) -> tauri::Result<App> {
    let bindings = bindings::builder();
    let builder = tauri::Builder::default()
        .plugin(tauri_plugin_opener::init())
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| Ok(set_up(app, &bindings, &cli)?));
    #[cfg(desktop)]
    let builder = builder.on_window_event(closing::on_window_event);
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(tauri_plugin_notification::init());
    builder.build(tauri::generate_context!())
}

fn set_up(app: &mut App, bindings: &Builder<Wry>, cli: &Cli) -> tauri::Result<()> {
    bindings.mount_events(app);
    let data_dir = cli.data_dir.clone().map_or_else(|| app.path().app_data_dir(), Ok)?;
    app.manage(Links::default());
    #[cfg(desktop)]
    if !desktop::is_first(app, &data_dir, cli) {
        app.handle().exit(0);
        return Ok(());
    }
    let file = SettingsFile::open(&data_dir);
    let settings = file.get();
    app.manage(file);
    app.manage(Spoken::default());
    app.manage(Attention::default());
    app.manage(Closing::default());
    app.manage(FirstPicture::default());
    #[cfg(desktop)]
    desktop::prepare(app, &data_dir, cli, &settings)?;
    // The window is first: the webview's processes start while the engine opens, and no page asks before this is over.
    window::make(app, &data_dir)?;
    app.manage(Shell::open(app.handle(), &data_dir));
    #[cfg(desktop)]
    {
        desktop::theme(app.handle(), settings.theme);
        desktop::show_first(app, cli.minimised || settings.start_minimised, &settings);
    }
    if let Some(link) = &cli.link {
        links::arrived(app.handle(), link);
    }
    Ok(())
}

fn heed(app: &AppHandle, event: &RunEvent) {
    match event {
        // A second start has none.
        RunEvent::Exit => {
            if let Some(shell) = app.try_state::<Shell>() {
                tauri::async_runtime::block_on(shell.close());
            }
        }
        // On Linux and Windows a link is an argument of a start.
        #[cfg(any(target_os = "macos", mobile))]
        RunEvent::Opened { urls } => {
            for url in urls {
                links::arrived(app, url.as_str());
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { has_visible_windows: false, .. } => window::show(app),
        _ => {}
    }
}
