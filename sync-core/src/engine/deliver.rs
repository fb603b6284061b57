//! Emptying the outbox: for each conversation one operation at a time, several conversations at once.
//!
//! An attempt is counted and stored before it is made, its outcome after. Between the two the row is `in flight`,
//! so a crash anywhere leaves a row that says what may have happened (I8).

use std::{collections::HashSet, sync::Arc};

use tokio::{task::JoinSet, time::Instant};

use crate::{
    backoff::Backoff,
    domain::UserId,
    error::StoreError,
    limits,
    outbox::{self as rules, Failure, Kind},
    plan::{self, Rest},
    store::{
        outbox,
        settle::{self, Try},
    },
    transport::token::TokenError,
};

use super::{Shared, backoff};

/// What one try brought.
enum Outcome {
    /// The server took it, or there was nothing to do.
    Settled,
    /// It failed; the rest of the outbox may have to wait.
    Failed(Rest),
    /// The store failed.
    Store(StoreError),
}

pub(super) async fn run(shared: Arc<Shared>) {
    let mut runner =
        Runner { shared, backoff: backoff(), rest: None, under_way: HashSet::new(), tries: JoinSet::new() };
    loop {
        runner.shared.until_reachable().await;
        runner.turn().await;
    }
}

struct Runner {
    shared: Arc<Shared>,
    backoff: Backoff,
    /// Until when nothing is started, and whether the server asked for it.
    rest: Option<(Instant, bool)>,
    under_way: HashSet<UserId>,
    tries: JoinSet<(UserId, Outcome)>,
}

impl Runner {
    /// Starts what may start, and waits until something changes.
    async fn turn(&mut self) {
        let shared = Arc::clone(&self.shared);
        let woken = shared.wake.deliver.notified();
        if self.rest.is_none()
            && let Err(error) = self.start_all().await
        {
            tracing::error!(%error, details = error.details(), "the outbox could not be read");
            self.rest(Rest::BackOff);
        }
        self.shared.busy.send_replace(!self.under_way.is_empty());
        let rest = self.rest;
        tokio::select! {
            () = woken => {}
            Some(done) = self.tries.join_next() => self.ended(done),
            () = over(rest) => self.rest = None,
            () = shared.wake.retry.notified() => self.rest = None,
            // What rested because the server was away need not rest when it is back.
            () = shared.came_back() => self.rest = rest.filter(|(_, asked)| *asked),
        }
    }

    async fn start_all(&mut self) -> Result<(), StoreError> {
        let entries = self.shared.store().read(|connection| outbox::entries(connection)).await?;
        let room = limits::PARALLEL_OPERATIONS.saturating_sub(self.under_way.len());
        for seq in rules::startable(&entries, &self.under_way, room) {
            let begun = self.shared.store().write(move |store, changed| settle::begin(store, seq, changed));
            if let Some(next) = begun.await? {
                let peer = next.peer.clone();
                self.under_way.insert(peer.clone());
                let shared = Arc::clone(&self.shared);
                self.tries.spawn(async move { (peer, attempt(&shared, next).await) });
            }
        }
        Ok(())
    }

    fn ended(&mut self, done: Result<(UserId, Outcome), tokio::task::JoinError>) {
        let Ok((peer, outcome)) = done else {
            // A try that panicked is a bug; its conversation rests until the engine starts again.
            tracing::error!("a delivery ended abnormally");
            return;
        };
        self.under_way.remove(&peer);
        match outcome {
            Outcome::Settled => self.backoff.worked(),
            Outcome::Failed(rest) => self.rest(rest),
            Outcome::Store(error) => {
                tracing::error!(%error, details = error.details(), "a delivery could not be stored");
                self.rest(Rest::BackOff);
            }
        }
    }

    fn rest(&mut self, rest: Rest) {
        let delay = match rest {
            Rest::No => return,
            Rest::BackOff => self.backoff.failed(rand::random()),
            Rest::AtLeast(wait) => wait.max(self.backoff.failed(rand::random())),
        };
        let next = (Instant::now() + delay, matches!(rest, Rest::AtLeast(_)));
        self.rest = Some(self.rest.map_or(next, |other| other.max(next)));
    }
}

async fn over(rest: Option<(Instant, bool)>) {
    match rest {
        Some((until, _)) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// Asks the server, and stores what came of it.
async fn attempt(shared: &Shared, it: Try) -> Outcome {
    let answer = match (&it.id, it.kind) {
        (None, _) => shared.api.send(&it.peer, &it.content, it.target.as_str()).await.map(Some),
        (Some(id), Kind::Edit) => shared.api.edit(id, &it.content).await.map(Some),
        (Some(id), Kind::Delete) => match shared.api.delete(id).await {
            // It is gone already, which is what was wanted.
            Err(TokenError::Http(error)) if error.is_not_found() => Ok(None),
            other => other.map(|()| None),
        },
        (Some(id), Kind::Read | Kind::Send) => shared.api.read(&it.peer, id).await.map(|()| None),
    };
    let (stored, outcome) = match answer {
        Ok(message) => {
            let now = shared.clock.now();
            let stored = shared
                .store()
                .write(move |store, changed| settle::confirm(store, &it, message, now, changed));
            (stored.await, Outcome::Settled)
        }
        Err(TokenError::SessionOver) => {
            // Nothing was looked at, and the row is told so, before everything ends.
            let failed = fail(shared, it, Failure::Later).await;
            if let Err(error) = failed {
                tracing::warn!(%error, "a delivery could not be stored");
            }
            match shared.session_over().await {}
        }
        Err(TokenError::Http(error)) => {
            tracing::debug!(%error, kind = ?it.kind, "a delivery failed");
            let consequence = plan::consequence(&error);
            if error.offline_cause().is_some() {
                shared.wake.pull.notify_one();
            }
            (fail(shared, it, consequence.failure).await, Outcome::Failed(consequence.rest))
        }
    };
    match stored {
        Ok(()) => outcome,
        Err(error) => Outcome::Store(error),
    }
}

async fn fail(shared: &Shared, it: Try, failure: Failure) -> Result<(), StoreError> {
    shared.store().write(move |store, changed| settle::fail(store, &it, failure, changed)).await
}
