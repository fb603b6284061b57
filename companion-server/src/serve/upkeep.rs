//! What the store needs from time to time, for as long as the server runs: old rows are cleared away, and new messages
//! are added to the index of texts.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior};

use crate::store::{Retention, Store};

/// How often there is a look at what is too old, unless a test says otherwise.
pub(crate) const INTERVAL: Duration = Duration::from_mins(10);

/// How often there is a look at whether enough new messages wait for the index.
const INDEX_INTERVAL: Duration = Duration::from_secs(1);

/// How much longer than adding a piece to the index the pause after it is. A store that has much to do takes longer,
/// and so is left alone for longer.
const INDEX_PAUSE: u32 = 3;

/// Does both until it is dropped.
pub(super) async fn run(store: Arc<dyn Store>, retention: Retention, interval: Duration) {
    tokio::join!(clear_away(&*store, retention, interval), index(&*store));
}

async fn index(store: &dyn Store) {
    loop {
        let begun = Instant::now();
        let pause = match store.index_texts().await {
            Ok(true) => begun.elapsed() * INDEX_PAUSE,
            Ok(false) => INDEX_INTERVAL,
            Err(error) => {
                tracing::warn!(%error, "new messages could not be added to the index of texts");
                INDEX_INTERVAL
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Clears away at once and then every `interval`. A failure is logged, and the next turn tries again.
async fn clear_away(store: &dyn Store, retention: Retention, interval: Duration) {
    let mut turns = tokio::time::interval(interval);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        match store.clear_away(retention).await {
            Ok(cleared) if cleared.is_nothing() => {}
            Ok(cleared) => tracing::info!(?cleared, "old rows were cleared away"),
            Err(error) => tracing::warn!(%error, "old rows could not be cleared away"),
        }
    }
}
