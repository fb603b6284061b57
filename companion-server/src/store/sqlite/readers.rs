//! A few connections that only read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use protocol::UserId;
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    metrics::{Metrics, Timer},
    store::StoreError,
};

/// How many connections read at the same time. Whoever comes later waits; the number of those who wait is bounded by
/// the number of connections that the server accepts.
pub(super) const COUNT: usize = 4;

/// How many of them searches and other long scans may take at the same time, so that the others stay free.
const SCANS: usize = 2;

/// How many scans of one user may be under way; one after the other is carried out.
const PER_USER: usize = 16;

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    free: Arc<Semaphore>,
    scans: Arc<Semaphore>,
    /// The turn of each user who has a scan carried out or waits for it.
    turns: Mutex<HashMap<UserId, Weak<Semaphore>>>,
    metrics: Arc<Metrics>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>, metrics: Arc<Metrics>) -> Self {
        let free = Arc::new(Semaphore::new(connections.len()));
        let (idle, scans) = (Arc::new(Mutex::new(connections)), Arc::new(Semaphore::new(SCANS)));
        Self { idle, free, scans, turns: Mutex::default(), metrics }
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

    /// The same for what may take long. Its place is taken until it has ended, also where nobody waits for it any more.
    pub(super) async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = permit(Arc::clone(&self.scans)).await?;
        self.read(move |db| {
            let _permit = permit;
            work(db)
        })
        .await
    }

    /// The same for a user. Each has one carried out at a time, so that nobody takes the places of all.
    pub(super) async fn scan_for<T: Send + 'static>(
        &self,
        user: UserId,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = permit(self.turn(user)?).await?;
        self.scan(move |db| {
            let _turn = turn;
            work(db)
        })
        .await
    }

    /// The turn of a user, unless too many wait for it already.
    fn turn(&self, user: UserId) -> Result<Arc<Semaphore>, StoreError> {
        let mut turns = lock(&self.turns);
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = turns.get(&user).and_then(Weak::upgrade).unwrap_or_else(|| Arc::new(Semaphore::new(1)));
        turns.insert(user, Arc::downgrade(&turn));
        if Arc::strong_count(&turn) > PER_USER { Err(StoreError::Busy) } else { Ok(turn) }
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

async fn permit(places: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    places.acquire_owned().await.map_err(|_| StoreError::Closed)
}

/// Whatever panics leaves what is locked whole, so a poisoned lock is as good as a sound one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::FutureExt as _;
    use protocol::ObjectId;

    use super::*;

    fn readers() -> Readers {
        let connections = (0..COUNT).map(|_| Connection::open_in_memory().unwrap()).collect();
        Readers::new(connections, Arc::default())
    }

    /// Work that lasts until the sender is dropped.
    fn long() -> (mpsc::Sender<()>, impl FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static) {
        let (release, released) = mpsc::channel::<()>();
        (release, move |_: &Connection| {
            released.recv().ok();
            Ok(())
        })
    }

    #[tokio::test]
    async fn one_user_does_not_take_the_scans_of_all() {
        let readers = readers();
        let (ana, ben) = (UserId(ObjectId::from_bytes([1; 12])), UserId(ObjectId::from_bytes([2; 12])));
        let (release, first) = long();
        let mut first = Box::pin(readers.scan_for(ana, first));
        assert!(first.as_mut().now_or_never().is_none());
        // The client leaves; the work goes on, and keeps its place.
        drop(first);
        let mut waiting: Vec<_> =
            (1..PER_USER).map(|_| Box::pin(readers.scan_for(ana, |_| Ok(())))).collect();
        for scan in &mut waiting {
            assert!(scan.as_mut().now_or_never().is_none(), "each waits for its turn");
        }
        let one_more = readers.scan_for(ana, |_| Ok(())).now_or_never();
        assert!(matches!(one_more, Some(Err(StoreError::Busy))));
        readers.scan_for(ben, |_| Ok(())).await.unwrap();
        drop(release);
        for scan in waiting {
            scan.await.unwrap();
        }
        readers.scan_for(ben, |_| Ok(())).await.unwrap();
        assert_eq!(lock(&readers.turns).len(), 1, "nothing is kept of those who are done");
    }

    #[tokio::test]
    async fn scans_that_nobody_waits_for_leave_the_other_connections_free() {
        let readers = readers();
        let mut releases = Vec::new();
        for _ in 0..COUNT {
            let (release, work) = long();
            assert!(Box::pin(readers.scan(work)).now_or_never().is_none());
            releases.push(release);
        }
        readers.read(|_| Ok::<_, StoreError>(())).await.unwrap();
        drop(releases);
    }
}
