//! The connections to the database, and the folder that it lies in.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{Semaphore, broadcast};

use crate::{
    domain::Update,
    error::{OpenError, StoreError},
    limits,
};

use super::{Changed, account, migrate, summaries};

/// The database file inside the profile's folder.
const FILE: &str = "roost.db";
/// The lock file beside it.
const LOCK: &str = "lock";

/// The database; cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Mutex<Option<Connection>>,
    readers: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    updates: broadcast::Sender<Update>,
    lock: Mutex<Option<File>>,
    /// Whether some of the history was still to be fetched after the last write.
    filling: AtomicBool,
}

impl Store {
    /// Opens the profile in `folder`, making what is missing.
    ///
    /// # Errors
    /// [`OpenError`]: in use, newer than this program, or not to be used at all.
    pub(crate) async fn open(folder: &Path, updates: broadcast::Sender<Update>) -> Result<Self, OpenError> {
        let folder = folder.to_owned();
        let opened = tokio::task::spawn_blocking(move || open_blocking(&folder, updates)).await;
        opened.map_err(|_| OpenError::Store(StoreError::Closed))?
    }

    /// Runs `work` in a write transaction, commits it, and announces what it changed.
    ///
    /// # Errors
    /// What `work` answers, or a failing database; then nothing was changed.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>, &mut Changed) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        let run = tokio::task::spawn_blocking(move || store.write_blocking(work));
        run.await.map_err(|_| E::from(StoreError::Closed))?
    }

    fn write_blocking<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>, &mut Changed) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut guard = lock(&self.inner.writer);
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let mut changed = Changed::default();
        let value = work(&transaction, &mut changed)?;
        if changed.has_conversations() {
            let filling = summaries::is_filling(&transaction).map_err(StoreError::from)?;
            if self.inner.filling.swap(filling, Ordering::Relaxed) || filling {
                changed.progress();
            }
        }
        transaction.commit().map_err(StoreError::from)?;
        drop(guard);
        for update in changed.updates {
            self.announce(update);
        }
        Ok(value)
    }

    /// Runs `work` on a reading connection, in one consistent view of the database.
    ///
    /// # Errors
    /// What `work` answers, or a failing database.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permits = Arc::clone(&self.inner.permits);
        let permit = permits.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let mut connection = lock(&self.inner.readers).pop().ok_or(StoreError::Closed)?;
        let inner = Arc::clone(&self.inner);
        let run = tokio::task::spawn_blocking(move || {
            let value = connection.transaction().and_then(|view| work(&view));
            // Handed back here and not by the caller, so that a dropped future loses neither of the two.
            if !inner.permits.is_closed() {
                lock(&inner.readers).push(connection);
            }
            drop(permit);
            value
        });
        Ok(run.await.map_err(|_| StoreError::Closed)??)
    }

    /// Tells whoever listens.
    pub(crate) fn announce(&self, update: Update) {
        // Nobody listening is no error.
        let _ = self.inner.updates.send(update);
    }

    /// Closes all connections and gives the folder free. What runs is finished first.
    pub(crate) async fn close(&self) {
        self.inner.permits.close();
        let inner = Arc::clone(&self.inner);
        let closing = tokio::task::spawn_blocking(move || {
            lock(&inner.readers).clear();
            if let Some(Err((_, error))) = lock(&inner.writer).take().map(Connection::close) {
                tracing::warn!(%error, "the message store did not close cleanly");
            }
            lock(&inner.lock).take();
        });
        let _ = closing.await;
    }
}

fn open_blocking(folder: &Path, updates: broadcast::Sender<Update>) -> Result<Store, OpenError> {
    let unusable = |source| OpenError::Folder { path: folder.to_owned(), source };
    make_folder(folder).map_err(unusable)?;
    let lock_file = private(OpenOptions::new().create(true).write(true).truncate(false))
        .open(folder.join(LOCK))
        .map_err(unusable)?;
    take_lock(&lock_file).map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse,
        TryLockError::Error(source) => unusable(source),
    })?;
    let path = folder.join(FILE);
    // SQLite makes its files with the mode of the main one.
    private(OpenOptions::new().create(true).append(true)).open(&path).map_err(unusable)?;

    let mut writer = Connection::open(&path)?;
    writer.busy_timeout(limits::BUSY_TIME)?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "synchronous", "FULL")?;
    writer.pragma_update(None, "foreign_keys", true)?;
    // Deleted content must not stay readable in free pages.
    writer.pragma_update(None, "secure_delete", true)?;
    migrate::migrate(&mut writer)?;
    account::ensure_profile(&writer)?;
    let filling = summaries::is_filling(&writer)?;

    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let readers = (0..limits::READERS)
        .map(|_| {
            let reader = Connection::open_with_flags(&path, flags)?;
            reader.busy_timeout(limits::BUSY_TIME)?;
            Ok(reader)
        })
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(Store {
        inner: Arc::new(Inner {
            writer: Mutex::new(Some(writer)),
            readers: Mutex::new(readers),
            permits: Arc::new(Semaphore::new(limits::READERS)),
            updates,
            lock: Mutex::new(Some(lock_file)),
            filling: AtomicBool::new(filling),
        }),
    })
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
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
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

/// A transaction that panicked was rolled back when it was dropped, so what a poisoned lock guards is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn opened(folder: &Path) -> (Store, broadcast::Receiver<Update>) {
        let (sender, receiver) = broadcast::channel(8);
        (Store::open(folder, sender).await.unwrap(), receiver)
    }

    #[tokio::test]
    async fn a_folder_that_is_being_closed_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = opened(folder.path()).await;
        let (waiting, ()) = tokio::join!(opened(folder.path()), store.close());
        assert!(waiting.0.read(|_| Ok(())).await.is_ok());
    }

    #[tokio::test]
    async fn a_folder_is_open_once_private_and_free_again_after_closing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/profile");
        let (store, _) = opened(&path).await;
        let again = Store::open(&path, broadcast::channel(8).0).await;
        assert!(matches!(again.err(), Some(OpenError::InUse)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |name: &str| std::fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!([mode("."), mode(FILE), mode("roost.db-wal")], [0o700, 0o600, 0o600]);
        }
        store.close().await;
        assert!(matches!(store.read(|_| Ok(())).await, Err(StoreError::Closed)));
        opened(&path).await;
    }

    #[tokio::test]
    async fn what_is_committed_is_announced_and_what_fails_is_neither() {
        let folder = tempfile::tempdir().unwrap();
        let (store, mut updates) = opened(folder.path()).await;
        let insert = |connection: &Transaction<'_>, changed: &mut Changed| {
            connection.execute("INSERT INTO person VALUES ('x', '', '', NULL, NULL)", [])?;
            changed.outbox();
            Ok::<_, StoreError>(())
        };
        let failed = store.write(move |connection, changed| {
            insert(connection, changed)?;
            insert(connection, changed)
        });
        assert!(matches!(failed.await, Err(StoreError::Database { .. })));
        assert!(updates.try_recv().is_err());
        store.write(insert).await.unwrap();
        assert_eq!(updates.try_recv(), Ok(Update::Outbox));
        let people: i64 = store
            .read(|connection| connection.query_row("SELECT count(*) FROM person", [], |row| row.get(0)))
            .await
            .unwrap();
        assert_eq!(people, 1);
    }

    #[tokio::test]
    async fn a_dropped_read_gives_its_connection_back() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _updates) = opened(folder.path()).await;
        for _ in 0..3 * limits::READERS {
            let read = store.read(|_| {
                std::thread::sleep(std::time::Duration::from_millis(2));
                Ok(())
            });
            // Polled once, which starts it, and dropped.
            tokio::select! { biased; _ = read => {}, () = std::future::ready(()) => {} }
        }
        store.read(|_| Ok(())).await.unwrap();
    }
}
