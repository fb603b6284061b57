//! A window with an empty page: what Tauri and the webview cost by themselves.
//!
//! `cargo xtask bench-app` measures the app beside it. It is built with the app's own dependencies and their features,
//! and does nothing but what every Tauri program does.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tauri::Builder::default().run(tauri::generate_context!("examples/empty_window/tauri.conf.json")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
