//! Fetching history, newest first, one page at a time.
//!
//! What somebody looks at comes before the rest, and what the user does comes before all of it: while something is
//! being delivered, no page is asked for.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{
    domain::{MessageId, UserId},
    error::StoreError,
    store::sync,
    transport::{http::HttpError, token::TokenError},
};

use super::{Shared, backoff};

/// How long a page waits for deliveries at most, so that an outbox that never empties does not starve history.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(shared: Arc<Shared>) {
    let mut backoff = backoff();
    loop {
        shared.until_reachable().await;
        let woken = shared.wake.fill.notified();
        match next(&shared).await {
            Ok(Some((peer, before, generation))) => {
                let _ = timeout(PATIENCE, shared.busy.subscribe().wait_for(|busy| !busy)).await;
                match page(&shared, peer, before, generation).await {
                    Ok(()) => backoff.worked(),
                    Err(()) => shared.back_off(backoff.failed(rand::random())).await,
                }
            }
            Ok(None) => woken.await,
            Err(error) => {
                tracing::error!(%error, details = error.details(), "history could not be read");
                shared.back_off(backoff.failed(rand::random())).await;
            }
        }
    }
}

/// The conversation to go on with, before which message, and in which generation.
async fn next(shared: &Shared) -> Result<Option<(UserId, MessageId, i64)>, StoreError> {
    let wanted: Vec<_> = shared.wanted().iter().cloned().collect();
    shared
        .store()
        .read(move |connection| {
            let generation = sync::feed(connection)?.generation;
            let next = sync::next_to_fill(connection, &wanted)?;
            Ok(next.map(|(peer, before)| (peer, before, generation)))
        })
        .await
}

async fn page(shared: &Shared, peer: UserId, before: MessageId, generation: i64) -> Result<(), ()> {
    let page = match shared.api.history(&peer, &before).await {
        Ok(page) => page,
        Err(TokenError::SessionOver) => match shared.session_over().await {},
        // The server does not know where to go on. A snapshot knows a place that it does know.
        Err(TokenError::Http(HttpError::Status { status: 400 | 404, .. })) => {
            tracing::warn!("the server does not know where history was to go on: taking a snapshot");
            if let Err(error) = shared.store().write(|store, _| sync::forget_cursor(store)).await {
                tracing::error!(%error, details = error.details(), "the cursor could not be forgotten");
            }
            shared.wake.pull.notify_one();
            return Err(());
        }
        Err(TokenError::Http(error)) => {
            tracing::debug!(%error, "a page of history could not be fetched");
            shared.wake.pull.notify_one();
            return Err(());
        }
    };
    let stored = shared
        .store()
        .write(move |store, changed| sync::put_history(store, &peer, &before, generation, page, changed));
    stored.await.map_err(|error| {
        tracing::error!(%error, details = error.details(), "history could not be stored");
    })?;
    shared.wake.confirm.notify_one();
    Ok(())
}
