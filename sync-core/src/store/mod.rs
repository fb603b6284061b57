//! The profile's database: one `SQLite` file, the truth of everything that is shown (I9).
//!
//! - One connection writes, a few read; all of them on blocking threads. A write is one transaction, and what it
//!   changed is announced after its commit, on the same thread, so that dropping the caller's future loses neither.
//! - The writer runs with `synchronous=FULL`: a message that is on the screen, an outbox row and a cursor must
//!   survive a loss of power, not only of the process (I7, I8, I9). One person writes slowly enough to pay a sync
//!   for each message; a page of the feed shares one.
//! - The folder is locked while a client has it open: two engines on one outbox would send everything twice.

pub(crate) mod account;
mod connection;
pub(crate) mod conversations;
mod database;
pub(crate) mod drafts;
pub(crate) mod export;
mod feed;
pub(crate) mod flags;
pub(crate) mod messages;
mod migrate;
mod opening;
pub(crate) mod outbox;
pub(crate) mod people;
pub(crate) mod plain;
pub(crate) mod position;
pub(crate) mod rows;
mod salvage;
pub(crate) mod search;
mod snippet;
pub(crate) mod storage;
pub(crate) mod summaries;
pub(crate) mod timeline;

use std::{collections::HashSet, mem};

use crate::domain::{Update, UserId};

pub(crate) use database::Store;

/// What a transaction changed, to be announced once each after its commit.
#[derive(Default)]
pub(crate) struct Changed {
    updates: HashSet<Update>,
    begun: Vec<UserId>,
}

impl Changed {
    /// Something in this conversation, and with it its line in the list.
    pub(crate) fn conversation(&mut self, peer: &UserId) {
        self.updates.insert(Update::Timeline(peer.clone()));
        self.updates.insert(Update::Conversations);
    }

    /// The server tells of the first message of a conversation.
    pub(crate) fn begins(&mut self, peer: &UserId) {
        self.begun.push(peer.clone());
    }

    /// With whom conversations begin; nobody the second time.
    pub(crate) fn take_begun(&mut self) -> Vec<UserId> {
        mem::take(&mut self.begun)
    }

    /// The list of conversations alone.
    pub(crate) fn conversations(&mut self) {
        self.updates.insert(Update::Conversations);
    }

    /// How much of the history is here.
    fn progress(&mut self) {
        self.updates.insert(Update::Progress);
    }

    /// Whether a line of the list of conversations is among it.
    fn has_conversations(&self) -> bool {
        self.updates.contains(&Update::Conversations)
    }

    /// Somebody's name or picture.
    pub(crate) fn people(&mut self) {
        self.updates.insert(Update::People);
        self.updates.insert(Update::Conversations);
    }

    /// What waits to be sent.
    pub(crate) fn outbox(&mut self) {
        self.updates.insert(Update::Outbox);
    }
}
