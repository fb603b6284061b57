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
    convert::{self, Signed},
    domain::{Account, Connection, Registration, ServerInfo, SessionState, Site, Update},
    engine::Engine,
    error::{ServerError, SignInError, StoreError},
    limits,
    store::account::{self, Session},
    transport::{
        api::{self, Api},
        http::{Http, HttpError},
        probe,
        token::{Keyring, Tokens},
        trust::TrustedCertificate,
    },
};

use super::Client;

/// The ways in.
pub(super) enum Entry<'a> {
    Login {
        login: &'a str,
        password: &'a str,
    },
    Register(&'a Registration),
    /// An access token from elsewhere.
    Token(&'a str),
}

impl Client {
    pub(super) async fn enter(&self, site: Site<'_>, entry: Entry<'_>) -> Result<Account, SignInError> {
        let _gate = self.inner.gate.lock().await;
        if let SessionState::SignedIn(account) = self.session() {
            return Err(SignInError::SignedIn { user_name: account.user_name });
        }
        // Nothing is left of an engine whose session is over, not even a write that tells so.
        self.stop_engine().await;
        // A server can take long, and whoever closes the program does not wait for it. What comes after is brief.
        let trusted = self.trusted_at(site).await?;
        let (info, signed) = tokio::select! {
            biased;
            () = self.closing() => return Err(StoreError::Closed.into()),
            asked = self.ask(site.url, trusted.as_ref(), &entry) => asked?,
        };
        let account = Self::account_of(&signed, info, trusted, &entry)?;
        self.check_holder(&account).await?;
        self.admit(account, signed).await
    }

    /// Waits until somebody closes the client.
    async fn closing(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.inner.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// The certificate to trust at a server: the one that is given, or that the account on this device has for it.
    async fn trusted_at(&self, site: Site<'_>) -> Result<Option<TrustedCertificate>, StoreError> {
        if site.trusted.is_some() {
            return Ok(site.trusted.cloned());
        }
        let holder = self.inner.face.store.read(|connection| account::holder(connection)).await?;
        Ok(holder
            .filter(|(holder, _)| holder.server.origin() == site.url.origin())
            .and_then(|(holder, _)| holder.trusted))
    }

    /// Asks the server to let somebody in.
    async fn ask(
        &self,
        server: &Url,
        trusted: Option<&TrustedCertificate>,
        entry: &Entry<'_>,
    ) -> Result<(ServerInfo, Signed), SignInError> {
        let info = probe::probe(server.as_str(), trusted).await?;
        if !info.supported {
            return Err(SignInError::Unsupported);
        }
        let http = match self.http(trusted) {
            Ok(http) => http,
            Err(error) => return Err(probe::explained(&info.url, &error, trusted).await.into()),
        };
        let signed = match entry {
            Entry::Login { login, password } => api::login(&http, &info.url, login.trim(), password).await,
            Entry::Register(form) => api::register(&http, &info.url, form).await,
            Entry::Token(pasted) => {
                let (token, bearer) = convert::token::whose(pasted).map_err(|_| SignInError::NoToken)?;
                api::check(&http, &info.url, &token).await.map(|()| Signed {
                    user: Some((bearer.person, bearer.user_name.unwrap_or_default())),
                    access_token: token,
                    refresh_token: None,
                })
            }
        };
        match signed {
            Ok(signed) => Ok((info, signed)),
            Err(error) => Err(turned_away(&info.url, &error, trusted, entry).await),
        }
    }

    /// The account that the server let in.
    fn account_of(
        signed: &Signed,
        info: ServerInfo,
        trusted: Option<TrustedCertificate>,
        entry: &Entry<'_>,
    ) -> Result<Account, SignInError> {
        let host = info.url.host_str().unwrap_or_default().to_owned();
        // Where the answer does not say who one is, the token may.
        let by_token = || {
            let (_, bearer) = convert::token::whose(&signed.access_token).ok()?;
            Some((bearer.person, bearer.user_name.unwrap_or_default()))
        };
        let Some((user, user_name)) = signed.user.clone().or_else(by_token) else {
            let details = "the answer to signing in names no user".to_owned();
            return Err(ServerError::Incompatible { host, details }.into());
        };
        let typed = match entry {
            Entry::Login { login, .. } => (*login).to_owned(),
            Entry::Register(form) => form.user_name.clone(),
            Entry::Token(_) => user.id.as_str().to_owned(),
        };
        Ok(Account {
            user,
            user_name: if user_name.is_empty() { typed } else { user_name },
            server: info.url,
            server_name: info.name.unwrap_or(host),
            trusted,
        })
    }

    /// Makes sure that the profile is empty or this account's. The person is the same where the id is, also at another
    /// address, because a server may move: documented ids of two servers do not meet. Those of any other form may, so
    /// they count at their own address alone.
    async fn check_holder(&self, account: &Account) -> Result<(), SignInError> {
        let is_same = |holder: &Account| {
            let documented = || account.user.id.as_str().parse::<protocol::UserId>().is_ok();
            let id = holder.user.id == account.user.id;
            id && (holder.server.origin() == account.server.origin() || documented())
        };
        match self.inner.face.store.read(|connection| account::holder(connection)).await? {
            Some((holder, _)) if !is_same(&holder) => Err(SignInError::OtherAccount {
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
        self.note_account().await;
        self.start_engine().await?;
        self.inner.face.store.announce(Update::Everything);
        Ok(account)
    }

    pub(super) async fn leave(&self, keep_messages: bool) -> Result<(), StoreError> {
        let _gate = self.inner.gate.lock().await;
        let account = self.session().account().cloned();
        self.stop_engine().await;
        if let Some(account) = account {
            let api = self.api(&account)?;
            match tokio::time::timeout(limits::SIGN_OUT_TIME, api.sign_out()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::info!(%error, "the server was not told of the sign-out"),
                Err(_) => tracing::info!("the server was not told of the sign-out in time"),
            }
            self.keyring().forget().await;
        }
        let left = self.inner.face.store.write(move |connection, _| {
            if keep_messages {
                account::set_session(connection, Session::SignedOut)?;
            } else {
                account::wipe(connection)?;
            }
            Ok::<_, StoreError>(())
        });
        if let Err(error) = left.await {
            // The tokens are gone, which an engine finds out; without one it would look as if somebody were signed in.
            self.go_on().await?;
            return Err(error);
        }
        self.inner.face.set_session(SessionState::SignedOut);
        self.note_account().await;
        self.inner.face.set_connection(Connection::Connecting);
        self.inner.face.set_clock_skew(None);
        self.inner.pictures.forget();
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
            self.api(&account)?,
            Arc::clone(&inner.clock),
            Arc::clone(&inner.source),
        );
        *engine = Some(started.await?);
        Ok(())
    }

    /// Starts the engine again that was stopped for a while, if somebody is signed in.
    pub(super) async fn go_on(&self) -> Result<(), StoreError> {
        match self.session() {
            SessionState::SignedIn(_) => self.start_engine().await,
            SessionState::SignedOut | SessionState::Expired(_) => Ok(()),
        }
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

    fn api(&self, account: &Account) -> Result<Api, StoreError> {
        let trusted = account.trusted.clone();
        let http = self.http(trusted.as_ref());
        // The certificate was usable when it was stored.
        let http = http.map_err(|error| StoreError::Database { details: error.to_string() })?;
        let tokens = Tokens::new(http.clone(), account.server.clone(), self.keyring());
        Ok(Api::new(http, account.server.clone(), account.user.id.clone(), Arc::new(tokens), trusted))
    }

    /// Requests to a server at which this certificate is the only one trusted, or to any other.
    fn http(&self, trusted: Option<&TrustedCertificate>) -> Result<Http, HttpError> {
        trusted.map_or_else(|| Ok(self.inner.http.clone()), Http::trusting)
    }

    pub(super) async fn set_trusted(&self, trusted: Option<TrustedCertificate>) -> Result<(), StoreError> {
        let _gate = self.inner.gate.lock().await;
        let session = self.session();
        let Some(mut account) = session.account().cloned() else { return Ok(()) };
        self.stop_engine().await;
        account.trusted.clone_from(&trusted);
        let stored = self.inner.face.store.write(move |connection, _| {
            Ok::<_, StoreError>(account::set_trusted(connection, trusted.as_ref())?)
        });
        let stored = stored.await;
        if stored.is_ok() {
            let signed_in = matches!(session, SessionState::SignedIn(_));
            let session =
                if signed_in { SessionState::SignedIn(account) } else { SessionState::Expired(account) };
            self.inner.face.set_session(session);
        }
        self.go_on().await?;
        stored
    }
}

/// Why the server let nobody in. A 401 to a login is about the password, whatever the server's words.
async fn turned_away(
    server: &Url,
    error: &HttpError,
    trusted: Option<&TrustedCertificate>,
    entry: &Entry<'_>,
) -> SignInError {
    match (error, entry) {
        (HttpError::Status { status: 401, .. }, Entry::Login { .. }) => SignInError::WrongCredentials,
        (HttpError::Status { status: 401, .. }, Entry::Token(_)) => SignInError::WrongToken,
        (HttpError::Status { status: 429, retry_after, .. }, _) => {
            SignInError::TooMany { seconds: retry_after.map_or(60, |wait| wait.as_secs()) }
        }
        (HttpError::Status { status: 400..=499, reason, .. }, _) => {
            SignInError::Refused { reason: reason.clone() }
        }
        (error, _) => probe::explained(server, error, trusted).await.into(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;
    use crate::{MemorySecrets, Options, store::people};

    fn account(id: &str, server: &str) -> Account {
        Account {
            user: people::nameless(id.into()),
            user_name: "ana".to_owned(),
            server: server.parse().unwrap(),
            server_name: "Chat".to_owned(),
            trusted: None,
        }
    }

    #[tokio::test]
    async fn where_nothing_can_be_stored_the_engine_goes_on_or_finds_the_session_over() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Arc::new(MemorySecrets::new());
        let client = Client::open(Options { profile_dir: folder.path().to_owned(), secrets }).await.unwrap();
        client.keyring().keep("a.b.c".to_owned(), None).await.unwrap();
        // Nobody answers there at first.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}/", listener.local_addr().unwrap());
        let held = account("507f1f77bcf86cd799439011", &server);
        let stored = held.clone();
        let write = client.inner.face.store.write(move |connection, _| {
            account::sign_in(connection, &stored)?;
            connection.execute_batch(
                "CREATE TRIGGER no_update BEFORE UPDATE ON account BEGIN SELECT raise(ABORT, 'no'); END;
                 CREATE TRIGGER no_delete BEFORE DELETE ON account BEGIN SELECT raise(ABORT, 'no'); END;",
            )?;
            Ok::<_, StoreError>(())
        });
        write.await.unwrap();
        client.inner.face.set_session(SessionState::SignedIn(held.clone()));
        client.start_engine().await.unwrap();

        assert!(client.trust(None).await.is_err());
        assert!(client.inner.engine.read().await.is_some());
        assert_eq!(client.session(), SessionState::SignedIn(held.clone()));

        let mut updates = client.updates();
        assert!(client.sign_out(false).await.is_err());
        assert!(client.inner.engine.read().await.is_some());
        // It is found out when the server can be asked, and noted once there is room again.
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 8 * 1024]).await;
                let answer =
                    "HTTP/1.1 401 x\r\nConnection: close\r\nContent-Length: 14\r\n\r\n{\"error\":\"no\"}";
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let write = client.inner.face.store.write(|connection, _| {
            Ok::<_, StoreError>(connection.execute_batch("DROP TRIGGER no_update; DROP TRIGGER no_delete")?)
        });
        write.await.unwrap();
        client.retry_now();
        let over = async {
            while client.session() != SessionState::Expired(held.clone()) {
                updates.next().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), over).await.unwrap();
        client.close().await;
    }

    #[tokio::test]
    async fn an_account_is_known_again_by_its_id_and_by_its_server_where_ids_may_meet() {
        const DOCUMENTED: &str = "507f1f77bcf86cd799439011";
        for (id, may_move) in [(DOCUMENTED, true), ("7", false)] {
            let folder = tempfile::tempdir().unwrap();
            let secrets = Arc::new(MemorySecrets::new());
            let client =
                Client::open(Options { profile_dir: folder.path().to_owned(), secrets }).await.unwrap();
            let held = account(id, "https://chat.example.org/");
            assert!(client.check_holder(&held).await.is_ok(), "the profile is empty");
            let stored = held.clone();
            let write = client.inner.face.store.write(move |connection, _| {
                account::sign_in(connection, &stored)?;
                Ok::<_, StoreError>(account::set_session(connection, Session::SignedOut)?)
            });
            write.await.unwrap();
            let is_let_in =
                async |id: &str, server: &str| match client.check_holder(&account(id, server)).await {
                    Ok(()) => true,
                    Err(SignInError::OtherAccount { .. }) => false,
                    Err(error) => panic!("{error}"),
                };
            assert!(is_let_in(id, "https://chat.example.org/").await);
            assert_eq!(is_let_in(id, "https://moved.example.org/").await, may_move);
            assert!(!is_let_in("507f1f77bcf86cd799439012", "https://chat.example.org/").await);
        }
    }
}
