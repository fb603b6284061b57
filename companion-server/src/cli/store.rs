//! The store, for commands that work on the database itself, also while a server runs on it.

use std::{path::Path, sync::Arc};

use protocol::Timestamp;
use tokio::sync::mpsc;

use super::{Failure, runtime};
use crate::{
    clock::{Clock as _, SystemClock},
    serve::{Lock, LockError},
    store::{
        Store as _,
        sqlite::{FILE_NAME, SqliteStore, copy},
    },
};

/// Opens the store that is there, does the work, and closes it again.
pub(super) fn with<T>(data_dir: &Path, work: impl AsyncFnOnce(&SqliteStore) -> T) -> Result<T, Failure> {
    // A mistyped name makes no directory with an empty database in it.
    if !data_dir.join(FILE_NAME).is_file() {
        return Err(format!("there is no database in {}", data_dir.display()).into());
    }
    with_new(data_dir, work)
}

/// The same; the store is made where there is none.
pub(super) fn with_new<T>(data_dir: &Path, work: impl AsyncFnOnce(&SqliteStore) -> T) -> Result<T, Failure> {
    // Nobody waits for events here; a server that runs on the same database learns of the change when it asks.
    let (facts, _) = mpsc::channel(1);
    let alone = alone_for_a_migration(data_dir)?;
    let store = SqliteStore::open(data_dir, Arc::new(SystemClock), facts)?;
    drop(alone);
    Ok(runtime()?.block_on(async {
        let done = work(&store).await;
        store.close().await;
        done
    }))
}

/// Keeps servers away where the schema is to be brought up to date: one that runs was made for the schema as it is.
fn alone_for_a_migration(data_dir: &Path) -> Result<Option<Lock>, Failure> {
    if !copy::is_outdated(&data_dir.join(FILE_NAME))? {
        return Ok(None);
    }
    match Lock::take(data_dir) {
        Err(LockError::Taken(dir)) => {
            let dir = dir.display();
            Err(format!(
                "a server of an older version is running on {dir}: restart the server with this version first"
            )
            .into())
        }
        taken => Ok(Some(taken?)),
    }
}

/// The time of the machine.
pub(super) fn now() -> Timestamp {
    SystemClock.now()
}
