//! Where a phone starts the app: a symbol that Android's and iOS's glue look for.

/// Runs the app.
#[tauri::mobile_entry_point]
fn start() {
    // Where it cannot start, the reason is in the log, and a phone asks for no code.
    let _ = crate::run();
}
