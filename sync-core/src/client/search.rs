//! Finding messages, what is being written, and how much of the history is here.

use crate::{
    domain::{Progress, Search, SearchPage, UserId},
    error::{StoreError, WriteError},
    store::{drafts, search, summaries},
};

use super::Client;

impl Client {
    /// Looks for messages on this device by their words, newest first: those that were fetched, and those that wait
    /// to be sent. Nothing is asked of the server, so [`Client::progress`] says how much of the history it covers.
    /// [`crate::Anchor::Around`] shows a hit where it stands. A query without a letter or a digit finds nothing.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn search(&self, search: Search) -> Result<SearchPage, StoreError> {
        self.inner.face.store.read(move |connection| search::page(connection, &search)).await
    }

    /// What is being written to `peer`, as [`Client::set_draft`] stored it.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn draft(&self, peer: &UserId) -> Result<Option<String>, StoreError> {
        let peer = peer.clone();
        self.inner.face.store.read(move |connection| drafts::draft(connection, &peer)).await
    }

    /// Stores what is being written to `peer`, in place of what was; blank, it is removed. It is kept on this device
    /// until [`Client::send`] sends something to the same person, which removes it in the same transaction.
    ///
    /// # Errors
    /// [`WriteError`]; then what was there stays.
    pub async fn set_draft(&self, peer: &UserId, content: &str) -> Result<(), WriteError> {
        let (peer, content, now) = (peer.clone(), content.to_owned(), self.inner.clock.now());
        let store = &self.inner.face.store;
        store.write(move |connection, changed| drafts::set(connection, &peer, &content, now, changed)).await
    }

    /// How much of the history is on this device. [`crate::Update::Progress`] tells when it changes.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn progress(&self) -> Result<Progress, StoreError> {
        self.inner.face.store.read(|connection| summaries::progress(connection)).await
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::*;
    use crate::{
        Anchor, MemorySecrets, Options,
        domain::Account,
        limits,
        store::{
            account::{self, Session},
            people,
        },
    };

    /// A client of Ana's whose session is over, so that nothing is asked of a server.
    async fn client(folder: &Path) -> Client {
        let fresh = open(folder).await;
        let written = fresh.inner.face.store.write(|connection, _| {
            let account = Account {
                user: people::nameless("ana".into()),
                user_name: "ana".to_owned(),
                server: "https://chat.example.org/".parse().unwrap(),
                server_name: "Chat".to_owned(),
                trusted: None,
            };
            account::sign_in(connection, &account)?;
            Ok::<_, StoreError>(account::set_session(connection, Session::Expired)?)
        });
        written.await.unwrap();
        fresh.close().await;
        open(folder).await
    }

    async fn open(folder: &Path) -> Client {
        let options = Options { profile_dir: folder.to_owned(), secrets: Arc::<MemorySecrets>::default() };
        Client::open_with_passphrase(options, "a test's passphrase").await.unwrap()
    }

    /// What the list says of the draft with Ben, and of the newest message.
    async fn line(client: &Client) -> Option<(Option<String>, Option<String>)> {
        let list = client.conversations().await.unwrap();
        list.into_iter().next().map(|line| (line.draft, line.last.map(|last| last.preview)))
    }

    #[tokio::test]
    async fn a_draft_outlives_the_program_and_leaves_with_its_message() {
        let folder = tempfile::tempdir().unwrap();
        let ben = UserId::from("ben");
        let first = client(folder.path()).await;
        let mut updates = first.updates();
        first.set_draft(&ben, "See you\nat no").await.unwrap();
        assert_eq!(updates.next().await, Some(crate::Update::Conversations));
        first.close().await;

        let client = open(folder.path()).await;
        assert_eq!(client.draft(&ben).await.unwrap().as_deref(), Some("See you\nat no"));
        assert_eq!(line(&client).await, Some((Some("See you at no".to_owned()), None)));
        // What cannot be sent stays where it is.
        assert!(matches!(client.send(&ben, " ").await, Err(WriteError::Blank)));
        assert!(client.draft(&ben).await.unwrap().is_some());
        client.send(&ben, "See you at noon").await.unwrap();
        assert_eq!(client.draft(&ben).await.unwrap(), None);
        assert_eq!(line(&client).await, Some((None, Some("See you at noon".to_owned()))));
        let found =
            client.search(Search { query: "noon".to_owned(), limit: 1, ..Search::default() }).await.unwrap();
        let around = client.timeline(&ben, Anchor::Around(found.hits[0].position.clone()), 10).await.unwrap();
        assert_eq!(around.items[0].key, found.hits[0].key);
    }

    #[tokio::test]
    async fn drafts_are_bounded_and_a_blank_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let client = client(folder.path()).await;
        for n in 0..limits::DRAFTS {
            client.set_draft(&UserId(format!("user {n}")), "x").await.unwrap();
        }
        let ben = UserId::from("ben");
        assert!(matches!(client.set_draft(&ben, "x").await, Err(WriteError::TooManyDrafts)));
        client.set_draft(&"user 0".into(), " \n").await.unwrap();
        client.set_draft(&ben, "x").await.unwrap();
        let long = "x".repeat(limits::DRAFT_CHARS + 1);
        assert!(matches!(client.set_draft(&ben, &long).await, Err(WriteError::DraftTooLong { .. })));
        assert_eq!(client.draft(&ben).await.unwrap().as_deref(), Some("x"));
        client.sign_out(false).await.unwrap();
        assert_eq!(client.conversations().await.unwrap(), []);
        assert!(matches!(client.set_draft(&ben, "x").await, Err(WriteError::SignedOut)));
    }
}
