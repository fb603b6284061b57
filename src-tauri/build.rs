//! Prepares the window's configuration, and says plainly what is missing where the chat was not built.

use std::{env, path::Path, process::ExitCode};

const CHAT: &str = "../ui/dist/index.html";

/// What makes Android open `roost://` links with the app. On iOS it is `Info.ios.plist` that does, on desktops the bundle.
const LINKS: &str = r#"<intent-filter>
    <action android:name="android.intent.action.VIEW" />
    <category android:name="android.intent.category.DEFAULT" />
    <category android:name="android.intent.category.BROWSABLE" />
    <data android:scheme="roost" />
</intent-filter>"#;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=../ui/dist");
    if env::var_os("CARGO_FEATURE_CUSTOM_PROTOCOL").is_some() && !Path::new(CHAT).exists() {
        println!("cargo::error=the chat is not built: run `npm ci` and `npm run build` in `ui` first");
        return ExitCode::FAILURE;
    }
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new()) {
        println!("cargo::error=the shell's configuration is not valid: {error:#}");
        return ExitCode::FAILURE;
    }
    if let Err(error) =
        tauri_plugin::mobile::update_android_manifest("ROOST LINKS", "activity", LINKS.to_owned())
    {
        println!("cargo::error=Android was not told of the app's links: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
