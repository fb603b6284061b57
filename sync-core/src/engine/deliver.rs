//! Emptying the outbox: for each conversation one operation at a time, several conversations at once.
//!
//! An attempt is counted and stored before it is made, its outcome after. Between the two the row is `in flight`,
//! so a crash anywhere leaves a row that says what may have happened (I8).

use std::{collections::HashSet, sync::Arc};

use tokio::{task::JoinSet, time::Instant};

use crate::{
    apply::{Message, Source},
    backoff::Backoff,
    domain::{ItemKey, MessageId, UserId},
    error::StoreError,
    limits,
    outbox::{self as rules, Failure, Kind, State},
    plan::{self, Rest},
    store::{Changed, messages, outbox, sync},
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

/// A try, ready to be made.
struct Try {
    seq: i64,
    kind: Kind,
    peer: UserId,
    target: ItemKey,
    content: String,
    /// The message that is changed or read up to; `None` for a send.
    id: Option<MessageId>,
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
            if let Some(next) = begin(&self.shared, seq).await? {
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

/// Counts the attempt and marks the row as in flight. `None` where there is nothing to do any more: the row is
/// gone, or the message that it changes is.
async fn begin(shared: &Shared, seq: i64) -> Result<Option<Try>, StoreError> {
    let begun = shared.store().write(move |store, changed| {
        let Some(outbox::Operation { entry, content }) = outbox::operation(store, seq)? else {
            return Ok(None);
        };
        let id = match entry.kind {
            Kind::Send => None,
            Kind::Edit | Kind::Delete | Kind::Read => match messages::by_key(store, &entry.target)? {
                Some(stored) if stored.message.deleted_at.is_none() || entry.kind == Kind::Read => {
                    Some(stored.message.id)
                }
                _ => {
                    outbox::remove(store, seq)?;
                    changed.outbox();
                    return Ok(None);
                }
            },
        };
        let Ok(state) = entry.state.start() else { return Ok(None) };
        outbox::set_state(store, seq, &state, entry.attempts.saturating_add(1))?;
        changed.conversation(&entry.peer);
        Ok::<_, StoreError>(Some(Try {
            seq,
            kind: entry.kind,
            peer: entry.peer,
            target: entry.target,
            content,
            id,
        }))
    });
    begun.await
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
        Ok(message) => (confirm(shared, it, message).await, Outcome::Settled),
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

/// The server took it: the row leaves in the transaction that stores what the server has now (I8).
async fn confirm(shared: &Shared, it: Try, answer: Option<Message>) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let work = move |store: &rusqlite::Transaction<'_>, changed: &mut Changed| {
        let generation = sync::feed(store)?.generation;
        let told = match (answer, it.kind, &it.id) {
            (None, Kind::Delete, Some(id)) => messages::by_id(store, id)?.map(|stored| Message {
                deleted_at: Some(now),
                content: String::new(),
                ..stored.message
            }),
            (answer, _, _) => answer,
        };
        if let Some(told) = told {
            let id = told.id.clone();
            messages::put(store, told, Source::Answer, generation, changed)?;
            if it.kind == Kind::Send
                && messages::by_id(store, &id)?.is_none_or(|kept| kept.message.peer != it.peer)
            {
                return refuse(store, &it, "the server's answer contradicts itself".to_owned(), changed);
            }
        }
        outbox::remove(store, it.seq)?;
        changed.outbox();
        changed.conversation(&it.peer);
        Ok::<_, StoreError>(())
    };
    shared.store().write(work).await
}

/// It failed: the row's next state, where the feed has not confirmed it in the meantime.
async fn fail(shared: &Shared, it: Try, failure: Failure) -> Result<(), StoreError> {
    let work = move |store: &rusqlite::Transaction<'_>, changed: &mut Changed| {
        let Some(operation) = outbox::operation(store, it.seq)? else { return Ok(()) };
        let attempts = operation.entry.attempts;
        match operation.entry.state.fail(failure, attempts) {
            Ok(State::Refused { reason }) => refuse(store, &it, reason, changed)?,
            Ok(state) => outbox::set_state(store, it.seq, &state, attempts)?,
            Err(impossible) => tracing::error!(%impossible, "the outbox changed under a delivery"),
        }
        changed.conversation(&it.peer);
        changed.outbox();
        Ok::<_, StoreError>(())
    };
    shared.store().write(work).await
}

/// The server says no. A refused reading is dropped, because nobody can do anything about it. Everything else is
/// kept and shown; what waited behind a refused send is folded into it, because the send will have to change first.
fn refuse(
    store: &rusqlite::Transaction<'_>,
    it: &Try,
    reason: String,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    changed.conversation(&it.peer);
    changed.outbox();
    if it.kind == Kind::Read {
        tracing::warn!(reason, "the server refused to mark a conversation as read");
        outbox::remove(store, it.seq)?;
        return Ok(());
    }
    if it.kind == Kind::Send {
        if outbox::by_target(store, &it.target, Kind::Delete)?.is_some() {
            // The user wanted it gone, and the server does not have it.
            outbox::remove_changes(store, &it.target)?;
            outbox::remove(store, it.seq)?;
            return Ok(());
        }
        if let Some(edit) = outbox::by_target(store, &it.target, Kind::Edit)? {
            let content = outbox::operation(store, edit.seq)?.map(|edit| edit.content).unwrap_or_default();
            outbox::rewrite(store, it.seq, &it.target, &content)?;
            outbox::remove(store, edit.seq)?;
        }
    }
    let attempts = outbox::operation(store, it.seq)?.map_or(1, |operation| operation.entry.attempts);
    outbox::set_state(store, it.seq, &State::Refused { reason }, attempts)?;
    Ok(())
}
