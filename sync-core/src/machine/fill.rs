//! Fetching history, newest first, one page at a time.
//!
//! What somebody looks at comes before the rest, and what the user does comes before all of it: while something is
//! being delivered, no page is asked for, though not for ever.

use std::{collections::VecDeque, time::Duration};

use crate::{
    backoff::Backoff,
    domain::{MessageId, UserId},
    error::StoreError,
    limits,
    transport::http::HttpError,
};

use super::{Ask, AskId, Context, Dialect, Machine, Reply, Tables, feed};

/// What is being fetched.
#[derive(Clone)]
pub(super) struct Fill {
    backoff: Backoff,
    rest: Option<Duration>,
    /// Until when deliveries go first.
    patience: Option<Duration>,
    /// Whether there may be a page to ask for.
    dirty: bool,
    /// Conversations that somebody looks at.
    wanted: VecDeque<UserId>,
    under_way: Option<Page>,
}

#[derive(Clone)]
struct Page {
    ask: AskId,
    peer: UserId,
    before: MessageId,
    generation: i64,
}

impl Fill {
    pub(super) fn new() -> Self {
        Self {
            backoff: super::backoff(),
            rest: None,
            patience: None,
            dirty: true,
            wanted: VecDeque::new(),
            under_way: None,
        }
    }

    /// There may be something to fetch.
    pub(super) fn wake(&mut self) {
        self.dirty = true;
    }

    /// Somebody looks at the oldest message here of this conversation.
    pub(super) fn want(&mut self, peer: UserId) {
        self.wanted.retain(|other| *other != peer);
        self.wanted.push_front(peer);
        self.wanted.truncate(limits::WANTED_HISTORIES);
        self.dirty = true;
    }

    /// There is no need to wait any more.
    pub(super) fn hurry(&mut self) {
        self.rest = None;
        self.dirty = true;
    }

    pub(super) fn asked(&self, id: AskId) -> bool {
        self.under_way.as_ref().is_some_and(|page| page.ask == id)
    }

    pub(super) fn wake_at(&self) -> Option<Duration> {
        [self.rest, self.patience].into_iter().flatten().min()
    }

    /// What came of the request could not be stored.
    pub(super) fn store_failed(&mut self, elapsed: Duration, random: f64) {
        self.under_way = None;
        self.failed(elapsed, random);
    }

    fn failed(&mut self, elapsed: Duration, random: f64) {
        self.rest = Some(elapsed + self.backoff.failed(random));
        self.dirty = true;
    }
}

impl Machine {
    /// Asks for a page where it is time to.
    pub(super) fn fill(&mut self, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        let elapsed = cx.now.elapsed;
        self.fill.rest = self.fill.rest.filter(|until| *until > elapsed);
        let wanted = self.reachable && self.dialect == Some(Dialect::Extended);
        if !wanted || !self.fill.dirty || self.fill.under_way.is_some() || self.fill.rest.is_some() {
            self.fill.patience = None;
            return Ok(());
        }
        if self.deliver.is_busy()
            && *self.fill.patience.get_or_insert(elapsed + limits::FILL_PATIENCE) > elapsed
        {
            return Ok(());
        }
        self.fill.patience = None;
        let Some((peer, before)) = self.next_page(cx)? else {
            self.fill.dirty = false;
            return Ok(());
        };
        let generation = cx.tables.feed()?.generation;
        let ask = self.ask(Ask::History { peer: peer.clone(), before: before.clone() }, cx);
        self.fill.under_way = Some(Page { ask, peer, before, generation });
        Ok(())
    }

    /// Of the conversations that somebody looks at the first with something to fetch, else the one with the newest
    /// message.
    fn next_page(&self, cx: &Context<'_, impl Tables>) -> Result<Option<(UserId, MessageId)>, StoreError> {
        for peer in &self.fill.wanted {
            let extent = cx.tables.extent(peer)?.filter(|extent| !extent.fill_done);
            if let Some(before) = extent.and_then(|extent| extent.fill_before) {
                return Ok(Some((peer.clone(), before)));
            }
        }
        cx.tables.next_fill()
    }

    /// What came of the request.
    pub(super) fn filled(
        &mut self,
        outcome: Result<Reply, HttpError>,
        cx: &mut Context<'_, impl Tables>,
    ) -> Result<(), StoreError> {
        let Some(Page { peer, before, generation, .. }) = self.fill.under_way.take() else { return Ok(()) };
        self.fill.dirty = true;
        let feed = cx.tables.feed()?;
        match outcome {
            // It has been restored since the snapshot, and what it does not tell now is not for that deleted.
            Ok(Reply::History(page)) if page.history.is_some() && page.history != feed.name => {
                tracing::info!("a page of history is of another history than the feed");
            }
            Ok(Reply::History(page)) => {
                feed::put_history(cx.tables, &peer, &before, generation, page, cx.now, cx.changed)?;
                self.fill.backoff.worked();
                self.live.confirm();
                // What it told may have undone something that is to be told to the server again.
                self.deliver.wake();
                return Ok(());
            }
            // The server does not know where to go on, though it said so itself: it has become another one. A
            // snapshot knows a place that it does know.
            Err(HttpError::Status { status: 400 | 404, .. }) => {
                tracing::warn!("the server does not know where history was to go on: taking a snapshot");
                if feed.generation == generation {
                    feed::forget_cursor(cx.tables, false)?;
                }
            }
            Ok(_) => tracing::debug!("an answer to another question"),
            Err(error) => tracing::debug!(%error, "a page of history could not be fetched"),
        }
        self.pull.wake();
        self.fill.failed(cx.now.elapsed, (cx.random)());
        Ok(())
    }
}
