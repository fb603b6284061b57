//! A database in memory with Ana signed in, and short ways to tell it things; for tests.

use protocol::Timestamp;
use rusqlite::Connection;

use super::{
    Changed, account, compose, conversations, messages, migrate, outbox,
    sync::{self, FeedPage, HistoryPage, Snapshot, Summary},
    timeline,
};
use crate::{
    apply::{Message, Source},
    domain::{Account, Anchor, ItemKey, Status, TimelinePage, UserId},
    outbox::State,
    store::people,
};

/// The database of Ana's device; she writes with Ben.
pub(super) struct Device {
    pub(super) db: Connection,
}

pub(super) fn ben() -> UserId {
    "ben".into()
}

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::clamped(millis)
}

/// A message of Ben's, sent at this time, with an id to match.
pub(super) fn from_ben(time: i64) -> Message {
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
pub(super) fn from_ana(time: i64, key: &ItemKey) -> Message {
    Message { mine: true, client_key: Some(key.0.clone()), ..from_ben(time) }
}

impl Device {
    pub(super) fn new() -> Self {
        let mut db = Connection::open_in_memory().unwrap();
        migrate::migrate(&mut db).unwrap();
        account::ensure_profile(&db).unwrap();
        let user = people::nameless("ana".into());
        let server = "https://chat.example.org/".parse().unwrap();
        let account = Account { user, user_name: "ana".to_owned(), server, server_name: "Chat".to_owned() };
        account::sign_in(&db, &account).unwrap();
        Self { db }
    }

    /// A snapshot of one conversation, whose cursor is `next`.
    pub(super) fn snapshot(&self, last: Message, unread: u64, next: &str) {
        let summary = Summary { peer: people::nameless(ben()), last, unread };
        let snapshot =
            Snapshot { conversations: vec![summary], people: Vec::new(), next: next.to_owned(), more: false };
        sync::put_snapshot(&self.db, snapshot, &mut Changed::default()).unwrap();
    }

    /// A page of the feed between two cursors.
    pub(super) fn feed(&self, since: &str, changes: Vec<(Message, i64)>, next: &str) {
        let page = FeedPage { changes, people: Vec::new(), next: next.to_owned(), more: false };
        sync::put_feed(&self.db, since, page, &mut Changed::default()).unwrap();
    }

    /// A page of history, in the current generation.
    pub(super) fn history(&self, before: &str, messages: Vec<Message>, done: bool) {
        let generation = sync::feed(&self.db).unwrap().generation;
        let page = HistoryPage { messages, done };
        sync::put_history(&self.db, &ben(), &before.into(), generation, page, &mut Changed::default())
            .unwrap();
    }

    /// The answer to one of the device's own requests.
    pub(super) fn answer(&self, message: Message) {
        let generation = sync::feed(&self.db).unwrap().generation;
        messages::put(&self.db, message, Source::Answer, generation, &mut Changed::default()).unwrap();
    }

    pub(super) fn send(&self, content: &str) -> ItemKey {
        let key = ItemKey(format!("key-{content}"));
        compose::send(&self.db, &ben(), content, &key, at(1_000), &mut Changed::default()).unwrap();
        key
    }

    pub(super) fn edit(&self, key: &ItemKey, content: &str) {
        compose::edit(&self.db, key, content, at(1_000), &mut Changed::default()).unwrap();
    }

    pub(super) fn delete(&self, key: &ItemKey) {
        compose::delete(&self.db, key, at(1_000), &mut Changed::default()).unwrap();
    }

    pub(super) fn mark_read(&self, key: &str) {
        compose::mark_read(&self.db, &ben(), &key.into(), at(1_000), &mut Changed::default()).unwrap();
    }

    /// Brings the row with this number into this state, as tried this often.
    pub(super) fn tried(&self, seq: i64, state: &State, attempts: u32) {
        outbox::set_state(&self.db, seq, state, attempts).unwrap();
    }

    pub(super) fn page(&self, anchor: &Anchor, limit: u32) -> TimelinePage {
        timeline::page(&self.db, &ben(), anchor, limit, true).unwrap()
    }

    /// What the newest page shows.
    pub(super) fn contents(&self) -> Vec<String> {
        self.page(&Anchor::Newest, 100).items.into_iter().map(|item| item.content).collect()
    }

    pub(super) fn statuses(&self) -> Vec<Option<Status>> {
        self.page(&Anchor::Newest, 100).items.into_iter().map(|item| item.status).collect()
    }

    pub(super) fn unread(&self) -> u32 {
        conversations::unread(&self.db, &ben()).unwrap()
    }

    /// Kind and target of what waits, in order.
    pub(super) fn outbox(&self) -> Vec<String> {
        let entries = outbox::entries(&self.db).unwrap();
        entries.iter().map(|entry| format!("{:?} {}", entry.kind, entry.target)).collect()
    }

    pub(super) fn cursor(&self) -> Option<String> {
        sync::feed(&self.db).unwrap().cursor
    }
}
