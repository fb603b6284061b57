//! Following the feed, and finding out whether the server can be reached.
//!
//! One request at a time. An event, a poll and a failure elsewhere all only wake this task; while it works, more of
//! them make it look once more, not several times. Each page and its cursor are one transaction (I7).

use std::{sync::Arc, time::Duration};

use crate::{
    backoff::{Backoff, jittered},
    domain::{Connection, OfflineCause, Timestamp},
    error::StoreError,
    limits, plan,
    plan::Step,
    store::{people, sync},
    transport::{
        http::{HttpError, NoAnswer},
        probe,
        token::TokenError,
    },
};

use super::Shared;

/// Why catching up stopped.
enum Stopped {
    SessionOver,
    Http(HttpError),
    Store(StoreError),
}

impl From<TokenError> for Stopped {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::SessionOver => Self::SessionOver,
            TokenError::Http(error) => Self::Http(error),
        }
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(super) async fn run(shared: Arc<Shared>) {
    let mut backoff = Backoff::new(limits::BACKOFF_FIRST, limits::BACKOFF_UNREACHABLE);
    loop {
        let woken = shared.wake.pull.notified();
        match catch_up(&shared).await {
            Ok(()) => {
                backoff.worked();
                // In this order, so that whoever reads “online” can ask the server for something.
                shared.reachable.send_if_modified(|reachable| !std::mem::replace(reachable, true));
                shared.face.set_connection(Connection::Online { as_of: shared.clock.now() });
                tokio::select! {
                    () = woken => {}
                    () = shared.wake.retry.notified() => {}
                    () = tokio::time::sleep(jittered(period(&shared), rand::random())) => {}
                }
            }
            Err(Stopped::SessionOver) => match shared.session_over().await {},
            Err(Stopped::Http(error)) => {
                tracing::debug!(%error, "catching up failed");
                let cause = cause(&shared, &error).await;
                let asked = match error {
                    HttpError::Status { retry_after, .. } => retry_after,
                    HttpError::NoAnswer { .. } | HttpError::Unreadable(_) => None,
                };
                let delay = backoff.failed(rand::random()).max(asked.unwrap_or_default());
                offline(&shared, cause, delay).await;
            }
            Err(Stopped::Store(error)) => {
                tracing::error!(%error, details = error.details(), "catching up could not be stored");
                shared.back_off(backoff.failed(rand::random())).await;
            }
        }
    }
}

fn period(shared: &Shared) -> Duration {
    if shared.has_hints() { limits::POLL_WITH_HINTS } else { limits::POLL_WITHOUT_HINTS }
}

/// Says that the server cannot be reached, waits, and says that it is being tried.
async fn offline(shared: &Shared, cause: OfflineCause, delay: Duration) {
    shared.reachable.send_if_modified(|reachable| std::mem::replace(reachable, false));
    let host = shared.api.server().host_str().unwrap_or_default().to_owned();
    let due =
        shared.clock.now().millis().saturating_add(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX));
    let retry_at = Some(Timestamp::clamped(due));
    shared.face.set_connection(Connection::Offline { host: host.clone(), retry_at, cause });
    shared.back_off(delay).await;
    shared.face.set_connection(Connection::Offline { host, retry_at: None, cause });
}

/// Whether it is the network or the server. A name that has no address any more is taken for the network.
async fn cause(shared: &Shared, error: &HttpError) -> OfflineCause {
    if let HttpError::NoAnswer { cause: NoAnswer::Other, .. } = error
        && !probe::resolves(shared.api.server()).await
    {
        return OfflineCause::NoNetwork;
    }
    error.offline_cause().unwrap_or(OfflineCause::ServerError)
}

/// Asks until there is nothing more.
async fn catch_up(shared: &Shared) -> Result<(), Stopped> {
    let mut snapshots = 0;
    loop {
        let feed = shared.store().read(sync_feed).await?;
        let more = match plan::next_step(&feed) {
            Step::Snapshot => {
                snapshots += 1;
                let snapshot = shared.api.snapshot().await?;
                answered(shared);
                let more = snapshot.more;
                shared.store().write(|store, changed| sync::put_snapshot(store, snapshot, changed)).await?;
                shared.wake.fill.notify_one();
                shared.wake.confirm.notify_one();
                more
            }
            Step::Changes { since } => match shared.api.changes(&since).await {
                Ok(page) => {
                    answered(shared);
                    let more = plan::goes_on(&since, &page.next, page.more);
                    shared
                        .store()
                        .write(move |store, changed| sync::put_feed(store, &since, page, changed))
                        .await?;
                    more
                }
                // A server that turns away the cursor that it has just given would be asked for ever.
                Err(TokenError::Http(HttpError::Status { status: 400 | 410, .. })) if snapshots == 0 => {
                    tracing::info!("the server cannot honour the cursor: taking a snapshot");
                    shared.store().write(|store, _| sync::forget_cursor(store)).await?;
                    true
                }
                Err(error) => return Err(error.into()),
            },
        };
        if !more {
            break;
        }
    }
    learn_people(shared).await
}

fn sync_feed(connection: &rusqlite::Transaction<'_>) -> rusqlite::Result<sync::Feed> {
    sync::feed(connection)
}

/// The server is there, but not everything is here yet.
fn answered(shared: &Shared) {
    let online = matches!(*shared.face.connection.borrow(), Connection::Online { .. });
    if !online {
        shared.face.set_connection(Connection::CatchingUp);
    }
}

/// Asks who the people are of whom the feed told only the id.
async fn learn_people(shared: &Shared) -> Result<(), Stopped> {
    let unknown =
        shared.store().read(|connection| people::unknown(connection, limits::UNKNOWN_PEOPLE)).await?;
    for id in unknown {
        let person = match shared.api.person(&id).await {
            Ok(person) if person.id == id => person,
            // The server does not say: they stay nameless, and are not asked for again.
            Ok(_) | Err(TokenError::Http(HttpError::Status { status: 400..=499, .. })) => {
                people::nameless(id)
            }
            // The feed works, so this is no reason to call the server away; the next poll asks again.
            Err(TokenError::Http(error)) => {
                tracing::debug!(%error, "a person's name could not be learnt");
                return Ok(());
            }
            Err(error @ TokenError::SessionOver) => return Err(error.into()),
        };
        shared
            .store()
            .write(move |store, changed| {
                if people::put(store, &person)? {
                    changed.people();
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    Ok(())
}
