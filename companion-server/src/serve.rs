//! Runs the server on a listener until it is told to stop.
//!
//! [`open`] puts the parts together; [`Server::run`] takes the listener and the signal to stop, so that tests own both.
//! Every connection is bounded: how many
//! there are, how long a request's head may take (which also bounds how long a connection stays idle), how long a
//! client may leave an answer unread.

mod connection;
mod lock;

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinHandle,
};
use tower::ServiceExt as _;

pub(crate) use connection::Link;
pub use lock::LockError;

use self::{connection::Connection, lock::Lock};
use crate::{
    app::App,
    auth::{Authenticator, Passwords, password::PasswordError, token::Tokens},
    clock::Clock,
    config::Config,
    realtime, rest,
    store::{
        Store,
        sqlite::{OpenError, SqliteStore},
    },
};

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The secret that signs tokens.
    #[error("the token secret cannot be used: {0}")]
    Secret(#[from] crate::auth::secret::SecretError),
    /// Password hashing.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// How long the head of a request may take to arrive; also how long a connection may be idle between requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest head of a request, and hyper's buffer for it.
const HEAD_BYTES: usize = 16 * 1024;

/// How long requests in progress may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long to wait when the system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How many facts wait to be told to sockets before the store waits for them.
const COMMITTED: usize = 4_096;

/// A server that has opened everything it needs and is ready to serve.
pub struct Server {
    router: Router,
    live: realtime::Live,
    store: Arc<dyn Store>,
    connections: usize,
    publishing: JoinHandle<()>,
    watching: JoinHandle<()>,
    _lock: Lock,
}

/// Opens the data directory and puts the parts together.
///
/// # Errors
/// [`ServeError`]; nothing is served then.
pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Server, ServeError> {
    let lock = Lock::take(&config.data_dir)?;
    let (facts, committed) = mpsc::channel(COMMITTED);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&config.data_dir, Arc::clone(&clock), facts)?);
    let tokens = Arc::new(Tokens::new(&config.secret()?));
    let passwords = Arc::new(Passwords::new(config.processors)?);
    let authenticator = Authenticator::new(Arc::clone(&tokens), Arc::clone(&store), Arc::clone(&clock));
    let (live, sockets, register) = realtime::start(realtime::Setup {
        authenticator: authenticator.clone(),
        store: Arc::clone(&store),
        legacy: config.legacy_sockets,
        bounds: config.sockets,
    });
    let app = App {
        store: Arc::clone(&store),
        authenticator,
        tokens,
        passwords,
        live: live.clone(),
        clock: Arc::clone(&clock),
        name: config.name.as_str().into(),
        registration: config.registration,
    };
    let router = rest::router(&app, rest::Browsers { origins: config.cors_origins }, sockets);
    let publishing = tokio::spawn(realtime::publish(live.clone(), committed));
    let watching = tokio::spawn(realtime::watch(register, Arc::clone(&store), clock));
    let connections = config.connections;
    Ok(Server { router, live, store, connections, publishing, watching, _lock: lock })
}

impl Server {
    /// Serves until `shutdown` resolves; then stops accepting, finishes the requests in progress, closes the sockets
    /// and closes the store.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let (stop, stopping) = watch::channel(false);
        let (open, mut all_closed) = mpsc::channel::<Infallible>(1);
        let room = Arc::new(Semaphore::new(self.connections));
        tokio::select! {
            never = accept(&listener, &room, &self.router, &stopping, &open) => match never {},
            () = shutdown => {}
        }
        tracing::info!("stopping");
        drop((listener, open));
        stop.send(true).ok();
        let finish = async {
            self.live.close().await;
            all_closed.recv().await;
        };
        if tokio::time::timeout(GRACE, finish).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        self.watching.abort();
        self.store.close().await;
        // The store was the last to publish; what it published on its way out has nobody left to hear it.
        self.publishing.await.ok();
    }
}

/// Takes connections for ever.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    router: &Router,
    stopping: &watch::Receiver<bool>,
    open: &mpsc::Sender<Infallible>,
) -> Infallible {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(room).try_acquire_owned() else {
            tracing::warn!("a connection was turned away: there are too many");
            continue;
        };
        let (router, stopping, open) = (router.clone(), stopping.clone(), open.clone());
        tokio::spawn(async move {
            serve(stream, place, router, stopping).await;
            drop(open);
        });
    }
}

/// Serves one connection until it ends, or until the requests in progress are finished once the server stops.
async fn serve(
    stream: TcpStream,
    place: OwnedSemaphorePermit,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    stream.set_nodelay(true).ok();
    let (connection, link) = Connection::new(stream, place);
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(link.clone());
        router.clone().oneshot(request)
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(connection), service)
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = async { stopping.wait_for(|stop| *stop).await.map(drop).unwrap_or_default() } => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
