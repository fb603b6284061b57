//! Telling of arrivals outside the window, and of how many messages are unread.
//!
//! [`watch`] follows the engine; [`news`] says what is new, [`decide`] whether somebody is told and how, and a
//! [`Notifier`] shows it.

mod attention;
mod decide;
#[cfg(target_os = "linux")]
mod linux;
mod news;
#[cfg(not(target_os = "linux"))]
mod plugin;

use std::time::Duration;

use chrono::Timelike as _;
use sync_core::{Anchor, Client, Connection, Conversation, SessionState, StoreError, Update, UserId};
use tauri::{AppHandle, Manager as _};
use tokio::time::{Instant, timeout_at};

pub(crate) use self::attention::*;
#[cfg(target_os = "linux")]
use self::linux::System;
#[cfg(not(target_os = "linux"))]
use self::plugin::System;
use self::{
    decide::{Arrival, Moment, Notice, notice},
    news::Known,
};
use crate::{
    links::{self, Place},
    settings::{SettingsFile, TimeOfDay},
    window,
    words::Spoken,
};

/// How long updates are gathered before the list is read.
const GATHER: Duration = Duration::from_millis(200);
/// So many conversations are told of at once, the newest, and of as many messages is the newest foreign one looked for.
const NOTICES: usize = 8;
const RECENT: u32 = 20;

/// What shows notifications on this system.
trait Notifier {
    /// Shows it, in place of an earlier one of the same conversation.
    async fn show(&self, notice: Notice);
    /// Takes back what is shown of a conversation.
    async fn withdraw(&self, peer: &str);
    /// Takes back everything.
    async fn withdraw_all(&self);
}

/// Follows what the engine tells, until it is gone.
pub(crate) async fn watch(app: AppHandle, client: Client) {
    let mut updates = client.updates();
    let clicked = app.clone();
    let mut watch = Watch {
        system: System::new(&app, move |link| links::follow(&clicked, link)),
        known: Known::default(),
        // What comes after a start is news; what a new sign-in fetches is not.
        settled: !matches!(client.session(), SessionState::SignedOut),
        app,
        client,
    };
    // What the device has is no news.
    watch.look(false).await;
    while let Some(update) = updates.next().await {
        let mut look = watch.heed(&update).await;
        let until = Instant::now() + GATHER;
        while look {
            match timeout_at(until, updates.next()).await {
                Ok(Some(update)) => look |= watch.heed(&update).await,
                Ok(None) | Err(_) => break,
            }
        }
        if look {
            watch.look(watch.settled).await;
        }
    }
}

struct Watch<N> {
    app: AppHandle,
    client: Client,
    system: N,
    known: Known,
    /// Whether what arrives is news.
    settled: bool,
}

impl<N: Notifier> Watch<N> {
    /// Whether the list has to be read.
    async fn heed(&mut self, update: &Update) -> bool {
        match update {
            Update::Session if matches!(self.client.session(), SessionState::SignedOut) => {
                self.settled = false;
                self.known = Known::default();
                self.system.withdraw_all().await;
                true
            }
            Update::Connection => {
                // Looked at first, so that what came before is not told of.
                if !self.settled && matches!(self.client.connection(), Connection::Online { .. }) {
                    self.look(false).await;
                    self.settled = true;
                }
                false
            }
            Update::Conversations | Update::Everything => true,
            _ => false,
        }
    }

    async fn look(&mut self, tell: bool) {
        if let Err(error) = self.try_to_look(tell).await {
            tracing::warn!(%error, "what has arrived is not known");
        }
    }

    async fn try_to_look(&mut self, tell: bool) -> Result<(), StoreError> {
        let conversations = self.client.conversations().await?;
        #[cfg(desktop)]
        crate::desktop::show_unread(&self.app, self.client.unread().await?);
        let news = self.known.compare(&conversations);
        for peer in &news.read {
            self.system.withdraw(&peer.0).await;
        }
        if !tell {
            return Ok(());
        }
        // The oldest first, so that the newest lies on top.
        for peer in news.arrived.iter().take(NOTICES).rev() {
            let arrival = match conversations.iter().find(|conversation| conversation.peer.id == *peer) {
                Some(conversation) => self.arrival(conversation).await?,
                None => None,
            };
            let Some((arrival, words)) = arrival.zip(self.app.state::<Spoken>().get()) else { continue };
            let settings = self.app.state::<SettingsFile>().get().notifications;
            if let Some(notice) = notice(&settings, &words, &self.moment(), arrival) {
                self.system.show(notice).await;
            }
        }
        Ok(())
    }

    /// The newest message from the other one.
    async fn arrival(&self, conversation: &Conversation) -> Result<Option<Arrival>, StoreError> {
        let peer: &UserId = &conversation.peer.id;
        let page = self.client.timeline(peer, Anchor::Newest, RECENT).await?;
        let newest = page.items.into_iter().rev().find(|item| !item.mine && !item.deleted);
        Ok(newest.map(|item| Arrival {
            peer: peer.0.clone(),
            name: format!("{} {}", conversation.peer.first_name, conversation.peer.last_name)
                .trim()
                .to_owned(),
            content: item.content,
            place: Place { key: item.key.0, position: item.position.0 },
            muted: conversation.muted,
        }))
    }

    fn moment(&self) -> Moment {
        let attention = self.app.state::<Attention>();
        let now = chrono::Local::now();
        Moment {
            now: TimeOfDay::of(now.hour(), now.minute()),
            focused: window::has_focus(&self.app),
            open: attention.open(),
            muted: attention.is_muted(),
        }
    }
}
