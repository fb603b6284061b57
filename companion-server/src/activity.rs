//! Keeps what users did without changing anything: listed, searched, looked. Nobody waits for it; where the store has too
//! much to do, it is left out.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::{
    model::activity::{Activity, Kind},
    store::Store,
};
use protocol::{ObjectId, UserId};

/// Where handlers say what was done; cheap to clone.
#[derive(Clone)]
pub struct ActivityLog(mpsc::Sender<Activity>);

/// How much waits to be kept; more is left out.
const WAITING: usize = 4_096;

/// How much is kept in one transaction.
const BATCH: usize = 256;

impl ActivityLog {
    /// The log, and what is to be kept of it by [`keep`].
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Activity>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }

    /// Says that something was done.
    pub fn note(&self, user: UserId, kind: Kind, subject: Option<ObjectId>) {
        if self.0.try_send(Activity { user, kind, subject }).is_err() {
            tracing::debug!(kind = kind.as_str(), "an activity was left out: too many wait");
        }
    }
}

/// Keeps what is said until nobody can say anything any more.
pub(crate) async fn keep(mut done: mpsc::Receiver<Activity>, store: Arc<dyn Store>) {
    let mut batch = Vec::with_capacity(BATCH);
    while done.recv_many(&mut batch, BATCH).await > 0 {
        if let Err(error) = store.note(std::mem::take(&mut batch)).await {
            tracing::warn!(%error, "activities could not be kept");
        }
    }
}
