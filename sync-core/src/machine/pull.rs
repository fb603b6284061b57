//! Following the server, and finding out whether it can be reached.
//!
//! ```text
//!                 ┌──────────── poll, news, a wish ────────────┐
//!                 ▼                                            │
//!   start ──► asking ──nothing more──► learning names ──► waiting (online)
//!              ▲   └──────────no answer, 5xx──────────► resting (offline)
//!              └──────────────────── back-off, a wish ────────┘
//! ```
//!
//! One request at a time. An event, a poll and a failure elsewhere all only wake it; while it works, more of them make
//! it look once more, not several times. What kind of server it is, is asked first, and again after each absence:
//! it may have been changed meanwhile.

use std::{collections::VecDeque, time::Duration};

use crate::{
    backoff::{Backoff, jittered},
    domain::{MessageId, OfflineCause, Timestamp, UserId},
    error::StoreError,
    limits,
    mutation::{self, Mutation},
    outbox::Failure,
    plan,
    plan::Step,
    store::people,
    transport::http::HttpError,
};

use super::{Ask, AskId, Context, Dialect, Link, Machine, Reply, Tables, feed, listing::Listing};

/// Where it stands.
#[derive(Clone)]
pub(super) struct Pull {
    state: State,
    backoff: Backoff,
    /// Whether to look once more when this is done.
    again: bool,
    /// How many snapshots were taken since it last waited. A server that turns away the cursor that it has just given
    /// would be asked for ever.
    snapshots: u32,
    /// Of whom to ask who they are.
    nameless: VecDeque<UserId>,
    /// The list that is being read, of a plain server.
    listing: Option<Listing>,
    /// Before when no event makes it ask again: a plain server tells everything each time.
    not_before: Duration,
    /// When the present request was made.
    asked_at: Duration,
}

#[derive(Clone)]
enum State {
    /// To ask at the next opportunity.
    Due,
    /// A request is under way.
    Asking(AskId, Ask),
    /// The server answered all; the next poll is due then.
    Waiting(Duration),
    /// It failed; the next try is due then.
    Resting(Duration),
}

impl Pull {
    pub(super) fn new() -> Self {
        Self {
            state: State::Due,
            backoff: Backoff::new(limits::BACKOFF_FIRST, limits::BACKOFF_UNREACHABLE),
            again: false,
            snapshots: 0,
            nameless: VecDeque::new(),
            listing: None,
            not_before: Duration::ZERO,
            asked_at: Duration::ZERO,
        }
    }

    /// Something is to be found out, or the server may be gone.
    pub(super) fn wake(&mut self) {
        self.not_before = Duration::ZERO;
        self.news();
    }

    /// Something may be new. Of that there can be much, so a plain server has its pause.
    pub(super) fn news(&mut self) {
        match self.state {
            State::Waiting(until) => self.state = State::Waiting(until.min(self.not_before)),
            State::Asking(..) | State::Resting(_) => self.again = true,
            State::Due => {}
        }
    }

    /// The user does not want to wait.
    pub(super) fn hurry(&mut self) {
        if let State::Waiting(_) | State::Resting(_) = self.state {
            self.state = State::Due;
        }
    }

    pub(super) fn wake_at(&self) -> Option<Duration> {
        match self.state {
            State::Waiting(until) | State::Resting(until) => Some(until),
            State::Due | State::Asking(..) => None,
        }
    }

    /// Whether this is the request under way.
    pub(super) fn asked(&self, id: AskId) -> bool {
        matches!(&self.state, State::Asking(asked, _) if *asked == id)
    }

    /// What came of the request could not be stored.
    pub(super) fn store_failed(&mut self, elapsed: Duration, random: f64) {
        self.listing = None;
        self.state = State::Resting(elapsed + self.backoff.failed(random));
    }

    /// The server has changed something for this device, and nobody knows whether that is stored: a list that is under
    /// way may be older, and would undo it.
    pub(super) fn spoilt(&mut self, elapsed: Duration, random: f64) {
        if matches!(self.state, State::Asking(_, Ask::List)) {
            self.store_failed(elapsed, random);
        }
    }

    /// This device has changed a message: a list that is under way does not know.
    pub(super) fn touch(&mut self, id: &MessageId) {
        if let Some(listing) = &mut self.listing {
            listing.touch(id);
        }
    }
}

impl Machine {
    /// Asks where it is time to.
    pub(super) fn pull(&mut self, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        match self.pull.state {
            State::Waiting(until) if until <= cx.now.elapsed => {}
            State::Resting(until) if until <= cx.now.elapsed => {
                if let Link::Offline { cause, .. } = self.link {
                    self.link = Link::Offline { retry_at: None, cause };
                }
            }
            State::Due => {}
            State::Waiting(_) | State::Resting(_) | State::Asking(..) => return Ok(()),
        }
        self.pull.again = false;
        self.pull.snapshots = 0;
        self.ask_next(cx)
    }

    fn ask_next(&mut self, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        let ask = match self.dialect {
            None => Ask::Discover,
            Some(Dialect::Plain) => {
                self.pull.listing = Some(Listing::begin(cx.tables)?);
                Ask::List
            }
            Some(Dialect::Extended) => match plan::next_step(&cx.tables.feed()?) {
                // What the server answers meanwhile might be younger than the snapshot, or older, and nobody could say.
                Step::Snapshot if self.deliver.is_busy() => {
                    self.pull.state = State::Due;
                    return Ok(());
                }
                Step::Snapshot => {
                    self.pull.snapshots += 1;
                    Ask::Snapshot
                }
                Step::Changes { since } => Ask::Changes { since },
            },
        };
        self.pull_ask(ask, cx);
        Ok(())
    }

    fn pull_ask(&mut self, ask: Ask, cx: &mut Context<'_, impl Tables>) {
        let id = self.ask(ask.clone(), cx);
        self.pull.asked_at = cx.now.elapsed;
        self.pull.state = State::Asking(id, ask);
    }

    /// A part of a list has come.
    pub(super) fn pulled_batch(
        &mut self,
        messages: Vec<crate::apply::Message>,
        cx: &mut Context<'_, impl Tables>,
    ) -> Result<(), StoreError> {
        self.answered();
        match &mut self.pull.listing {
            Some(listing) => listing.batch(cx.tables, messages, cx.now, cx.changed),
            None => Ok(()),
        }
    }

    /// What came of the request.
    pub(super) fn pulled(
        &mut self,
        outcome: Result<Reply, HttpError>,
        cx: &mut Context<'_, impl Tables>,
    ) -> Result<(), StoreError> {
        let State::Asking(_, ask) = std::mem::replace(&mut self.pull.state, State::Due) else {
            return Ok(());
        };
        match (ask, outcome) {
            (Ask::Discover, Ok(Reply::Kind(dialect))) => {
                self.dialect = Some(dialect);
                self.ask_next(cx)
            }
            (Ask::Snapshot, Ok(Reply::Snapshot(snapshot))) => {
                self.answered();
                let more = snapshot.more;
                feed::put_snapshot(cx.tables, snapshot, cx.now, cx.changed)?;
                self.fill.wake();
                self.live.confirm();
                self.deliver.wake();
                self.go_on(more, cx)
            }
            (Ask::Changes { since }, Ok(Reply::Changes(page))) => {
                self.answered();
                let more = plan::goes_on(&since, &page.next, page.more);
                feed::put_feed(cx.tables, &since, page, cx.now, cx.changed)?;
                self.deliver.wake();
                self.go_on(more, cx)
            }
            (Ask::Changes { .. }, Err(error)) if error.refuses_cursor() && self.pull.snapshots == 0 => {
                tracing::info!("the server cannot honour the cursor: taking a snapshot");
                feed::forget_cursor(cx.tables, error == HttpError::Expired)?;
                self.ask_next(cx)
            }
            (Ask::List, Ok(Reply::Done)) => {
                self.answered();
                if let Some(listing) = self.pull.listing.take() {
                    listing.end(cx.tables, cx.now, cx.changed)?;
                }
                self.deliver.wake();
                self.rest_after(cx);
                Ok(())
            }
            (Ask::List, Ok(Reply::Partly)) => {
                self.answered();
                self.pull.listing = None;
                self.rest_after(cx);
                Ok(())
            }
            (Ask::Person(id), outcome) => self.learnt(id, outcome, cx),
            (_, Ok(_)) => {
                self.pull_failed(&HttpError::Unreadable("an answer to another question".to_owned()), cx);
                Ok(())
            }
            (_, Err(error)) => {
                self.pull_failed(&error, cx);
                Ok(())
            }
        }
    }

    fn go_on(&mut self, more: bool, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        if more {
            return self.ask_next(cx);
        }
        self.pull.nameless = cx.tables.unknown_people(limits::UNKNOWN_PEOPLE as usize)?.into();
        self.learn_next(cx);
        Ok(())
    }

    /// Asks who the next of the people is of whom the feed told only the id.
    fn learn_next(&mut self, cx: &mut Context<'_, impl Tables>) {
        match self.pull.nameless.pop_front() {
            Some(id) => self.pull_ask(Ask::Person(id), cx),
            None => self.rest_after(cx),
        }
    }

    fn learnt(
        &mut self,
        id: UserId,
        outcome: Result<Reply, HttpError>,
        cx: &mut Context<'_, impl Tables>,
    ) -> Result<(), StoreError> {
        let person = match outcome {
            Ok(Reply::Person(person)) if person.id == id => person,
            // The server does not say: they stay nameless, and are not asked for again.
            Ok(_) => people::nameless(id),
            Err(error) if matches!(plan::consequence(&error).failure, Failure::Refused { .. }) => {
                people::nameless(id)
            }
            // The feed works, so this is no reason to call the server away; the next poll asks again.
            Err(error) => {
                tracing::debug!(%error, "a person's name could not be learnt");
                self.pull.nameless.clear();
                self.rest_after(cx);
                return Ok(());
            }
        };
        feed::put_person(cx.tables, &person, cx.changed)?;
        self.learn_next(cx);
        Ok(())
    }

    /// The server is there, but not everything is here yet.
    fn answered(&mut self) {
        if !matches!(self.link, Link::Online { .. }) {
            self.link = Link::CatchingUp;
        }
    }

    /// Nothing is missing: the next look is at the next poll, or as soon as something calls for it.
    fn rest_after(&mut self, cx: &mut Context<'_, impl Tables>) {
        self.pull.backoff.worked();
        self.came_back();
        self.link = Link::Online { as_of: cx.now.time };
        let plain = self.dialect == Some(Dialect::Plain);
        // A plain server tells everything each time, so it is asked the less often the longer that takes.
        let pause = (cx.now.elapsed.saturating_sub(self.pull.asked_at) * limits::LIST_SHARE)
            .clamp(limits::LIST_PAUSE, limits::POLL_WITH_HINTS);
        self.pull.not_before = if plain { cx.now.elapsed + pause } else { Duration::ZERO };
        let until = match (std::mem::take(&mut self.pull.again), plain) {
            (true, false) => {
                self.pull.state = State::Due;
                return;
            }
            (true, true) => pause,
            (false, _) => {
                let period =
                    if self.live.hints() { limits::POLL_WITH_HINTS } else { limits::POLL_WITHOUT_HINTS };
                let period = jittered(period, (cx.random)());
                if plain { period.max(pause) } else { period }
            }
        };
        let until = if mutation::on(Mutation::NoPolls) { Duration::MAX / 4 } else { until };
        self.pull.state = State::Waiting(cx.now.elapsed + until);
    }

    fn pull_failed(&mut self, error: &HttpError, cx: &mut Context<'_, impl Tables>) {
        tracing::debug!(%error, "catching up failed");
        self.pull.listing = None;
        let asked = match error {
            HttpError::Status { retry_after, .. } => *retry_after,
            HttpError::NoAnswer { .. } | HttpError::Unreadable(_) | HttpError::Expired => None,
        };
        let delay = self.pull.backoff.failed((cx.random)()).max(asked.unwrap_or_default());
        self.pull.state = State::Resting(cx.now.elapsed + delay);
        let cause = error.offline_cause().unwrap_or(OfflineCause::ServerError);
        let due = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        let retry_at = Some(Timestamp::clamped(cx.now.time.millis().saturating_add(due)));
        self.link = Link::Offline { retry_at, cause };
        self.went_away();
    }
}
