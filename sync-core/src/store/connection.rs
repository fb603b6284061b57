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

#[cfg(test)]
mod measure {
    use std::time::Instant;

    use super::*;
    use crate::store::migrate;

    /// `cargo test -p sync-core --lib store::connection -- --ignored --nocapture`
    #[test]
    #[ignore = "proves no promise: it measures what encryption costs"]
    fn a_hundred_thousand_messages_plain_and_encrypted() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..3 {
            let mut took = [0.0; 2];
            for (key, took) in [None, Some(Key::random())].into_iter().zip(&mut took) {
                let path = folder.path().join(format!("{round}-{}.db", key.is_some()));
                let mut writer = match &key {
                    Some(key) => open_writer(&path, key).unwrap(),
                    None => Connection::open(&path).unwrap(),
                };
                // The same for both.
                writer.pragma_update(None, "journal_mode", "WAL").unwrap();
                writer.pragma_update(None, "synchronous", "FULL").unwrap();
                writer.pragma_update(None, "secure_delete", true).unwrap();
                migrate::migrate(&mut writer).unwrap();
                let began = Instant::now();
                for page in 0..500 {
                    let transaction = writer.transaction().unwrap();
                    let mut insert = transaction
                        .prepare_cached(
                            "INSERT INTO message (id, peer, mine, content, sent_at, is_read, told_read, generation)
                             VALUES (?1, 'ben', 0, ?2, ?3, 1, 1, 1)",
                        )
                        .unwrap();
                    for number in page * 200..page * 200 + 200 {
                        let content =
                            format!("message {number} of a conversation about words {}", number % 977);
                        insert.execute((format!("{number:024x}"), content, number)).unwrap();
                    }
                    drop(insert);
                    transaction.commit().unwrap();
                }
                *took = began.elapsed().as_secs_f64();
            }
            let [plain, encrypted] = took;
            println!("plain {plain:.1} s, encrypted {encrypted:.1} s: {:.2} times", encrypted / plain);
        }
        let path = folder.path().join("0-true.db");
        let key = Key::random();
        let writer = open_writer(&folder.path().join("new.db"), &key).unwrap();
        close_writer(writer).unwrap();
        let began = Instant::now();
        for _ in 0..100 {
            open_reader(&folder.path().join("new.db"), &key).unwrap();
        }
        println!(
            "opening {:.2} ms; {} bytes",
            began.elapsed().as_secs_f64() * 10.0,
            path.metadata().unwrap().len()
        );
    }
}
