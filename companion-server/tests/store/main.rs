//! What every store backend promises, as one suite over `&dyn Store`, and what the SQLite backend promises besides.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail by panicking")]

mod accounts;
mod activity;
mod check;
mod feed;
mod invites;
mod messages;
mod sessions;
mod sqlite;

use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use companion_server::{
    clock::Clock,
    model::{Change, Invite, Message, audit::Actor, cursor::Cursor, events::Committed, rules},
    store::{
        AccountChange, AddAccountError, AddInviteError, ChangeError, Device, Draft, FeedError, Joining, Key,
        NewAccount, NewInvite, Page, PageError, Range, ReadError, RefreshError, Retention, RevokeError,
        SendError, Store, sqlite::SqliteStore,
    },
};
use protocol::{
    MessageId, ObjectId, Role, Timestamp, UserId,
    filter::{Condition, Filter},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

const BEGIN: i64 = 1_759_919_400_000;

/// A clock that stands still until it is moved.
struct Hand(AtomicI64);

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(BEGIN)))
    }

    fn set(&self, millis: i64) {
        self.0.store(millis, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::clamped(self.0.load(Ordering::SeqCst))
    }
}

struct Open {
    store: Arc<SqliteStore>,
    committed: mpsc::Receiver<Committed>,
    clock: Arc<Hand>,
}

fn open(dir: &Path) -> Open {
    let clock = Hand::new();
    let (facts, committed) = mpsc::channel(100_000);
    let store = SqliteStore::open(dir, Arc::clone(&clock) as Arc<dyn Clock>, facts).unwrap();
    Open { store: Arc::new(store), committed, clock }
}

fn form(name: &str) -> NewAccount {
    NewAccount {
        user_name: name.to_owned(),
        first_name: name.to_owned(),
        last_name: "Cruz".to_owned(),
        email: format!("{name}@example.org"),
        password_hash: format!("hash of {name}"),
    }
}

async fn person(store: &dyn Store, name: &str) -> UserId {
    store.add_account(form(name), Joining::Open).await.unwrap().id
}

fn draft(sender: UserId, receiver: UserId, content: &str) -> Draft {
    Draft { sender, receiver, content: content.to_owned(), key: None }
}

async fn send(store: &dyn Store, sender: UserId, receiver: UserId, content: &str) -> Message {
    store.send(draft(sender, receiver, content)).await.unwrap().message
}

async fn delete(store: &dyn Store, message: &Message) {
    let sender = message.sender;
    store.change(message.id, Box::new(move |message| rules::delete(message, sender))).await.unwrap();
}

async fn edit(store: &dyn Store, message: &Message, content: &str) {
    let change = Change::Content(content.to_owned());
    store.change(message.id, Box::new(move |_| Ok(Some(change)))).await.unwrap();
}

async fn read(store: &dyn Store, message: &Message) {
    let receiver = message.receiver;
    store.change(message.id, Box::new(move |message| rules::read(message, receiver))).await.unwrap();
}

fn contents(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| &*message.content).collect()
}

/// Reads a feed to its end, a few changes at a time; positions and messages as they were told.
async fn follow(store: &dyn Store, user: UserId, from: Cursor, limit: u32) -> (Vec<(u64, Message)>, Cursor) {
    let (mut told, mut cursor) = (Vec::new(), from);
    loop {
        let page = store.feed(user, cursor, limit).await.unwrap();
        told.extend(page.changes.into_iter().map(|change| (change.seq, change.message)));
        cursor = page.next;
        if !page.more {
            return (told, cursor);
        }
    }
}

/// The part of the suite that each test runs on a fresh store of each backend.
async fn on_each_backend(test: impl AsyncFnOnce(&dyn Store)) {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path());
    test(&*open.store).await;
    open.store.close().await;
}
