//! The connections to the database: work for them, and what is done when the file turns out to be damaged.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use protocol::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{Semaphore, broadcast, watch};

use crate::{
    domain::{Storage, Update},
    error::{MayBeStore, OpenError, StoreError},
    limits,
    profile::Vault,
};

use super::{Changed, connection, opening, storage, summaries};

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
    vault: Arc<Vault>,
    /// Whether work met damage that was not repaired yet.
    damaged: watch::Sender<bool>,
    /// Whether some of the history was still to be fetched after the last write.
    filling: AtomicBool,
}

impl Store {
    /// Opens the database of an unlocked profile, making it, encrypting it or repairing it where that is due.
    ///
    /// # Errors
    /// [`OpenError`]: newer than this program, or not to be used at all.
    pub(crate) async fn open(
        vault: Arc<Vault>,
        now: Timestamp,
        updates: broadcast::Sender<Update>,
    ) -> Result<Self, OpenError> {
        let open = move || {
            let opened = opening::open(&vault, now);
            if opened.is_err() {
                vault.folder().release();
            }
            let opening::Connections { writer, readers } = opened?;
            let filling = summaries::is_filling(&writer)?;
            let inner = Inner {
                writer: Mutex::new(Some(writer)),
                readers: Mutex::new(readers),
                permits: Arc::new(Semaphore::new(limits::READERS)),
                updates,
                vault,
                damaged: watch::Sender::new(false),
                filling: AtomicBool::new(filling),
            };
            Ok(Self { inner: Arc::new(inner) })
        };
        tokio::task::spawn_blocking(open).await.map_err(|_| OpenError::Store(StoreError::Closed))?
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
        E: MayBeStore + Send + 'static,
    {
        let store = self.clone();
        let run = tokio::task::spawn_blocking(move || store.write_blocking(work));
        run.await.map_err(|_| E::from(StoreError::Closed))?
    }

    fn write_blocking<T, E: MayBeStore>(
        &self,
        work: impl FnOnce(&Transaction<'_>, &mut Changed) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut guard = lock(&self.inner.writer);
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let mut changed = Changed::default();
        let outcome = self.in_transaction(connection, work, &mut changed);
        if let Err(error) = &outcome {
            self.examine(connection, error.store());
        }
        drop(guard);
        let value = outcome?;
        for update in changed.updates {
            self.announce(update);
        }
        Ok(value)
    }

    fn in_transaction<T, E: MayBeStore>(
        &self,
        connection: &mut Connection,
        work: impl FnOnce(&Transaction<'_>, &mut Changed) -> Result<T, E>,
        changed: &mut Changed,
    ) -> Result<T, E> {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let value = work(&transaction, changed)?;
        self.note_progress(&transaction, changed).map_err(StoreError::from)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// Adds that the progress changed, while some of the history is still to be fetched and when that ends.
    fn note_progress(&self, transaction: &Transaction<'_>, changed: &mut Changed) -> rusqlite::Result<()> {
        if changed.has_conversations() {
            let filling = summaries::is_filling(transaction)?;
            if self.inner.filling.swap(filling, Ordering::Relaxed) || filling {
                changed.progress();
            }
        }
        Ok(())
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
        let store = self.clone();
        let run = tokio::task::spawn_blocking(move || {
            let inner = &store.inner;
            let value = connection.transaction().and_then(|view| work(&view)).map_err(StoreError::from);
            if let Err(error) = &value {
                store.examine(&connection, Some(error));
            }
            // Handed back here and not by the caller, so that a dropped future loses neither of the two.
            if !inner.permits.is_closed() {
                lock(&inner.readers).push(connection);
            }
            drop(permit);
            value
        });
        run.await.map_err(|_| StoreError::Closed)?
    }

    /// What the profile takes of the disk.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub(crate) async fn storage(&self) -> Result<Storage, StoreError> {
        let figures = self.read(|connection| storage::figures(connection)).await?;
        let vault = Arc::clone(&self.inner.vault);
        let sizes = tokio::task::spawn_blocking(move || opening::sizes(vault.folder())).await;
        let (bytes, aside) = sizes.map_err(|_| StoreError::Closed)?;
        Ok(Storage { bytes, aside, ..figures })
    }

    /// Gives free space in the database back to the disk. It is written anew for that, which takes as much space as what is
    /// in it.
    ///
    /// # Errors
    /// Where there is too little space, or the database fails; then it is as it was.
    pub(crate) async fn compact(&self) -> Result<(), StoreError> {
        let store = self.clone();
        let compact = move || {
            let guard = lock(&store.inner.writer);
            let writer = guard.as_ref().ok_or(StoreError::Closed)?;
            let compacted = writer
                .execute_batch("VACUUM")
                .and_then(|()| writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
                .map_err(StoreError::from);
            compacted.inspect_err(|error| store.examine(writer, Some(error)))
        };
        tokio::task::spawn_blocking(compact).await.map_err(|_| StoreError::Closed)?
    }

    /// Waits until work has met damage. It is to be repaired then, with [`Store::repair`].
    pub(crate) async fn damaged(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.inner.damaged.subscribe().wait_for(|damaged| *damaged).await;
    }

    /// Puts a damaged database aside, and goes on with a new one that has what could be saved. What runs is finished
    /// first; what comes meanwhile waits.
    ///
    /// # Errors
    /// Where the disk is full or fails. The store is closed then, and the repair goes on when the profile is opened next.
    pub(crate) async fn repair(&self, now: Timestamp) -> Result<(), OpenError> {
        let all = u32::try_from(limits::READERS).unwrap_or(u32::MAX);
        let permits = Arc::clone(&self.inner.permits).acquire_many_owned(all).await;
        let permits = permits.map_err(|_| StoreError::Closed)?;
        let inner = Arc::clone(&self.inner);
        let repair = move || {
            let mut writer = lock(&inner.writer);
            lock(&inner.readers).clear();
            drop(writer.take());
            opening::put_aside_and_repair(&inner.vault, now)?;
            let opened = opening::open(&inner.vault, now)?;
            *lock(&inner.readers) = opened.readers;
            *writer = Some(opened.writer);
            inner.damaged.send_replace(false);
            drop(permits);
            Ok::<_, OpenError>(())
        };
        let repaired = tokio::task::spawn_blocking(repair).await;
        repaired.map_err(|_| OpenError::Store(StoreError::Closed))??;
        self.announce(Update::Recovered);
        self.announce(Update::Everything);
        Ok(())
    }

    /// After a failure: notes whether it was damage. A page that cannot be decrypted may make its connection useless for
    /// good, so where the error does not say, asking for anything does.
    fn examine(&self, connection: &Connection, error: Option<&StoreError>) {
        let damage = |error: &StoreError| matches!(error, StoreError::Damaged { .. });
        let ask = || connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        if error.is_some_and(damage) || ask().is_err_and(|error| damage(&error.into())) {
            self.inner.damaged.send_replace(true);
        }
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
            if let Some(Err(error)) = lock(&inner.writer).take().map(connection::close_writer) {
                tracing::warn!(%error, "the message store did not close cleanly");
            }
            inner.vault.folder().release();
        });
        let _ = closing.await;
    }
}

/// A transaction that panicked was rolled back when it was dropped, so what a poisoned lock guards is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{profile::folder::DATABASE, secrets::MemorySecrets};

    fn unlock(folder: &Path, secrets: &Arc<MemorySecrets>) -> Result<Arc<Vault>, OpenError> {
        Vault::open(folder, Arc::<MemorySecrets>::clone(secrets), None).map(Arc::new)
    }

    async fn opened(folder: &Path, secrets: &Arc<MemorySecrets>) -> (Store, broadcast::Receiver<Update>) {
        let (sender, receiver) = broadcast::channel(8);
        let (folder, secrets) = (folder.to_owned(), Arc::clone(secrets));
        let vault = tokio::task::spawn_blocking(move || unlock(&folder, &secrets)).await.unwrap();
        (Store::open(vault.unwrap(), Timestamp::clamped(0), sender).await.unwrap(), receiver)
    }

    #[tokio::test]
    async fn a_folder_that_is_being_closed_is_waited_for() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        let (store, _) = opened(folder.path(), &secrets).await;
        let (waiting, ()) = tokio::join!(opened(folder.path(), &secrets), store.close());
        assert!(waiting.0.read(|_| Ok(())).await.is_ok());
    }

    #[tokio::test]
    async fn a_folder_is_open_once_private_and_free_again_after_closing() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        let path = folder.path().join("a/profile");
        let (store, _) = opened(&path, &secrets).await;
        assert!(matches!(unlock(&path, &secrets).err(), Some(OpenError::InUse)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |name: &str| std::fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!([mode("."), mode(DATABASE), mode("roost.db-wal")], [0o700, 0o600, 0o600]);
        }
        store.close().await;
        assert!(matches!(store.read(|_| Ok(())).await, Err(StoreError::Closed)));
        opened(&path, &secrets).await;
    }

    #[tokio::test]
    async fn what_is_committed_is_announced_and_what_fails_is_neither() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        let (store, mut updates) = opened(folder.path(), &secrets).await;
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
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Arc::default());
        let (store, _updates) = opened(folder.path(), &secrets).await;
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
