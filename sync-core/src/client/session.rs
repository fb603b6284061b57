//! Signing in and out.
//!
//! ```text
//!   signed out ──sign in──► signed in ──the server ends the session──► expired
//!       ▲                     │  ▲──────────sign in, same account───────┘ │
//!       └───────sign out──────┴──────────────────sign out─────────────────┘
//! ```
//!
//! A profile holds one account's messages. Another account can sign in only when they were removed, so that
//! nothing that waits to be sent is lost unasked.

use std::sync::Arc;

use url::Url;

use crate::{
    convert::Signed,
    domain::{Account, Connection, Registration, ServerInfo, SessionState, Update},
    engine::Engine,
    error::{ServerError, SignInError, StoreError},
    limits,
    store::account::{self, Session},
    transport::{
        api::{self, Api},
        http::HttpError,
        probe,
        token::{Keyring, Tokens},
    },
};

use super::Client;

/// The two ways in.
pub(super) enum Entry<'a> {
    Login { login: &'a str, password: &'a str },
    Register(&'a Registration),
}

impl Client {
    pub(super) async fn enter(&self, server: &Url, entry: Entry<'_>) -> Result<Account, SignInError> {
        let _gate = self.inner.gate.lock().await;
        if let SessionState::SignedIn(account) = self.session() {
            return Err(SignInError::SignedIn { user_name: account.user_name });
        }
        // Nothing is left of an engine whose session is over, not even a write that tells so.
        self.stop_engine().await;
        // A server can take long, and whoever closes the program does not wait for it. What comes after is brief.
        let (info, signed) = tokio::select! {
            biased;
            () = self.closing() => return Err(StoreError::Closed.into()),
            asked = self.ask(server, &entry) => asked?,
        };
        let account = Self::account_of(&signed, info, &entry)?;
        self.check_holder(&account).await?;
        self.admit(account, signed).await
    }

    /// Waits until somebody closes the client.
    async fn closing(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.inner.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Asks the server to let somebody in.
    async fn ask(&self, server: &Url, entry: &Entry<'_>) -> Result<(ServerInfo, Signed), SignInError> {
        let info = probe::probe(server.as_str()).await?;
        if !info.supported {
            return Err(SignInError::Unsupported);
        }
        let signed = match entry {
            Entry::Login { login, password } => {
                api::login(&self.inner.http, &info.url, login.trim(), password).await
            }
            Entry::Register(form) => api::register(&self.inner.http, &info.url, form).await,
        };
        match signed {
            Ok(signed) => Ok((info, signed)),
            Err(error) => Err(turned_away(&info.url, &error, matches!(entry, Entry::Login { .. })).await),
        }
    }

    /// The account that the server let in.
    fn account_of(signed: &Signed, info: ServerInfo, entry: &Entry<'_>) -> Result<Account, SignInError> {
        let host = info.url.host_str().unwrap_or_default().to_owned();
        let Some((user, user_name)) = signed.user.clone() else {
            let details = "the answer to signing in names no user".to_owned();
            return Err(ServerError::Incompatible { host, details }.into());
        };
        let typed = match entry {
            Entry::Login { login, .. } => (*login).to_owned(),
            Entry::Register(form) => form.user_name.clone(),
        };
        Ok(Account {
            user,
            user_name: if user_name.is_empty() { typed } else { user_name },
            server: info.url,
            server_name: info.name.unwrap_or(host),
        })
    }

    /// Makes sure that the profile is empty or this account's. The person is the same where the id is: ids of two
    /// servers do not meet, and a server may move to another address.
    async fn check_holder(&self, account: &Account) -> Result<(), SignInError> {
        match self.inner.face.store.read(|connection| account::holder(connection)).await? {
            Some((holder, _)) if holder.user.id != account.user.id => Err(SignInError::OtherAccount {
                user_name: holder.user_name,
                server: holder.server.host_str().unwrap_or_default().to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Stores the session and starts the engine.
    async fn admit(&self, account: Account, signed: Signed) -> Result<Account, SignInError> {
        if let Err(error) = self.keyring().keep(signed.access_token, signed.refresh_token).await {
            let details = error.to_string();
            return Err(StoreError::Database { details }.into());
        }
        let stored = account.clone();
        self.inner
            .face
            .store
            .write(move |connection, _| Ok::<_, StoreError>(account::sign_in(connection, &stored)?))
            .await?;
        self.inner.face.set_session(SessionState::SignedIn(account.clone()));
        self.start_engine().await?;
        self.inner.face.store.announce(Update::Everything);
        Ok(account)
    }

    pub(super) async fn leave(&self, keep_messages: bool) -> Result<(), StoreError> {
        let _gate = self.inner.gate.lock().await;
        let account = self.session().account().cloned();
        self.stop_engine().await;
        if let Some(account) = account {
            let ended =
                tokio::time::timeout(limits::SIGN_OUT_TIME, async { self.api(&account).sign_out().await });
            match ended.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::info!(%error, "the server was not told of the sign-out"),
                Err(_) => tracing::info!("the server was not told of the sign-out in time"),
            }
            self.keyring().forget().await;
        }
        self.inner
            .face
            .store
            .write(move |connection, _| {
                if keep_messages {
                    account::set_session(connection, Session::SignedOut)?;
                } else {
                    account::wipe(connection)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        self.inner.face.set_session(SessionState::SignedOut);
        self.inner.face.set_connection(Connection::Connecting);
        self.inner.face.store.announce(Update::Everything);
        Ok(())
    }

    pub(super) async fn start_engine(&self) -> Result<(), StoreError> {
        let Some(account) = self.session().account().cloned() else { return Ok(()) };
        let inner = &self.inner;
        // Held while it starts, so that closing either finds the engine or has closed the store before.
        let mut engine = inner.engine.write().await;
        let started = Engine::start(
            Arc::clone(&inner.face),
            self.api(&account),
            Arc::clone(&inner.clock),
            Arc::clone(&inner.source),
        );
        *engine = Some(started.await?);
        Ok(())
    }

    pub(super) async fn stop_engine(&self) {
        let engine = self.inner.engine.write().await.take();
        if let Some(engine) = engine {
            engine.stop().await;
        }
    }

    fn keyring(&self) -> Keyring {
        Keyring { secrets: Arc::clone(&self.inner.secrets), name: self.inner.secret_name.clone() }
    }

    fn api(&self, account: &Account) -> Api {
        let http = self.inner.http.clone();
        let tokens = Tokens::new(http.clone(), account.server.clone(), self.keyring());
        Api::new(http, account.server.clone(), account.user.id.clone(), Arc::new(tokens))
    }
}

/// Why the server let nobody in. A 401 to a login is about the password, whatever the server's words.
async fn turned_away(server: &Url, error: &HttpError, login: bool) -> SignInError {
    match error {
        HttpError::Status { status: 401, .. } if login => SignInError::WrongCredentials,
        HttpError::Status { status: 429, retry_after, .. } => {
            SignInError::TooMany { seconds: retry_after.map_or(60, |wait| wait.as_secs()) }
        }
        HttpError::Status { status: 400..=499, reason, .. } => {
            SignInError::Refused { reason: reason.clone() }
        }
        error => probe::explained(server, error).await.into(),
    }
}
