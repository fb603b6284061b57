//! What is looked at before a database is opened and before it is migrated, so that no past is lost by accident.
//!
//! A database that is gone or empty while other files show that there was one is never made anew, and before a
//! migration there is a copy of it as it was.

use std::{
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
};

use protocol::Timestamp;
use rusqlite::Connection;

use super::{FILE_NAME, OpenError, copy, migrate};
use crate::auth::secret;

/// Where the copies of before migrations are kept, within the data directory.
const SNAPSHOTS: &str = "snapshots";

/// The extension of one that is not whole yet.
const PARTIAL: &str = "partial";

/// How many of them are kept.
const KEPT: usize = 3;

/// The beginnings of the names of folders that a restore makes within the data directory.
pub(crate) const ASIDE: &str = "aside-";
pub(crate) const RESTORING: &str = "restore-";

/// The largest database that is checked at each start, in bytes: that takes a fraction of a second.
const CHECKED: u64 = 64 * 1024 * 1024;

/// Refuses to go on where there was a database and is none any more.
pub(super) fn refuse_loss(data_dir: &Path) -> Result<(), OpenError> {
    let database = data_dir.join(FILE_NAME);
    let there = fs::metadata(&database).is_ok_and(|file| file.len() > 0);
    let not_empty = |path: &Path| match fs::metadata(path) {
        Ok(found) if found.is_dir() => fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()),
        Ok(found) => found.len() > 0,
        Err(_) => false,
    };
    let wal = format!("{FILE_NAME}-wal");
    let signs = [secret::FILE_NAME, &wal, SNAPSHOTS].map(|name| data_dir.join(name));
    match signs.into_iter().chain(restoring(data_dir)).find(|sign| !there && not_empty(sign)) {
        Some(sign) => Err(OpenError::Lost { path: database, sign }),
        None => Ok(()),
    }
}

/// What a restore that was cut short leaves.
fn restoring(data_dir: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(data_dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        [ASIDE, RESTORING].iter().any(|prefix| name.starts_with(prefix))
    })
}

/// The copy of a database that is to be migrated.
pub(super) struct Snapshot {
    path: PathBuf,
    dir: PathBuf,
    version: usize,
}

/// Copies a database that is to be migrated. The copy is whole, or it is not there.
pub(super) fn keep_a_snapshot(
    db: &Connection,
    data_dir: &Path,
    now: Timestamp,
) -> Result<Option<Snapshot>, OpenError> {
    let Some(version) = migrate::outdated(db)? else { return Ok(None) };
    let dir = data_dir.join(SNAPSHOTS);
    let failed = |source| OpenError::File { path: dir.clone(), source };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&dir).map_err(failed)?;
    // What an attempt left that was cut short.
    for path in files(&dir, PARTIAL).map_err(failed)? {
        fs::remove_file(path).map_err(failed)?;
    }
    let path = dir.join(format!("roost-v{version}-{}.db", compact(now)));
    let partial = path.with_extension(PARTIAL);
    if let Err(error) = copy::copy_of(db, &data_dir.join(FILE_NAME), &partial) {
        // Where it can't be removed, the next attempt does.
        fs::remove_file(&partial).ok();
        return Err(error.into());
    }
    fs::rename(&partial, &path).and_then(|()| sync_names(&dir)).map_err(failed)?;
    tracing::info!(path = %path.display(), "the database was copied before its schema is brought up to date");
    Ok(Some(Snapshot { path, dir, version }))
}

impl Snapshot {
    /// After the migration: forgets the oldest copies. Where the migration failed and the database is what it was,
    /// this one is of no use: starts that fail neither fill the disk nor push older copies out.
    pub(super) fn settle(self, db: &Connection) -> Result<(), OpenError> {
        let done = if migrate::outdated(db)? == Some(self.version) {
            fs::remove_file(&self.path)
        } else {
            forget_the_oldest(&self.dir)
        };
        done.map_err(|source| OpenError::File { path: self.dir, source })
    }
}

/// Waits until the names in a folder are on the disk.
fn sync_names(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

/// Looks a database over that is small enough for it.
pub(super) fn check(db: &Connection, path: &Path) -> Result<(), OpenError> {
    if fs::metadata(path).is_ok_and(|file| file.len() > CHECKED) {
        return Ok(());
    }
    let result: Result<String, _> = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    let result = result.map_err(|source| OpenError::database(path, source))?;
    if result == "ok" {
        return Ok(());
    }
    Err(OpenError::Damaged { path: path.to_owned(), problem: result })
}

/// A time as a part of a file's name: `20261122T165403Z`.
pub(crate) fn compact(time: Timestamp) -> String {
    let text = time.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    seconds.chars().filter(char::is_ascii_alphanumeric).chain(['Z']).collect()
}

fn forget_the_oldest(dir: &Path) -> io::Result<()> {
    // The time stands at the end of the name, so that order is that of the names' ends.
    let age = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        name.rsplit('-').next().unwrap_or_default().to_owned()
    };
    let mut snapshots = files(dir, "db")?;
    snapshots.sort_by_key(age);
    for path in snapshots.iter().rev().skip(KEPT) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// What in a folder has this extension.
fn files(dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    Ok(paths)
}
