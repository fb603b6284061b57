//! The embedded store: one SQLite file in WAL mode with `synchronous=FULL`.
//!
//! One thread owns the only connection that writes ([`writer`]); it takes the waiting jobs in batches, so that writes
//! that come together share one commit and one sync of the disk. Reads run on a few connections of their own, each in
//! one read transaction.

mod accounts;
mod activity;
mod admin;
mod audit;
mod check;
pub mod copy;
mod external;
mod feed;
mod import;
mod invites;
mod messages;
mod migrate;
pub(crate) mod past;
mod presence;
mod readers;
mod record;
mod rows;
mod search;
mod sessions;
pub(crate) mod slow;
mod texts;
mod upkeep;
mod writer;

use std::{
    fs::{DirBuilder, OpenOptions},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, functions::FunctionFlags};
use tokio::sync::mpsc;

use self::{readers::Readers, writer::Writer};
use super::{Store, StoreError};
use crate::{
    clock::Clock,
    metrics::Metrics,
    model::{events::Committed, text},
};

pub use check::{Finding, check};
pub use migrate::MigrationError;

/// The store in one SQLite file.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
}

/// Why the database could not be opened. Nothing was created over it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory or the file can't be made or opened.
    #[error("cannot open {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite can't read it.
    #[error("cannot open the database {}: {source}", path.display())]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// It was a database once.
    #[error(
        "the database {} is damaged ({problem}): put a backup in its place with `companion-server restore`, or move the \
         whole data directory away to begin anew",
        path.display()
    )]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// There was one.
    #[error(
        "the database {} is missing or empty, but {} shows that there was one: put a backup in its place with \
         `companion-server restore`, or move the whole data directory away to begin anew",
        path.display(),
        sign.display()
    )]
    Lost {
        /// Where it should be.
        path: PathBuf,
        /// What shows it.
        sign: PathBuf,
    },
    /// Its schema can't be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// It could not be copied before it is brought up to date.
    #[error("no copy could be made before the schema is brought up to date: {0}")]
    Snapshot(#[from] copy::CopyError),
}

impl OpenError {
    fn database(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path, problem: source.to_string() }
            }
            _ => Self::Database { path, source },
        }
    }
}

/// The database's name within the data directory.
pub const FILE_NAME: &str = "roost.db";

/// How long a connection waits for the lock of another process, such as `user add`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 64;

impl SqliteStore {
    /// Opens the database in `data_dir`, or makes it where there is none: the directory with mode 0700, the file
    /// with 0600. What commits is sent to `committed` in commit order.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        data_dir: &Path,
        clock: Arc<dyn Clock>,
        committed: mpsc::Sender<Committed>,
    ) -> Result<Self, OpenError> {
        Self::open_watched(data_dir, clock, committed, slow::THRESHOLD, Arc::default())
    }

    /// The same; statements that take longer than `slow` are written to the log, and `metrics` counts.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) fn open_watched(
        data_dir: &Path,
        clock: Arc<dyn Clock>,
        committed: mpsc::Sender<Committed>,
        slow: Duration,
        metrics: Arc<Metrics>,
    ) -> Result<Self, OpenError> {
        let path = data_dir.join(FILE_NAME);
        past::refuse_loss(data_dir)?;
        make_private(data_dir, &path)?;
        let open = || -> rusqlite::Result<Connection> {
            let mut connection = Connection::open(&path)?;
            slow::watch(&mut connection, slow)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            add_functions(&connection)?;
            Ok(connection)
        };
        let database = |source| OpenError::database(&path, source);
        let mut writing = open().map_err(database)?;
        past::check(&writing, &path)?;
        let snapshot = past::keep_a_snapshot(&writing, data_dir, clock.now())?;
        let migrated = migrate::migrate(&mut writing);
        let settled = snapshot.map_or(Ok(()), |snapshot| snapshot.settle(&writing));
        migrated?;
        settled?;
        let reading = (0..readers::COUNT)
            .map(|_| {
                let connection = open()?;
                connection.pragma_update(None, "query_only", true)?;
                Ok(connection)
            })
            .collect::<rusqlite::Result<Vec<_>>>()
            .map_err(database)?;
        let writer =
            Writer::start(writing, clock, committed, Arc::clone(&metrics)).map_err(|error| match error {
                writer::StartError::Database(source) => database(source),
                writer::StartError::Thread(source) => OpenError::File { path: path.clone(), source },
            })?;
        Ok(Self { writer, readers: Readers::new(reading, metrics) })
    }
}

#[async_trait::async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.readers.read(|db| Ok::<_, StoreError>(db.query_row("SELECT 1", [], |_| Ok(()))?)).await?;
        // A job that changes nothing: it waits for its turn, and nothing is written.
        self.writer.write(|_| Ok(())).await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Backend(Box::new(error)) }
    }
}

/// Whether the disk has no space left.
fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// `roost_contains(text, part)`: whether the text contains the folded part. `roost_indexed(text)`: what the index of
/// texts holds of it.
fn add_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("roost_contains", 2, flags, |arguments| {
        Ok(text::contains(arguments.get_raw(0).as_str()?, arguments.get_raw(1).as_str()?))
    })?;
    connection.create_scalar_function("roost_indexed", 1, flags, |arguments| {
        Ok(text::indexed(arguments.get_raw(0).as_str()?))
    })
}

fn make_private(data_dir: &Path, path: &Path) -> Result<(), OpenError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::File { path, source }
    };
    let mut dir = DirBuilder::new();
    let mut file = OpenOptions::new();
    dir.recursive(true);
    file.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        dir.mode(0o700);
        file.mode(0o600);
    }
    dir.create(data_dir).map_err(failed(data_dir))?;
    file.open(path).map_err(failed(path))?;
    Ok(())
}
