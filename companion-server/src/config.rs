//! What the server is told by its flags and its environment, checked before anything starts.
//!
//! Flags beat the environment, which beats the defaults. A value that can't be used stops the start with the
//! setting's name, the value and where it came from; a secret's value is not repeated.

use std::{fmt::Display, net::SocketAddr, path::PathBuf, str::FromStr, thread};

use axum::http::HeaderValue;
use clap::{ArgMatches, parser::ValueSource};
use protocol::sync::Registration;

use crate::{
    auth::secret::{Secret, SecretError},
    realtime::Bounds,
};

/// Everything that [`crate::serve::open`] needs to know.
pub struct Config {
    /// Where the database and the secret are kept.
    pub data_dir: PathBuf,
    /// Signs access tokens; `None` takes the one of the data directory.
    pub jwt_secret: Option<String>,
    /// What people call the server.
    pub name: String,
    /// Who may make an account.
    pub registration: Registration,
    /// Whether sockets without a token may join any room (C12).
    pub legacy_sockets: bool,
    /// Which origins browsers may call from; any where it is empty (C14).
    pub cors_origins: Vec<HeaderValue>,
    /// How many connections there may be.
    pub connections: usize,
    /// How many sockets there may be.
    pub sockets: Bounds,
    /// How many passwords are hashed at the same time.
    pub processors: usize,
}

/// A setting that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{setting} is {value} ({origin}): {problem}")]
pub struct ConfigError {
    setting: &'static str,
    value: String,
    origin: String,
    problem: String,
}

/// How many connections there may be unless a test says otherwise.
pub const CONNECTIONS: usize = 20_000;

/// The variables that hold the secret, the first of them first.
const SECRET_VARIABLES: [&str; 2] = ["ROOST_JWT_SECRET", "JWT_SECRET"];

/// Where the server listens where nobody says otherwise.
const DEFAULT_LISTEN: &str = "127.0.0.1:3000";

impl Config {
    /// Defaults for a data directory.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            jwt_secret: None,
            name: "Roost".to_owned(),
            registration: Registration::Closed,
            legacy_sockets: false,
            cors_origins: Vec::new(),
            connections: CONNECTIONS,
            sockets: Bounds::default(),
            processors: thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// Reads the flags of `serve` and the environment.
    ///
    /// # Errors
    /// [`ConfigError`], for the first setting that can't be used.
    pub fn read(matches: &ArgMatches, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config = Self::new(data_dir(matches));
        let name: String = setting(matches, "name", "--name", "ROOST_NAME", check_name)?;
        config.name = name;
        config.registration =
            setting(matches, "registration", "--registration", "ROOST_REGISTRATION", |text| match text {
                "open" => Ok(Registration::Open),
                "closed" => Ok(Registration::Closed),
                _ => Err("it must be open or closed".to_owned()),
            })?;
        config.legacy_sockets = matches.get_flag("legacy_sockets");
        for origin in matches.get_many::<String>("cors_origin").into_iter().flatten() {
            let from = origin_of(matches, "cors_origin", "--cors-origin", "ROOST_CORS_ORIGIN");
            config.cors_origins.push(checked("cors-origin", origin, from, check_origin)?);
        }
        config.jwt_secret = secret(env)?;
        Ok(config)
    }

    /// The secret that signs access tokens.
    pub(crate) fn secret(&self) -> Result<Secret, SecretError> {
        match &self.jwt_secret {
            Some(text) => Secret::parse(text),
            None => Secret::of(&self.data_dir),
        }
    }
}

/// Where `serve` listens: `--listen`, then `ROOST_LISTEN`, then `PORT` on the loopback address.
///
/// # Errors
/// [`ConfigError`], where it is no address.
pub fn listen(matches: &ArgMatches, env: impl Fn(&str) -> Option<String>) -> Result<SocketAddr, ConfigError> {
    if matches.get_one::<String>("listen").is_some() {
        return setting(matches, "listen", "--listen", "ROOST_LISTEN", |text| {
            parsed(text, "it must be an address and a port, such as 127.0.0.1:3000 or 0.0.0.0:3000")
        });
    }
    match env("PORT") {
        Some(port) => checked("port", &port, "from PORT".to_owned(), |text| {
            parsed::<u16>(text, "it must be a port number").map(|port| ([127, 0, 0, 1], port).into())
        }),
        None => checked("listen", DEFAULT_LISTEN, "the default".to_owned(), |text| parsed(text, "")),
    }
}

/// The data directory of any command.
#[must_use]
pub fn data_dir(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("data_dir").cloned().unwrap_or_default()
}

fn secret(env: impl Fn(&str) -> Option<String>) -> Result<Option<String>, ConfigError> {
    for variable in SECRET_VARIABLES {
        if let Some(text) = env(variable) {
            Secret::parse(&text).map_err(|error| ConfigError {
                setting: "the token secret",
                value: format!("{} bytes long", text.len()),
                origin: format!("from {variable}"),
                problem: error.to_string(),
            })?;
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn setting<T>(
    matches: &ArgMatches,
    id: &'static str,
    flag: &str,
    variable: &str,
    check: impl Fn(&str) -> Result<T, String>,
) -> Result<T, ConfigError> {
    let text = matches.get_one::<String>(id).map(String::as_str).unwrap_or_default();
    checked(id, text, origin_of(matches, id, flag, variable), check)
}

fn checked<T>(
    setting: &'static str,
    text: &str,
    origin: String,
    check: impl Fn(&str) -> Result<T, String>,
) -> Result<T, ConfigError> {
    check(text).map_err(|problem| ConfigError { setting, value: format!("{text:?}"), origin, problem })
}

fn origin_of(matches: &ArgMatches, id: &str, flag: &str, variable: &str) -> String {
    match matches.value_source(id) {
        Some(ValueSource::CommandLine) => format!("from {flag}"),
        Some(ValueSource::EnvVariable) => format!("from {variable}"),
        _ => "the default".to_owned(),
    }
}

fn parsed<T: FromStr>(text: &str, problem: &(impl Display + ?Sized)) -> Result<T, String> {
    text.parse().map_err(|_| problem.to_string())
}

fn check_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
        return Err("it must have 1 to 100 characters".to_owned());
    }
    Ok(text.to_owned())
}

/// An origin as browsers write it: a scheme and a host, maybe a port, and nothing after it.
fn check_origin(text: &str) -> Result<HeaderValue, String> {
    let problem = "it must be an origin, such as https://chat.example.org";
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.filter(|rest| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']));
    rest.and_then(|_| HeaderValue::from_str(&text.to_ascii_lowercase()).ok())
        .ok_or_else(|| problem.to_owned())
}
