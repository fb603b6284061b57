//! What devices follow: the change feed, snapshots and pages of history (extension `sync-1`).

use protocol::Timestamp;

use crate::{
    domain::{MessageId, UserId},
    machine::feed::{FeedPage, HistoryPage, Snapshot, Summary},
    transport::http::HttpError,
};

use super::{Change, FEED_PAGE, HISTORY_PAGE, Kept, Server, named, status};

/// A cursor, read: of which history, and behind how many changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Cursor {
    pub(in super::super) history: u32,
    pub(in super::super) seq: usize,
}

impl Cursor {
    /// What [`Server`] wrote.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        let (history, seq) = text.split_once('.')?;
        Some(Self { history: history.parse().ok()?, seq: seq.parse().ok()? })
    }
}

impl Server {
    /// The changes behind a cursor. What the receiver pulls counts as delivered, which changes the feed once more.
    pub(super) fn changes(
        &mut self,
        caller: usize,
        since: &str,
        clock: Timestamp,
    ) -> Result<FeedPage, HttpError> {
        let Some(since) = Cursor::parse(since) else { return Err(status(400, "since is not a cursor")) };
        if since.history != self.history || since.seq > self.data.feeds[caller].len() {
            return Err(status(410, "gone"));
        }
        if since.seq < self.data.pruned[caller] {
            return Err(HttpError::Expired);
        }
        let feed = &self.data.feeds[caller];
        let end = feed.len().min(since.seq + FEED_PAGE);
        let mut changes = Vec::with_capacity(end - since.seq);
        let mut pulled = Vec::new();
        for (at, change) in feed.iter().enumerate().take(end).skip(since.seq) {
            let repeated = feed[at + 1..end].iter().any(|later| later.number == change.number);
            let Some(kept) = self.numbered(change.number).filter(|_| !repeated) else { continue };
            if kept.to == caller && kept.delivered_at.is_none() && kept.deleted_at.is_none() {
                pulled.push(kept.id.clone());
            }
            changes.push((self.told(caller, kept), i64::try_from(at + 1).unwrap_or(i64::MAX)));
        }
        let page = FeedPage {
            changes,
            people: Vec::new(),
            next: self.cursor(end),
            history: Some(self.name()),
            more: end < self.data.feeds[caller].len(),
        };
        self.delivered(caller, &pulled, clock);
        Ok(page)
    }

    /// The conversations as they stand, and the cursor of now.
    pub(super) fn snapshot(&self, caller: usize) -> Snapshot {
        let mut conversations = Vec::new();
        for peer in 0..self.people.len() {
            let between = || {
                self.data.messages.iter().filter(move |kept| kept.is_between(caller, peer) && kept.is_live())
            };
            let Some(last) = between().next_back() else { continue };
            let unread = between().filter(|kept| kept.to == caller && kept.read_at.is_none()).count();
            conversations.push(Summary {
                peer: named(&self.people[peer]),
                last: self.told(caller, last),
                unread: u64::try_from(unread).unwrap_or(u64::MAX),
            });
        }
        let next = self.cursor(self.data.feeds[caller].len());
        Snapshot { conversations, people: Vec::new(), next, history: Some(self.name()), more: false }
    }

    /// The newest messages of a conversation before this one, oldest first.
    pub(super) fn page(
        &self,
        caller: usize,
        peer: &UserId,
        before: &MessageId,
    ) -> Result<HistoryPage, HttpError> {
        let peer = self.person_of(peer).ok_or_else(|| status(404, "User not found"))?;
        let before = self
            .place_of(before)
            .filter(|at| self.data.messages[*at].is_between(caller, peer))
            .ok_or_else(|| status(404, "Message not found"))?;
        let older = || {
            self.data.messages[..before]
                .iter()
                .rev()
                .filter(move |kept| kept.is_between(caller, peer) && kept.is_live())
        };
        let mut messages: Vec<_> = older().take(HISTORY_PAGE).map(|kept| self.told(caller, kept)).collect();
        messages.reverse();
        Ok(HistoryPage { messages, history: Some(self.name()), done: older().nth(HISTORY_PAGE).is_none() })
    }

    /// Clears all but this many of the newest places of somebody's feed away.
    pub(in super::super) fn prune(&mut self, person: usize, but: usize) {
        let end = self.data.feeds[person].len().saturating_sub(but);
        self.data.pruned[person] = self.data.pruned[person].max(end);
    }

    /// The changes of somebody's feed, oldest first.
    pub(in super::super) fn feed(&self, person: usize) -> &[Change] {
        &self.data.feeds[person]
    }

    /// What somebody was told of this message last, up to and with this place of the feed.
    pub(in super::super) fn as_of(&self, person: usize, kept: &Kept, seq: usize) -> Option<Change> {
        let side = usize::from(kept.from != person);
        let at =
            kept.positions[side].iter().rev().find(|at| usize::try_from(**at).is_ok_and(|at| at <= seq))?;
        self.data.feeds[person].get(usize::try_from(*at).ok()?.checked_sub(1)?).copied()
    }

    /// How many of the peer's messages this person has not read.
    pub(in super::super) fn unread(&self, person: usize, peer: usize) -> usize {
        let unread =
            |kept: &&Kept| kept.from == peer && kept.to == person && kept.is_live() && kept.read_at.is_none();
        self.data.messages.iter().filter(unread).count()
    }

    /// The message with this number.
    pub(in super::super) fn numbered(&self, number: u32) -> Option<&Kept> {
        let at = self.data.messages.binary_search_by_key(&number, |kept| kept.number).ok()?;
        self.data.messages.get(at)
    }

    /// What it calls its present history.
    fn name(&self) -> String {
        self.history.to_string()
    }

    fn cursor(&self, seq: usize) -> String {
        format!("{}.{seq}", self.history)
    }
}

impl Kept {
    /// Whether it is not deleted.
    pub(in super::super) const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }

    const fn is_between(&self, one: usize, other: usize) -> bool {
        (self.from == one && self.to == other) || (self.from == other && self.to == one)
    }
}
