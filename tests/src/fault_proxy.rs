//! A bad line between a client and a server: a TCP proxy that cuts, stalls, halves, drips and repeats what it carries.
//!
//! What befalls a connection is drawn from the seed and the connection's number, for each direction: after so many
//! bytes this happens, and if that did not end it, after so many more the next thing. So no connection lives for long,
//! whatever its client does. Half of the connections go through a middlebox besides, which delivers each whole request
//! twice and passes the second answer on.
//!
//! A connection that fell silent stays silent for ever, also when the line is [calm](FaultProxy::calm) again: finding
//! that out is the client's affair.

mod carry;
mod requests;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use self::carry::{Direction, End, carry};
use crate::Server;

/// What can befall what is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The connection ends, as one does that was closed.
    Fin,
    /// The connection is reset.
    Reset,
    /// Half of what was being carried arrives, then the connection is reset.
    Half,
    /// Nothing passes for a while.
    Pause,
    /// Nothing passes in this direction any more, and nobody is told.
    Silence,
    /// The next bytes arrive one by one.
    Drip,
    /// A whole request is delivered twice.
    Repeat,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Fin, Self::Reset, Self::Half, Self::Pause, Self::Silence, Self::Drip, Self::Repeat];
}

/// A running proxy. It ends, with all its connections, when it is dropped.
pub struct FaultProxy {
    address: SocketAddr,
    line: Arc<Line>,
    // Ends the listener.
    _listening: JoinSet<()>,
}

/// What all connections share.
struct Line {
    target: String,
    down: watch::Sender<bool>,
    bad: AtomicBool,
    met: Mutex<BTreeMap<Fault, u64>>,
}

impl Line {
    fn is_bad(&self) -> bool {
        self.bad.load(Ordering::Relaxed)
    }

    fn meet(&self, fault: Fault) {
        *self.met.lock().unwrap_or_else(PoisonError::into_inner).entry(fault).or_default() += 1;
    }
}

impl FaultProxy {
    /// A proxy before this server. The line is calm at first.
    ///
    /// # Errors
    /// Where it cannot listen.
    pub async fn before(server: &Server, seed: u64) -> anyhow::Result<Self> {
        let target = server.url().strip_prefix("http://").context("the server's address")?.to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line {
            target,
            down: watch::Sender::new(false),
            bad: AtomicBool::new(false),
            met: Mutex::default(),
        });
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, Arc::clone(&line), seed));
        Ok(Self { address, line, _listening: listening })
    }

    /// Where clients connect, such as `http://127.0.0.1:4000`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on things happen.
    pub fn storm(&self) {
        self.line.bad.store(true, Ordering::Relaxed);
    }

    /// From now on nothing more happens to connections that still carry something.
    pub fn calm(&self) {
        self.line.bad.store(false, Ordering::Relaxed);
    }

    /// Takes the line away: every connection is reset, and so is every new one.
    pub fn go_down(&self) {
        self.line.down.send_replace(true);
    }

    /// Gives the line back.
    pub fn come_up(&self) {
        self.line.down.send_replace(false);
    }

    /// What has happened how often.
    #[must_use]
    pub fn met(&self) -> BTreeMap<Fault, u64> {
        self.line.met.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn listen(listener: TcpListener, line: Arc<Line>, seed: u64) {
    // Dropped with this task, and with it every connection.
    let mut connections = JoinSet::new();
    let mut seeds = StdRng::seed_from_u64(seed);
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connect(client, Arc::clone(&line), seeds.random()));
    }
}

async fn connect(mut client: TcpStream, line: Arc<Line>, seed: u64) {
    // A client whose server cannot be reached is told by the end of its connection.
    let Ok(mut server) = TcpStream::connect(&line.target).await else { return };
    let mut rng = StdRng::seed_from_u64(seed);
    let forth = Direction { line: &line, rng: StdRng::seed_from_u64(rng.random()), repeats: rng.random() };
    let back = Direction { line: &line, rng: StdRng::seed_from_u64(rng.random()), repeats: false };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let mut down = line.down.subscribe();
    let end = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::select! {
            end = carry(from_client, to_server, forth) => end,
            end = carry(from_server, to_client, back) => end,
            _ = down.wait_for(|down| *down) => End::Reset,
        }
    };
    if end == End::Reset {
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}
