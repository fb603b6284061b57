//! `settings.json`. Fields that this version does not know are kept for the one that does, a value that it cannot read
//! is as if it were not there, and a file that is no JSON at all is put aside.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Notifications, Settings};

const FILE: &str = "settings.json";
/// Where a file is put that cannot be read; an earlier one gives way.
const ASIDE: &str = "settings.damaged.json";
/// What `version` says in a file that this version makes. A newer version's number stays.
const VERSION: u64 = 1;
/// A longer file is not ours, in bytes.
const FILE_BYTES: u64 = 256 * 1024;

/// The settings could not be stored.
#[derive(Debug, thiserror::Error)]
#[error("the settings could not be stored: {0}")]
pub(crate) struct SaveError(#[from] pub(crate) io::Error);

/// The settings and the file that they stand in.
pub(crate) struct SettingsFile {
    folder: PathBuf,
    kept: Mutex<Kept>,
}

struct Kept {
    settings: Settings,
    /// The whole file, with what this version does not know.
    whole: Map<String, Value>,
}

impl SettingsFile {
    /// Reads the settings of this data directory: the defaults where there are none. Never fails, because the app has to
    /// start; what went wrong is logged.
    pub(crate) fn open(folder: &Path) -> Self {
        let whole = match read(&folder.join(FILE)) {
            Ok(Some(whole)) => whole,
            Ok(None) => Map::new(),
            Err(error) => {
                tracing::warn!(%error, "the settings cannot be read: they are put aside");
                if let Err(error) = fs::rename(folder.join(FILE), folder.join(ASIDE)) {
                    tracing::warn!(%error, "the settings could not be put aside");
                }
                Map::new()
            }
        };
        let settings = from_file(&whole).bounded();
        Self { folder: folder.to_owned(), kept: Mutex::new(Kept { settings, whole }) }
    }

    /// The settings of now.
    pub(crate) fn get(&self) -> Settings {
        self.kept().settings.clone()
    }

    /// Stores these settings; answers them as they were and as they are now. After a crash there are the old ones or the
    /// new ones.
    ///
    /// # Errors
    /// Where they cannot be written; then the old ones hold.
    pub(crate) fn set(&self, settings: Settings) -> Result<(Settings, Settings), SaveError> {
        self.change(|kept| *kept = settings)
    }

    /// As [`SettingsFile::set`], for a part of them.
    ///
    /// # Errors
    /// As [`SettingsFile::set`].
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut Settings),
    ) -> Result<(Settings, Settings), SaveError> {
        let mut kept = self.kept();
        let mut settings = kept.settings.clone();
        change(&mut settings);
        let settings = settings.bounded();
        let mut whole = kept.whole.clone();
        let version = whole.get("version").and_then(Value::as_u64).unwrap_or(VERSION).max(VERSION);
        whole.insert("version".to_owned(), version.into());
        let known = serde_json::to_value(&settings).map_err(io::Error::from)?;
        overlay(&mut whole, known);
        let text = serde_json::to_vec_pretty(&whole).map_err(io::Error::from)?;
        write(&self.folder, &text)?;
        let before = std::mem::replace(&mut kept.settings, settings.clone());
        kept.whole = whole;
        Ok((before, settings))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What is kept is replaced as a whole, so a panic elsewhere leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The object in a file; `None` where there is no file.
fn read(path: &Path) -> io::Result<Option<Map<String, Value>>> {
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut text = Vec::new();
    file.take(FILE_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > FILE_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too long"));
    }
    Ok(Some(serde_json::from_slice(&text)?))
}

/// Replaces the file as a whole.
fn write(folder: &Path, text: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let new = folder.join(format!("{FILE}.new"));
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, folder.join(FILE))?;
    // On Windows a folder cannot be opened, and need not be.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// What the file says, and the defaults for the rest.
fn from_file(whole: &Map<String, Value>) -> Settings {
    let Settings {
        theme,
        text_size,
        language,
        enter_sends,
        notifications,
        close_to_tray,
        start_minimised,
        autostart,
    } = Settings::default();
    let nothing = Map::new();
    let told = whole.get("notifications").and_then(Value::as_object).unwrap_or(&nothing);
    Settings {
        theme: field(whole, "theme", theme),
        text_size: field(whole, "textSize", text_size),
        language: field(whole, "language", language),
        enter_sends: field(whole, "enterSends", enter_sends),
        notifications: Notifications {
            enabled: field(told, "enabled", notifications.enabled),
            content: field(told, "content", notifications.content),
            sound: field(told, "sound", notifications.sound),
            quiet_from: field(told, "quietFrom", notifications.quiet_from),
            quiet_until: field(told, "quietUntil", notifications.quiet_until),
        },
        close_to_tray: field(whole, "closeToTray", close_to_tray),
        start_minimised: field(whole, "startMinimised", start_minimised),
        autostart: field(whole, "autostart", autostart),
    }
}

fn field<T: DeserializeOwned>(object: &Map<String, Value>, name: &str, otherwise: T) -> T {
    object.get(name).and_then(|value| T::deserialize(value).ok()).unwrap_or(otherwise)
}

/// Puts the fields of `known` over those of `whole`, and leaves the others.
fn overlay(whole: &mut Map<String, Value>, known: Value) {
    let Value::Object(known) = known else { return };
    for (name, value) in known {
        match (whole.get_mut(&name), value) {
            (Some(Value::Object(inner)), value @ Value::Object(_)) => overlay(inner, value),
            (_, value) => {
                whole.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::settings::{Theme, TimeOfDay};

    fn holding(text: &str) -> (TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), text).unwrap();
        let file = SettingsFile::open(folder.path());
        (folder, file)
    }

    fn on_disk(folder: &TempDir) -> Value {
        serde_json::from_slice(&fs::read(folder.path().join(FILE)).unwrap()).unwrap()
    }

    fn liked() -> Settings {
        Settings {
            theme: Theme::Dark,
            text_size: 120,
            language: Some("fil".to_owned()),
            enter_sends: false,
            notifications: Notifications {
                enabled: true,
                content: false,
                sound: false,
                quiet_from: TimeOfDay::new(22, 0),
                quiet_until: TimeOfDay::new(7, 30),
            },
            close_to_tray: Some(true),
            start_minimised: true,
            autostart: true,
        }
    }

    #[test]
    fn a_new_device_has_the_defaults_and_no_file_before_something_is_set() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::open(&folder.path().join("roost"));
        assert_eq!(file.get(), Settings::default());
        assert!(!folder.path().join("roost").exists());
        file.set(liked()).unwrap();
        assert_eq!(SettingsFile::open(&folder.path().join("roost")).get(), liked());
    }

    #[test]
    fn the_file_is_what_the_documentation_says() {
        let (folder, file) = holding("{}");
        file.set(liked()).unwrap();
        assert_eq!(
            on_disk(&folder),
            json!({
                "version": 1,
                "theme": "dark",
                "textSize": 120,
                "language": "fil",
                "enterSends": false,
                "notifications": {
                    "enabled": true,
                    "content": false,
                    "sound": false,
                    "quietFrom": "22:00",
                    "quietUntil": "07:30",
                },
                "closeToTray": true,
                "startMinimised": true,
                "autostart": true,
            })
        );
    }

    #[test]
    fn what_a_newer_version_wrote_stays() {
        let newer = json!({
            "version": 7,
            "theme": "sepia",
            "enterSends": false,
            "notifications": {"sound": false, "vibration": "short"},
            "stickers": {"packs": [1, 2]},
        });
        let (folder, file) = holding(&newer.to_string());
        assert_eq!(file.get().theme, Theme::System);
        assert!(!file.get().enter_sends);
        assert!(!file.get().notifications.sound);
        file.change(|settings| settings.text_size = 90).unwrap();
        let kept = on_disk(&folder);
        assert_eq!(kept["version"], 7);
        assert_eq!(kept["stickers"], newer["stickers"]);
        assert_eq!(kept["notifications"]["vibration"], "short");
        assert_eq!(kept["textSize"], 90);
    }

    #[test]
    fn a_damaged_file_is_put_aside() {
        for text in ["", "{\"theme\": \"da", "[]", "\0\0\0\0", &" ".repeat(300 * 1024)] {
            let (folder, file) = holding(text);
            assert_eq!(file.get(), Settings::default());
            assert_eq!(fs::read_to_string(folder.path().join(ASIDE)).unwrap(), text);
            file.set(liked()).unwrap();
            assert_eq!(SettingsFile::open(folder.path()).get(), liked());
        }
    }

    #[test]
    fn what_cannot_be_written_does_not_hold() {
        let folder = tempfile::tempdir().unwrap();
        let in_the_way = folder.path().join("file");
        fs::write(&in_the_way, "").unwrap();
        let file = SettingsFile::open(&in_the_way.join("roost"));
        assert!(file.set(liked()).is_err());
        assert_eq!(file.get(), Settings::default());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        SettingsFile::open(folder.path()).set(liked()).unwrap();
        let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
