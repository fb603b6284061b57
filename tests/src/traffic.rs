//! Somebody who writes, edits, deletes and reads without a rest, and keeps a journal of it.

use anyhow::Context;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use sync_core::{Anchor, Client, ItemKey, Pending, UserId, WriteError};

use crate::journal::{Entry, Journal, name_of};

/// How many of the newest messages of a conversation are still touched.
const TOUCHED: u32 = 30;

/// One writer on one device.
pub struct Writer {
    client: Client,
    journal: Journal,
    name: String,
    peers: Vec<UserId>,
    rng: StdRng,
}

impl Writer {
    /// Somebody who writes to these people. The name is in each message.
    #[must_use]
    pub fn new(client: Client, journal: Journal, name: &str, peers: Vec<UserId>, seed: u64) -> Self {
        let rng = StdRng::seed_from_u64(seed);
        Self { client, journal, name: name.to_owned(), peers, rng }
    }

    /// Does one thing: mostly writes, sometimes edits or deletes what it wrote on this device, sometimes reads.
    ///
    /// # Errors
    /// Where the engine cannot do it.
    pub async fn step(&mut self) -> anyhow::Result<()> {
        let peer = self.peers.choose(&mut self.rng).context("there is nobody to write to")?.clone();
        match self.rng.random_range(0..20) {
            0..13 => self.send(&peer).await,
            13..16 => {
                let words = format!("edited {}", self.rng.random::<u32>());
                self.change(&peer, Some(&words)).await
            }
            16..18 => self.change(&peer, None).await,
            _ => self.read(&peer).await,
        }
    }

    async fn send(&mut self, peer: &UserId) -> anyhow::Result<()> {
        let name = format!("{}/{}", self.name, self.journal.sent() + 1);
        let text = format!("{name} {}", "word ".repeat(self.rng.random_range(1..40)).trim_end());
        self.journal.note(&Entry::Sending { to: peer.to_string(), text: text.clone() })?;
        self.client.send(peer, &text).await?;
        self.journal.note(&Entry::Sent { name })
    }

    async fn change(&mut self, peer: &UserId, words: Option<&str>) -> anyhow::Result<()> {
        let Some((key, name)) = self.one_of_mine(peer).await? else { return Ok(()) };
        let text = words.map(|words| format!("{name} {words}"));
        self.journal.note(&Entry::Changing { name: name.clone(), text: text.clone() })?;
        let changed = match &text {
            Some(text) => self.client.edit(&key, text).await,
            None => self.client.delete(&key).await,
        };
        match changed {
            Ok(()) => self.journal.note(&Entry::Changed { name, text }),
            // Something that was asked for before a kill has happened meanwhile.
            Err(WriteError::NoSuchMessage) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// One of the newest messages that this device wrote, and its name.
    async fn one_of_mine(&mut self, peer: &UserId) -> anyhow::Result<Option<(ItemKey, String)>> {
        let page = self.client.timeline(peer, Anchor::Newest, TOUCHED).await?;
        let prefix = format!("{}/", self.name);
        let mine = page.items.into_iter().filter(|item| {
            item.mine
                && !item.deleted
                && item.pending != Some(Pending::Delete)
                && item.content.starts_with(&prefix)
        });
        let mine: Vec<_> = mine.map(|item| (item.key, name_of(&item.content).to_owned())).collect();
        Ok(mine.choose(&mut self.rng).cloned())
    }

    async fn read(&mut self, peer: &UserId) -> anyhow::Result<()> {
        let page = self.client.timeline(peer, Anchor::Newest, TOUCHED).await?;
        match page.items.iter().rev().find(|item| !item.mine) {
            Some(newest) => Ok(self.client.mark_read(peer, &newest.key).await?),
            None => Ok(()),
        }
    }
}
