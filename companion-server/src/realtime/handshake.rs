//! The doorway of `/socket.io`: counts the sockets there are, turns more away, and makes handshakes light.
//!
//! Each handshake gets a [`Permit`], which lives in the extensions of the request that Engine.IO keeps for as long as
//! the socket exists. So the counts go down by themselves, however a socket ends.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri},
    middleware::Next,
    response::Response,
};
use socketioxide::extract::SocketRef;

use crate::{
    limits::{Kind, Limits, Who},
    rest::{self, ApiError},
    serve::Link,
};

/// How many sockets there may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// In all.
    pub sockets: usize,
    /// Of those, how many have not shown a token yet.
    pub pending: usize,
    /// Of one user.
    pub per_user: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { sockets: 20_000, pending: 1_000, per_user: 64 }
    }
}

#[derive(Clone)]
pub(super) struct Doorway(Arc<Inner>);

struct Inner {
    bounds: Bounds,
    limits: Limits,
    sockets: AtomicUsize,
    pending: AtomicUsize,
    /// The connections of sockets that changed from polling to websocket, by socket id.
    upgraded: Mutex<HashMap<String, Weak<Link>>>,
}

/// One socket's place.
pub(super) struct Permit {
    doorway: Arc<Inner>,
    admitted: AtomicBool,
    link: Option<Weak<Link>>,
}

impl Doorway {
    pub(super) fn new(bounds: Bounds, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            bounds,
            limits,
            sockets: AtomicUsize::new(0),
            pending: AtomicUsize::new(0),
            upgraded: Mutex::default(),
        }))
    }

    pub(super) fn per_user(&self) -> usize {
        self.0.bounds.per_user
    }

    fn permit(&self, link: Option<Weak<Link>>) -> Option<Permit> {
        let bounds = self.0.bounds;
        // Made before the check, so that it undoes its own counting where it is refused.
        let sockets = self.0.sockets.fetch_add(1, Ordering::Relaxed);
        let pending = self.0.pending.fetch_add(1, Ordering::Relaxed);
        let permit = Permit { doorway: Arc::clone(&self.0), admitted: AtomicBool::new(false), link };
        (sockets < bounds.sockets && pending < bounds.pending).then_some(permit)
    }

    fn note_upgrade(&self, sid: &str, link: Weak<Link>) {
        let mut upgraded = self.0.upgraded.lock().unwrap_or_else(PoisonError::into_inner);
        if upgraded.len() >= self.0.bounds.sockets {
            upgraded.retain(|_, link| link.strong_count() > 0);
        }
        upgraded.insert(sid.to_owned(), link);
    }

    /// Closes the connection below a socket that has left its namespace, which Engine.IO would keep.
    pub(super) fn hang_up(&self, socket: &SocketRef) {
        let permit = permit_of(socket);
        if let Some(link) = permit.and_then(|permit| permit.link.as_ref()?.upgrade())
            && socket.transport_type() == socketioxide::TransportType::Websocket
        {
            link.close();
        }
        let upgraded =
            self.0.upgraded.lock().unwrap_or_else(PoisonError::into_inner).remove(socket.id.as_str());
        if let Some(link) = upgraded.and_then(|link| link.upgrade()) {
            link.close();
        }
    }
}

impl Permit {
    /// The socket has shown who it is.
    pub(super) fn admit(&self) {
        if !self.admitted.swap(true, Ordering::Relaxed) {
            self.doorway.pending.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.doorway.sockets.fetch_sub(1, Ordering::Relaxed);
        if !*self.admitted.get_mut() {
            self.doorway.pending.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

pub(super) fn permit_of(socket: &SocketRef) -> Option<&Arc<Permit>> {
    socket.req_parts().extensions.get()
}

/// Lets a request of `/socket.io` in, or says that there are too many.
pub(super) async fn enter(
    State(doorway): State<Doorway>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if !request.uri().path().starts_with("/socket.io") {
        return Ok(next.run(request).await);
    }
    let link = request.extensions().get::<Weak<Link>>().cloned();
    let query = request.uri().query().unwrap_or_default();
    let websocket = parameter(query, "transport") == Some("websocket");
    if let Some(sid) = parameter(query, "sid").map(str::to_owned) {
        let response = answer(request, next).await?;
        // Noted only once Engine.IO has agreed, so that what is noted costs a connection each.
        if websocket
            && response.status() == StatusCode::SWITCHING_PROTOCOLS
            && let Some(link) = link
        {
            doorway.note_upgrade(&sid, link);
        }
        return Ok(response);
    }
    doorway.0.limits.take(Kind::Handshake, Who::at(rest::address(request.extensions())))?;
    // A polling client's connection carries its other requests too, and is never hung up for its socket.
    let permit = doorway.permit(link.filter(|_| websocket)).ok_or_else(|| {
        tracing::warn!("a socket was turned away: there are too many");
        ApiError::busy()
    })?;
    let mut request = lightened(request);
    request.extensions_mut().insert(Arc::new(permit));
    Ok(next.run(request).await)
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

/// The request with copies of its headers and its address. Engine.IO keeps a handshake as long as the socket lives,
/// and the originals are slices of hyper's read buffer, all of which would be kept with them.
fn lightened(request: Request) -> Request {
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
    Request::from_parts(parts, body)
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}
