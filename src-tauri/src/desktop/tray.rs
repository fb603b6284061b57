//! The icon in the system's tray, and its menu. It comes with its words, which the chat hands over when it is there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tauri::{
    AppHandle, Manager as _, Wry,
    menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};

use super::{Desktop, badge};
use crate::{notify::Attention, window, words::Words};

const OPEN: &str = "open";
const MUTE: &str = "mute";
const QUIT: &str = "quit";

/// The icon.
pub(super) struct Tray {
    icon: TrayIcon,
    mute: CheckMenuItem<Wry>,
}

impl Tray {
    /// Shows how many messages are unread: in what one reads on pointing at it, or beside it, and as a dot.
    pub(super) fn show_unread(&self, app: &AppHandle, unread: u32) {
        let image = app.default_window_icon().map(|icon| match unread {
            0 => icon.clone().to_owned(),
            _ => badge::dotted(icon),
        });
        // Windows has no text beside an icon, and Linux none on pointing at it; both take it silently.
        for done in [
            self.icon.set_icon(image),
            self.icon.set_tooltip(Some(badge::title(&app.package_info().name, unread))),
            self.icon.set_title(badge::label(unread)),
        ] {
            if let Err(error) = done {
                tracing::debug!(%error, "the tray does not show what is unread");
            }
        }
    }
}

/// Puts the icon there, or other words into its menu. On the main thread.
pub(super) fn speak(app: &AppHandle, words: &Words) {
    let desktop = app.state::<Desktop>();
    let mut tray = desktop.tray();
    // On Linux the library behind it ends a thread that cannot load it; without a tray the app is still an app.
    let spoken = catch_unwind(AssertUnwindSafe(|| match tray.take() {
        Some(tray) => renew(app, tray, words),
        None => build(app, words),
    }));
    match spoken {
        Ok(Ok(spoken)) => {
            spoken.show_unread(app, *desktop.unread());
            *tray = Some(spoken);
        }
        Ok(Err(error)) => tracing::warn!(%error, "there is no tray"),
        Err(_) => tracing::warn!("there is no tray: the system's library for it is missing"),
    }
}

/// Notifications are muted, or no longer. On the main thread.
pub(super) fn show_muted(app: &AppHandle, muted: bool) {
    if let Some(tray) = &*app.state::<Desktop>().tray()
        && let Err(error) = tray.mute.set_checked(muted)
    {
        tracing::debug!(%error, "the tray does not show that notifications are muted");
    }
}

fn build(app: &AppHandle, words: &Words) -> tauri::Result<Tray> {
    let (menu, mute) = menu(app, words)?;
    let icon = TrayIconBuilder::with_id("main")
        .menu(&menu)
        // A click opens the window, except where trays are menus.
        .show_menu_on_left_click(cfg!(not(windows)))
        .on_menu_event(|app, event| chosen(app, event.id().as_ref()))
        .on_tray_icon_event(|tray, event| {
            let clicked = matches!(
                event,
                TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
            );
            if clicked && cfg!(windows) {
                window::show(tray.app_handle());
            }
        })
        .build(app)?;
    Ok(Tray { icon, mute })
}

fn renew(app: &AppHandle, tray: Tray, words: &Words) -> tauri::Result<Tray> {
    let (menu, mute) = menu(app, words)?;
    tray.icon.set_menu(Some(menu))?;
    Ok(Tray { mute, ..tray })
}

fn menu(app: &AppHandle, words: &Words) -> tauri::Result<(Menu<Wry>, CheckMenuItem<Wry>)> {
    let muted = app.state::<Attention>().is_muted();
    let mute = CheckMenuItem::with_id(app, MUTE, &words.mute, true, muted, None::<&str>)?;
    let menu = Menu::with_items(
        app,
        &[
            &MenuItem::with_id(app, OPEN, &words.open, true, None::<&str>)?,
            &mute,
            &PredefinedMenuItem::separator(app)?,
            &MenuItem::with_id(app, QUIT, &words.quit, true, None::<&str>)?,
        ],
    )?;
    Ok((menu, mute))
}

fn chosen(app: &AppHandle, item: &str) {
    match item {
        OPEN => window::show(app),
        MUTE => app.state::<Attention>().toggle_mute(app),
        QUIT => app.exit(0),
        _ => {}
    }
}

/// Whether there is an icon by which the window can be had back.
pub(crate) async fn has_tray(app: &AppHandle) -> bool {
    let built = app.state::<Desktop>().tray().is_some();
    #[cfg(target_os = "linux")]
    return built && linux::shows_icons().await.unwrap_or(false);
    #[cfg(not(target_os = "linux"))]
    built
}

#[cfg(target_os = "linux")]
mod linux {
    use zbus::{Connection, fdo::DBusProxy, names::BusName};

    /// What shows the icons of apps, on desktops that do.
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    /// Whether this desktop shows the icons of apps: some have no tray, and an icon there is seen by nobody.
    pub(super) async fn shows_icons() -> zbus::Result<bool> {
        let bus = Connection::session().await?;
        Ok(DBusProxy::new(&bus).await?.name_has_owner(BusName::try_from(WATCHER)?).await?)
    }
}
