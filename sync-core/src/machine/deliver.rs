//! Emptying the outbox: for each conversation one operation at a time, several conversations at once.
//!
//! An attempt is counted and stored before it is made, its outcome after. Between the two the row is `in flight`,
//! so a crash anywhere leaves a row that says what may have happened (I8). The same holds where the outcome cannot be
//! stored: the row is stranded, and nothing starts before it is unknown, so that nothing overtakes it (I3).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    backoff::Backoff,
    domain::UserId,
    error::StoreError,
    limits,
    mutation::{self, Mutation},
    outbox::{Failure, Kind},
    plan::{self, Rest},
    transport::http::HttpError,
};

use super::{
    Ask, AskId, Context, Dialect, Machine, Reply, Tables,
    settle::{self, Try},
    turns,
};

/// What is under way.
#[derive(Clone)]
pub(super) struct Deliver {
    backoff: Backoff,
    /// Until when nothing is started.
    rest: Option<Duration>,
    /// Until when the server asked for that; no longer than `rest`.
    asked: Option<Duration>,
    /// Whether a row may be in flight that no try is under way for.
    stranded: bool,
    /// Whether the outbox may hold something that can be started.
    dirty: bool,
    /// Each try that has not ended.
    under_way: BTreeMap<AskId, Try>,
    /// The conversation that had the last turn.
    last: Option<UserId>,
}

impl Deliver {
    pub(super) fn new() -> Self {
        Self {
            backoff: super::backoff(),
            rest: None,
            asked: None,
            stranded: false,
            dirty: true,
            under_way: BTreeMap::new(),
            last: None,
        }
    }

    /// The outbox may have changed.
    pub(super) fn wake(&mut self) {
        self.dirty = true;
    }

    /// The user does not want to wait.
    pub(super) fn hurry(&mut self) {
        (self.rest, self.asked) = (None, None);
        self.dirty = true;
    }

    /// What rested because the server was away need not rest when it is back.
    pub(super) fn came_back(&mut self) {
        self.rest = self.asked;
        self.dirty = true;
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    pub(super) fn wake_at(&self) -> Option<Duration> {
        self.rest
    }

    /// A step could not be stored: where this request is a try, nobody knows what came of it, and what the step began
    /// may be in flight although its commit failed.
    ///
    /// Answers whether it was a try's answer that could not be stored.
    pub(super) fn store_failed(&mut self, answered: Option<AskId>, elapsed: Duration, random: f64) -> bool {
        self.stranded = !mutation::on(Mutation::StrandedForgotten);
        self.dirty = true;
        let ended = answered.is_some_and(|id| self.under_way.remove(&id).is_some());
        if ended {
            self.rest(Rest::BackOff, elapsed, random);
        }
        ended
    }

    fn rest(&mut self, rest: Rest, elapsed: Duration, random: f64) {
        let delay = match rest {
            Rest::No => return,
            Rest::BackOff => self.backoff.failed(random),
            Rest::AtLeast(wait) => {
                self.asked = self.asked.max(Some(elapsed + wait));
                wait.max(self.backoff.failed(random))
            }
        };
        self.rest = self.rest.max(Some(elapsed + delay));
    }

    fn peers(&self) -> BTreeSet<UserId> {
        self.under_way.values().map(|it| it.peer.clone()).collect()
    }
}

impl Machine {
    /// Starts what may start.
    pub(super) fn deliver(&mut self, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        if self.deliver.rest.is_some_and(|until| until <= cx.now.elapsed) {
            (self.deliver.rest, self.deliver.asked) = (None, None);
            self.deliver.dirty = true;
        }
        let Some(dialect) = self.dialect else { return Ok(()) };
        if !self.reachable || self.deliver.rest.is_some() || !self.deliver.dirty {
            return Ok(());
        }
        if dialect == Dialect::Extended && cx.tables.feed()?.cursor.is_none() {
            // A snapshot comes first; what is sent beside it would be neither older nor younger.
            return Ok(());
        }
        if self.deliver.stranded {
            settle::recover(cx.tables, &self.deliver.peers(), cx.changed)?;
            self.deliver.stranded = false;
        }
        if dialect == Dialect::Plain && !cx.tables.unknown_sends(1)?.is_empty() {
            self.pull.wake();
        }
        // A row for which there is nothing left to do leaves, and the next one of its conversation may start.
        while self.start(dialect, cx)? {}
        self.deliver.dirty = false;
        Ok(())
    }

    /// Starts what there is room for. Says whether a row left instead.
    fn start(&mut self, dialect: Dialect, cx: &mut Context<'_, impl Tables>) -> Result<bool, StoreError> {
        let peers = self.deliver.peers();
        let room = limits::PARALLEL_OPERATIONS.saturating_sub(self.deliver.under_way.len());
        let look_first = dialect == Dialect::Plain && !mutation::on(Mutation::LookSkipped);
        let mut start = turns::startable(cx.tables, &peers, self.deliver.last.as_ref(), room, look_first)?;
        if let Some(last) = start.last() {
            self.deliver.last = Some(last.peer.clone());
        }
        start.sort_by_key(|entry| entry.seq);
        let mut left = false;
        for entry in start {
            match settle::begin(cx.tables, entry.seq, dialect, cx.now, cx.changed)? {
                Some(it) => {
                    let id = self.ask(question(&it), cx);
                    self.deliver.under_way.insert(id, it);
                }
                None => left = true,
            }
        }
        Ok(left)
    }

    /// Whether this request is a try of the outbox.
    pub(super) fn delivering(&self, id: AskId) -> bool {
        self.deliver.under_way.contains_key(&id)
    }

    /// What came of a try; `None` where the session is over and nothing was looked at.
    pub(super) fn delivered(
        &mut self,
        id: AskId,
        outcome: Option<Result<Reply, HttpError>>,
        cx: &mut Context<'_, impl Tables>,
    ) -> Result<(), StoreError> {
        let id = match self.deliver.under_way.keys().next() {
            Some(first) if mutation::on(Mutation::AnswerOfAnother) => *first,
            _ => id,
        };
        let Some(it) = self.deliver.under_way.remove(&id) else { return Ok(()) };
        self.deliver.dirty = true;
        let answer = match outcome {
            None => return settle::fail(cx.tables, &it, Failure::Later, cx.now, cx.changed),
            Some(Ok(Reply::Message(message))) if matches!(it.kind, Kind::Send | Kind::Edit) => {
                Ok(Some(message))
            }
            Some(Ok(Reply::Done)) if matches!(it.kind, Kind::Delete | Kind::Read) => Ok(None),
            Some(Ok(_)) => Err(HttpError::Unreadable("an answer to another question".to_owned())),
            // It is gone already, which is what was wanted.
            Some(Err(error)) if it.kind == Kind::Delete && error.is_not_found() => Ok(None),
            Some(Err(HttpError::Status { status: 500.., .. }))
                if mutation::on(Mutation::RemovedOnFailure) =>
            {
                Ok(None)
            }
            Some(Err(error)) => Err(error),
        };
        match answer {
            Ok(message) => {
                if let Some(id) = message.as_ref().map(|message| &message.id).or(it.id.as_ref()) {
                    self.pull.touch(id);
                }
                settle::confirm(cx.tables, &it, message, cx.now, cx.changed)?;
                self.deliver.backoff.worked();
            }
            Err(error) => {
                tracing::debug!(%error, kind = ?it.kind, "a delivery failed");
                let consequence = plan::consequence(&error);
                if error.offline_cause().is_some() {
                    self.pull.wake();
                }
                settle::fail(cx.tables, &it, consequence.failure, cx.now, cx.changed)?;
                self.deliver.rest(consequence.rest, cx.now.elapsed, (cx.random)());
            }
        }
        Ok(())
    }
}

/// The request of a try.
fn question(it: &Try) -> Ask {
    match (&it.id, it.kind) {
        (Some(id), Kind::Edit) => Ask::Edit { id: id.clone(), content: it.content.clone() },
        (Some(id), Kind::Delete) => Ask::Delete { id: id.clone() },
        (Some(id), Kind::Read) if it.dialect == Dialect::Plain => Ask::ReadOne { id: id.clone() },
        (Some(id), Kind::Read) => Ask::Read { peer: it.peer.clone(), up_to: id.clone() },
        (Some(_) | None, _) => {
            let mut key = it.target.0.clone();
            if mutation::on(Mutation::KeyOfTheTry) {
                key.push_str("-again");
            }
            Ask::Send { peer: it.peer.clone(), content: it.content.clone(), key }
        }
    }
}
