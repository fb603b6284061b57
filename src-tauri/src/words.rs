//! The few words that the system shows for the app, in its tray and its notifications. They are in the chat's catalogue,
//! so the chat hands them over, again when the language changes.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use specta::Type;
use tauri::{AppHandle, State};

use crate::dto::CommandError;

/// The words, in the language of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Words {
    /// Shows the window.
    pub(crate) open: String,
    /// Stops notifications for an hour.
    pub(crate) mute: String,
    /// Ends the app.
    pub(crate) quit: String,
    /// What a notification says in place of what the message says.
    pub(crate) new_message: String,
}

/// The words, once the chat has told them.
#[derive(Default)]
pub(crate) struct Spoken {
    words: Mutex<Option<Words>>,
}

impl Spoken {
    pub(crate) fn get(&self) -> Option<Words> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Hands over the words that the system shows for the app. The tray is there from then on.
#[tauri::command]
#[specta::specta]
#[cfg_attr(mobile, expect(unused_variables, reason = "phones have no tray"))]
pub(crate) async fn set_words(
    app: AppHandle,
    spoken: State<'_, Spoken>,
    words: Words,
) -> Result<(), CommandError> {
    *spoken.words.lock().unwrap_or_else(PoisonError::into_inner) = Some(words.clone());
    #[cfg(desktop)]
    crate::desktop::speak(&app, words);
    Ok(())
}
