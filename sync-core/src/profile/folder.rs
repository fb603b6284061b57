//! The folder of one profile: locked while a client has it open, readable by its owner alone.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use crate::{
    error::{OpenError, StoreError},
    limits,
};

/// The database.
pub(crate) const DATABASE: &str = "roost.db";
/// A database that is being made, to be renamed to [`DATABASE`] when it is whole.
pub(crate) const DATABASE_NEW: &str = "roost.db.new";
/// The lock.
const LOCK: &str = "lock";
/// What SQLite adds to the name of a database, for what was written last and for its index of that.
pub(crate) const LOG: &str = "-wal";
const LOG_INDEX: &str = "-shm";

/// A profile's folder, for as long as nobody else may use it.
pub(crate) struct Folder {
    path: PathBuf,
    lock: File,
    released: AtomicBool,
}

impl Folder {
    /// Makes the folder where it is missing, and locks it.
    ///
    /// # Errors
    /// Where it is in use, or cannot be used.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        make_folder(path).map_err(|error| unusable(path, error))?;
        let lock = private(OpenOptions::new().create(true).write(true).truncate(false))
            .open(path.join(LOCK))
            .map_err(|error| unusable(path, error))?;
        take_lock(&lock).map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::InUse,
            TryLockError::Error(error) => unusable(path, error),
        })?;
        Ok(Self { path: path.to_owned(), lock, released: AtomicBool::new(false) })
    }

    /// Lets go of it. Nothing is written in it any more.
    pub(crate) fn release(&self) {
        if !self.released.swap(true, Ordering::SeqCst)
            && let Err(error) = self.lock.unlock()
        {
            tracing::warn!(%error, "the profile's folder could not be unlocked");
        }
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether there is such a file, with anything in it.
    pub(crate) fn holds(&self, name: &str) -> bool {
        fs::metadata(self.file(name)).is_ok_and(|file| file.len() > 0)
    }

    /// Makes a file for its owner alone, where there is none.
    pub(crate) fn touch(&self, name: &str) -> Result<(), OpenError> {
        private(OpenOptions::new().create(true).append(true))
            .open(self.file(name))
            .map_err(self.because())?;
        Ok(())
    }

    /// Writes a file: after a crash, the old one is there or the new one.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), OpenError> {
        if self.released.load(Ordering::SeqCst) {
            return Err(StoreError::Closed.into());
        }
        let new = self.file(&format!("{name}.new"));
        let write = || {
            let mut file = private(OpenOptions::new().create(true).write(true).truncate(true)).open(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, self.file(name))
        };
        write().map_err(self.because())?;
        self.sync()
    }

    /// Makes `to` another name of the same file, or a copy where the file system has no second names.
    pub(crate) fn link(&self, from: &str, to: &str) -> Result<(), OpenError> {
        let (from, to) = (self.file(from), self.file(to));
        if fs::hard_link(&from, &to).is_ok() {
            return Ok(());
        }
        let copy = || {
            fs::copy(&from, &to)?;
            File::open(&to)?.sync_all()
        };
        copy().map_err(self.because())
    }

    /// Renames a file, over another one where that is there. Durable when it returns.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), OpenError> {
        File::open(self.file(from)).and_then(|file| file.sync_all()).map_err(self.because())?;
        fs::rename(self.file(from), self.file(to)).map_err(self.because())?;
        self.sync()
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), OpenError> {
        match fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&self.path, error)),
            _ => Ok(()),
        }
    }

    /// Removes a database with the files that SQLite keeps beside it, if they are there.
    pub(crate) fn remove_database(&self, name: &str) -> Result<(), OpenError> {
        self.remove_log(name)?;
        self.remove(name)
    }

    /// Removes what SQLite keeps beside a database, if it is there.
    pub(crate) fn remove_log(&self, name: &str) -> Result<(), OpenError> {
        ["-journal", LOG, LOG_INDEX].iter().try_for_each(|suffix| self.remove(&format!("{name}{suffix}")))
    }

    /// Overwrites a file before it removes it, as far as a file system overwrites in place.
    pub(crate) fn erase(&self, name: &str) -> Result<(), OpenError> {
        let overwrite = || {
            let mut file = OpenOptions::new().write(true).open(self.file(name))?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(0))?;
            io::copy(&mut io::repeat(0).take(length), &mut file)?;
            file.sync_all()
        };
        overwrite().map_err(self.because())?;
        self.remove(name)?;
        self.sync()
    }

    /// Moves everything but the lock into a new folder in it. What says where the key is goes last, because a database
    /// without it would count as locked, and that without a database as new.
    pub(crate) fn move_aside(&self, name: &str) -> Result<(), OpenError> {
        let mut into = (1..=limits::LOCKED_KEPT).map(|number| self.file(&format!("{name}-{number}")));
        let into = into.find(|path| !path.exists());
        let into = into.ok_or_else(|| self.unusable(io::ErrorKind::AlreadyExists.into()))?;
        make_folder(&into).map_err(self.because())?;
        let mut names = self.names()?;
        names.retain(|file| file != LOCK && !file.starts_with(&format!("{name}-")));
        names.sort_unstable_by_key(|file| (file.starts_with("profile."), file.starts_with(DATABASE)));
        for file in names {
            fs::rename(self.file(&file), into.join(&file)).map_err(self.because())?;
        }
        self.sync()
    }

    /// Removes the folder with everything in it.
    pub(crate) fn remove_all(self) -> Result<(), OpenError> {
        // Its names first: the lock goes last, and nobody can make a profile of what is left.
        for name in self.names()?.iter().filter(|name| *name != LOCK) {
            let path = self.file(name);
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(self.because())?;
        }
        fs::remove_dir_all(&self.path).map_err(self.because())
    }

    /// Makes the names in the folder durable.
    pub(crate) fn sync(&self) -> Result<(), OpenError> {
        // A folder can be opened, and synced, on Unix alone.
        #[cfg(unix)]
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(self.because())?;
        Ok(())
    }

    /// The names of the files in it.
    pub(crate) fn names(&self) -> Result<Vec<String>, OpenError> {
        let entries = fs::read_dir(&self.path).map_err(self.because())?;
        Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
    }

    /// What an error of a file in it means.
    pub(crate) fn unusable(&self, error: io::Error) -> OpenError {
        unusable(&self.path, error)
    }

    fn because(&self) -> impl Fn(io::Error) -> OpenError {
        |error| unusable(&self.path, error)
    }
}

/// Reads a file of at most so many bytes, also while somebody has the profile open; `None` where there is none, or a bigger
/// one.
pub(super) fn read(folder: &Path, name: &str, most: u64) -> Result<Option<Vec<u8>>, OpenError> {
    let file = match File::open(folder.join(name)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(folder, error)),
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| unusable(folder, error))?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// What an error of a file in the profile's folder means.
pub(super) fn unusable(path: &Path, source: io::Error) -> OpenError {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full.into(),
        _ => OpenError::Folder { path: path.to_owned(), source },
    }
}

/// Takes the lock, and waits a little where it is held: a program that was closed or killed just now lets go of it
/// only when the system has taken it down.
fn take_lock(file: &File) -> Result<(), TryLockError> {
    let deadline = Instant::now() + limits::LOCK_TIME;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(limits::LOCK_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

/// Makes the folder, for its owner alone.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file for its owner alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
