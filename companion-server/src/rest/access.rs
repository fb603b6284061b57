//! The log line of a request.
//!
//! Its target is `access`, so that `log = "info,access=off"` turns it off. It says the route's template, never a path,
//! which may hold ids, nor a query. A line is written when the whole answer has been sent or given up; what clients
//! poll for and what watches the server (`/socket.io`, `/healthz`, `/readyz`) is told at level debug.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{MatchedPath, Request},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use tracing::Span;

use crate::{metrics::Metrics, serve::ClientAddress};

/// The template of the route that answered, among a response's extensions.
#[derive(Clone)]
struct Route(MatchedPath);

/// What is known of a request before it is answered.
pub(super) struct Access {
    method: Method,
    client: Option<ClientAddress>,
    socket: bool,
    span: Span,
    begun: Instant,
    metrics: Arc<Metrics>,
}

/// What is said of requests that no route takes.
const NO_ROUTE: &str = "(none)";

const SOCKETS: &str = "/socket.io/";

/// Inside of the router: tells the layers outside of it which route answered.
pub(super) async fn note_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}

impl Access {
    pub(super) fn of(request: &Request, span: Span, metrics: Arc<Metrics>) -> Self {
        Self {
            method: request.method().clone(),
            client: request.extensions().get().copied(),
            socket: request.uri().path().starts_with("/socket.io"),
            span,
            begun: Instant::now(),
            metrics,
        }
    }

    /// Writes the line, now or once the answer's body has been sent.
    pub(super) fn note(self, response: Response) -> Response {
        let route = response.extensions().get::<Route>().cloned();
        let line = Line { access: self, route, status: response.status(), bytes: 0 };
        match response.body().size_hint().exact() {
            Some(bytes) => {
                Line { bytes, ..line }.write();
                response
            }
            None => response.map(|body| Body::new(Counted { body, line: Some(line) })),
        }
    }
}

struct Line {
    access: Access,
    route: Option<Route>,
    status: StatusCode,
    bytes: u64,
}

impl Line {
    fn route(&self) -> &str {
        match &self.route {
            Some(Route(path)) => path.as_str(),
            None if self.access.socket => SOCKETS,
            None => NO_ROUTE,
        }
    }

    fn write(&self) {
        let Access { method, client, begun, .. } = &self.access;
        let (route, status, bytes) = (self.route(), self.status.as_u16(), self.bytes);
        let client = client.map(|client| tracing::field::display(client.0));
        let took = begun.elapsed();
        self.access.metrics.answered(method, route, self.status, took);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let _of_the_request = self.access.span.enter();
        if matches!(route, SOCKETS | "/healthz" | "/readyz") {
            tracing::debug!(target: "access", %method, route, status, ms, bytes, client);
        } else {
            tracing::info!(target: "access", %method, route, status, ms, bytes, client);
        }
    }
}

/// A body that is counted while it is sent.
struct Counted {
    body: Body,
    line: Option<Line>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref().map(Bytes::len));
        if let (Some(bytes), Some(line)) = (bytes, &mut self.line) {
            line.bytes += bytes as u64;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            line.write();
        }
    }
}
