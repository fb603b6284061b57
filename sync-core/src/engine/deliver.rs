//! Emptying the outbox: for each conversation one operation at a time, several conversations at once.
//!
//! An attempt is counted and stored before it is made, its outcome after. Between the two the row is `in flight`,
//! so a crash anywhere leaves a row that says what may have happened (I8). The same holds where the outcome cannot be
//! stored: the row is stranded, and nothing starts before it is unknown, so that nothing overtakes it (I3).

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio::{
    task::{self, JoinError, JoinSet},
    time::Instant,
};

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
    let mut runner = Runner {
        shared,
        backoff: backoff(),
        rest: None,
        stranded: false,
        under_way: HashMap::new(),
        tries: JoinSet::new(),
    };
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
    /// Whether a row may be in flight that no try is under way for.
    stranded: bool,
    /// The conversation of each try that has not ended.
    under_way: HashMap<task::Id, UserId>,
    tries: JoinSet<Outcome>,
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
            Some(done) = self.tries.join_next_with_id() => self.ended(done),
            () = over(rest) => self.rest = None,
            () = shared.wake.retry.notified() => self.rest = None,
            // What rested because the server was away need not rest when it is back.
            () = shared.came_back() => self.rest = rest.filter(|(_, asked)| *asked),
        }
    }

    async fn start_all(&mut self) -> Result<(), StoreError> {
        let under_way: HashSet<UserId> = self.under_way.values().cloned().collect();
        if self.stranded {
            let peers = under_way.clone();
            let recovered = self
                .shared
                .store()
                .write(move |store, changed| settle::recover_stranded(store, &peers, changed));
            recovered.await?;
            self.stranded = false;
        }
        let entries = self.shared.store().read(|connection| outbox::entries(connection)).await?;
        let room = limits::PARALLEL_OPERATIONS.saturating_sub(under_way.len());
        for seq in rules::startable(&entries, &under_way, room) {
            let begun = self.shared.store().write(move |store, changed| settle::begin(store, seq, changed));
            // A commit that failed may have reached the disk all the same.
            if let Some(next) = begun.await.inspect_err(|_| self.stranded = true)? {
                let peer = next.peer.clone();
                let shared = Arc::clone(&self.shared);
                let started = self.tries.spawn(async move { attempt(&shared, next).await });
                self.under_way.insert(started.id(), peer);
            }
        }
        Ok(())
    }

    fn ended(&mut self, done: Result<(task::Id, Outcome), JoinError>) {
        let (id, outcome) = match done {
            Ok((id, outcome)) => (id, Some(outcome)),
            Err(error) => (error.id(), None),
        };
        self.under_way.remove(&id);
        match outcome {
            Some(Outcome::Settled) => self.backoff.worked(),
            Some(Outcome::Failed(rest)) => self.rest(rest),
            Some(Outcome::Store(error)) => {
                tracing::error!(%error, details = error.details(), "a delivery could not be stored");
                self.strand();
            }
            None => {
                // A try that panicked is a bug, and nobody knows how far it came.
                tracing::error!("a delivery ended abnormally");
                self.strand();
            }
        }
    }

    /// A try ended, and its row does not know.
    fn strand(&mut self) {
        self.stranded = true;
        self.rest(Rest::BackOff);
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
