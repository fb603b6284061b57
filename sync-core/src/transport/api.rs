//! The routes that the engine uses, with the session's token.

mod account;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use protocol::paths;

use crate::{
    apply::Message,
    convert::{
        self, Signed,
        list::{Cut, Splitter},
    },
    domain::{ClockSkew, MessageId, Person, Presence, Registration, RegistrationMode, UserId},
    limits,
    machine::feed::{FeedPage, HistoryPage, Snapshot},
};

use super::{
    http::{Answer, Http, HttpError, Pieces, Request},
    probe::{self, Kind},
    socket::Opening,
    token::{TokenError, Tokens},
    trust::TrustedCertificate,
};

/// The address of a route. The server is an origin, so there is nothing to join but the path.
pub(crate) fn route(server: &Url, path: &str) -> Url {
    let mut url = server.clone();
    url.set_path(path);
    url
}

/// Signs in. `login` is a user name, or an e-mail address where it has an `@`.
pub(crate) async fn login(
    http: &Http,
    server: &Url,
    login: &str,
    password: &str,
) -> Result<Signed, HttpError> {
    let field = if login.contains('@') { "email" } else { "userName" };
    let body = json!({ field: login, "password": password });
    let answer = http.call(Request::new(Method::POST, route(server, paths::LOGIN)).body(body)).await?;
    Ok(convert::signed(&answer.body)?)
}

/// Makes an account and signs in.
pub(crate) async fn register(http: &Http, server: &Url, form: &Registration) -> Result<Signed, HttpError> {
    let mut body = json!({
        "userName": form.user_name, "firstName": form.first_name, "lastName": form.last_name,
        "email": form.email, "password": form.password,
    });
    if let Some(code) = &form.invitation {
        body["inviteCode"] = json!(code);
    }
    let answer = http.call(Request::new(Method::POST, route(server, paths::REGISTER)).body(body)).await?;
    Ok(convert::signed(&answer.body)?)
}

/// Asks whether the server takes this access token, and hears no more of the answer than its head.
pub(crate) async fn check(http: &Http, server: &Url, token: &str) -> Result<(), HttpError> {
    let mut url = route(server, paths::MESSAGE);
    url.query_pairs_mut().append_pair("limit", "1");
    let request = Request { token: Some(token), ..Request::new(Method::GET, url) };
    http.open(request, limits::REQUEST_TIME).await.map(drop)
}

/// One session's way to its server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    http: Http,
    server: Url,
    me: UserId,
    tokens: Arc<Tokens>,
    trusted: Option<TrustedCertificate>,
    offered: Arc<Mutex<Option<Offered>>>,
}

/// What the server last said that it can do.
struct Offered {
    extensions: Vec<String>,
    registration: RegistrationMode,
}

impl Offered {
    fn has(&self, extension: &str) -> bool {
        self.extensions.iter().any(|name| name == extension)
    }
}

/// What came of reading a whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    /// How many entries made no sense and were left out. While there are any, that a message is absent says nothing.
    pub(crate) left_out: u64,
}

impl Api {
    /// `trusted` is what `http` trusts, for the socket.
    pub(crate) fn new(
        http: Http,
        server: Url,
        me: UserId,
        tokens: Arc<Tokens>,
        trusted: Option<TrustedCertificate>,
    ) -> Self {
        Self { http, server, me, tokens, trusted, offered: Arc::default() }
    }

    /// The server's origin.
    pub(crate) const fn server(&self) -> &Url {
        &self.server
    }

    /// The certificate that is the only one trusted there, if one is.
    pub(crate) const fn trusted(&self) -> Option<&TrustedCertificate> {
        self.trusted.as_ref()
    }

    /// The session has ended here: requests that are on their way no longer touch its tokens.
    pub(crate) fn retire(&self) {
        self.tokens.retire();
    }

    /// Whether it was told so.
    pub(crate) fn is_retired(&self) -> bool {
        self.tokens.is_retired()
    }

    /// What a socket needs.
    pub(crate) async fn opening(&self) -> Result<Opening, TokenError> {
        Ok(Opening {
            server: self.server.clone(),
            token: self.tokens.access().await?,
            me: self.me.clone(),
            trusted: self.trusted.clone(),
        })
    }

    /// Whether the server offers what [`limits::REQUIRED_EXTENSIONS`] names; if not, it is one of the document alone.
    pub(crate) async fn extended(&self) -> Result<bool, TokenError> {
        let kind = probe::kind(&self.http, &self.server).await?;
        let extended = kind.is_extended();
        let offered = match kind {
            Kind::Telling(about) if extended => {
                Offered { extensions: about.extensions, registration: about.registration }
            }
            Kind::Telling(_) | Kind::Plain => {
                Offered { extensions: Vec::new(), registration: RegistrationMode::Unknown }
            }
        };
        *self.offered() = Some(offered);
        Ok(extended)
    }

    /// Whether the server said when it was last asked that it offers this extension.
    pub(crate) fn offers(&self, extension: &str) -> bool {
        self.offered().as_ref().is_some_and(|offered| offered.has(extension))
    }

    /// How far this device's clock is off, by what the server's last answers said.
    pub(crate) fn clock_skew(&self) -> Option<ClockSkew> {
        self.http.clock_skew()
    }

    /// What is at an address of the server that is to be a picture. The token stays here.
    pub(crate) async fn picture(&self, address: Url) -> Result<Vec<u8>, HttpError> {
        let accept = "image/png, image/jpeg, image/webp";
        let request =
            Request { accept, at_most: limits::PICTURE_BYTES, ..Request::new(Method::GET, address) };
        Ok(self.http.call(request).await?.body)
    }

    /// Whether it said that it does not.
    pub(crate) fn lacks(&self, extension: &str) -> bool {
        self.offered().as_ref().is_some_and(|offered| !offered.has(extension))
    }

    /// Who may make an account there, as far as it has said.
    pub(crate) fn registration(&self) -> RegistrationMode {
        self.offered().as_ref().map_or(RegistrationMode::Unknown, |offered| offered.registration)
    }

    fn offered(&self) -> MutexGuard<'_, Option<Offered>> {
        self.offered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that a plain server has for this account, handed to `part` in batches of at most
    /// [`limits::LIST_BATCH`] as it arrives, however much it is. Where `part` answers false, nobody wants the rest, and
    /// the list counts as unreadable. A list that does not end properly is an error, whatever was handed on before.
    pub(crate) async fn list<F: Future<Output = bool>>(
        &self,
        part: impl Fn(Vec<Message>) -> F,
    ) -> Result<Listed, TokenError> {
        let mut pieces = self.open(route(&self.server, paths::MESSAGE)).await?;
        let (mut splitter, mut batch, mut left_out) = (Splitter::new(), Vec::new(), 0);
        let stopped = || HttpError::Unreadable("nobody wants the rest of the list".to_owned());
        while let Some(piece) = pieces.next().await? {
            let taken = splitter.take(&piece, |cut| match cut {
                Cut::Entry(entry) => match convert::listed(&entry, &self.me) {
                    Ok(message) => batch.extend(message),
                    Err(_) => left_out += 1,
                },
                Cut::TooLong => left_out += 1,
            });
            taken.map_err(HttpError::from)?;
            while batch.len() >= limits::LIST_BATCH {
                let rest = batch.split_off(limits::LIST_BATCH);
                if !part(std::mem::replace(&mut batch, rest)).await {
                    return Err(stopped().into());
                }
            }
        }
        if !splitter.is_whole() {
            return Err(HttpError::Unreadable("the list does not end".to_owned()).into());
        }
        if !batch.is_empty() && !part(batch).await {
            return Err(stopped().into());
        }
        if left_out > 0 {
            tracing::warn!(left_out, "the server's list has entries that make no sense");
        }
        Ok(Listed { left_out })
    }

    /// Where the account stands now.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, TokenError> {
        let mut url = route(&self.server, paths::SYNC);
        url.query_pairs_mut().append_pair("limit", &limits::FEED_PAGE.to_string());
        let answer = self.page(url).await?;
        Ok(convert::snapshot(&answer.body, &self.me).map_err(HttpError::from)?)
    }

    /// What changed after this cursor.
    pub(crate) async fn changes(&self, since: &str) -> Result<FeedPage, TokenError> {
        let mut url = route(&self.server, paths::SYNC);
        let limit = limits::FEED_PAGE.to_string();
        url.query_pairs_mut().append_pair("since", since).append_pair("limit", &limit);
        let answer = self.page(url).await?;
        Ok(convert::feed_page(&answer.body, &self.me).map_err(HttpError::from)?)
    }

    /// The page of a conversation that ends before this message.
    pub(crate) async fn history(&self, peer: &UserId, before: &MessageId) -> Result<HistoryPage, TokenError> {
        let mut url = route(&self.server, paths::MESSAGE);
        url.query_pairs_mut()
            .append_pair("peer", peer.as_str())
            .append_pair("before", before.as_str())
            .append_pair("limit", &limits::HISTORY_PAGE.to_string());
        let answer = self.page(url).await?;
        let told = (answer.has_next, answer.history);
        Ok(convert::history_page(&answer.body, &self.me, peer, told).map_err(HttpError::from)?)
    }

    /// Sends a message under this key.
    pub(crate) async fn send(&self, peer: &UserId, content: &str, key: &str) -> Result<Message, TokenError> {
        let url = route(&self.server, paths::MESSAGE);
        let body = json!({ "receiver": peer.as_str(), "content": content });
        let answer = self.call(Method::POST, url, Some(body), Some(key)).await?;
        let mut message = convert::one_message(&answer.body, &self.me).map_err(HttpError::from)?;
        if !message.mine || message.peer != *peer {
            return Err(HttpError::Unreadable("the answer is another message".to_owned()).into());
        }
        message.client_key = Some(key.to_owned());
        Ok(message)
    }

    /// Changes a message's content.
    pub(crate) async fn edit(&self, id: &MessageId, content: &str) -> Result<Message, TokenError> {
        let url = route(&self.server, paths::MESSAGE);
        let body = json!({ "_id": id.as_str(), "content": content });
        let answer = self.call(Method::PATCH, url, Some(body), None).await?;
        let message = convert::one_message(&answer.body, &self.me).map_err(HttpError::from)?;
        if message.id != *id {
            return Err(HttpError::Unreadable("the answer is another message".to_owned()).into());
        }
        Ok(message)
    }

    /// Deletes a message.
    pub(crate) async fn delete(&self, id: &MessageId) -> Result<(), TokenError> {
        let url = route(&self.server, &format!("{}/{id}", paths::MESSAGE));
        self.call(Method::DELETE, url, None, None).await.map(drop)
    }

    /// Marks a conversation as read up to a message.
    pub(crate) async fn read(&self, peer: &UserId, up_to: &MessageId) -> Result<(), TokenError> {
        let url = route(&self.server, &format!("{}/conversation/{peer}/read", paths::MESSAGE));
        let body = json!({ "upTo": up_to.as_str() });
        self.call(Method::PATCH, url, Some(body), None).await.map(drop)
    }

    /// Marks one message as read, as the document has it.
    pub(crate) async fn read_one(&self, id: &MessageId) -> Result<(), TokenError> {
        let url = route(&self.server, &format!("{}/{id}/read", paths::MESSAGE));
        self.call(Method::PATCH, url, None, None).await.map(drop)
    }

    /// Who this is.
    pub(crate) async fn person(&self, id: &UserId) -> Result<Person, TokenError> {
        let url = route(&self.server, &format!("{}/{id}", paths::USER));
        let answer = self.call(Method::GET, url, None, None).await?;
        Ok(convert::one_person(&answer.body).map_err(HttpError::from)?)
    }

    /// Who matches.
    pub(crate) async fn search_people(&self, query: &str) -> Result<Vec<Person>, TokenError> {
        let url = route(&self.server, paths::USER_SEARCH);
        let body = json!({ "query": query, "limit": limits::PEOPLE });
        let answer = self.call(Method::POST, url, Some(body), None).await?;
        Ok(convert::several_people(&answer.body).map_err(HttpError::from)?)
    }

    /// Who of these people is there; at most [`protocol::limits::PRESENCE_IDS`] of them.
    pub(crate) async fn presence(&self, ids: &[UserId]) -> Result<Vec<Presence>, TokenError> {
        let mut url = route(&self.server, paths::PRESENCE);
        let ids: Vec<&str> = ids.iter().map(UserId::as_str).collect();
        url.query_pairs_mut().append_pair("ids", &ids.join(","));
        let answer = self.call(Method::GET, url, None, None).await?;
        Ok(convert::presences(&answer.body).map_err(HttpError::from)?)
    }

    /// Ends the session at the server. Best effort: the caller bounds its time.
    pub(crate) async fn sign_out(&self) -> Result<(), TokenError> {
        let body = self.tokens.refresh_token().await.map(|token| json!({ "refreshToken": token }));
        self.call(Method::POST, route(&self.server, paths::LOGOUT), body, None).await.map(drop)
    }

    /// A request with a small answer.
    async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
        key: Option<&str>,
    ) -> Result<Answer, TokenError> {
        self.bounded(method, url, body, key, limits::SMALL_ANSWER_BYTES).await
    }

    /// A request that is answered by a page of messages.
    async fn page(&self, url: Url) -> Result<Answer, TokenError> {
        self.bounded(Method::GET, url, None, None, limits::ANSWER_BYTES).await
    }

    /// Asks with the session's token, and once more with a new one where the server turns the first away.
    async fn bounded(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
        key: Option<&str>,
        at_most: usize,
    ) -> Result<Answer, TokenError> {
        let token = self.tokens.access().await?;
        let request = |token| Request {
            token: Some(token),
            idempotency_key: key,
            body: body.clone(),
            at_most,
            ..Request::new(method.clone(), url.clone())
        };
        match self.http.call(request(&token)).await {
            Err(HttpError::Status { status: 401, .. }) => {
                let token = self.tokens.refreshed(&token).await?;
                Ok(self.http.call(request(&token)).await?)
            }
            outcome => Ok(outcome?),
        }
    }

    /// The same for an answer that is read as it arrives.
    async fn open(&self, url: Url) -> Result<Pieces, TokenError> {
        let token = self.tokens.access().await?;
        let request = |token| Request {
            token: Some(token),
            at_most: limits::LIST_BYTES,
            ..Request::new(Method::GET, url.clone())
        };
        match self.http.open(request(&token), limits::LIST_TIME).await {
            Err(HttpError::Status { status: 401, .. }) => {
                let token = self.tokens.refreshed(&token).await?;
                Ok(self.http.open(request(&token), limits::LIST_TIME).await?)
            }
            outcome => Ok(outcome?),
        }
    }
}
