//! The session's tokens: read once, refreshed by one request for everybody who waits.
//!
//! A refresh token works once. The new one is in the keyring before anything is done with it, so a crash right
//! after the exchange does not end the session. Where the answer to an exchange was lost, the old token is tried
//! again, which the server allows for exactly that case.
//!
//! A session may have no refresh token: the access token was pasted, or the server gives none. Then, and where the
//! server has no such exchange, it ends with its access token.
//!
//! ```text
//!   not read ──keyring answers──► ready ──a 401──► exchanging ──a new pair──► ready
//!    ▲   └──keyring is locked──┐    ▲                 │  └──────no, or no refresh token──► over
//!    └──────────later──────────┘    └──no answer──────┘
//! ```
//!
//! A keyring that cannot be read says nothing about the session; only one without an entry ends it.
//!
//! The next session's tokens are under the same name in the keyring. Tokens whose session has ended here are retired,
//! so that a request that is still on its way can neither read nor replace nor remove what is not theirs.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;
use url::Url;

use crate::{
    convert,
    secrets::{SecretError, SecretStore},
};

use super::http::{Http, HttpError, NoAnswer, Request};

/// The pair, as the keyring holds it. No `Debug`, because it must not be printed.
#[derive(Clone, Serialize, Deserialize)]
struct Pair {
    access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
}

/// Why there is no token to work with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// There is none, or the server has ended the session.
    #[error("the session is over")]
    SessionOver,
    /// It could not be refreshed this time.
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// The tokens of one session.
pub(crate) struct Tokens {
    http: Http,
    server: Url,
    keyring: Keyring,
    pair: Mutex<Option<Pair>>,
    /// Whether the keyring's entry may be another session's by now.
    retired: AtomicBool,
}

/// One name in a [`SecretStore`], called off the asynchronous threads.
#[derive(Clone)]
pub(crate) struct Keyring {
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) name: String,
}

impl Keyring {
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SecretStore, &str) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let Self { secrets, name } = self.clone();
        tokio::task::spawn_blocking(move || work(secrets.as_ref(), &name))
            .await
            .map_err(|_| SecretError { details: "the program is ending".to_owned() })?
    }

    async fn load(&self) -> Result<Option<Pair>, HttpError> {
        match self.run(SecretStore::get).await {
            Ok(secret) => Ok(secret.and_then(|secret| serde_json::from_str(&secret).ok())),
            Err(error) => Err(HttpError::NoAnswer { cause: NoAnswer::Locked, details: error.to_string() }),
        }
    }

    /// Stores a session's tokens.
    ///
    /// # Errors
    /// Where the store cannot be reached.
    pub(crate) async fn keep(&self, access: String, refresh: Option<String>) -> Result<(), SecretError> {
        let secret = serde_json::to_string(&Pair { access, refresh })
            .map_err(|error| SecretError { details: error.to_string() })?;
        self.run(move |secrets, name| secrets.set(name, &secret)).await
    }

    /// Forgets them.
    pub(crate) async fn forget(&self) {
        if let Err(error) = self.run(SecretStore::delete).await {
            tracing::warn!(%error, "the session's tokens could not be removed from the keyring");
        }
    }
}

impl Tokens {
    pub(crate) fn new(http: Http, server: Url, keyring: Keyring) -> Self {
        Self { http, server, keyring, pair: Mutex::new(None), retired: AtomicBool::new(false) }
    }

    /// The session has ended here: from now on the keyring's entry is left alone.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
    }

    /// Whether the session has ended here.
    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::SeqCst)
    }

    fn still_in_use(&self) -> Result<(), TokenError> {
        if self.is_retired() { Err(TokenError::SessionOver) } else { Ok(()) }
    }

    /// The access token, from the keyring the first time.
    pub(crate) async fn access(&self) -> Result<String, TokenError> {
        let mut pair = self.pair.lock().await;
        if pair.is_none() {
            *pair = self.keyring.load().await?;
        }
        // Looked at last, because what was read meanwhile may be the next session's.
        self.still_in_use()?;
        pair.as_ref().map(|pair| pair.access.clone()).ok_or(TokenError::SessionOver)
    }

    /// An access token other than `stale`, which the server turned away. Whoever comes while the exchange is under
    /// way waits for it and shares its outcome.
    pub(crate) async fn refreshed(&self, stale: &str) -> Result<String, TokenError> {
        let mut guard = self.pair.lock().await;
        self.still_in_use()?;
        let pair = guard.as_ref().ok_or(TokenError::SessionOver)?;
        if pair.access != stale {
            return Ok(pair.access.clone());
        }
        let Some(refresh) = pair.refresh.clone() else { return self.over(&mut guard).await };
        let url = super::api::route(&self.server, protocol::paths::REFRESH);
        let body = json!({ "refreshToken": refresh });
        let answer = self.http.call(Request::new(Method::POST, url).body(body)).await;
        // Another session may have begun while the server thought about it.
        self.still_in_use()?;
        let answer = match answer {
            Ok(answer) => answer,
            // A server without the route has no way to go on either.
            Err(HttpError::Status { status: 401 | 404 | 405, .. }) => return self.over(&mut guard).await,
            Err(error) => return Err(error.into()),
        };
        let signed = convert::signed(&answer.body).map_err(HttpError::from)?;
        // A server that does not rotate need not repeat the token.
        let refresh = signed.refresh_token.or(Some(refresh));
        if let Err(error) = self.keyring.keep(signed.access_token.clone(), refresh.clone()).await {
            // It still works until the program ends.
            tracing::warn!(%error, "the new tokens could not be stored");
        }
        *guard = Some(Pair { access: signed.access_token.clone(), refresh });
        Ok(signed.access_token)
    }

    /// Forgets the tokens, which are good for nothing any more.
    async fn over(&self, pair: &mut Option<Pair>) -> Result<String, TokenError> {
        *pair = None;
        self.keyring.forget().await;
        Err(TokenError::SessionOver)
    }

    /// The refresh token, to end the session with.
    pub(crate) async fn refresh_token(&self) -> Option<String> {
        let mut pair = self.pair.lock().await;
        if pair.is_none() {
            *pair = self.keyring.load().await.ok().flatten();
        }
        pair.as_ref().and_then(|pair| pair.refresh.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::{Script, answer};
    use super::*;
    use crate::{domain::OfflineCause, secrets::MemorySecrets};

    const NAME: &str = "profile";

    struct Session {
        script: Script,
        secrets: Arc<MemorySecrets>,
        tokens: Tokens,
    }

    impl Session {
        /// A session with the tokens `a1` and `r1`, at a server that answers so.
        async fn new(answers: Vec<String>) -> Self {
            let script = Script::start(answers).await;
            let secrets = Arc::new(MemorySecrets::new());
            let keyring = Keyring { secrets: Arc::<MemorySecrets>::clone(&secrets), name: NAME.to_owned() };
            keyring.keep("a1".to_owned(), Some("r1".to_owned())).await.unwrap();
            let tokens = Tokens::new(Http::new().unwrap(), script.origin.clone(), keyring);
            assert_eq!(tokens.access().await.unwrap(), "a1");
            Self { script, secrets, tokens }
        }

        fn kept(&self) -> Option<String> {
            self.secrets.get(NAME).unwrap()
        }
    }

    fn renewed() -> String {
        answer(200, "", r#"{"status":"success","data":{"accessToken":"a2","refreshToken":"r2"}}"#)
    }

    #[tokio::test]
    async fn everybody_who_waits_shares_one_exchange() {
        let session = Session::new(vec![renewed()]).await;
        let waiting = (0..8).map(|_| session.tokens.refreshed("a1"));
        for outcome in futures_util::future::join_all(waiting).await {
            assert_eq!(outcome.unwrap(), "a2");
        }
        assert_eq!(session.script.requests().len(), 1);
        assert!(session.script.requests()[0].contains(r#""refreshToken":"r1""#));
        assert_eq!(session.kept().as_deref(), Some(r#"{"access":"a2","refresh":"r2"}"#));
    }

    #[tokio::test]
    async fn after_a_lost_answer_the_old_token_is_tried_again() {
        let session = Session::new(vec![String::new(), answer(503, "", ""), renewed()]).await;
        for _ in 0..2 {
            assert!(matches!(session.tokens.refreshed("a1").await, Err(TokenError::Http(_))));
            assert_eq!(session.kept().as_deref(), Some(r#"{"access":"a1","refresh":"r1"}"#));
        }
        assert_eq!(session.tokens.refreshed("a1").await.unwrap(), "a2");
        assert!(session.script.requests().iter().all(|request| request.contains(r#""refreshToken":"r1""#)));
    }

    #[tokio::test]
    async fn a_refused_exchange_ends_the_session_and_forgets_its_tokens() {
        let session = Session::new(vec![answer(401, "", r#"{"error":"Invalid refresh token"}"#)]).await;
        assert!(matches!(session.tokens.refreshed("a1").await, Err(TokenError::SessionOver)));
        assert!(matches!(session.tokens.refreshed("a1").await, Err(TokenError::SessionOver)));
        assert!(matches!(session.tokens.access().await, Err(TokenError::SessionOver)));
        assert_eq!((session.kept(), session.script.requests().len()), (None, 1));
    }

    #[tokio::test]
    async fn retired_tokens_leave_the_next_sessions_alone() {
        for answer in [renewed(), answer(401, "", r#"{"error":"Invalid refresh token"}"#)] {
            let session = Session::new(vec![answer]).await;
            let keyring = session.tokens.keyring.clone();
            // Joined in this order, the exchange is under way when the next session begins.
            let (exchanged, ()) = tokio::join!(biased; session.tokens.refreshed("a1"), async {
                session.tokens.retire();
                keyring.keep("b1".to_owned(), Some("s1".to_owned())).await.unwrap();
            });
            assert!(matches!(exchanged, Err(TokenError::SessionOver)));
            assert_eq!(session.script.requests().len(), 1);
            assert!(matches!(session.tokens.refreshed("a1").await, Err(TokenError::SessionOver)));
            assert!(matches!(session.tokens.access().await, Err(TokenError::SessionOver)));
            assert_eq!(session.kept().as_deref(), Some(r#"{"access":"b1","refresh":"s1"}"#));
        }
    }

    #[tokio::test]
    async fn somebody_between_who_says_no_does_not_end_the_session() {
        let session = Session::new(vec![answer(403, "", "<html>"), renewed()]).await;
        assert!(matches!(session.tokens.refreshed("a1").await, Err(TokenError::Http(_))));
        assert_eq!(session.tokens.refreshed("a1").await.unwrap(), "a2");
    }

    #[tokio::test]
    async fn without_a_refresh_token_or_its_route_a_401_ends_the_session() {
        let session = Session::new(vec![]).await;
        session.tokens.keyring.keep("a1".to_owned(), None).await.unwrap();
        assert_eq!(session.kept().as_deref(), Some(r#"{"access":"a1"}"#));
        let pasted =
            Tokens::new(Http::new().unwrap(), session.script.origin.clone(), session.tokens.keyring.clone());
        assert_eq!(pasted.access().await.unwrap(), "a1");
        assert!(matches!(pasted.refreshed("a1").await, Err(TokenError::SessionOver)));
        assert_eq!((session.kept(), session.script.requests().len()), (None, 0));

        let session = Session::new(vec![answer(404, "", r#"{"error":"Not found"}"#)]).await;
        assert!(matches!(session.tokens.refreshed("a1").await, Err(TokenError::SessionOver)));
    }

    #[tokio::test]
    async fn a_server_that_keeps_its_refresh_token_need_not_repeat_it() {
        let session = Session::new(vec![answer(200, "", r#"{"token":"a2"}"#)]).await;
        assert_eq!(session.tokens.refreshed("a1").await.unwrap(), "a2");
        assert_eq!(session.kept().as_deref(), Some(r#"{"access":"a2","refresh":"r1"}"#));
    }

    /// A keyring that is locked until it is told otherwise.
    struct Locked {
        secrets: MemorySecrets,
        locked: AtomicBool,
    }

    impl SecretStore for Locked {
        fn get(&self, name: &str) -> Result<Option<String>, SecretError> {
            if self.locked.load(Ordering::SeqCst) {
                return Err(SecretError { details: "locked".to_owned() });
            }
            self.secrets.get(name)
        }

        fn set(&self, name: &str, secret: &str) -> Result<(), SecretError> {
            self.secrets.set(name, secret)
        }

        fn delete(&self, name: &str) -> Result<(), SecretError> {
            self.secrets.delete(name)
        }

        fn lasts(&self) -> bool {
            true
        }
    }

    #[tokio::test]
    async fn a_locked_keyring_does_not_end_the_session_and_one_without_an_entry_does() {
        let secrets = Arc::new(Locked { secrets: MemorySecrets::new(), locked: AtomicBool::new(true) });
        let keyring = Keyring { secrets: Arc::<Locked>::clone(&secrets), name: NAME.to_owned() };
        keyring.keep("a1".to_owned(), None).await.unwrap();
        let nowhere = Url::parse("http://127.0.0.1:9/").unwrap();
        let tokens = Tokens::new(Http::new().unwrap(), nowhere, keyring);
        for _ in 0..2 {
            let Err(TokenError::Http(error)) = tokens.access().await else { panic!("it was read") };
            assert_eq!(error.offline_cause(), Some(OfflineCause::KeyringLocked));
        }
        secrets.locked.store(false, Ordering::SeqCst);
        assert_eq!(tokens.access().await.unwrap(), "a1");

        secrets.delete(NAME).unwrap();
        let keyring = Keyring { secrets, name: NAME.to_owned() };
        let nobody = Tokens::new(Http::new().unwrap(), "http://127.0.0.1:9/".parse().unwrap(), keyring);
        assert!(matches!(nobody.access().await, Err(TokenError::SessionOver)));
    }
}
