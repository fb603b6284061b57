//! Turns what was committed into events, one task in commit order.

use tokio::sync::mpsc;

use super::Live;
use crate::model::events::{self, Committed};

/// Sends events until the store is closed.
pub(crate) async fn publish(live: Live, mut committed: mpsc::Receiver<Committed>) {
    while let Some(fact) = committed.recv().await {
        if matches!(fact, Committed::Sent { .. }) {
            live.metrics.messages.inc();
        }
        live.emit_all(events::events(&fact));
    }
}
