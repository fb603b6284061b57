//! A device without a screen, within the test's own process: `sync_core::Client`, which is what the app and every bot
//! use.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, ensure};
use sync_core::{
    Anchor, Client, Connection, ItemKey, OpenError, Options, SessionState, Status, TimelineItem, Url, UserId,
    limits,
};
use tempfile::TempDir;

use crate::{chat::PASSPHRASE, people::Person, secrets::FileSecrets, wait::until};

/// A device of somebody's, signed in or not.
pub struct Replica {
    /// What drives it.
    pub client: Client,
    profile: PathBuf,
    // Removes a throw-away profile when the device is dropped.
    _folder: Option<TempDir>,
}

impl Replica {
    /// A new device, which goes when it is dropped.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub async fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("roost-replica-").tempdir()?;
        let replica = Self::at(folder.path().join("profile")).await?;
        Ok(Self { _folder: Some(folder), ..replica })
    }

    /// The device with this profile, whose secrets lie beside it.
    ///
    /// # Errors
    /// Where the profile cannot be opened.
    pub async fn at(profile: PathBuf) -> anyhow::Result<Self> {
        let client = open(&profile).await?;
        Ok(Self { client, profile, _folder: None })
    }

    /// The device with this profile, which a chat has left behind.
    ///
    /// # Errors
    /// Where the profile cannot be opened.
    pub async fn of_chat(profile: PathBuf) -> anyhow::Result<Self> {
        let client = Client::open_with_passphrase(options(&profile), PASSPHRASE).await?;
        Ok(Self { client, profile, _folder: None })
    }

    /// A new device on which somebody has signed in.
    ///
    /// # Errors
    /// Where the server does not let them in.
    pub async fn signed_in(server: &str, person: &Person) -> anyhow::Result<Self> {
        let replica = Self::new().await?;
        replica.sign_in(server, person.user_name, person.password).await?;
        Ok(replica)
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// Where the server does not let them in.
    pub async fn sign_in(&self, server: &str, user_name: &str, password: &str) -> anyhow::Result<()> {
        self.client.sign_in(&Url::parse(server)?, user_name, password).await?;
        Ok(())
    }

    /// Where its profile is.
    #[must_use]
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// Where nobody is.
    pub fn id(&self) -> anyhow::Result<UserId> {
        Ok(self.client.session().account().context("nobody is signed in")?.user.id.clone())
    }

    /// The whole conversation as far as it is here, oldest first.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn items(&self, peer: &UserId) -> anyhow::Result<Vec<TimelineItem>> {
        let mut items = Vec::new();
        let mut anchor = Anchor::Newest;
        loop {
            let mut page = self.client.timeline(peer, anchor, limits::TIMELINE_PAGE).await?;
            let oldest = page.items.first().map(|item| item.position.clone());
            page.items.append(&mut items);
            items = page.items;
            match oldest {
                Some(oldest) if page.has_older => anchor = Anchor::Before(oldest),
                _ => return Ok(items),
            }
        }
    }

    /// One message of a conversation.
    ///
    /// # Errors
    /// Where it is not there.
    pub async fn item(&self, peer: &UserId, key: &ItemKey) -> anyhow::Result<TimelineItem> {
        let items = self.items(peer).await?;
        items.into_iter().find(|item| item.key == *key).context("the message is not there")
    }

    /// How many messages of a conversation are unread.
    ///
    /// # Errors
    /// Where there is no such conversation.
    pub async fn unread(&self, peer: &UserId) -> anyhow::Result<u32> {
        let list = self.client.conversations().await?;
        Ok(list.into_iter().find(|line| line.peer.id == *peer).context("no such conversation")?.unread)
    }

    /// Waits until the conversation consists of these messages.
    ///
    /// # Errors
    /// Where it stays something else.
    pub async fn shows(&self, peer: &UserId, contents: &[&str]) -> anyhow::Result<()> {
        until(&format!("{contents:?}"), async || {
            let seen: Vec<_> = self.items(peer).await?.into_iter().map(|item| item.content).collect();
            ensure!(seen == contents, "there is {seen:?}");
            Ok(())
        })
        .await
    }

    /// Waits until this message of one's own got so far.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn status(&self, peer: &UserId, key: &ItemKey, wanted: Status) -> anyhow::Result<()> {
        until(&format!("{wanted:?}"), async || {
            let status = self.item(peer, key).await?.status;
            ensure!(status.as_ref() == Some(&wanted), "it is {status:?}");
            Ok(())
        })
        .await
    }

    /// Waits until nothing is missing.
    ///
    /// # Errors
    /// Where it stays otherwise.
    pub async fn online(&self) -> anyhow::Result<()> {
        self.connection("online", |connection| matches!(connection, Connection::Online { .. })).await
    }

    /// Waits until it has found out that the server cannot be reached.
    ///
    /// # Errors
    /// Where it stays otherwise.
    pub async fn offline(&self) -> anyhow::Result<()> {
        self.connection("offline", |connection| matches!(connection, Connection::Offline { .. })).await
    }

    /// Waits until its session is over.
    ///
    /// # Errors
    /// Where it goes on.
    pub async fn expired(&self) -> anyhow::Result<()> {
        until("the end of the session", async || {
            let session = self.client.session();
            ensure!(matches!(session, SessionState::Expired(_)), "it is {session:?}");
            Ok(())
        })
        .await
    }

    /// Waits until it stands so with its server; `what` says how, for whoever waits in vain.
    ///
    /// # Errors
    /// Where it stays otherwise.
    pub async fn connection(&self, what: &str, wanted: impl Fn(&Connection) -> bool) -> anyhow::Result<()> {
        until(what, async || {
            let connection = self.client.connection();
            ensure!(wanted(&connection), "it is {connection:?}");
            Ok(())
        })
        .await
    }
}

/// Opens a profile whose secrets lie beside it.
///
/// # Errors
/// As the engine says.
pub async fn open(profile: &Path) -> Result<Client, OpenError> {
    Client::open(options(profile)).await
}

fn options(profile: &Path) -> Options {
    let secrets = Arc::new(FileSecrets::at(profile.with_extension("secrets")));
    Options { profile_dir: profile.to_owned(), secrets }
}
