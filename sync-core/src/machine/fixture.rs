//! Ana's device, on both stores at once, and short ways to tell it things; for tests.

use std::{
    cell::{Ref, RefCell, RefMut},
    time::Duration,
};

use protocol::Timestamp;
use rusqlite::Connection;

use super::{
    Now, Tables, compose,
    conformance::Twin,
    feed::{self, FeedPage, HistoryPage, Snapshot, Summary},
    messages,
};
use crate::{
    apply::{Message, Source},
    domain::{Anchor, ItemKey, Status, TimelinePage, UserId},
    outbox::State,
    store::{Changed, conversations, people, timeline},
};

/// What Ana's device keeps; she writes with Ben. What is shown is read from `SQLite`.
pub(crate) struct Device {
    rows: RefCell<Twin>,
}

pub(crate) fn ben() -> UserId {
    "ben".into()
}

/// The moment of what the server tells.
pub(crate) fn now() -> Now {
    Now { elapsed: Duration::ZERO, time: at(2_000) }
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::clamped(millis)
}

/// A message of Ben's, sent at this time, with an id to match.
pub(crate) fn from_ben(time: i64) -> Message {
    Message {
        id: format!("m{time:03}").as_str().into(),
        peer: ben(),
        mine: false,
        content: format!("text {time}"),
        sent_at: at(time),
        is_read: false,
        edited_at: None,
        delivered_at: None,
        seen_at: None,
        read_at: None,
        deleted_at: None,
        client_key: None,
    }
}

/// A message of Ana's that the server took at this time.
pub(crate) fn from_ana(time: i64, key: &ItemKey) -> Message {
    Message { mine: true, client_key: Some(key.0.clone()), ..from_ben(time) }
}

impl Device {
    pub(crate) fn new() -> Self {
        Self { rows: RefCell::new(Twin::of(&"ana".into())) }
    }

    /// Its rows.
    pub(crate) fn rows(&self) -> RefMut<'_, Twin> {
        self.rows.borrow_mut()
    }

    /// Its database, to read what is shown.
    pub(crate) fn db(&self) -> Ref<'_, Connection> {
        Ref::map(self.rows.borrow(), Twin::connection)
    }

    /// Does something to its database that the machine has no part in.
    pub(crate) fn change(&self, work: impl FnOnce(&Connection)) {
        self.rows.borrow_mut().part(work);
    }

    /// A snapshot of one conversation, whose cursor is `next`.
    pub(crate) fn snapshot(&self, last: Message, unread: u64, next: &str) {
        let summary = Summary { peer: people::nameless(ben()), last, unread };
        let snapshot = Snapshot {
            conversations: vec![summary],
            people: Vec::new(),
            next: next.to_owned(),
            history: name_of(next),
            more: false,
        };
        feed::put_snapshot(&mut *self.rows(), snapshot, now(), &mut Changed::default()).unwrap();
    }

    /// The server's history turned out to be another one.
    pub(crate) fn forget(&self) {
        feed::forget_cursor(&mut *self.rows(), false).unwrap();
    }

    /// A page of the feed between two cursors.
    pub(crate) fn feed(&self, since: &str, changes: Vec<(Message, i64)>, next: &str) {
        let history = name_of(next);
        let page = FeedPage { changes, people: Vec::new(), next: next.to_owned(), history, more: false };
        feed::put_feed(&mut *self.rows(), since, page, now(), &mut Changed::default()).unwrap();
    }

    /// A page of history, in the current generation.
    pub(crate) fn history(&self, before: &str, messages: Vec<Message>, done: bool) {
        let generation = self.rows().feed().unwrap().generation;
        let page = HistoryPage { messages, history: None, done };
        let (mut rows, mut changed) = (self.rows(), Changed::default());
        feed::put_history(&mut *rows, &ben(), &before.into(), generation, page, now(), &mut changed).unwrap();
    }

    /// The answer to one of the device's own requests.
    pub(crate) fn answer(&self, message: Message) {
        let era = messages::era(&self.rows().feed().unwrap());
        messages::put(&mut *self.rows(), message, Source::Answer, era, now(), &mut Changed::default())
            .unwrap();
    }

    pub(crate) fn send(&self, content: &str) -> ItemKey {
        let key = ItemKey(format!("key-{content}"));
        compose::send(&mut *self.rows(), &ben(), content, &key, at(1_000), &mut Changed::default()).unwrap();
        key
    }

    pub(crate) fn edit(&self, key: &ItemKey, content: &str) {
        compose::edit(&mut *self.rows(), key, content, at(1_000), &mut Changed::default()).unwrap();
    }

    pub(crate) fn delete(&self, key: &ItemKey) {
        compose::delete(&mut *self.rows(), key, at(1_000), &mut Changed::default()).unwrap();
    }

    pub(crate) fn mark_read(&self, key: &str) {
        compose::mark_read(&mut *self.rows(), &ben(), &key.into(), at(1_000), &mut Changed::default())
            .unwrap();
    }

    /// Brings the row with this number into this state, as tried this often.
    pub(crate) fn tried(&self, seq: i64, state: &State, attempts: u32) {
        self.rows().set_state(seq, state, attempts).unwrap();
    }

    pub(crate) fn page(&self, anchor: &Anchor, limit: u32) -> TimelinePage {
        timeline::page(&self.db(), &ben(), anchor, limit, true).unwrap()
    }

    /// What the newest page shows.
    pub(crate) fn contents(&self) -> Vec<String> {
        self.page(&Anchor::Newest, 100).items.into_iter().map(|item| item.content).collect()
    }

    pub(crate) fn statuses(&self) -> Vec<Option<Status>> {
        self.page(&Anchor::Newest, 100).items.into_iter().map(|item| item.status).collect()
    }

    pub(crate) fn unread(&self) -> u32 {
        conversations::unread(&self.db(), &ben()).unwrap()
    }

    /// Kind and target of what waits, in order.
    pub(crate) fn outbox(&self) -> Vec<String> {
        let entries = self.rows().entries().unwrap();
        entries.iter().map(|entry| format!("{:?} {}", entry.kind, entry.target)).collect()
    }

    pub(crate) fn cursor(&self) -> Option<String> {
        self.rows().feed().unwrap().cursor
    }
}

/// The server of these tests calls its histories by the first letter of their cursors.
pub(crate) fn name_of(cursor: &str) -> Option<String> {
    cursor.get(..1).map(str::to_owned)
}
