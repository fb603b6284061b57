//! Runs the server on a listener until it is told to stop.
//!
//! [`open`] puts the parts together; [`Server::run`] takes the listener and the signal to stop, so that tests own both.
//! Every connection is bounded: how many
//! there are, how long a request's head may take (which also bounds how long a connection stays idle), how long a
//! client may leave an answer unread.

mod accept;
mod client_address;
mod connection;
mod lock;
mod metrics;
mod places;
mod request_id;
mod timeouts;
pub(crate) mod tls;
pub(crate) mod upkeep;

use std::{future::Future, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc, watch},
    task::JoinHandle,
};

pub use client_address::ClientAddress;
pub(crate) use connection::Link;
pub use lock::{Lock, LockError};
pub(crate) use places::share;
pub use request_id::RequestId;
pub(crate) use request_id::X_REQUEST_ID;
pub use timeouts::Timeouts;
pub use tls::{Pair, TlsError, TlsFiles};

use self::{accept::Entrance, metrics::Gauges, places::Places, tls::Tls};
use crate::{
    activity::{self, ActivityLog},
    app::App,
    auth::{Authenticator, Passwords, invite_code::InviteCode, password::PasswordError, token::Tokens},
    clock::Clock,
    config::{Config, ConfigError, TrustedProxies},
    limits::{self, Limits},
    metrics::Metrics,
    realtime, rest,
    store::{
        Store, StoreError,
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
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Password hashing.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// How long requests in progress may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long an invitation for the first administrator is good: a day, in milliseconds.
const FIRST_ADMIN: i64 = 24 * 60 * 60 * 1000;

/// How many facts wait to be told to sockets before the store waits for them.
const COMMITTED: usize = 4_096;

/// A server that has opened everything it needs and is ready to serve.
pub struct Server {
    router: Router,
    live: realtime::Live,
    store: Arc<dyn Store>,
    places: Places,
    trusted_proxies: TrustedProxies,
    timeouts: Timeouts,
    gauges: Gauges,
    metrics_listener: Option<TcpListener>,
    tls: Option<Tls>,
    tls_reload: Duration,
    publishing: JoinHandle<()>,
    watching: JoinHandle<()>,
    telling: JoinHandle<()>,
    people: realtime::People,
    upkeep: JoinHandle<()>,
    forgetting: JoinHandle<()>,
    keeping: JoinHandle<()>,
    _lock: Lock,
}

/// Opens the data directory and puts the parts together.
///
/// # Errors
/// [`ServeError`]; nothing is served then.
pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Server, ServeError> {
    let tls = tls(&config)?;
    let lock = Lock::take(&config.data_dir)?;
    let metrics: Arc<Metrics> = Arc::default();
    let (facts, committed) = mpsc::channel(COMMITTED);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open_watched(
        &config.data_dir,
        Arc::clone(&clock),
        facts,
        config.slow_query,
        Arc::clone(&metrics),
    )?);
    let tokens = Arc::new(Tokens::new(&config.secret()?));
    let passwords = Arc::new(Passwords::new(config.processors)?);
    let authenticator = Authenticator::new(Arc::clone(&tokens), Arc::clone(&store), Arc::clone(&clock));
    let authenticator = if config.trust_external_tokens { authenticator.trusting() } else { authenticator };
    let limits = Limits::new(config.rate_limits, Arc::clone(&clock));
    let realtime::Started { live, endpoint, register, people, writers } = realtime::start(realtime::Setup {
        authenticator: authenticator.clone(),
        store: Arc::clone(&store),
        legacy: config.legacy_sockets,
        bounds: config.sockets,
        limits: limits.clone(),
        metrics: Arc::clone(&metrics),
        clock: Arc::clone(&clock),
    });
    let (activity, done) = ActivityLog::new();
    let keeping = tokio::spawn(activity::keep(done, Arc::clone(&store)));
    let app = App {
        activity,
        store: Arc::clone(&store),
        authenticator,
        tokens,
        passwords,
        live: live.clone(),
        deliveries: Arc::new(Semaphore::new(rest::DELIVERIES)),
        people: people.clone(),
        limits: limits.clone(),
        clock: Arc::clone(&clock),
        name: config.name.as_str().into(),
        url: config.url().into(),
        registration: config.registration,
        body_timeout: config.timeouts.body,
        metrics: Arc::clone(&metrics),
    };
    let browsers = rest::Browsers::of(config.cors_origins, &app.url);
    let router = rest::router(&app, browsers, endpoint);
    let publishing = tokio::spawn(realtime::publish(live.clone(), committed));
    let watching = tokio::spawn(realtime::watch(register, Arc::clone(&store), clock));
    let telling = realtime::tell(live.clone(), people.clone(), writers, Arc::clone(&store));
    let telling = tokio::spawn(telling);
    let checking = Arc::clone(&app.passwords);
    let upkeep = upkeep::run(Arc::clone(&store), checking, config.retention, config.upkeep_interval);
    let upkeep = tokio::spawn(upkeep);
    let places = Places::new(config.connections, config.connections_per_client);
    let gauges = Gauges {
        metrics,
        places: places.clone(),
        live: live.clone(),
        passwords: Arc::clone(&app.passwords),
        limits: limits.clone(),
    };
    let forgetting = tokio::spawn(forget(limits));
    Ok(Server {
        router,
        live,
        store,
        places,
        trusted_proxies: config.trusted_proxies,
        timeouts: config.timeouts,
        gauges,
        metrics_listener: None,
        tls,
        tls_reload: config.tls_reload,
        publishing,
        watching,
        telling,
        people,
        upkeep,
        forgetting,
        keeping,
        _lock: lock,
    })
}

fn tls(config: &Config) -> Result<Option<Tls>, ServeError> {
    let Some(files) = config.tls()? else { return Ok(None) };
    if files.key_is_open_to_others() {
        tracing::warn!(key = %files.key.display(), "others on this machine can read the key of the certificate");
    }
    Ok(Some(Tls::new(files)?))
}

impl Server {
    /// Whether there is an administrator who is not disabled.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn has_admin(&self) -> Result<bool, StoreError> {
        self.store.has_admin().await
    }

    /// The code of a new invitation for the first administrator, where there is none who is not disabled. Codes that
    /// were made like this before are good no more.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn invite_first_admin(&self) -> Result<Option<InviteCode>, StoreError> {
        let code = InviteCode::random();
        let invite = self.store.add_bootstrap_invite(code.hash, FIRST_ADMIN).await?;
        Ok(invite.map(|_| code))
    }

    /// Answers `GET /metrics` on this listener, which should be one that only those who watch the server reach.
    #[must_use]
    pub fn with_metrics(mut self, listener: TcpListener) -> Self {
        self.metrics_listener = Some(listener);
        self
    }

    /// Serves until `shutdown` resolves; then stops accepting, finishes the requests in progress, closes the sockets
    /// and closes the store.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let (stop, stopping) = watch::channel(false);
        let (open, mut all_closed) = mpsc::channel(1);
        let reloading = self.tls.clone().map(|tls| tokio::spawn(tls.reload(self.tls_reload)));
        let entrance = Entrance {
            router: self.router,
            trusted_proxies: Arc::new(self.trusted_proxies),
            places: self.places,
            timeouts: self.timeouts,
            tls: self.tls,
            stopping,
            open,
        };
        let telling = self.metrics_listener.map(|listener| {
            let entrance = Entrance {
                router: metrics::router(self.gauges),
                places: Places::new(metrics::CONNECTIONS, metrics::CONNECTIONS),
                tls: None,
                ..entrance.clone()
            };
            tokio::spawn(async move { entrance.accept(&listener).await })
        });
        tokio::select! {
            never = entrance.accept(&listener) => match never {},
            () = shutdown => {}
        }
        tracing::info!("stopping");
        drop((listener, entrance));
        if let Some(telling) = telling {
            telling.abort();
        }
        stop.send(true).ok();
        self.telling.abort();
        self.people.note_all(&*self.store).await;
        let finish = async {
            self.live.close().await;
            all_closed.recv().await;
        };
        if tokio::time::timeout(GRACE, finish).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        if let Some(reloading) = reloading {
            reloading.abort();
        }
        self.watching.abort();
        self.upkeep.abort();
        self.forgetting.abort();
        self.keeping.abort();
        self.store.close().await;
        // The store was the last to publish; what it published on its way out has nobody left to hear it.
        self.publishing.await.ok();
    }
}

/// Keeps the memory of the limits small until it is dropped.
async fn forget(limits: Limits) {
    let mut interval = tokio::time::interval(limits::FORGET_INTERVAL);
    loop {
        interval.tick().await;
        limits.forget();
    }
}
