//! A few connections that only read.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::{
    metrics::{Metrics, Timer},
    store::StoreError,
};

/// How many connections read at the same time. Whoever comes later waits; the number of those who wait is bounded by
/// the number of connections that the server accepts.
pub(super) const COUNT: usize = 4;

/// How many of them searches and other long scans may take at the same time, so that the others stay free.
const SCANS: usize = 2;

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    free: Arc<Semaphore>,
    scans: Semaphore,
    metrics: Arc<Metrics>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>, metrics: Arc<Metrics>) -> Self {
        let free = Arc::new(Semaphore::new(connections.len()));
        Self { idle: Arc::new(Mutex::new(connections)), free, scans: Semaphore::new(SCANS), metrics }
    }

    /// Runs `work` in one read transaction, off the async threads.
    pub(super) async fn read<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let closed = |_| E::from(StoreError::Closed);
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(closed)?;
        let idle = Arc::clone(&self.idle);
        let metrics = Arc::clone(&self.metrics);
        let run = move || {
            let _timer = Timer::start(&metrics.read);
            let mut connection = lock(&idle).pop().ok_or(StoreError::Closed)?;
            let result = in_transaction(&mut connection, work);
            lock(&idle).push(connection);
            drop(permit);
            result
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(result) => result,
            Err(failure) => Err(StoreError::Backend(Box::new(failure)).into()),
        }
    }

    /// The same for what may take long.
    pub(super) async fn scan<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let _permit = self.scans.acquire().await.map_err(|_| E::from(StoreError::Closed))?;
        self.read(work).await
    }

    /// Waits for the reads in progress and closes the connections.
    pub(super) async fn close(&self) {
        let all = u32::try_from(COUNT).unwrap_or(u32::MAX);
        if let Ok(permits) = self.free.acquire_many(all).await {
            permits.forget();
        }
        self.free.close();
        self.scans.close();
        lock(&self.idle).clear();
    }
}

fn in_transaction<T, E: From<StoreError>>(
    connection: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    // Dropping the transaction rolls it back, which ends a read as well as a commit does.
    let transaction = connection.transaction().map_err(StoreError::from)?;
    work(&transaction)
}

/// A panic of a reader leaves the list of idle connections whole, so a poisoned lock is as good as a sound one.
fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
