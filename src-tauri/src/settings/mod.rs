//! The app's settings: what one person likes on this device. They stand in `settings.json` in the data directory, apart
//! from any profile, because they are read before a profile opens.

mod commands;
mod file;
mod time;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

pub(crate) use self::{
    commands::*,
    file::{SaveError, SettingsFile},
    time::TimeOfDay,
};

/// The smallest and the largest text, in percent of the system's.
const TEXT_SIZE: std::ops::RangeInclusive<u32> = 80..=200;
/// The longest name of a language in bytes, as BCP 47 advises readers to expect.
const LANGUAGE_BYTES: usize = 35;

/// The settings, as the chat shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    pub(crate) theme: Theme,
    /// In percent, 80 to 200.
    pub(crate) text_size: u32,
    /// A language of the catalogue such as `fil`; `null` follows the system.
    pub(crate) language: Option<String>,
    /// Whether Enter sends; where not, it makes a new line, and Ctrl or Cmd with Enter sends.
    pub(crate) enter_sends: bool,
    pub(crate) notifications: Notifications,
    /// Whether closing the window leaves the app in the tray; `null` until somebody has answered that.
    pub(crate) close_to_tray: Option<bool>,
    /// Whether the app starts without showing its window.
    pub(crate) start_minimised: bool,
    /// Whether the app starts when one signs in to the system.
    pub(crate) autostart: bool,
}

/// Light, dark, or whichever the system has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

/// When and how the app tells of arrivals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notifications {
    pub(crate) enabled: bool,
    /// Whether a notification shows what the message says, or only who wrote.
    pub(crate) content: bool,
    pub(crate) sound: bool,
    /// Quiet hours begin, in local time, as `22:00`. There are none unless both ends are given.
    pub(crate) quiet_from: Option<TimeOfDay>,
    /// Quiet hours end, in local time, as `07:00`; before their beginning, they go past midnight.
    pub(crate) quiet_until: Option<TimeOfDay>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            text_size: 100,
            language: None,
            enter_sends: true,
            notifications: Notifications::default(),
            close_to_tray: None,
            start_minimised: false,
            autostart: false,
        }
    }
}

impl Default for Notifications {
    fn default() -> Self {
        Self { enabled: true, content: true, sound: true, quiet_from: None, quiet_until: None }
    }
}

impl Settings {
    /// The same, with what is out of bounds brought into them.
    fn bounded(self) -> Self {
        Self {
            text_size: self.text_size.clamp(*TEXT_SIZE.start(), *TEXT_SIZE.end()),
            language: self.language.filter(|language| is_language(language)),
            ..self
        }
    }
}

/// Whether this has the shape of a language's name: the chat decides whether it has its words.
fn is_language(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LANGUAGE_BYTES
        && name
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The settings are now these.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub(crate) struct SettingsChanged(pub(crate) Settings);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_brought_into_them() {
        for (given, kept) in [(0, 80), (79, 80), (80, 80), (150, 150), (200, 200), (u32::MAX, 200)] {
            let settings = Settings { text_size: given, ..Settings::default() };
            assert_eq!(settings.bounded().text_size, kept);
        }
    }

    #[test]
    fn a_language_is_a_short_tag() {
        for (name, is) in [
            ("en", true),
            ("fil", true),
            ("pt-BR", true),
            ("", false),
            ("en-", false),
            ("../../etc", false),
            ("e n", false),
            (&*"x".repeat(36), false),
        ] {
            let settings = Settings { language: Some(name.to_owned()), ..Settings::default() };
            assert_eq!(settings.bounded().language.is_some(), is, "{name:?}");
        }
    }
}
