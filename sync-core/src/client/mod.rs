//! The public face: what a screen, or a bot, does with the engine.

mod company;
mod export;
mod list;
mod own_account;
mod pictures;
mod profile;
mod search;
mod session;

use std::{path::PathBuf, sync::Arc};

use tokio::sync::{Mutex, RwLock, broadcast, watch};

use crate::{
    clock::{Clock, SystemClock},
    domain::{
        Account, Anchor, ClockSkew, Connection, ItemKey, People, Person, Registration, ServerInfo,
        SessionState, Site, TimelinePage, Update, UserId,
    },
    engine::{Engine, Face},
    error::{OpenError, ServerError, SignInError, StoreError, WriteError},
    limits,
    machine::{self, compose},
    profile::Vault,
    secrets::SecretStore,
    store::{Changed, Store, account, drafts, outbox, people, rows::Rows, timeline},
    transport::{
        http::Http,
        probe,
        socket::{EventSource, SocketIo},
        trust::TrustedCertificate,
    },
    updates::Updates,
};

/// What a client works with.
pub struct Options {
    /// The profile's folder; made where it is missing. One client at a time.
    pub profile_dir: PathBuf,
    /// Where tokens are kept.
    pub secrets: Arc<dyn SecretStore>,
}

/// One profile: its messages, and the engine that keeps them in step with a server. Cheap to clone.
///
/// Reading answers from the profile's database and never from the network (I9). Writing is committed before it
/// returns; the engine carries it out when it can. What changes is told by [`Client::updates`].
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    face: Arc<Face>,
    updates: broadcast::Sender<Update>,
    secrets: Arc<dyn SecretStore>,
    secret_name: String,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    source: Arc<dyn EventSource>,
    http: Http,
    pictures: pictures::Pictures,
    engine: RwLock<Option<Engine>>,
    /// Held while somebody signs in or out.
    gate: Mutex<()>,
    /// Whether the client is being closed, or is closed.
    closing: watch::Sender<bool>,
}

impl Client {
    /// Opens the profile, and starts the engine where somebody is signed in. Has to be called on a tokio runtime,
    /// on which the engine then runs. A new profile is made with its key in the keyring.
    ///
    /// # Errors
    /// [`OpenError`]: in use, written by a newer version, its key lost or locked away, or not to be used at all.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        Self::open_vault(options, None).await
    }

    /// As [`Client::open`], for a profile that a passphrase protects, and for a new one that it shall protect.
    ///
    /// # Errors
    /// As [`Client::open`]; and where the passphrase is another one, or is too short for a new profile.
    pub async fn open_with_passphrase(options: Options, passphrase: &str) -> Result<Self, OpenError> {
        Self::open_vault(options, Some(passphrase)).await
    }

    async fn open_vault(options: Options, passphrase: Option<&str>) -> Result<Self, OpenError> {
        let (updates, _) = broadcast::channel(limits::UPDATES);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let vault = profile::unlock(&options, passphrase).await?;
        let store = Store::open(Arc::clone(&vault), clock.now(), updates.clone()).await?;
        let opened = store.write(|connection, changed| {
            // Also where no engine will start, so that nothing is shown as on its way for ever.
            machine::recover(&mut Rows(connection), changed)?;
            Ok::<_, StoreError>(account::session(connection)?)
        });
        let session = opened.await?;
        let http = Http::new().map_err(|error| OpenError::Network { details: error.to_string() })?;
        let signed_in = matches!(session, SessionState::SignedIn(_));
        let face = Face {
            session: watch::Sender::new(session),
            connection: watch::Sender::new(Connection::Connecting),
            clock_skew: watch::Sender::new(None),
            store,
        };
        let client = Self {
            inner: Arc::new(Inner {
                face: Arc::new(face),
                updates,
                secrets: options.secrets,
                secret_name: vault.secret_name(),
                vault,
                clock,
                source: Arc::new(SocketIo),
                http,
                pictures: pictures::Pictures::default(),
                engine: RwLock::new(None),
                gate: Mutex::new(()),
                closing: watch::Sender::new(false),
            }),
        };
        client.note_account().await;
        client.repair_when_damaged();
        if signed_in {
            client.start_engine().await?;
        }
        Ok(client)
    }

    /// Stops the engine and closes the database. Afterwards every call that needs them fails, and the profile can
    /// be opened again. Nobody signs in any more, and a sign-out is waited for, though not longer than
    /// [`limits::CLOSE_TIME`].
    pub async fn close(&self) {
        self.inner.closing.send_replace(true);
        let gate = tokio::time::timeout(limits::CLOSE_TIME, self.inner.gate.lock()).await;
        if gate.is_err() {
            tracing::warn!("closing while somebody still signs in or out");
        }
        // Held over both, so that no engine starts between the two on a store that is about to close.
        let mut engine = self.inner.engine.write().await;
        if let Some(engine) = engine.take() {
            engine.stop().await;
        }
        self.inner.face.store.close().await;
    }

    /// Asks what stands at an address, as a person types it: a bare host is enough.
    ///
    /// # Errors
    /// [`ServerError`], which tells the causes apart in plain words.
    pub async fn probe(address: &str) -> Result<ServerInfo, ServerError> {
        probe::probe(address, None).await
    }

    /// Asks the same of a server whose certificate, or its issuer's, somebody trusts explicitly.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn probe_trusting(
        address: &str,
        certificate: &TrustedCertificate,
    ) -> Result<ServerInfo, ServerError> {
        probe::probe(address, Some(certificate)).await
    }

    /// Signs in with a user name or an e-mail address. After an end of the session the same account goes on where
    /// it was.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(
        &self,
        site: impl Into<Site<'_>>,
        login: &str,
        password: &str,
    ) -> Result<Account, SignInError> {
        self.enter(site.into(), session::Entry::Login { login, password }).await
    }

    /// Signs in with an access token that somebody got elsewhere, as servers without a login need it. The token says
    /// who one is. The session ends when the token does.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in_with_token(
        &self,
        site: impl Into<Site<'_>>,
        token: &str,
    ) -> Result<Account, SignInError> {
        self.enter(site.into(), session::Entry::Token(token)).await
    }

    /// Makes an account and signs in.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn register(
        &self,
        site: impl Into<Site<'_>>,
        form: Registration,
    ) -> Result<Account, SignInError> {
        self.enter(site.into(), session::Entry::Register(&form)).await
    }

    /// Makes a certificate the only one that is trusted at the account's server, from now on; `None` goes back to the
    /// usual authorities. For a server whose certificate was changed on purpose. Where nobody has an account, nothing
    /// happens.
    ///
    /// # Errors
    /// Where the database cannot be used.
    pub async fn trust(&self, certificate: Option<TrustedCertificate>) -> Result<(), StoreError> {
        self.set_trusted(certificate).await
    }

    /// Signs out, telling the server where it can be reached. The messages, and what waits to be sent, stay on this
    /// device or are removed from it. Where nobody is signed in, this removes messages that were kept.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn sign_out(&self, keep_messages: bool) -> Result<(), StoreError> {
        self.leave(keep_messages).await
    }

    /// Whether somebody is signed in.
    #[must_use]
    pub fn session(&self) -> SessionState {
        self.inner.face.session.borrow().clone()
    }

    /// How it stands with the server.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.inner.face.connection.borrow().clone()
    }

    /// How far this device's clock is off, by what the account's server last said; `None` where that does no harm, or
    /// is not known. [`Update::Connection`] tells when it changes.
    #[must_use]
    pub fn clock_skew(&self) -> Option<ClockSkew> {
        *self.inner.face.clock_skew.borrow()
    }

    /// Whether the session outlives the program. Where the keyring cannot be used, it does not, and people should
    /// be told that they will have to sign in again.
    #[must_use]
    pub fn stays_signed_in(&self) -> bool {
        self.inner.secrets.lasts()
    }

    /// What changes from now on.
    #[must_use]
    pub fn updates(&self) -> Updates {
        Updates::new(self.inner.updates.subscribe())
    }

    /// A page of the conversation with `peer`: at least one message where there is one, and at most `limit` or
    /// [`limits::TIMELINE_PAGE`]. Reaching the oldest message here makes the engine fetch older ones;
    /// [`Update::Timeline`] tells when they are here.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn timeline(
        &self,
        peer: &UserId,
        anchor: Anchor,
        limit: u32,
    ) -> Result<TimelinePage, StoreError> {
        let engine = self.inner.engine.read().await;
        let online = engine.as_ref().is_some_and(Engine::reachable);
        let wanted = peer.clone();
        let page = self
            .inner
            .face
            .store
            .read(move |connection| timeline::page(connection, &wanted, &anchor, limit, online))
            .await?;
        if page.history != crate::History::Complete
            && let Some(engine) = engine.as_ref()
        {
            engine.want_history(peer);
        }
        Ok(page)
    }

    /// What is known of a person on this device.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn person(&self, id: &UserId) -> Result<Option<Person>, StoreError> {
        let id = id.clone();
        self.inner.face.store.read(move |connection| people::person(connection, &id)).await
    }

    /// The people whose names hold each word of `query`, oneself left out. The server is asked where it can be
    /// reached; otherwise these are the people that this device knows.
    ///
    /// # Errors
    /// Where the database cannot be used.
    pub async fn people(&self, query: &str) -> Result<People, StoreError> {
        let Some(me) = self.session().account().map(|account| account.user.id.clone()) else {
            return Ok(People { people: Vec::new(), asked_server: false });
        };
        let api = self.inner.engine.read().await.as_ref().filter(|engine| engine.extended()).map(Engine::api);
        let mut found = Vec::new();
        let mut asked_server = false;
        if let Some(api) = api {
            match api.search_people(query).await {
                Ok(people) => (found, asked_server) = (people, true),
                Err(error) => tracing::debug!(%error, "people could not be searched on the server"),
            }
        }
        let store = &self.inner.face.store;
        let (fresh, query, not) = (found.clone(), query.to_owned(), me.clone());
        let known = store
            .write(move |connection, changed| {
                for person in &fresh {
                    if people::put(connection, person)? {
                        changed.people();
                    }
                }
                Ok::<_, StoreError>(people::search(connection, &query, &not, limits::PEOPLE)?)
            })
            .await?;
        // The server may match more than names, so what it found comes first.
        found.retain(|person| person.id != me);
        let extra: Vec<_> =
            known.into_iter().filter(|known| found.iter().all(|one| one.id != known.id)).collect();
        found.extend(extra);
        found.truncate(usize::try_from(limits::PEOPLE).unwrap_or(usize::MAX));
        Ok(People { people: found, asked_server })
    }

    /// How many messages, edits and deletions wait for the server. What it refused does not wait.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn waiting(&self) -> Result<u32, StoreError> {
        self.inner.face.store.read(|connection| outbox::waiting(connection)).await
    }

    /// Writes a message to `peer`. When this returns, it is stored and shown; it is sent when it can be. It takes the
    /// place of what was being written to them ([`Client::set_draft`]).
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was stored.
    pub async fn send(&self, peer: &UserId, content: &str) -> Result<ItemKey, WriteError> {
        let key = ItemKey(uuid::Uuid::now_v7().to_string());
        let (peer, to, content, sent) = (peer.clone(), peer.clone(), content.to_owned(), key.clone());
        let now = self.inner.clock.now();
        self.compose(move |rows, changed| {
            compose::send(rows, &peer, &content, &sent, now, changed)?;
            Ok(drafts::clear(rows.0, &peer, changed)?)
        })
        .await?;
        self.set_typing(&to, false).await;
        Ok(key)
    }

    /// Changes the content of one's own message, sent or waiting.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was changed.
    pub async fn edit(&self, key: &ItemKey, content: &str) -> Result<(), WriteError> {
        let (key, content, now) = (key.clone(), content.to_owned(), self.inner.clock.now());
        self.compose(move |rows, changed| compose::edit(rows, &key, &content, now, changed)).await
    }

    /// Deletes one's own message; one that was never sent is cancelled.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was changed.
    pub async fn delete(&self, key: &ItemKey) -> Result<(), WriteError> {
        let (key, now) = (key.clone(), self.inner.clock.now());
        self.compose(move |rows, changed| compose::delete(rows, &key, now, changed)).await
    }

    /// Tries a message, or a change of one, again that the server refused; sends one's own message again that the
    /// server lost.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was changed.
    pub async fn retry(&self, key: &ItemKey) -> Result<(), WriteError> {
        let (key, now) = (key.clone(), self.inner.clock.now());
        self.compose(move |rows, changed| compose::retry(rows, &key, now, changed)).await
    }

    /// Ends every wait between tries.
    pub fn retry_now(&self) {
        // While the engine is being started or stopped there is no wait to end.
        if let Ok(engine) = self.inner.engine.try_read()
            && let Some(engine) = engine.as_ref()
        {
            engine.retry_now();
        }
    }

    /// Runs a write and lets the engine know.
    async fn compose<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Rows<'_>, &mut Changed) -> Result<T, WriteError> + Send + 'static,
    ) -> Result<T, WriteError> {
        let store = &self.inner.face.store;
        let value = store.write(move |connection, changed| work(&mut Rows(connection), changed)).await?;
        if let Some(engine) = self.inner.engine.read().await.as_ref() {
            engine.deliver();
        }
        Ok(value)
    }
}
