//! Encrypting a database that an early version wrote without encryption.
//!
//! ```text
//!   roost.db: plain ──copied──► roost.db.new: encrypted, checked row for row, on the disk
//!        │                                 │
//!   second name: roost.db.plain            └──renamed──► roost.db: encrypted
//!        └───────────────────────────────────────────────────────► overwritten and removed
//! ```
//!
//! A crash between any two steps leaves one whole database under the name `roost.db`, and the next start goes on from
//! what it finds. Overwriting is done where file systems and disks overwrite in place; some keep old blocks.

use std::io::Read as _;

use rusqlite::{Connection, OptionalExtension as _};

use crate::{
    error::{OpenError, StoreError},
    profile::{
        folder::{DATABASE, DATABASE_NEW, Folder},
        key::Key,
    },
};

use super::connection;

/// The second name of the plain database while the encrypted one takes its place.
const PLAIN: &str = "roost.db.plain";
/// What every plain database begins with, and no encrypted one.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// What was done; a test interrupts after each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The encrypted copy is whole and on the disk.
    Copied,
    /// The plain database has its second name.
    Linked,
    /// The encrypted copy has taken its place.
    Replaced,
}

/// Whether the database is there and not encrypted.
pub(crate) fn is_plain(folder: &Folder) -> Result<bool, OpenError> {
    is_plain_file(folder, DATABASE)
}

/// The name that a plain profile has in the keyring, where it can be read.
pub(crate) fn secret_name(folder: &Folder) -> Option<String> {
    let plain = Connection::open(folder.file(DATABASE)).ok()?;
    plain.query_row("SELECT secret_name FROM profile", [], |row| row.get(0)).optional().ok()?
}

/// Finishes what a crash interrupted, and encrypts a plain database.
///
/// # Errors
/// Where the disk is full or fails, or the plain database is damaged; then it is as it was.
pub(crate) fn encrypt(
    folder: &Folder,
    key: &Key,
    after: &mut dyn FnMut(Step) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    folder.remove_database(DATABASE_NEW)?;
    if is_plain(folder)? {
        // Only another name of the very database: the next step makes it again.
        folder.remove(PLAIN)?;
        copy(folder, key)?;
        after(Step::Copied)?;
        folder.link(DATABASE, PLAIN)?;
        folder.sync()?;
        after(Step::Linked)?;
        folder.rename(DATABASE_NEW, DATABASE)?;
        after(Step::Replaced)?;
    }
    if folder.holds(PLAIN) { folder.erase(PLAIN) } else { Ok(()) }
}

/// Whether a file is a database that is not encrypted.
pub(super) fn is_plain_file(folder: &Folder, name: &str) -> Result<bool, OpenError> {
    let mut beginning = Vec::new();
    match std::fs::File::open(folder.file(name)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        file => file
            .and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut beginning))
            .map_err(|error| folder.unusable(error))?,
    };
    Ok(beginning == MAGIC)
}

/// Writes the encrypted copy, and compares it.
fn copy(folder: &Folder, key: &Key) -> Result<(), OpenError> {
    let plain = Connection::open(folder.file(DATABASE))?;
    // Takes what was written last into the file itself, so that no log is left beside the encrypted database, to which it
    // does not belong.
    let mode: String = plain.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(not_copied("it is in use"));
    }
    folder.touch(DATABASE_NEW)?;
    let path = folder.file(DATABASE_NEW);
    plain.execute(
        &format!("ATTACH DATABASE ?1 AS encrypted KEY \"{}\"", *key.specification()),
        [path.to_string_lossy()],
    )?;
    let version: i64 = plain.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    plain.execute_batch("BEGIN")?;
    plain.query_row("SELECT sqlcipher_export('encrypted')", [], |_| Ok(()))?;
    plain.execute_batch(&format!("PRAGMA encrypted.user_version = {version}; COMMIT"))?;
    plain.execute_batch("DETACH DATABASE encrypted")?;

    let copied = connection::open(&path, key)?;
    let sound: String = copied.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if sound != "ok" || contents(&plain)? != contents(&copied)? {
        return Err(not_copied("the copy is not what it was made from"));
    }
    Ok(())
}

/// The schema, its number, and how many rows each table has.
fn contents(connection: &Connection) -> rusqlite::Result<(i64, Vec<(String, i64)>)> {
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let count = |table: String| {
        let rows =
            connection.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0))?;
        Ok((table, rows))
    };
    Ok((version, tables.into_iter().map(count).collect::<rusqlite::Result<_>>()?))
}

fn not_copied(details: &str) -> OpenError {
    StoreError::Database { details: format!("the database could not be encrypted: {details}") }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{secrets::MemorySecrets, store::opening};
    use std::{path::Path, sync::Arc};

    /// The database as the first version left it, with its log beside it where the program was killed.
    fn released(path: &Path, killed: bool) {
        let connection = Connection::open(path.join(DATABASE)).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.execute_batch(include_str!("migrations/fixtures/0001.sql")).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        if killed {
            let config = rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            connection.set_db_config(config, true).unwrap();
        }
    }

    fn unlock(path: &Path, secrets: &Arc<MemorySecrets>) -> crate::profile::Vault {
        crate::profile::Vault::open(path, Arc::<MemorySecrets>::clone(secrets), None).unwrap()
    }

    /// No file in the folder holds what was written.
    fn assert_nothing_readable(path: &Path) {
        for entry in std::fs::read_dir(path).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for text in ["Good morning", "On my way", "SQLite format"] {
                assert!(!bytes.windows(text.len()).any(|bytes| bytes == text.as_bytes()));
            }
        }
    }

    fn assert_kept(path: &Path, secrets: &Arc<MemorySecrets>) {
        let vault = unlock(path, secrets);
        assert_eq!(vault.secret_name(), "0b6f8f0e-6a55-4b7a-9a53-0f6f7b6b1a10");
        let opened = opening::open(&vault, protocol::Timestamp::clamped(0)).unwrap();
        let kept: (String, String, i64) = opened
            .writer
            .query_row(
                "SELECT (SELECT content FROM message), (SELECT content FROM outbox), seq FROM sqlite_sequence
                 WHERE name = 'outbox'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        assert_eq!(kept, ("Good morning".to_owned(), "On my way".to_owned(), 1));
        assert_eq!(vault.recovery(), None);
        drop(opened);
        assert_nothing_readable(path);
    }

    #[test]
    fn a_released_profile_becomes_an_encrypted_one_with_all_its_rows() {
        for killed in [false, true] {
            let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
            released(folder.path(), killed);
            assert_kept(folder.path(), &secrets);
            assert_kept(folder.path(), &secrets);
        }
    }

    #[test]
    fn an_interruption_after_any_step_leaves_a_whole_profile() {
        for interrupted in [Step::Copied, Step::Linked, Step::Replaced] {
            let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
            released(folder.path(), true);
            let vault = unlock(folder.path(), &secrets);
            let outcome = encrypt(vault.folder(), vault.key(), &mut |step| {
                if step == interrupted { Err(OpenError::InUse) } else { Ok(()) }
            });
            assert!(matches!(outcome, Err(OpenError::InUse)), "{interrupted:?}");
            assert!(folder.path().join(DATABASE).exists());
            drop(vault);
            assert_kept(folder.path(), &secrets);
        }
    }

    #[test]
    fn without_a_keyring_nothing_is_encrypted_and_nothing_touched() {
        struct NoKeyring;
        impl crate::SecretStore for NoKeyring {
            fn get(&self, _: &str) -> Result<Option<String>, crate::SecretError> {
                Err(crate::SecretError { details: "none".to_owned() })
            }
            fn set(&self, _: &str, _: &str) -> Result<(), crate::SecretError> {
                Err(crate::SecretError { details: "none".to_owned() })
            }
            fn delete(&self, _: &str) -> Result<(), crate::SecretError> {
                Ok(())
            }
            fn lasts(&self) -> bool {
                false
            }
        }
        let folder = tempfile::tempdir().unwrap();
        released(folder.path(), false);
        let before = std::fs::read(folder.path().join(DATABASE)).unwrap();
        let refused = crate::profile::Vault::open(folder.path(), Arc::new(NoKeyring), None).err();
        assert!(matches!(refused, Some(OpenError::NoKeyring { .. })), "{refused:?}");
        assert_eq!(std::fs::read(folder.path().join(DATABASE)).unwrap(), before);
        assert!(!folder.path().join("profile.json").exists());
    }
}
