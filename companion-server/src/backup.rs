//! Backups: one file that holds everything a server needs to go on elsewhere.
//!
//! A backup is a tar archive of `manifest.json`, `roost.db` and, where the data directory has one, `token-secret`.
//! [`create`] makes it while a server writes: the database in it is that of one instant, and every message that was
//! answered with 2xx before `create` began is in it. [`verify`] reads it whole. [`restore`] puts it into a data
//! directory that no server runs on, and begins a new history there, so that clients which saw more than the backup
//! holds are told so (410) instead of missing it silently.

mod archive;
mod manifest;

use std::{
    fs::{self, DirBuilder, File},
    io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

pub use self::manifest::{Content, Manifest};
use crate::{
    auth::secret,
    clock::Clock,
    serve::{Lock, LockError},
    store::sqlite::{self, copy, copy::CopyError, past},
};

/// Why a backup could not be made, verified or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file already.
    #[error("{} exists already; use --force to replace it", .0.display())]
    Exists(PathBuf),
    /// There is nothing to back up.
    #[error("there is no database in {}", .0.display())]
    NoDatabase(PathBuf),
    /// The file is no backup.
    #[error("{} is no backup of Roost: {problem}", path.display())]
    NoBackup {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The file was a backup once.
    #[error("the backup {} is damaged: {problem}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A newer server made it.
    #[error(
        "the backup has schema version {found}, and this server knows versions up to {known}: use the newer version of \
         the server that made it"
    )]
    Newer {
        /// The backup's version.
        found: usize,
        /// The newest that this server knows.
        known: usize,
    },
    /// The data directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A database.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A file.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What [`restore`] did.
#[derive(Debug)]
pub struct Restored {
    /// What the backup tells of itself.
    pub manifest: Manifest,
    /// Where what was there before has been put.
    pub aside: Option<PathBuf>,
}

/// Makes a backup of a data directory, also while a server runs on it. `file` is whole, on the disk and readable by
/// its owner only, or it is not there.
///
/// # Errors
/// [`BackupError`].
pub fn create(data_dir: &Path, file: &Path, force: bool, clock: &dyn Clock) -> Result<Manifest, BackupError> {
    let database = data_dir.join(sqlite::FILE_NAME);
    if !database.is_file() {
        return Err(BackupError::NoDatabase(data_dir.to_owned()));
    }
    if !force && file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let parent = parent(file);
    let work = private_dir(parent, ".roost-backup-")?;
    let copied = work.path().join(sqlite::FILE_NAME);
    copy::copy(&database, &copied)?;
    let mut files = vec![copied];
    let secret = data_dir.join(secret::FILE_NAME);
    if secret.is_file() {
        files.push(secret);
    }
    let facts = copy::facts(&files[0])?;
    let contents = files.iter().map(|file| archive::content(file)).collect::<Result<Vec<_>, _>>()?;
    let manifest = Manifest::of(facts, clock.now(), contents);
    let partial = archive::write(parent, &manifest, &files)?;
    let kept = if force { partial.persist(file) } else { partial.persist_noclobber(file) };
    match kept {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(file.to_owned()));
        }
        Err(error) => return Err(failed(file)(error.error)),
    }
    sync(parent)?;
    Ok(manifest)
}

/// Reads a backup whole: its hashes, its database's pages and references, its counts.
///
/// # Errors
/// [`BackupError`], where anything is not as it should be.
pub fn verify(file: &Path) -> Result<Manifest, BackupError> {
    // Beside the backup there is room for it most of the time; where nobody may write, there is the system's folder.
    let work = private_dir(parent(file), ".roost-verify-")
        .or_else(|_| private_dir(&std::env::temp_dir(), "roost-verify-"))?;
    unpack(file, work.path())
}

/// Puts a backup into a data directory, made if missing. What was there is put aside.
///
/// # Errors
/// [`BackupError`]. What was there is still there then, or was put aside.
pub fn restore(file: &Path, data_dir: &Path, clock: &dyn Clock) -> Result<Restored, BackupError> {
    // Before the directory is made: a name that was mistyped leaves nothing behind.
    File::open(file).map_err(failed(file))?;
    let _lock = Lock::take(data_dir)?;
    let work = private_dir(data_dir, past::RESTORING)?;
    let manifest = unpack(file, work.path())?;
    copy::begin_new_history(&work.path().join(sqlite::FILE_NAME))?;
    for content in &manifest.files {
        sync(&work.path().join(&content.name))?;
    }
    let aside = put_aside(data_dir, &manifest, &format!("{}{}", past::ASIDE, past::compact(clock.now())))?;
    put_in_place(work.path(), data_dir, &manifest.files)?;
    drop(work);
    remove_interrupted(data_dir)?;
    Ok(Restored { manifest, aside })
}

/// Moves the files of a backup into a data directory. The database comes last, once the others are on the disk: where
/// it is not, no server starts.
fn put_in_place(from: &Path, data_dir: &Path, files: &[Content]) -> Result<(), BackupError> {
    let place = |name: &str| {
        let to = data_dir.join(name);
        fs::rename(from.join(name), &to).map_err(failed(&to))
    };
    for content in files.iter().filter(|content| content.name != sqlite::FILE_NAME) {
        place(&content.name)?;
    }
    sync(data_dir)?;
    place(sqlite::FILE_NAME)?;
    sync(data_dir)
}

/// Removes what restores left that were cut short: each holds a database and a secret.
fn remove_interrupted(data_dir: &Path) -> Result<(), BackupError> {
    for entry in fs::read_dir(data_dir).map_err(failed(data_dir))? {
        let entry = entry.map_err(failed(data_dir))?;
        if entry.file_name().to_string_lossy().starts_with(past::RESTORING) {
            fs::remove_dir_all(entry.path()).map_err(failed(&entry.path()))?;
        }
    }
    Ok(())
}

/// Unpacks a backup into an empty folder, and checks all of it.
fn unpack(file: &Path, to: &Path) -> Result<Manifest, BackupError> {
    let manifest = archive::read(file, to)?;
    if manifest.schema_version > copy::SCHEMA {
        return Err(BackupError::Newer { found: manifest.schema_version, known: copy::SCHEMA });
    }
    let damaged = |problem: String| BackupError::Damaged { path: file.to_owned(), problem };
    let database = to.join(sqlite::FILE_NAME);
    let problems = copy::problems(&database).map_err(|error| damaged(error.to_string()))?;
    if !problems.is_empty() {
        return Err(damaged(problems.join("; ")));
    }
    let facts = copy::facts(&database).map_err(|error| damaged(error.to_string()))?;
    if (facts.schema, &facts.epoch, &facts.rows) != (manifest.schema_version, &manifest.epoch, &manifest.rows)
    {
        return Err(damaged("its database is not the one that its manifest describes".to_owned()));
    }
    Ok(manifest)
}

/// Moves what a restored file would replace, and what belongs to it, into a folder of its own.
fn put_aside(data_dir: &Path, manifest: &Manifest, name: &str) -> Result<Option<PathBuf>, BackupError> {
    let database = sqlite::FILE_NAME;
    let names = [database.to_owned(), format!("{database}-wal"), format!("{database}-shm")];
    let names = names.into_iter().chain(manifest.files.iter().map(|content| content.name.clone()));
    let mut present: Vec<String> = names.filter(|name| data_dir.join(name).exists()).collect();
    present.sort();
    present.dedup();
    if present.is_empty() {
        return Ok(None);
    }
    let aside = data_dir.join(name);
    let mut dir = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut dir, 0o700);
    dir.create(&aside).map_err(failed(&aside))?;
    for name in present {
        let from = data_dir.join(&name);
        fs::rename(&from, aside.join(&name)).map_err(failed(&from))?;
    }
    sync(&aside)?;
    Ok(Some(aside))
}

fn private_dir(parent: &Path, prefix: &str) -> Result<TempDir, BackupError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent).map_err(failed(parent))
}

/// The folder that a file is in.
fn parent(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Waits until a file, or the names in a folder, are on the disk.
fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_that_is_cut_short_leaves_no_database() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let content = |name: &str| Content { name: name.to_owned(), bytes: 1, sha256: String::new() };
        let files = [content(sqlite::FILE_NAME), content(secret::FILE_NAME)];
        fs::write(from.path().join(sqlite::FILE_NAME), "d").unwrap();
        assert!(put_in_place(from.path(), to.path(), &files).is_err(), "the secret is not there");
        assert!(!to.path().join(sqlite::FILE_NAME).exists());
        fs::write(from.path().join(secret::FILE_NAME), "s").unwrap();
        put_in_place(from.path(), to.path(), &files).unwrap();
        assert!(to.path().join(sqlite::FILE_NAME).exists() && to.path().join(secret::FILE_NAME).exists());
    }
}
