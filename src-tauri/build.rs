//! Prepares the window's configuration, and says plainly what is missing where the chat was not built.

use std::{env, path::Path, process::ExitCode};

const CHAT: &str = "../ui/dist/index.html";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=../ui/dist");
    if env::var_os("CARGO_FEATURE_CUSTOM_PROTOCOL").is_some() && !Path::new(CHAT).exists() {
        println!("cargo::error=the chat is not built: run `npm ci` and `npm run build` in `ui` first");
        return ExitCode::FAILURE;
    }
    match tauri_build::try_build(tauri_build::Attributes::new()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error=the shell's configuration is not valid: {error:#}");
            ExitCode::FAILURE
        }
    }
}
