//! The one window: its making, and what it may show.

use std::path::Path;

use tauri::{App, AppHandle, Manager as _, Url, WebviewWindow, WebviewWindowBuilder};

use crate::first;

/// Its label in the configuration.
pub(crate) const MAIN: &str = "main";

/// Makes the window; on a desktop it is hidden at first.
///
/// It is made here and not by the configuration, so that two data directories share no state of the webview.
///
/// # Errors
/// Where the system gives no window.
pub(crate) fn make(app: &App, data_dir: &Path) -> tauri::Result<()> {
    for window in &app.config().app.windows {
        let handle = app.handle().clone();
        let builder = WebviewWindowBuilder::from_config(app, window)?
            .on_navigation(stays_inside)
            .on_web_resource_request(move |request, response| first::show(&handle, &request, response));
        #[cfg(desktop)]
        let builder = builder.data_directory(data_dir.join("webview")).visible(false);
        #[cfg(mobile)]
        let _ = data_dir;
        builder.build()?;
    }
    Ok(())
}

/// The window, while there is one.
pub(crate) fn of(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(MAIN)
}

/// Brings the window to the front, from wherever it is.
pub(crate) fn show(app: &AppHandle) {
    #[cfg(desktop)]
    if let Some(window) = of(app) {
        for done in [window.show(), window.unminimize(), window.set_focus()] {
            if let Err(error) = done {
                tracing::warn!(%error, "the window did not come to the front");
            }
        }
    }
    #[cfg(mobile)]
    let _ = app;
}

/// Whether somebody is looking at the window.
pub(crate) fn has_focus(app: &AppHandle) -> bool {
    of(app).is_some_and(|window| window.is_focused().unwrap_or(false))
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
