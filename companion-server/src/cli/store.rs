//! The store, for commands that work on the database itself, also while a server runs on it.

use std::{path::Path, sync::Arc};

use protocol::Timestamp;
use tokio::sync::mpsc;

use super::{Failure, runtime};
use crate::{
    clock::{Clock as _, SystemClock},
    store::{Store as _, sqlite::SqliteStore},
};

/// Opens the store, does the work, and closes it again.
pub(super) fn with<T>(data_dir: &Path, work: impl AsyncFnOnce(&SqliteStore) -> T) -> Result<T, Failure> {
    // Nobody waits for events here; a server that runs on the same database learns of the change when it asks.
    let (facts, _) = mpsc::channel(1);
    let store = SqliteStore::open(data_dir, Arc::new(SystemClock), facts)?;
    Ok(runtime()?.block_on(async {
        let done = work(&store).await;
        store.close().await;
        done
    }))
}

/// The time of the machine.
pub(super) fn now() -> Timestamp {
    SystemClock.now()
}
