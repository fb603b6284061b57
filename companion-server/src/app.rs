//! What every request has at hand.

use std::{sync::Arc, time::Duration};

use protocol::sync::Registration;

use tokio::sync::Semaphore;

use crate::{
    activity::ActivityLog,
    auth::{Authenticator, Passwords, token::Tokens},
    clock::Clock,
    limits::Limits,
    metrics::Metrics,
    realtime::{Live, People},
    store::Store,
};

/// Everything that handlers share; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// Who somebody is.
    pub authenticator: Authenticator,
    /// Makes access tokens.
    pub tokens: Arc<Tokens>,
    /// Hashes and checks passwords.
    pub passwords: Arc<Passwords>,
    /// The connected sockets.
    pub live: Live,
    /// Who is connected.
    pub(crate) people: People,
    /// One for each pull whose deliveries are yet to be written.
    pub(crate) deliveries: Arc<Semaphore>,
    /// How much anybody may ask for.
    pub(crate) limits: Limits,
    /// What users did without changing anything.
    pub activity: ActivityLog,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What people call the server.
    pub name: Arc<str>,
    /// Under which address people reach the server, without a slash at its end.
    pub url: Arc<str>,
    /// Who may make an account.
    pub registration: Registration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// Counts requests.
    pub(crate) metrics: Arc<Metrics>,
}
