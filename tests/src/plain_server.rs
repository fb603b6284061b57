//! A server of the published document and of nothing else, for tests of what the engine does without our extensions.
//!
//! It knows the message routes under both roots, the documented events, and sockets without tokens of which anyone
//! may `join` any room, as the document's own code lets them. It has no capabilities route, no feed, no idempotency
//! and no route that tells who people are. `POST /api/auth/login`, of which the document says nothing, exists unless
//! [`Faults::no_login`] takes it away. Messages are in memory and outlive [`PlainServer::stop`].
//!
//! It runs on threads of its own in the test's process, on a port that it keeps. What it does wrong on purpose is in
//! [`Faults`] and can be changed at any time.

mod auth;
mod rest;
mod sockets;
mod store;

use std::{
    collections::{HashSet, VecDeque},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use socketioxide::SocketIo;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    sync::Notify,
};

use crate::people::Person;

use store::Store;
pub use store::Stored;

/// How many requests are remembered; older ones are forgotten.
const REQUESTS_KEPT: usize = 10_000;

/// What the server does wrong, or lacks. Nothing by default.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fault of its own, in any combination")]
pub struct Faults {
    /// No event is ever emitted.
    pub no_events: bool,
    /// Sockets are refused.
    pub no_sockets: bool,
    /// There is no `/api/auth/login`.
    pub no_login: bool,
    /// Every token is turned away as expired.
    pub expired: bool,
    /// So many of the next requests that write are carried out, and their connection is cut before the answer.
    pub lost_answers: u32,
    /// The statuses of the next answers; what was asked is not carried out.
    pub refusals: VecDeque<u16>,
    /// Messages that lists leave out although they are there.
    pub hidden: HashSet<String>,
    /// How long each answer is held back.
    pub delay: Duration,
}

/// The server, running or not.
pub struct PlainServer {
    shared: Arc<Shared>,
    address: Option<SocketAddr>,
    runtime: Option<Runtime>,
}

/// What the routes, the sockets and the test have in common.
struct Shared {
    store: Mutex<Store>,
    faults: Mutex<Faults>,
    requests: Mutex<VecDeque<String>>,
}

/// Cuts the connection that carries a request.
#[derive(Clone, Default)]
struct Scissors(Arc<Notify>);

impl PlainServer {
    /// A running server with accounts for these people.
    ///
    /// # Errors
    /// Where it cannot listen.
    pub fn with_people(people: &[Person]) -> anyhow::Result<Self> {
        let shared = Shared { store: Mutex::default(), faults: Mutex::default(), requests: Mutex::default() };
        let mut server = Self { shared: Arc::new(shared), address: None, runtime: None };
        for person in people {
            server.shared.store().add_person(person);
        }
        server.start()?;
        Ok(server)
    }

    /// Starts it, on the port that it had before if it had one.
    ///
    /// # Errors
    /// Where it runs already, or cannot listen.
    pub fn start(&mut self) -> anyhow::Result<()> {
        if self.runtime.is_some() {
            bail!("the server runs already");
        }
        let address = self.address.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
        let listener = std::net::TcpListener::bind(address).context("the plain server cannot listen")?;
        listener.set_nonblocking(true)?;
        self.address = Some(listener.local_addr()?);
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("plain-server").enable_all().build()?;
        let listener = {
            let _within = runtime.enter();
            TcpListener::from_std(listener)?
        };
        runtime.spawn(accept(listener, Arc::clone(&self.shared)));
        self.runtime = Some(runtime);
        Ok(())
    }

    /// Cuts every connection and stops listening, as if the program were killed.
    pub fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Where it listens, such as `http://127.0.0.1:4000`.
    ///
    /// # Panics
    /// Never: it has an address from its first start on.
    #[must_use]
    #[expect(clippy::expect_used, reason = "with_people starts it")]
    pub fn url(&self) -> String {
        format!("http://{}", self.address.expect("the server has been started"))
    }

    /// Changes what it does wrong.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.shared.faults());
    }

    /// The id of somebody with an account.
    ///
    /// # Panics
    /// Where there is no such account.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that asks for nobody is wrong")]
    pub fn id_of(&self, person: &Person) -> String {
        self.shared.store().id_by_email(person.email).expect("the person has an account")
    }

    /// An access token for somebody with an account, as they would paste it. Its payload is that of the document.
    ///
    /// # Errors
    /// Where it cannot be signed.
    pub fn token(&self, person: &Person) -> anyhow::Result<String> {
        auth::token(&self.id_of(person), person)
    }

    /// Every message, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Stored> {
        self.shared.store().all().to_vec()
    }

    /// Removes messages, as if others had deleted them. No event tells of it, as the document has none for it.
    pub fn remove(&self, ids: &[String]) {
        let mut store = self.shared.store();
        for id in ids {
            store.remove(id);
        }
    }

    /// The newest requests, such as `GET /api/message`, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests().iter().cloned().collect()
    }
}

impl Drop for PlainServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn requests(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the next answer is to be lost.
    fn loses_answer(&self) -> bool {
        let mut faults = self.faults();
        let loses = faults.lost_answers > 0;
        faults.lost_answers = faults.lost_answers.saturating_sub(1);
        loses
    }

    fn note(&self, request: String) {
        let mut requests = self.requests();
        if requests.len() == REQUESTS_KEPT {
            requests.pop_front();
        }
        requests.push_back(request);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let (layer, io) = SocketIo::new_layer();
    sockets::serve(&io, Arc::clone(&shared));
    let router = rest::routes(shared, io).layer(layer);
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, router.clone()));
    }
}

/// Serves one connection until either side ends it, or a fault cuts it.
async fn connection(stream: TcpStream, router: Router) {
    let scissors = Scissors::default();
    let service = TowerToHyperService::new(router.layer(Extension(scissors.clone())));
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::select! {
        // Whatever a client does wrong here ends its connection and nothing else.
        _ = serving => {}
        () = scissors.0.notified() => {}
    }
}
