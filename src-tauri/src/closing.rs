//! What closing the window does: it ends the app, or leaves it in the tray. Somebody is asked once.
//!
//! ```text
//!   closed ──no tray, no account, or "end"► the app ends
//!     │ └───"tray"──────────────────────► hidden
//!     └─nobody has said──► closeAsked ──answerClose(null)──► as before
//!                            │ │  └─────answerClose(true)──► kept, hidden
//!                            │ └────────answerClose(false)─► kept, the app ends
//!                            └──closed again───────────────► the app ends, and is asked the next time
//! ```

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, State};
#[cfg(desktop)]
use tauri::{Manager as _, Window, WindowEvent};
use tauri_specta::Event;

#[cfg(desktop)]
use crate::{desktop, shell::Shell, window};
use crate::{
    dto::CommandError,
    settings::{self, SettingsFile},
};

/// Somebody closes the window, and has not said yet what that shall do. `answerClose` answers.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub(crate) struct CloseAsked;

/// Whether the question stands.
#[derive(Default)]
pub(crate) struct Closing {
    asked: AtomicBool,
}

/// Says what closing does from now on, and does it: `true` leaves the app in the tray, `false` ends it, `null` was no
/// answer, and the window stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer_close(
    app: AppHandle,
    closing: State<'_, Closing>,
    file: State<'_, SettingsFile>,
    to_tray: Option<bool>,
) -> Result<(), CommandError> {
    closing.asked.store(false, Ordering::Relaxed);
    let Some(to_tray) = to_tray else { return Ok(()) };
    let (before, now) = file.change(|settings| settings.close_to_tray = Some(to_tray))?;
    settings::changed(&app, &before, now);
    #[cfg(desktop)]
    act(&app, if to_tray { Outcome::Hide } else { Outcome::End });
    Ok(())
}

/// What comes of closing the window.
#[cfg(desktop)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Hide,
    End,
    Ask,
}

/// Decides what closing does, instead of the system.
#[cfg(desktop)]
pub(crate) fn on_window_event(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event {
        api.prevent_close();
        let app = window.app_handle().clone();
        tauri::async_runtime::spawn(async move { close(&app).await });
    }
}

#[cfg(desktop)]
async fn close(app: &AppHandle) {
    let wanted = app.state::<SettingsFile>().get().close_to_tray;
    let asked = app.state::<Closing>().asked.load(Ordering::Relaxed);
    // Where nothing can arrive, there is nothing to stay for, and nothing to ask.
    let stays = app.state::<Shell>().has_account() && desktop::has_tray(app).await;
    act(app, outcome(wanted, stays, asked));
}

/// `stays` says whether there is a place to stay in, and a reason to. `asked` says whether the question stands already:
/// whoever closes the window then means it.
#[cfg(desktop)]
fn outcome(wanted: Option<bool>, stays: bool, asked: bool) -> Outcome {
    match wanted {
        // On macOS an app without windows goes on, and its dock icon brings the window back.
        None if cfg!(target_os = "macos") => Outcome::Hide,
        Some(true) if stays => Outcome::Hide,
        None if stays && !asked => Outcome::Ask,
        _ => Outcome::End,
    }
}

#[cfg(desktop)]
fn act(app: &AppHandle, outcome: Outcome) {
    let Some(window) = window::of(app) else { return };
    let done = match outcome {
        Outcome::Hide => window.hide(),
        Outcome::End => window.destroy(),
        Outcome::Ask => {
            app.state::<Closing>().asked.store(true, Ordering::Relaxed);
            CloseAsked.emit(app)
        }
    };
    if let Err(error) = done {
        tracing::warn!(%error, "the window did not close as it should");
    }
}

#[cfg(all(test, desktop))]
mod tests {
    use super::*;

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn closing_asks_once_and_never_hides_what_could_not_be_found_again() {
        for (wanted, stays, asked, expected) in [
            (None, true, false, Outcome::Ask),
            (None, true, true, Outcome::End),
            (None, false, false, Outcome::End),
            (None, false, true, Outcome::End),
            (Some(true), true, false, Outcome::Hide),
            (Some(true), true, true, Outcome::Hide),
            (Some(true), false, false, Outcome::End),
            (Some(false), true, false, Outcome::End),
            (Some(false), false, true, Outcome::End),
        ] {
            assert_eq!(outcome(wanted, stays, asked), expected, "{wanted:?}, stays {stays}, asked {asked}");
        }
    }
}
