//! Takes connections and serves each until it ends.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};
use tower::ServiceExt as _;

use super::{
    ClientAddress, RequestId, Timeouts,
    connection::{Connection, Link},
    places::{Full, Place, Places},
    tls::Tls,
};
use crate::config::TrustedProxies;

/// The largest head of a request, and hyper's buffer for it.
const HEAD_BYTES: usize = 16 * 1024;

/// Tells browsers to come by TLS only, for a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// How long to wait when the system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What every connection is served with.
#[derive(Clone)]
pub(super) struct Entrance {
    pub(super) router: Router,
    pub(super) trusted_proxies: Arc<TrustedProxies>,
    pub(super) places: Places,
    pub(super) timeouts: Timeouts,
    pub(super) tls: Option<Tls>,
    /// Turns true when the server stops.
    pub(super) stopping: watch::Receiver<bool>,
    /// Closes when every connection has ended.
    pub(super) open: mpsc::Sender<Infallible>,
}

impl Entrance {
    /// Takes connections for ever.
    pub(super) async fn accept(&self, listener: &TcpListener) -> Infallible {
        loop {
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Proxies that are trusted speak for many clients.
            let client = Some(peer.ip()).filter(|peer| !self.trusted_proxies.contains(*peer));
            match self.places.take(client) {
                Ok(place) => {
                    tokio::spawn(self.clone().serve(stream, peer, place));
                }
                Err(Full::All) => tracing::warn!("a connection was turned away: there are too many"),
                Err(Full::Client) => {
                    tracing::warn!(client = %peer.ip(), "a connection was turned away: its client has too many");
                }
            }
        }
    }

    /// Serves one connection until it ends, or until the requests in progress are finished once the server stops.
    async fn serve(mut self, stream: TcpStream, peer: SocketAddr, place: Place) {
        stream.set_nodelay(true).ok();
        let (connection, link) = Connection::new(stream, place, self.timeouts.unread);
        let Some(tls) = self.tls.take() else {
            return self.answer(connection, link, peer.ip(), false).await;
        };
        let handshake = tokio::time::timeout(self.timeouts.handshake, tls.acceptor().accept(connection));
        let shaken = tokio::select! {
            shaken = handshake => shaken,
            () = stopped(&mut self.stopping) => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.answer(stream, link, peer.ip(), true).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    /// Answers the requests of one connection.
    async fn answer<S>(mut self, stream: S, link: Weak<Link>, peer: IpAddr, encrypted: bool)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (router, proxies) = (self.router, self.trusted_proxies);
        let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let mut request: Request = request.map(Body::new);
            let address = ClientAddress(proxies.client(peer, request.headers()));
            let id = RequestId::of(request.headers(), proxies.contains(peer));
            let extensions = request.extensions_mut();
            extensions.insert(link.clone());
            extensions.insert(address);
            extensions.insert(id);
            let answer = router.clone().oneshot(request);
            async move {
                let mut response = answer.await?;
                if encrypted {
                    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
                }
                Ok::<_, Infallible>(response)
            }
        });
        let serving = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.timeouts.head)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut serving = std::pin::pin!(serving);
        let ended = tokio::select! {
            ended = serving.as_mut() => ended,
            () = stopped(&mut self.stopping) => {
                serving.as_mut().graceful_shutdown();
                serving.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(self.open);
    }
}

/// Resolves once the server stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // The sender is gone only when the server is.
    stopping.wait_for(|stop| *stop).await.map(drop).unwrap_or_default();
}
