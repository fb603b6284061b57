//! The requests of `/socket.io` before Engine.IO gets them: turns away what is too many, too old or somebody else's,
//! and makes handshakes light.

use std::{
    net::IpAddr,
    sync::{Arc, Weak},
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::Response,
};
use hyper::upgrade::OnUpgrade;
use serde_json::Value;

use super::doorway::{Doorway, Permit, Shown, Token};
use crate::{
    auth::{Authenticator, bearer},
    limits::{Kind, Limits, Who},
    rest::{self, ApiError},
    serve::{ClientAddress, Link},
};

/// What is asked of each request.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) doorway: Doorway,
    pub(super) limits: Limits,
    pub(super) authenticator: Authenticator,
}

/// The version of Engine.IO that Socket.IO 3 and 4 speak.
const ENGINE: &str = "4";

/// The longest answer to a handshake.
const OPEN_BYTES: usize = 4_096;

/// Lets a request of `/socket.io` in, or says why not.
pub(super) async fn enter(
    State(gate): State<Gate>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if !request.uri().path().starts_with("/socket.io") {
        return Ok(next.run(request).await);
    }
    let query = request.uri().query().unwrap_or_default();
    if parameter(query, "EIO") != Some(ENGINE) {
        return Err(ApiError::bad_request("Unsupported protocol version: EIO must be 4"));
    }
    let websocket = match parameter(query, "transport") {
        Some("websocket") => true,
        Some("polling") => false,
        _ => return Err(ApiError::bad_request("Transport unknown: it must be polling or websocket")),
    };
    match parameter(query, "sid").map(str::to_owned) {
        Some(sid) => gate.go_on(&sid, websocket, request, next).await,
        None => gate.open(websocket, request, next).await,
    }
}

impl Gate {
    async fn open(&self, websocket: bool, request: Request, next: Next) -> Result<Response, ApiError> {
        let shown = self
            .shown(rest::address(request.extensions()), request.headers().get(header::AUTHORIZATION).cloned())
            .await;
        self.limits.take(Kind::Handshake, Who::at(shown.address))?;
        let link = request.extensions().get::<Weak<Link>>().cloned().filter(|_| websocket);
        let permit = self.doorway.permit(&shown, link).ok_or_else(|| {
            tracing::warn!("a socket was turned away: there are too many");
            ApiError::busy()
        })?;
        let response = next.run(lightened(request, &permit)).await;
        let response = documented(response, "Bad handshake")?;
        if websocket { Ok(response) } else { self.note(response, &permit).await }
    }

    /// Remembers whose session the answer to a handshake begins.
    async fn note(&self, response: Response, permit: &Arc<Permit>) -> Result<Response, ApiError> {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, OPEN_BYTES).await.map_err(|error| ApiError::internal(&error))?;
        let open = body.strip_prefix(b"0").and_then(|open| serde_json::from_slice::<Value>(open).ok());
        let sid = open.as_ref().and_then(|open| open["sid"].as_str());
        let sid = sid.ok_or_else(|| ApiError::internal("a handshake was answered without an id"))?;
        self.doorway.note_polling(sid.to_owned(), permit);
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    async fn go_on(
        &self,
        sid: &str,
        websocket: bool,
        request: Request,
        next: Next,
    ) -> Result<Response, ApiError> {
        let unknown = || ApiError::bad_request("Session ID unknown");
        let shown = self
            .shown(rest::address(request.extensions()), request.headers().get(header::AUTHORIZATION).cloned())
            .await;
        let Some(permit) = self.doorway.polling(sid).filter(|permit| permit.lets(&shown)) else {
            self.limits.take(Kind::Anonymous, Who::at(shown.address))?;
            return Err(unknown());
        };
        let link = request.extensions().get::<Weak<Link>>().cloned();
        let response = documented(answer(request, next).await?, "Session ID unknown")?;
        if websocket
            && response.status() == StatusCode::SWITCHING_PROTOCOLS
            && let Some(link) = link
        {
            permit.upgrade(link);
        }
        Ok(response)
    }

    async fn shown(&self, address: IpAddr, header: Option<HeaderValue>) -> Shown {
        let Some(header) = header else { return Shown { address, token: Token::Missing } };
        let identity = match header.to_str().ok().and_then(bearer) {
            Some(token) => self.authenticator.identify(token).await.ok(),
            None => None,
        };
        Shown { address, token: identity.map_or(Token::Bad, |identity| Token::Of(identity.session)) }
    }
}

/// Engine.IO's own refusals with a documented body (C10).
fn documented(response: Response, text: &'static str) -> Result<Response, ApiError> {
    match response.status() {
        status if !status.is_client_error() => Ok(response),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "The payload is too large"))
        }
        status => Err(ApiError::new(status, text)),
    }
}

/// Passes a request of a socket on. Engine.IO waits for a body for ever, and keeps the socket's place meanwhile, so
/// one that does not arrive ends here.
async fn answer(request: Request, next: Next) -> Result<Response, ApiError> {
    if request.method() != Method::POST {
        return Ok(next.run(request).await);
    }
    tokio::time::timeout(super::CONNECT_TIMEOUT, next.run(request))
        .await
        .map_err(|_| ApiError::new(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive"))
}

/// The request with copies of its headers and its address, and without what nobody asks for later. Engine.IO keeps a
/// handshake as long as the socket lives, and the originals are slices of hyper's read buffer, all of which would be
/// kept with them.
fn lightened(request: Request, permit: &Arc<Permit>) -> Request {
    let (mut parts, body) = request.into_parts();
    let mut headers = HeaderMap::with_capacity(parts.headers.len());
    for (name, value) in &parts.headers {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.append(name, value);
        }
    }
    parts.headers = headers;
    if let Ok(uri) = parts.uri.to_string().parse::<Uri>() {
        parts.uri = uri;
    }
    let mut extensions = Extensions::new();
    extensions.insert(Arc::clone(permit));
    if let Some(upgrade) = parts.extensions.remove::<OnUpgrade>() {
        extensions.insert(upgrade);
    }
    if let Some(address) = parts.extensions.remove::<ClientAddress>() {
        extensions.insert(address);
    }
    parts.extensions = extensions;
    Request::from_parts(parts, body)
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}
