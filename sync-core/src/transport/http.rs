//! One request, with every bound that a hostile or broken server makes necessary: time-outs, a cap on the answer,
//! no compression, and no redirects, because a token must not follow one to somebody else.
//!
//! Proxies are those of the environment: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not,
//! and the system's own settings on Windows and macOS.

use std::{error::Error, io, sync::Arc, time::Duration};

use reqwest::{Method, Response, header};
use serde_json::Value;
use url::Url;

use crate::{
    clock::SystemClock,
    convert,
    domain::{ClockSkew, OfflineCause},
    limits,
};

use super::{skew::Skew, trust::TrustedCertificate};

/// Makes requests. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    skew: Arc<Skew>,
}

/// What to ask.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) token: Option<&'a str>,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) body: Option<Value>,
    /// What an answer may be, as the header names it.
    pub(crate) accept: &'static str,
    /// The largest answer that is read, in bytes.
    pub(crate) at_most: usize,
}

/// A success.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    /// Whether a `Link` header names a next page (RFC 8288).
    pub(crate) has_next: bool,
    /// What the server calls the history that the answer is of.
    pub(crate) history: Option<String>,
}

/// A success whose body is read as it arrives.
pub(crate) struct Pieces {
    response: Response,
    /// How many bytes more are read.
    room: usize,
}

/// A failure, sorted by what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpError {
    /// No answer, or half of one. What was asked may have been carried out.
    #[error("no answer: {details}")]
    NoAnswer { cause: NoAnswer, details: String },
    /// An answer that is not a success. Its words are not part of this error's, which end in logs: a server may repeat in
    /// them what it was sent.
    #[error("status {status}")]
    Status { status: u16, reason: String, retry_after: Option<Duration> },
    /// The cursor is of this server's history, and too old to go on from.
    #[error("the cursor is too old")]
    Expired,
    /// A success that cannot be understood. What was asked was carried out, perhaps.
    #[error("{0}")]
    Unreadable(String),
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// The system knows no way there, or no address for the name.
    NoNetwork,
    /// Nothing listens.
    Refused,
    /// Not in time.
    TimedOut,
    /// Somebody is there, and no secure connection can be made: the certificate is not trusted, or it is no TLS.
    Insecure,
    /// It was not asked: the keyring that holds the tokens cannot be read at the moment.
    Locked,
    /// Anything else.
    Other,
}

impl From<convert::Malformed> for HttpError {
    fn from(error: convert::Malformed) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl HttpError {
    /// Whether the server knows nothing of what was asked for.
    pub(crate) const fn is_not_found(&self) -> bool {
        matches!(self, Self::Status { status: 404 | 410, .. })
    }

    /// Whether the server cannot go on from the cursor that it was asked with.
    pub(crate) const fn refuses_cursor(&self) -> bool {
        matches!(self, Self::Expired | Self::Status { status: 400 | 410, .. })
    }

    /// What this says of the connection; `None` where the server is there and has looked at the request.
    pub(crate) fn offline_cause(&self) -> Option<OfflineCause> {
        match self {
            Self::NoAnswer { cause: NoAnswer::NoNetwork, .. } => Some(OfflineCause::NoNetwork),
            Self::NoAnswer { cause: NoAnswer::Insecure, .. } => Some(OfflineCause::Insecure),
            Self::NoAnswer { cause: NoAnswer::Locked, .. } => Some(OfflineCause::KeyringLocked),
            Self::NoAnswer { .. } => Some(OfflineCause::ServerUnreachable),
            Self::Status { status: 500.., .. } | Self::Unreadable(_) => Some(OfflineCause::ServerError),
            Self::Status { .. } | Self::Expired => None,
        }
    }
}

impl Request<'_> {
    /// A request without anything beside its route, and with a small answer.
    pub(crate) const fn new(method: Method, url: Url) -> Self {
        let at_most = limits::SMALL_ANSWER_BYTES;
        let accept = "application/json";
        Self { method, url, token: None, idempotency_key: None, body: None, accept, at_most }
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

impl Http {
    /// # Errors
    /// Where the TLS library cannot start.
    pub(crate) fn new() -> Result<Self, HttpError> {
        Self::build(reqwest::Client::builder(), limits::CONNECT_TIME, limits::REQUEST_TIME)
    }

    /// For the one server whose certificate, or its issuer's, is trusted explicitly. It is the only one that is.
    ///
    /// # Errors
    /// Where the TLS library cannot start, or cannot use the certificate.
    pub(crate) fn trusting(certificate: &TrustedCertificate) -> Result<Self, HttpError> {
        let builder = certificate.only(reqwest::Client::builder())?;
        Self::build(builder, limits::CONNECT_TIME, limits::REQUEST_TIME)
    }

    /// With these settings, time-outs and the rest of the bounds.
    pub(crate) fn build(
        builder: reqwest::ClientBuilder,
        connect: Duration,
        whole: Duration,
    ) -> Result<Self, HttpError> {
        let client = builder
            .user_agent(concat!("roost/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(connect)
            .read_timeout(limits::SILENCE)
            .timeout(whole)
            .http1_max_headers(limits::HEADERS)
            .build()
            .map_err(|error| HttpError::Unreadable(error.to_string()))?;
        Ok(Self { client, skew: Arc::new(Skew::new(Arc::new(SystemClock))) })
    }

    /// How far this device's clock is off, by what the last answers said.
    pub(crate) fn clock_skew(&self) -> Option<ClockSkew> {
        self.skew.told()
    }

    /// Asks, and reads the whole answer, up to its bound.
    pub(crate) async fn call(&self, request: Request<'_>) -> Result<Answer, HttpError> {
        let at_most = request.at_most;
        let mut response = self.send(request, None).await?;
        let has_next = has_next(response.headers());
        let history = response.headers().get(protocol::paths::HISTORY);
        let history = history.and_then(|name| name.to_str().ok()).map(str::to_owned);
        let body = read(&mut response, at_most).await?;
        if body.len() > at_most {
            return Err(too_large());
        }
        Ok(Answer { body, has_next, history })
    }

    /// Asks, and leaves the answer's body to be read as it arrives, for at most this long in all.
    pub(crate) async fn open(&self, request: Request<'_>, time: Duration) -> Result<Pieces, HttpError> {
        let room = request.at_most;
        Ok(Pieces { response: self.send(request, Some(time)).await?, room })
    }

    /// Asks, and tells the status and the beginning of the body, whatever they are.
    pub(crate) async fn look(&self, request: Request<'_>) -> Result<(u16, Vec<u8>), HttpError> {
        let mut response = self.begin(request, None).await?;
        let body = read(&mut response, limits::REFUSAL_BYTES).await?;
        Ok((response.status().as_u16(), body))
    }

    /// The certificate that whoever answers has shown, in DER form. Needs a client that collects such information.
    pub(crate) async fn certificate(&self, request: Request<'_>) -> Option<Vec<u8>> {
        let response = self.begin(request, None).await.ok()?;
        response.extensions().get::<reqwest::tls::TlsInfo>()?.peer_certificate().map(<[u8]>::to_vec)
    }

    /// Asks, and reads the answer up to its head. What is not a success is an error.
    async fn send(&self, request: Request<'_>, time: Option<Duration>) -> Result<Response, HttpError> {
        let mut response = self.begin(request, time).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let retry_after = retry_after(response.headers());
        // Only a few words are wanted of it. The status counts, even where the rest of the answer never comes.
        let body = read(&mut response, limits::REFUSAL_BYTES).await.unwrap_or_default();
        if status == reqwest::StatusCode::GONE && convert::is_expired(&body) {
            return Err(HttpError::Expired);
        }
        let reason = convert::reason(status.as_u16(), &body);
        Err(HttpError::Status { status: status.as_u16(), reason, retry_after })
    }

    async fn begin(&self, request: Request<'_>, time: Option<Duration>) -> Result<Response, HttpError> {
        let mut builder =
            self.client.request(request.method, request.url).header(header::ACCEPT, request.accept);
        if let Some(token) = request.token {
            builder = builder.bearer_auth(token);
        }
        if let Some(key) = request.idempotency_key {
            builder = builder.header(protocol::paths::IDEMPOTENCY_KEY, key);
        }
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        if let Some(time) = time {
            builder = builder.timeout(time);
        }
        let asked = self.skew.now();
        let response = builder.send().await.map_err(no_answer)?;
        self.skew.note(asked, response.headers());
        Ok(response)
    }
}

impl Pieces {
    /// What arrives next; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, HttpError> {
        let Some(chunk) = self.response.chunk().await.map_err(no_answer)? else { return Ok(None) };
        self.room = self.room.checked_sub(chunk.len()).ok_or_else(too_large)?;
        Ok(Some(chunk.into()))
    }
}

fn too_large() -> HttpError {
    HttpError::Unreadable("the answer is too large".to_owned())
}

/// The body, or the beginning of one that is longer than `at_most`, by which it can be told.
async fn read(response: &mut Response, at_most: usize) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        body.extend_from_slice(&chunk);
        if body.len() > at_most {
            break;
        }
    }
    Ok(body)
}

fn no_answer(error: reqwest::Error) -> HttpError {
    let cause = if error.is_timeout() { NoAnswer::TimedOut } else { cause_of(&error) };
    // Without the address, which may hold an id.
    let error = error.without_url();
    let mut details = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        details = format!("{details}: {inner}");
        source = inner.source();
    }
    HttpError::NoAnswer { cause, details }
}

/// Looks for the error of the system, or of the TLS library, among the causes.
fn cause_of(error: &reqwest::Error) -> NoAnswer {
    let mut source = error.source();
    while let Some(inner) = source {
        if inner.is::<native_tls::Error>() {
            return NoAnswer::Insecure;
        }
        if let Some(system) = inner.downcast_ref::<io::Error>() {
            match system.kind() {
                io::ErrorKind::ConnectionRefused => return NoAnswer::Refused,
                io::ErrorKind::TimedOut => return NoAnswer::TimedOut,
                io::ErrorKind::NetworkUnreachable
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkDown
                | io::ErrorKind::AddrNotAvailable => return NoAnswer::NoNetwork,
                _ => {}
            }
        }
        source = inner.source();
    }
    NoAnswer::Other
}

/// `Retry-After` in seconds, up to [`limits::RETRY_AFTER_MAX`]. The other form, a date, is taken for none, because
/// the device's clock may differ from the server's.
fn retry_after(headers: &header::HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(limits::RETRY_AFTER_MAX))
}

fn has_next(headers: &header::HeaderMap) -> bool {
    headers.get_all(header::LINK).iter().any(|link| {
        link.to_str().is_ok_and(|link| link.contains("rel=\"next\"") || link.contains("rel=next"))
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::super::script::{Script, answer};
    use super::*;

    async fn call(text: String) -> Result<Answer, HttpError> {
        let script = Script::start(vec![text]).await;
        Http::new().unwrap().call(Request::new(Method::GET, script.origin.clone())).await
    }

    #[tokio::test]
    async fn an_answer_is_read_up_to_its_bound_whatever_it_says_of_its_length() {
        let large = "x".repeat(limits::SMALL_ANSWER_BYTES + 1);
        let cut = answer(200, "", &large);
        let endless = format!("HTTP/1.1 200 x\r\nConnection: close\r\n\r\n{large}");
        for text in [cut, endless] {
            assert!(matches!(call(text).await, Err(HttpError::Unreadable(_))));
        }
        assert_eq!(call(answer(200, "", &large[1..])).await.unwrap().body.len(), limits::SMALL_ANSWER_BYTES);
    }

    #[tokio::test]
    async fn half_an_answer_is_none() {
        for text in [String::new(), answer(200, "", "[1,2]").replace(",2]", "")] {
            assert!(matches!(call(text).await, Err(HttpError::NoAnswer { .. })));
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let elsewhere = Script::start(vec![answer(200, "", "{}")]).await;
        let error =
            call(answer(307, &format!("Location: {}\r\n", elsewhere.origin), "")).await.err().unwrap();
        assert!(matches!(error, HttpError::Status { status: 307, .. }), "{error}");
        assert_eq!(elsewhere.requests().len(), 0);
    }

    #[tokio::test]
    async fn a_refusal_carries_the_servers_words_and_when_to_come_again() {
        let body = r#"{"error":"Slow down"}"#;
        for (header, wait) in [("7", Some(7)), ("999999", Some(900)), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
        {
            let error = call(answer(429, &format!("Retry-After: {header}\r\n"), body)).await.err().unwrap();
            let retry_after = wait.map(Duration::from_secs);
            assert_eq!(error, HttpError::Status { status: 429, reason: "Slow down".to_owned(), retry_after });
        }
    }

    #[tokio::test]
    async fn the_next_page_is_named_by_a_link() {
        let link = "Link: <https://x/?a=1>; rel=\"prev\", </api/message?limit=1>; rel=\"next\"\r\n";
        assert!(call(answer(200, link, "[]")).await.unwrap().has_next);
        assert!(!call(answer(200, "", "[]")).await.unwrap().has_next);
    }

    /// A server that says this at once, and then a byte at a time for ever.
    async fn dripping(head: &'static str) -> Url {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        origin
    }

    #[tokio::test]
    async fn an_answer_that_drips_for_ever_ends_by_the_time_for_the_whole() {
        for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 503 x\r\n\r\n"] {
            let time = Duration::from_millis(400);
            let http = Http::build(reqwest::Client::builder(), time, time).unwrap();
            let error = http.call(Request::new(Method::GET, dripping(head).await)).await.err().unwrap();
            // Of a refusal the status is known, whatever comes of the rest.
            let expected = matches!(
                error,
                HttpError::NoAnswer { cause: NoAnswer::TimedOut, .. } | HttpError::Status { status: 503, .. }
            );
            assert!(expected, "{error}");
        }
        let http = Http::new().unwrap();
        let list = Request::new(Method::GET, dripping("HTTP/1.1 200 OK\r\n\r\n").await);
        let mut pieces = http.open(list, Duration::from_millis(400)).await.unwrap();
        let error = loop {
            match pieces.next().await {
                Ok(piece) => assert!(piece.is_some()),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, HttpError::NoAnswer { cause: NoAnswer::TimedOut, .. }), "{error}");
    }

    #[tokio::test]
    async fn too_many_or_too_long_header_lines_are_no_answer() {
        for header in ["X: y\r\n".repeat(limits::HEADERS + 1), format!("X: {}\r\n", "y".repeat(1_000_000))] {
            assert!(matches!(call(answer(200, &header, "{}")).await, Err(HttpError::NoAnswer { .. })));
        }
        assert!(call(answer(200, &"X: y\r\n".repeat(limits::HEADERS - 10), "{}")).await.is_ok());
    }

    #[tokio::test]
    async fn a_compressed_answer_is_not_unpacked() {
        let body = "\u{1f}not really";
        let answer = call(answer(200, "Content-Encoding: gzip\r\n", body)).await.unwrap();
        assert_eq!(answer.body, body.as_bytes());
    }
}
