//! What the server is told, checked before anything starts.
//!
//! A setting `some-name` comes from the flag `--some-name`, else from `ROOST_SOME_NAME`, else from the file that
//! `ROOST_SOME_NAME_FILE` names (not for paths), else from `some-name` in the TOML file of `--config`, else it has its default. All
//! settings stand in one table ([`settings::TABLE`]); the flags, the variables, the keys and `config show` are made
//! from it. A value that can't be used stops the start with the setting's name, the value and where it came from; a
//! secret's value is not repeated.

mod file;
mod proxies;
pub mod settings;
pub(crate) mod sources;
mod text;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    thread,
    time::Duration,
};

use axum::http::HeaderValue;
use protocol::sync::Registration;

pub use proxies::TrustedProxies;
pub use sources::{Given, Origin, Sources};

use crate::{
    auth::secret::{Secret, SecretError},
    realtime::Bounds,
    serve::upkeep,
    serve::{Timeouts, TlsFiles},
    store::Retention,
    store::sqlite::slow,
};

/// Everything that [`crate::serve::open`] needs to know.
pub struct Config {
    /// Where the database and the secret are kept.
    pub data_dir: PathBuf,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Under which address people reach the server, without a slash at its end; `None` where nobody has said.
    pub public_url: Option<String>,
    /// What people call the server.
    pub name: String,
    /// Signs access tokens; `None` takes the one of the data directory.
    pub jwt_secret: Option<String>,
    /// Who may make an account.
    pub registration: Registration,
    /// Whether tokens of another system that signs with the same secret are accepted.
    pub trust_external_tokens: bool,
    /// Whether sockets without a token may join any room (C12).
    pub legacy_sockets: bool,
    /// Which origins browsers may call from; any where it is empty (C14).
    pub cors_origins: Vec<HeaderValue>,
    /// Whose word is taken for a client's address.
    pub trusted_proxies: TrustedProxies,
    /// Whether users and addresses are held to their allowances.
    pub rate_limits: bool,
    /// The certificate to speak TLS with; needs [`Config::tls_key`].
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key.
    pub tls_key: Option<PathBuf>,
    /// How often the two are looked at for changes.
    pub tls_reload: Duration,
    /// Where metrics are told; `None` tells them nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// How many connections there may be.
    pub connections: usize,
    /// How many of those one client may have: an IPv4 address or an IPv6 network of 64 bits; proxies that are trusted
    /// may have all of them.
    pub connections_per_client: usize,
    /// How long clients may take.
    pub timeouts: Timeouts,
    /// Which lines are written to the log, as `tracing_subscriber`'s filters say it.
    pub log: String,
    /// How they are written.
    pub log_format: LogFormat,
    /// From when on a statement of the database is written to the log.
    pub slow_query: Duration,
    /// How many sockets there may be.
    pub sockets: Bounds,
    /// How many passwords are hashed at the same time.
    pub processors: usize,
    /// How long is kept what need not be kept for ever.
    pub retention: Retention,
    /// How often what is too old is cleared away.
    pub upkeep_interval: Duration,
}

/// How the lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A setting that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Its value.
    #[error("{setting} is {value} ({origin}): {problem}")]
    Value {
        /// The setting's name.
        setting: &'static str,
        /// The value, quoted; of a secret, or of several lines, only its length.
        value: String,
        /// Where it came from.
        origin: Origin,
        /// Why it can't be used.
        problem: String,
    },
    /// The same setting twice in the environment.
    #[error("both {0} and {0}_FILE are set: unset one of them")]
    Twice(String),
    /// A file that would hold the path of another.
    #[error("{0}_FILE is no setting: put the path into {0}")]
    FileOfPath(String),
    /// One of two settings that need each other.
    #[error("{set} is set and {missing} is not: TLS needs both")]
    Half {
        /// The one that is set.
        set: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// A file of settings, or of one setting's value, that can't be read.
    #[error("cannot read {} ({origin}): {problem}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Where its name came from.
        origin: Origin,
        /// Why.
        problem: String,
    },
    /// A line of the TOML file.
    #[error("{} line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// Where the data are kept where nobody says otherwise.
const DATA_DIR: &str = "./roost-data";

/// The port where nobody says otherwise.
const PORT: u16 = 3000;

/// How often the files of the certificate are looked at.
const TLS_RELOAD: Duration = Duration::from_secs(5);

/// How many connections there may be where nobody says otherwise.
pub const CONNECTIONS: usize = 20_000;

/// How many of those one client may have: a whole school may sit behind one address.
pub const CONNECTIONS_PER_CLIENT: usize = 5_000;

impl Default for Config {
    fn default() -> Self {
        Self::new(PathBuf::from(DATA_DIR))
    }
}

impl Config {
    /// Defaults for a data directory.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            listen: (Ipv4Addr::LOCALHOST, PORT).into(),
            public_url: None,
            name: "Roost".to_owned(),
            jwt_secret: None,
            registration: Registration::Invite,
            trust_external_tokens: false,
            legacy_sockets: false,
            cors_origins: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            rate_limits: true,
            tls_cert: None,
            tls_key: None,
            tls_reload: TLS_RELOAD,
            metrics_listen: None,
            connections: CONNECTIONS,
            connections_per_client: CONNECTIONS_PER_CLIENT,
            timeouts: Timeouts::default(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            slow_query: slow::THRESHOLD,
            sockets: Bounds::default(),
            processors: thread::available_parallelism().map_or(1, usize::from),
            retention: Retention::default(),
            upkeep_interval: upkeep::INTERVAL,
        }
    }

    /// Reads every setting.
    ///
    /// # Errors
    /// [`ConfigError`], for the first setting that can't be used.
    pub fn read(sources: &Sources<'_>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for setting in settings::TABLE {
            setting.take(sources, &mut config)?;
        }
        config.tls()?;
        Ok(config)
    }

    /// Under which address people reach the server, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        let listen = match self.listen.ip() {
            // "Every address of this machine" is none that a browser can open.
            ip if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, self.listen.port())),
            _ => self.listen,
        };
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{listen}"))
    }

    /// The files of the certificate; `None` speaks plain HTTP.
    ///
    /// # Errors
    /// [`ConfigError::Half`].
    pub fn tls(&self) -> Result<Option<TlsFiles>, ConfigError> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                Ok(Some(TlsFiles { certificate: certificate.clone(), key: key.clone() }))
            }
            (None, None) => Ok(None),
            (Some(_), None) => Err(ConfigError::Half { set: "tls-cert", missing: "tls-key" }),
            (None, Some(_)) => Err(ConfigError::Half { set: "tls-key", missing: "tls-cert" }),
        }
    }

    /// The secret that signs access tokens.
    pub(crate) fn secret(&self) -> Result<Secret, SecretError> {
        match &self.jwt_secret {
            Some(text) => Secret::parse(text),
            None => Secret::of(&self.data_dir),
        }
    }
}
