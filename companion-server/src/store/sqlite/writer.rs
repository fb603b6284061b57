//! The one thread that writes, and the group commit (I1).
//!
//! Jobs wait in a bounded queue. The thread takes as many as wait, up to [`BATCH`], and runs them within one
//! transaction, each in a savepoint, so that one that fails spoils no other. After the commit it publishes what
//! happened and answers every job; where the commit fails, every job of the batch fails.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use protocol::{ObjectId, Timestamp};
use rusqlite::{Connection, ErrorCode, ffi};
use tokio::sync::{mpsc, oneshot};

use super::{is_full, rows};
use crate::{
    clock::Clock,
    metrics::{Metrics, Timer},
    model::{events::Committed, ids::IdGenerator},
    store::StoreError,
};

/// What a job works with.
pub(super) struct Write<'a> {
    /// The connection, within the job's savepoint.
    pub(super) db: &'a Connection,
    /// The time of this job; never earlier than that of a job before it, also across restarts.
    pub(super) now: Timestamp,
    /// Makes ids that ascend in commit order.
    pub(super) ids: &'a mut IdGenerator,
    /// What is published after the commit.
    pub(super) committed: &'a mut Vec<Committed>,
}

pub(super) struct Writer {
    metrics: Arc<Metrics>,
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<thread::JoinHandle<()>>>,
}

/// Why the thread could not start.
pub(super) enum StartError {
    Database(rusqlite::Error),
    Thread(std::io::Error),
}

/// The most jobs that wait.
const QUEUE: usize = 4_096;

/// The most jobs that share a commit.
const BATCH: usize = 256;

impl Writer {
    pub(super) fn start(
        db: Connection,
        clock: Arc<dyn Clock>,
        committed: mpsc::Sender<Committed>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let (last_id, last_time) = last(&db).map_err(StartError::Database)?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let ids = IdGenerator::after(last_id, rand::random());
        let state = State { db, clock, last_time, ids, publish: committed, metrics: Arc::clone(&metrics) };
        let run = move || state.run(jobs);
        let thread = thread::Builder::new().name("store-writer".into()).spawn(run);
        let thread = thread.map_err(StartError::Thread)?;
        Ok(Self { metrics, queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Runs `work` within a transaction and answers once it is durable. Where `work` fails, nothing of it stays.
    /// The job is carried out even where the caller stops waiting.
    pub(super) async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Write<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let queue = lock(&self.queue).clone().ok_or(StoreError::Closed)?;
        queue.try_send(Box::new(Task { work: Some(work), result: None, blamed: false, reply })).map_err(
            |error| match error {
                mpsc::error::TrySendError::Full(_) => StoreError::Busy,
                mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
            },
        )?;
        self.metrics.queue.inc();
        drop(queue);
        answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Takes no more jobs, finishes those that wait, and writes the log back into the database unless somebody reads.
    pub(super) async fn close(&self) {
        lock(&self.queue).take();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread
            && tokio::task::spawn_blocking(move || thread.join()).await.is_err()
        {
            tracing::error!("the store's writer ended in a panic");
        }
    }
}

struct State {
    db: Connection,
    clock: Arc<dyn Clock>,
    last_time: Timestamp,
    ids: IdGenerator,
    publish: mpsc::Sender<Committed>,
    metrics: Arc<Metrics>,
}

impl State {
    fn run(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
            let metrics = Arc::clone(&self.metrics);
            metrics.queue.dec_by(i64::try_from(batch.len()).unwrap_or(0));
            metrics.batch.observe(f64::from(u32::try_from(batch.len()).unwrap_or(u32::MAX)));
            let mut committed = Vec::new();
            let timer = Timer::start(&metrics.write);
            let failure = self.carry_out(&mut batch, &mut committed).err().map(Arc::new);
            drop(timer);
            if let Some(error) = &failure {
                tracing::error!(%error, jobs = batch.len(), "a batch of writes failed");
            } else {
                for fact in committed {
                    // Nobody listens where the server is going down.
                    self.publish.blocking_send(fact).ok();
                }
            }
            for job in batch.drain(..) {
                job.answer(failure.as_ref());
            }
        }
        if let Err(error) = self.write_back() {
            tracing::warn!(%error, "the write-ahead log could not be written back; it will be at the next start");
        }
    }

    fn write_back(&self) -> rusqlite::Result<()> {
        self.db.execute_batch("PRAGMA optimize")?;
        // It would wait for readers with the lock of writers in its hand: for those of a backup beside a server that
        // runs, say. What is not written back now is written back by whoever closes the database last.
        self.db.busy_timeout(Duration::ZERO)?;
        self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    fn carry_out(
        &mut self,
        batch: &mut [Box<dyn Job>],
        committed: &mut Vec<Committed>,
    ) -> rusqlite::Result<()> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let result = self.run_all(batch, committed).and_then(|()| self.db.execute_batch("COMMIT"));
        if result.is_err() && !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK")?;
        }
        result
    }

    fn run_all(
        &mut self,
        batch: &mut [Box<dyn Job>],
        committed: &mut Vec<Committed>,
    ) -> rusqlite::Result<()> {
        for job in batch {
            self.last_time = self.clock.now().max(self.last_time);
            let kept = committed.len();
            self.db.prepare_cached("SAVEPOINT job")?.execute([])?;
            let mut write = Write { db: &self.db, now: self.last_time, ids: &mut self.ids, committed };
            // A panic in one job is that job's failure; nothing of it stays behind after the savepoint is undone.
            let succeeded = catch_unwind(AssertUnwindSafe(|| job.run(&mut write))).unwrap_or(false);
            if self.db.is_autocommit() {
                job.blame();
                return Err(given_up());
            }
            if !succeeded {
                committed.truncate(kept);
                self.db.prepare_cached("ROLLBACK TO job")?.execute([])?;
            }
            self.db.prepare_cached("RELEASE job")?.execute([])?;
        }
        Ok(())
    }
}

trait Job: Send {
    /// Does the work; says whether to keep it.
    fn run(&mut self, write: &mut Write<'_>) -> bool;
    /// The batch failed for what this job met, which is the best answer to it.
    fn blame(&mut self);
    /// Tells the caller how it went; `failure` where the batch could not be committed.
    fn answer(self: Box<Self>, failure: Option<&Arc<rusqlite::Error>>);
}

struct Task<F, T, E> {
    work: Option<F>,
    result: Option<Result<T, E>>,
    blamed: bool,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: FnOnce(&mut Write<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, write: &mut Write<'_>) -> bool {
        let result = self.work.take().map(|work| work(write));
        let succeeded = matches!(result, Some(Ok(_)));
        self.result = result;
        succeeded
    }

    fn blame(&mut self) {
        self.blamed = true;
    }

    fn answer(self: Box<Self>, failure: Option<&Arc<rusqlite::Error>>) {
        let result = match (failure, self.result) {
            (Some(_), Some(Err(met))) if self.blamed => Err(met),
            (Some(error), _) if error.sqlite_error_code() == Some(ErrorCode::OperationAborted) => {
                Err(StoreError::Busy.into())
            }
            (Some(error), _) if is_full(error) => Err(StoreError::Full.into()),
            (Some(error), _) => Err(StoreError::Backend(Box::new(Arc::clone(error))).into()),
            (None, Some(result)) => result,
            (None, None) => Err(StoreError::Backend("a write ended in a panic".into()).into()),
        };
        // Whoever asked may have stopped waiting.
        self.reply.send(result).ok();
    }
}

/// Where the disk is full, memory is short or a file cannot be used, SQLite may undo a whole transaction in the middle,
/// savepoints and all. Those who only shared it may try again.
fn given_up() -> rusqlite::Error {
    let error = ffi::Error::new(ffi::SQLITE_ABORT_ROLLBACK);
    rusqlite::Error::SqliteFailure(error, Some("SQLite gave the transaction up".to_owned()))
}

/// The greatest id and the latest time that were given out.
fn last(db: &Connection) -> rusqlite::Result<(Option<ObjectId>, Timestamp)> {
    let id = "SELECT max(id) FROM (SELECT max(id) AS id FROM messages UNION ALL SELECT max(id) FROM users)";
    let id = db.query_row(id, [], |row| rows::optional_id(row, 0))?;
    let time: Option<i64> = db.query_row("SELECT max(sent_at) FROM messages", [], |row| row.get(0))?;
    Ok((id, Timestamp::clamped(time.unwrap_or(0))))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as blocking;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::{
        clock::SystemClock,
        store::sqlite::{add_functions, migrate},
    };

    type Outcome = Result<(), StoreError>;

    fn writer() -> Arc<Writer> {
        let mut db = Connection::open_in_memory().unwrap();
        add_functions(&db).unwrap();
        db.pragma_update(None, "foreign_keys", true).unwrap();
        migrate::migrate(&mut db).unwrap();
        let (facts, _) = mpsc::channel(1);
        Arc::new(Writer::start(db, Arc::new(SystemClock), facts, Arc::default()).ok().unwrap())
    }

    /// Holds the writer up until it is dropped, so that what is asked meanwhile shares the next batch.
    async fn hold(writer: &Arc<Writer>) -> (blocking::Sender<()>, tokio::task::JoinHandle<Outcome>) {
        let (release, released) = blocking::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let writer = Arc::clone(writer);
        let held = tokio::spawn(async move {
            writer
                .write(move |_| -> Outcome {
                    begun.send(()).ok();
                    released.recv().ok();
                    Ok(())
                })
                .await
        });
        begins.await.unwrap();
        (release, held)
    }

    fn note(write: &Write<'_>, name: &str) -> Outcome {
        write.db.execute("INSERT INTO meta (name, value) VALUES (?1, x'')", [name])?;
        Ok(())
    }

    async fn noted(writer: &Writer) -> Vec<String> {
        let read = |write: &mut Write<'_>| -> Result<Vec<String>, StoreError> {
            let mut select = write.db.prepare("SELECT name FROM meta WHERE name <> 'epoch' ORDER BY name")?;
            Ok(select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        };
        writer.write(read).await.unwrap()
    }

    #[tokio::test]
    async fn a_job_that_fails_or_panics_spoils_no_other() {
        let writer = writer();
        let (release, held) = hold(&writer).await;
        let good = writer.write(|write| note(write, "good"));
        let bad = writer.write(|write| {
            note(write, "bad")?;
            Err::<(), _>(StoreError::Busy)
        });
        let panicking = writer.write(|write| -> Outcome {
            note(write, "panicking")?;
            panic!("on purpose")
        });
        let last = writer.write(|write| note(write, "last"));
        let freed = async { drop(release) };
        let (good, bad, panicking, last, ()) = tokio::join!(good, bad, panicking, last, freed);
        assert!(good.is_ok() && last.is_ok());
        assert!(matches!(bad, Err(StoreError::Busy)));
        assert!(matches!(panicking, Err(StoreError::Backend(_))));
        assert_eq!(noted(&writer).await, ["good", "last"]);
        held.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_failed_commit_fails_every_job_of_its_batch() {
        let writer = writer();
        let (release, held) = hold(&writer).await;
        let innocent = writer.write(|write| note(write, "innocent"));
        let dangling = writer.write(|write| -> Outcome {
            // The reference is checked at the commit, and fails it.
            write.db.pragma_update(None, "defer_foreign_keys", true)?;
            write.db.execute("INSERT INTO feeds (user, seq) VALUES (x'00', 1)", [])?;
            Ok(())
        });
        let freed = async { drop(release) };
        let (innocent, dangling, ()) = tokio::join!(innocent, dangling, freed);
        assert!(matches!(innocent, Err(StoreError::Backend(_))));
        assert!(matches!(dangling, Err(StoreError::Backend(_))));
        assert_eq!(noted(&writer).await, [] as [&str; 0]);
        held.await.unwrap().unwrap();
        assert!(writer.write(|write| note(write, "later")).await.is_ok(), "the writer goes on");
    }

    #[tokio::test]
    async fn a_full_disk_is_told_from_a_broken_one_and_the_writer_goes_on() {
        let writer = writer();
        let bound = |pages: u32| {
            writer
                .write(move |write| -> Outcome { Ok(write.db.pragma_update(None, "max_page_count", pages)?) })
        };
        // SQLite takes the least bound that the database fits into.
        bound(1).await.unwrap();
        let large = || writer.write(|write| note(write, &"x".repeat(1024 * 1024)));
        let (release, held) = hold(&writer).await;
        let small = writer.write(|write| note(write, "small"));
        let freed = async { drop(release) };
        let (small, refused, ()) = tokio::join!(small, large(), freed);
        assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
        assert!(matches!(small, Err(StoreError::Busy)), "it shared the transaction: {small:?}");
        held.await.unwrap().unwrap();
        assert_eq!(noted(&writer).await, [] as [&str; 0]);
        bound(1_000_000).await.unwrap();
        large().await.unwrap();
    }

    #[tokio::test]
    async fn a_full_queue_turns_more_away() {
        let writer = writer();
        let (release, held) = hold(&writer).await;
        let mut waiting: Vec<_> =
            (0..QUEUE).map(|_| Box::pin(writer.write(|_| -> Outcome { Ok(()) }))).collect();
        for job in &mut waiting {
            assert!(job.now_or_never().is_none(), "a job waits in the queue once it was polled");
        }
        let one_more = writer.write(|_| -> Outcome { Ok(()) }).now_or_never();
        assert!(matches!(one_more, Some(Err(StoreError::Busy))));
        drop(release);
        for job in waiting {
            job.await.unwrap();
        }
        held.await.unwrap().unwrap();
    }
}
