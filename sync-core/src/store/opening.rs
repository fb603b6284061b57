//! Opening the database in whatever state it was left: encrypted where it was plain, repaired where it is damaged.
//!
//! ```text
//!   plain ──encrypt──► encrypted ──its log, its pages and its schema are sound──► open
//!     │                    │
//!     └──── damaged ◄──────┘
//!              │ put aside, and noted in the manifest
//!              ▼
//!          repairing ──a new database, with what could be saved──► repaired ──► open
//! ```
//!
//! A damaged file gets a second name before anything else is done, so the only copy of what is on it is never lost. What
//! is noted makes the repair begin anew after a crash: it reads the file that was put aside, whatever was in its place.

use protocol::Timestamp;
use rusqlite::Connection;

use crate::{
    domain::Recovery,
    error::{OpenError, StoreError},
    limits,
    profile::{
        Vault,
        folder::{DATABASE, DATABASE_NEW, Folder, LOG},
    },
};

use super::{connection, migrate, plain, salvage};

/// The beginning and the end of the names of databases that were put aside; the time stands between them.
const ASIDE: (&str, &str) = ("damaged-", ".db");

/// The one that writes, and those that read.
pub(super) struct Connections {
    pub(super) writer: Connection,
    pub(super) readers: Vec<Connection>,
}

/// Opens the database of a profile, making it where it is missing. Says whether it had to be repaired.
///
/// # Errors
/// Where the disk is full or fails, or a newer version wrote it.
pub(super) fn open(vault: &Vault, now: Timestamp) -> Result<Connections, OpenError> {
    if let Some(aside) = vault.repairing() {
        repair(vault, &aside, now)?;
    }
    let missing = !vault.folder().holds(DATABASE) && vault.account().is_some();
    match connect(vault) {
        Ok(mut connections) if missing => {
            // It was there when somebody signed in, and what waited went with it.
            let mut salvaged = salvage::Salvaged::default();
            salvaged.account_or(|| account_of(vault));
            store(&mut connections.writer, &salvaged)?;
            vault.end_repair(told(&salvaged, now))?;
            Ok(connections)
        }
        Err(OpenError::Store(StoreError::Damaged { details })) => {
            tracing::warn!(%details, "the message store is damaged: it is put aside and made anew");
            put_aside_and_repair(vault, now)?;
            connect(vault)
        }
        outcome => outcome,
    }
}

/// Makes a new database from what can be read of the one that is there. No connection may be open.
///
/// # Errors
/// Where the disk is full or fails; then the next start tries again.
pub(super) fn put_aside_and_repair(vault: &Vault, now: Timestamp) -> Result<(), OpenError> {
    let folder = vault.folder();
    let time: String = now.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    let aside = format!("{}{time}{}", ASIDE.0, ASIDE.1);
    folder.link(DATABASE, &aside)?;
    if folder.holds(&format!("{DATABASE}{LOG}")) {
        folder.link(&format!("{DATABASE}{LOG}"), &format!("{aside}{LOG}"))?;
    }
    folder.sync()?;
    vault.begin_repair(&aside)?;
    repair(vault, &aside, now)
}

/// The size of the database with its log, and that of what was put aside, in bytes.
pub(super) fn sizes(folder: &Folder) -> (u64, u64) {
    let (mut database, mut aside) = (0, 0);
    for name in folder.names().unwrap_or_default() {
        let size = std::fs::metadata(folder.file(&name)).map_or(0, |file| file.len());
        if name.starts_with(DATABASE) {
            database += size;
        } else if name.starts_with(ASIDE.0) {
            aside += size;
        }
    }
    (database, aside)
}

fn repair(vault: &Vault, aside: &str, now: Timestamp) -> Result<(), OpenError> {
    let folder = vault.folder();
    let key = if plain::is_plain_file(folder, aside)? { None } else { Some(vault.key()) };
    let mut salvaged = salvage::read(&folder.file(aside), &folder.file(&format!("{aside}{LOG}")), key)
        .map_err(|error| folder.unusable(error))?;
    salvaged.account_or(|| account_of(vault));

    folder.remove_database(DATABASE_NEW)?;
    folder.touch(DATABASE_NEW)?;
    let mut fresh = connection::open(&folder.file(DATABASE_NEW), vault.key())?;
    migrate::migrate(&mut fresh)?;
    store(&mut fresh, &salvaged)?;
    fresh.close().map_err(|(_, error)| error)?;

    // What is left of the damaged one would be taken for the new one's log.
    folder.remove_log(DATABASE)?;
    folder.rename(DATABASE_NEW, DATABASE)?;
    vault.end_repair(told(&salvaged, now))?;
    forget_oldest(folder)
}

fn store(database: &mut Connection, salvaged: &salvage::Salvaged) -> Result<(), OpenError> {
    let transaction = database.transaction()?;
    salvaged.put(&transaction)?;
    Ok(transaction.commit()?)
}

fn told(salvaged: &salvage::Salvaged, now: Timestamp) -> Recovery {
    Recovery { at: now, waiting: salvaged.waiting(), drafts: salvaged.drafts(), complete: salvaged.complete }
}

/// The account as the manifest knows it. Its tokens are in the keyring, so it goes on where it was.
fn account_of(vault: &Vault) -> Option<salvage::Account> {
    vault.account().map(|holder| salvage::Account {
        user_id: holder.user_id,
        user_name: holder.user_name,
        server: holder.server,
        server_name: holder.server_name,
        session: "signed_in".to_owned(),
        trusted_certificate: None,
    })
}

fn connect(vault: &Vault) -> Result<Connections, OpenError> {
    let (folder, key) = (vault.folder(), vault.key());
    plain::encrypt(folder, key, &mut |_| Ok(()))?;
    let log = format!("{DATABASE}{LOG}");
    if salvage::log_hides_commits(&folder.file(&log)).map_err(|error| folder.unusable(error))? {
        return Err(damaged("a commit in the log cannot be reached"));
    }
    let closed = !folder.holds(&log);
    // SQLite makes its files with the mode of the main one.
    folder.touch(DATABASE)?;
    let path = folder.file(DATABASE);
    let mut writer = connection::open_writer(&path, key)?;
    let small = std::fs::metadata(&path).is_ok_and(|file| file.len() <= limits::CHECKED_BYTES);
    if !closed && small {
        let found: String = writer.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            return Err(damaged(&found));
        }
    }
    migrate::migrate(&mut writer)?;
    let readers =
        (0..limits::READERS).map(|_| connection::open_reader(&path, key)).collect::<Result<_, _>>()?;
    Ok(Connections { writer, readers })
}

/// Removes what was put aside first, so that no more than a few are kept.
fn forget_oldest(folder: &Folder) -> Result<(), OpenError> {
    let mut aside = folder.names()?;
    aside.retain(|name| name.starts_with(ASIDE.0) && name.ends_with(ASIDE.1));
    aside.sort_unstable();
    let extra = aside.len().saturating_sub(limits::DAMAGED_KEPT);
    aside.iter().take(extra).try_for_each(|name| folder.remove_database(name))
}

fn damaged(details: &str) -> OpenError {
    StoreError::Damaged { details: details.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, sync::Arc};

    use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
    use tokio::sync::broadcast;

    use super::*;
    use crate::{
        domain::{Account, Update},
        secrets::MemorySecrets,
        store::{Store, account, outbox, people},
    };

    const SENDS: u32 = 50;

    fn unlock(path: &Path, secrets: &Arc<MemorySecrets>) -> Vault {
        Vault::open(path, Arc::<MemorySecrets>::clone(secrets), None).unwrap()
    }

    fn noon(minute: i64) -> Timestamp {
        Timestamp::clamped(1_764_000_000_000 + minute * 60_000)
    }

    fn send(connection: &Connection, number: u32) {
        connection
            .execute(
                "INSERT INTO outbox (kind, peer, target, content, state, written_at)
                 VALUES ('send', 'ben', ?1, ?2, 'queued', 1764000000000)",
                (format!("key-{number}"), format!("message {number} ").repeat(30)),
            )
            .unwrap();
    }

    /// A profile of Ana's with messages that wait, closed in an orderly way, or not.
    fn profile(path: &Path, secrets: &Arc<MemorySecrets>, closed: bool) {
        let vault = unlock(path, secrets);
        let Connections { writer, readers } = open(&vault, noon(0)).unwrap();
        drop(readers);
        let account = Account {
            user: people::nameless("ana".into()),
            user_name: "ana".to_owned(),
            server: "https://chat.example.org/".parse().unwrap(),
            server_name: "Chat".to_owned(),
            trusted: None,
        };
        account::sign_in(&writer, &account).unwrap();
        vault.set_account(Some(&account)).unwrap();
        (0..SENDS).for_each(|number| send(&writer, number));
        if closed {
            connection::close_writer(writer).unwrap();
        }
    }

    fn waiting(connection: &Connection) -> Result<u32, StoreError> {
        Ok(u32::try_from(outbox::entries(connection)?.len()).unwrap())
    }

    fn aside(path: &Path) -> usize {
        let names =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.strip_prefix(ASIDE.0).is_some_and(|rest| rest.ends_with(ASIDE.1))).count()
    }

    #[test]
    fn whatever_is_damaged_the_profile_opens_and_is_sound_and_what_is_missing_is_told() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        profile(folder.path(), &secrets, true);
        let file = folder.path().join(DATABASE);
        let whole = fs::read(&file).unwrap();
        let mut repaired = 0;
        for seed in 0..40 {
            let random = &mut StdRng::seed_from_u64(seed);
            let mut bytes = whole.clone();
            let start = random.random_range(0..bytes.len() - 600);
            random.fill_bytes(&mut bytes[start..start + 600]);
            if seed % 10 == 9 {
                bytes.truncate(start);
            }
            fs::write(&file, bytes).unwrap();
            let vault = unlock(folder.path(), &secrets);
            vault.forget_recovery().unwrap();
            let mut opened = open(&vault, noon(i64::try_from(seed).unwrap())).unwrap();
            // What is damaged and was not needed to open it shows now.
            if waiting(&opened.readers[0]).is_err() || account::holder(&opened.readers[1]).is_err() {
                drop(opened);
                put_aside_and_repair(&vault, noon(100)).unwrap();
                opened = open(&vault, noon(100)).unwrap();
            }
            let waiting = waiting(&opened.writer).unwrap();
            let sound: String =
                opened.writer.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap_or_default();
            match vault.recovery() {
                None => assert_eq!(waiting, SENDS, "seed {seed}: something is missing untold"),
                Some(recovery) => {
                    repaired += 1;
                    assert_eq!(sound, "ok", "seed {seed}");
                    assert_eq!(recovery.waiting, waiting, "seed {seed}");
                    assert!(!recovery.complete, "seed {seed}");
                    let (account, _) = account::holder(&opened.writer).unwrap().unwrap();
                    assert_eq!(account.user_name, "ana", "seed {seed}");
                }
            }
            assert!(aside(folder.path()) <= limits::DAMAGED_KEPT);
        }
        assert!(repaired > 10, "only {repaired} were repaired");
        assert_eq!(aside(folder.path()), limits::DAMAGED_KEPT);
    }

    #[test]
    fn commits_behind_damage_in_the_log_are_saved() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        profile(folder.path(), &secrets, false);
        let log = folder.path().join("roost.db-wal");
        let mut bytes = fs::read(&log).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&log, bytes).unwrap();
        let vault = unlock(folder.path(), &secrets);
        let opened = open(&vault, noon(1)).unwrap();
        let saved = waiting(&opened.writer).unwrap();
        assert!(saved + 1 >= SENDS, "{saved}");
        assert_eq!(vault.recovery().unwrap().waiting, saved);
    }

    #[test]
    fn an_end_without_closing_is_no_damage() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        profile(folder.path(), &secrets, false);
        let vault = unlock(folder.path(), &secrets);
        let opened = open(&vault, noon(1)).unwrap();
        assert_eq!((waiting(&opened.writer).unwrap(), vault.recovery()), (SENDS, None));
    }

    #[test]
    fn a_repair_that_was_interrupted_is_done_at_the_next_start() {
        for replaced in [false, true] {
            let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
            profile(folder.path(), &secrets, true);
            let vault = unlock(folder.path(), &secrets);
            vault.folder().link(DATABASE, "damaged-1.db").unwrap();
            vault.begin_repair("damaged-1.db").unwrap();
            vault.folder().remove(DATABASE).unwrap();
            if replaced {
                fs::write(folder.path().join(DATABASE_NEW), "half").unwrap();
            }
            drop(vault);
            let vault = unlock(folder.path(), &secrets);
            let opened = open(&vault, noon(1)).unwrap();
            assert_eq!(waiting(&opened.writer).unwrap(), SENDS);
            assert_eq!(vault.recovery().map(|recovery| recovery.waiting), Some(SENDS));
            assert_eq!(vault.repairing(), None);
        }
    }

    #[test]
    fn a_database_that_is_gone_is_made_anew_and_told() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        profile(folder.path(), &secrets, true);
        fs::remove_file(folder.path().join(DATABASE)).unwrap();
        let vault = unlock(folder.path(), &secrets);
        let opened = open(&vault, noon(1)).unwrap();
        let recovery = vault.recovery().unwrap();
        assert_eq!((recovery.waiting, recovery.complete), (0, false));
        assert_eq!(account::holder(&opened.writer).unwrap().unwrap().0.user.id, "ana".into());
    }

    #[tokio::test]
    async fn damage_that_shows_at_work_is_repaired_and_work_goes_on() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        profile(folder.path(), &secrets, true);
        // The newest row is on the last page but those of its indexes; every page from the middle on is damaged.
        let file = folder.path().join(DATABASE);
        let vault = Arc::new(unlock(folder.path(), &secrets));
        let (sender, mut updates) = broadcast::channel(8);
        let store = Store::open(Arc::clone(&vault), noon(0), sender).await.unwrap();
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..].iter_mut().for_each(|byte| *byte ^= 0x55);
        fs::write(&file, bytes).unwrap();

        let read = store.read(|connection| outbox::entries(connection)).await;
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "{:?}", read.err());
        store.damaged().await;
        store.repair(noon(1)).await.unwrap();
        assert_eq!(updates.recv().await.unwrap(), Update::Recovered);
        let entries = store.read(|connection| outbox::entries(connection)).await.unwrap();
        assert_eq!(u32::try_from(entries.len()).unwrap(), vault.recovery().unwrap().waiting);
        let more = store.write(|connection, _| {
            send(connection, 1_000);
            Ok::<_, StoreError>(())
        });
        more.await.unwrap();
        store.close().await;
    }
}
