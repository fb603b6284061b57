//! Connections to the encrypted database.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{
    error::{OpenError, StoreError},
    limits,
    profile::key::Key,
};

/// A connection with the key. Whether it fits shows with the first page that is read.
///
/// # Errors
/// Where the file cannot be opened, or this build of `SQLite` cannot encrypt.
pub(super) fn open(path: &Path, key: &Key) -> Result<Connection, OpenError> {
    let connection = Connection::open(path)?;
    prepare(&connection, key)?;
    Ok(connection)
}

/// A connection that writes, durably: what it commits survives a loss of power. Unless it is closed by
/// [`close_writer`], the log stays as it is, so that one that is damaged is never worked into the database.
///
/// # Errors
/// As [`open`].
pub(super) fn open_writer(path: &Path, key: &Key) -> Result<Connection, OpenError> {
    let writer = open(path, key)?;
    writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "synchronous", "FULL")?;
    writer.pragma_update(None, "foreign_keys", true)?;
    // Deleted content must not stay readable in free pages.
    writer.pragma_update(None, "secure_delete", true)?;
    Ok(writer)
}

/// Closes a connection that writes, with everything in the database itself and no log beside it.
pub(super) fn close_writer(writer: Connection) -> rusqlite::Result<()> {
    writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    writer.close().map_err(|(_, error)| error)
}

/// A connection that reads.
///
/// # Errors
/// As [`open`].
pub(super) fn open_reader(path: &Path, key: &Key) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags)?;
    prepare(&reader, key)?;
    Ok(reader)
}

fn prepare(connection: &Connection, key: &Key) -> Result<(), OpenError> {
    // A build without encryption would take no notice of the key.
    let version: Result<String, _> = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0));
    if version.is_err() {
        let details = "this program was built without encryption".to_owned();
        return Err(StoreError::Database { details }.into());
    }
    // Its errors are answered; they are not to be printed as well.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.execute_batch(&key.statement())?;
    connection.busy_timeout(limits::BUSY_TIME)?;
    Ok(())
}
