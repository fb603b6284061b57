//! Secrets in a file: what a keyring is to a process that is killed and started again, without a keyring.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use sync_core::{SecretError, SecretStore};

/// A keyring of its own for each profile, as safe from a kill as the real one: what was set is there afterwards, and
/// what was being set is there whole or not at all. One process at a time.
pub struct FileSecrets {
    file: PathBuf,
    writing: Mutex<()>,
}

impl FileSecrets {
    /// The secrets of this file, which need not exist yet.
    #[must_use]
    pub fn at(file: PathBuf) -> Self {
        Self { file, writing: Mutex::default() }
    }

    fn read(&self) -> std::io::Result<BTreeMap<String, String>> {
        match fs::read(&self.file) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> std::io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut secrets = self.read()?;
        change(&mut secrets);
        let fresh = self.file.with_extension("new");
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&serde_json::to_vec(&secrets)?)?;
        file.sync_all()?;
        fs::rename(fresh, &self.file)
    }
}

impl SecretStore for FileSecrets {
    fn get(&self, name: &str) -> Result<Option<String>, SecretError> {
        Ok(self.read().map_err(explained)?.remove(name))
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), SecretError> {
        self.change(|secrets| _ = secrets.insert(name.to_owned(), secret.to_owned())).map_err(explained)
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.change(|secrets| _ = secrets.remove(name)).map_err(explained)
    }

    fn lasts(&self) -> bool {
        true
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed over by `map_err`")]
fn explained(error: std::io::Error) -> SecretError {
    SecretError { details: error.to_string() }
}
