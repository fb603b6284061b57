//! One server for each data directory.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Held while a server runs; the system lets go of it however the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the directory could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("another server is running on {}", .0.display())]
    Taken(PathBuf),
    /// The lock's file can't be made or locked.
    #[error("cannot lock {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

const FILE_NAME: &str = "lock";

impl Lock {
    /// Takes the directory, which is made where there is none.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn take(data_dir: &Path) -> Result<Self, LockError> {
        let path = data_dir.join(FILE_NAME);
        let failed = |source| LockError::File { path: path.clone(), source };
        let mut dir = DirBuilder::new();
        let mut options = OpenOptions::new();
        dir.recursive(true);
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
            dir.mode(0o700);
            options.mode(0o600);
        }
        dir.create(data_dir).map_err(failed)?;
        let file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken(data_dir.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Whether the directory could be taken; makes nothing.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn look(data_dir: &Path) -> Result<(), LockError> {
        let path = data_dir.join(FILE_NAME);
        let failed = |source| LockError::File { path: path.clone(), source };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(failed(source)),
        };
        // Shared, so that a server that starts at this instant is the only one that could be in the way.
        match file.try_lock_shared() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken(data_dir.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
