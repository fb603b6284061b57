//! A database as a whole: copied while others write, looked at, and given a history of its own.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::{BUSY_TIMEOUT, migrate};

/// The schema version that this server makes, and the newest that it reads.
pub const SCHEMA: usize = migrate::KNOWN;

/// What a database tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its schema version.
    pub schema: usize,
    /// The epoch of its feeds, in hexadecimal digits.
    pub epoch: String,
    /// How many rows each table has.
    pub rows: BTreeMap<String, u64>,
    /// The latest `sentAt`, in milliseconds; 0 where there is no message.
    pub latest: i64,
}

/// A database could not be copied or looked at.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// SQLite failed.
    #[error("the database {} cannot be used: {source}", path.display())]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A file can't be written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Copies the database as it is at one instant, also while a server writes to it. The copy is one file, which only its
/// owner reads, and it is on the disk when this returns.
///
/// # Errors
/// [`CopyError`]; there may be a part of the copy then.
pub fn copy(database: &Path, to: &Path) -> Result<(), CopyError> {
    let connection = open(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    copy_of(&connection, database, to)
}

/// The same for a connection that is open.
pub(super) fn copy_of(connection: &Connection, database: &Path, to: &Path) -> Result<(), CopyError> {
    let failed = |source| CopyError::File { path: to.to_owned(), source };
    // SQLite writes into an empty file, so that it never has other permissions than these.
    let file = make_private(to).map_err(failed)?;
    let name = to.to_str().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
    connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(|source| CopyError::Database { path: database.to_owned(), source })?;
    file.sync_all().map_err(failed)
}

/// What this database tells of itself.
///
/// # Errors
/// [`CopyError`].
pub fn facts(database: &Path) -> Result<Facts, CopyError> {
    let connection = open(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    read_facts(&connection).map_err(|source| CopyError::Database { path: database.to_owned(), source })
}

/// Whether there is a database with an older schema than this server's.
///
/// # Errors
/// [`CopyError`].
pub fn is_outdated(database: &Path) -> Result<bool, CopyError> {
    if !database.is_file() {
        return Ok(false);
    }
    let connection = open(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let version: usize = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|source| CopyError::Database { path: database.to_owned(), source })?;
    Ok((1..SCHEMA).contains(&version))
}

/// What is wrong with this database: its pages, its indexes, its references. Nothing where it is sound.
///
/// # Errors
/// [`CopyError`], where it can't even be looked at.
pub fn problems(database: &Path) -> Result<Vec<String>, CopyError> {
    let connection = open(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    read_problems(&connection).map_err(|source| CopyError::Database { path: database.to_owned(), source })
}

/// Gives a restored database an epoch of its own: every cursor that was given out before answers 410, so that no
/// client takes what happens from now on for a part of what it saw.
///
/// # Errors
/// [`CopyError`].
pub fn begin_new_history(database: &Path) -> Result<(), CopyError> {
    let failed = |source| CopyError::Database { path: database.to_owned(), source };
    let connection = open(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    connection.execute("UPDATE meta SET value = randomblob(16) WHERE name = 'epoch'", []).map_err(failed)?;
    Ok(())
}

fn open(database: &Path, flags: OpenFlags) -> Result<Connection, CopyError> {
    let failed = |source| CopyError::Database { path: database.to_owned(), source };
    let connection =
        Connection::open_with_flags(database, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    super::add_functions(&connection).map_err(failed)?;
    Ok(connection)
}

fn read_facts(db: &Connection) -> rusqlite::Result<Facts> {
    // One transaction: counts of the same instant.
    let db = db.unchecked_transaction()?;
    let mut select = db.prepare(
        "SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT GLOB 'messages_text*' ORDER BY name",
    )?;
    let tables = select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let mut rows = BTreeMap::new();
    for table in tables {
        let count = db.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0))?;
        rows.insert(table, count);
    }
    Ok(Facts {
        schema: db.pragma_query_value(None, "user_version", |row| row.get(0))?,
        epoch: db
            .query_row("SELECT lower(hex(value)) FROM meta WHERE name = 'epoch'", [], |row| row.get(0))?,
        latest: db.query_row("SELECT coalesce(max(sent_at), 0) FROM messages", [], |row| row.get(0))?,
        rows,
    })
}

fn read_problems(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = db.prepare("PRAGMA integrity_check(20)")?;
    let mut problems = check.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    problems.retain(|problem| problem != "ok");
    let mut check = db.prepare("SELECT \"table\", count(*) FROM pragma_foreign_key_check GROUP BY 1")?;
    let dangling = check.query_map([], |row| {
        Ok(format!(
            "{} rows of {} refer to what is not there",
            row.get::<_, u64>(1)?,
            row.get::<_, String>(0)?
        ))
    })?;
    for problem in dangling {
        problems.push(problem?);
    }
    Ok(problems)
}

/// A new, empty file that only its owner reads.
fn make_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
