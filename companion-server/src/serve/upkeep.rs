//! Clears away what is too old, for as long as the server runs.

use std::{sync::Arc, time::Duration};

use tokio::time::MissedTickBehavior;

use crate::store::{Retention, Store};

/// How often there is a look at what is too old, unless a test says otherwise.
pub(crate) const INTERVAL: Duration = Duration::from_mins(10);

/// Clears away at once and then every `interval`. A failure is logged, and the next turn tries again.
pub(super) async fn run(store: Arc<dyn Store>, retention: Retention, interval: Duration) {
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
