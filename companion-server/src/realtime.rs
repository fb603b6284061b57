//! The Socket.IO side: lets sockets in, puts each into its own user's room, and sends events to rooms (C12, C15).
//!
//! What socketioxide does not bound by itself is bound in [`doorway`]: sockets in all, handshakes without a token,
//! sockets of one user and of one network; and the sizes of frames and messages below. A socket whose token has expired or whose session
//! was ended is cut by [`watch`]. A client that is too slow for its buffer loses events, and its feed repairs that.

mod doorway;
mod events;
mod handshake;
mod presence;
mod publish;
mod socket;
mod typing;
mod watch;

use std::{sync::Arc, time::Duration};

use axum::Router;
use protocol::{event::ServerEvent, limits};
use socketioxide::{ParserConfig, SocketIo, handler::ConnectHandler as _, layer::SocketIoLayer};
use tower::Layer as _;

pub use doorway::Bounds;
pub(crate) use presence::People;
pub(crate) use publish::publish;
pub(crate) use watch::watch;

use self::{doorway::Doorway, handshake::Gate, socket::Lobby, typing::Writers, watch::Register};
use crate::{
    auth::Authenticator, clock::Clock, limits::Limits, metrics::Metrics, model::events::Outgoing,
    store::Store,
};

/// The connected sockets, for whoever has an event to send.
#[derive(Clone)]
pub struct Live {
    io: SocketIo,
    metrics: Arc<Metrics>,
}

/// The service at `/socket.io`.
pub struct Endpoint {
    layer: SocketIoLayer,
    gate: Gate,
}

/// What the sockets need to know.
pub(crate) struct Setup {
    /// Checks tokens.
    pub(crate) authenticator: Authenticator,
    /// Notes deliveries.
    pub(crate) store: Arc<dyn Store>,
    /// Whether sockets without a token may join any room (C12).
    pub(crate) legacy: bool,
    /// How many sockets there may be.
    pub(crate) bounds: Bounds,
    /// How much anybody may ask for.
    pub(crate) limits: Limits,
    /// Counts events.
    pub(crate) metrics: Arc<Metrics>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
}

/// What there is once the sockets are set up.
pub(crate) struct Started {
    /// To send with.
    pub(crate) live: Live,
    /// To put in front of the routes.
    pub(crate) endpoint: Endpoint,
    /// For [`watch`].
    pub(crate) register: Register,
    /// Who is connected.
    pub(crate) people: People,
    /// For [`tell`].
    pub(crate) writers: Writers,
}

/// The largest message or frame that a socket may send, in bytes: room for [`limits::DELIVERED_IDS`] ids.
const MESSAGE_BYTES: usize = limits::BODY_BYTES;

/// How many packets wait for a slow client before more are dropped.
const BUFFER: usize = 1_024;

/// The read buffer of a websocket: small, because most sockets are silent.
const READ_BUFFER: usize = 512;

/// How long a transport may stay without having joined the namespace.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

const PING_INTERVAL: Duration = Duration::from_secs(25);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// How often presence and typing are looked at.
const PULSE: Duration = Duration::from_millis(250);

/// Sets the sockets up.
#[must_use]
pub(crate) fn start(setup: Setup) -> Started {
    let binary = ParserConfig::common()
        .max_incoming_binaries(1)
        .max_incoming_binary_buf_size(MESSAGE_BYTES)
        .packet_completion_timeout(CONNECT_TIMEOUT);
    let (layer, io) = SocketIo::builder()
        .with_parser(binary)
        .max_payload(MESSAGE_BYTES as u64)
        .ws_max_message_size(MESSAGE_BYTES)
        .ws_max_frame_size(MESSAGE_BYTES)
        .ws_read_buffer_size(READ_BUFFER)
        .max_buffer_size(BUFFER)
        .connect_timeout(CONNECT_TIMEOUT)
        .upgrade_timeout(CONNECT_TIMEOUT)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .build_layer();
    let metrics = Arc::clone(&setup.metrics);
    let doorway = Doorway::new(setup.bounds);
    let register = Register::new(io.clone());
    let live = Live { io: io.clone(), metrics };
    let (people, writers) = (People::new(Arc::clone(&setup.clock)), Writers::new(Arc::clone(&setup.clock)));
    let gate = Gate {
        doorway: doorway.clone(),
        limits: setup.limits.clone(),
        authenticator: setup.authenticator.clone(),
    };
    let among = socket::Among {
        register: register.clone(),
        doorway: doorway.clone(),
        people: people.clone(),
        writers: writers.clone(),
        live: live.clone(),
    };
    let lobby = Lobby::new(setup, among);
    let (admit, connected) = (lobby.clone(), lobby);
    io.ns(
        "/",
        (move |socket: socketioxide::extract::SocketRef| {
            connected.connected(&socket);
            std::future::ready(())
        })
        .with(move |socket, auth| {
            let lobby = admit.clone();
            async move { lobby.admit(socket, auth).await }
        }),
    );
    Started { live, endpoint: Endpoint { layer, gate }, register, people, writers }
}

/// Tells who comes and goes and who writes no more, until it is dropped.
pub(crate) async fn tell(live: Live, people: People, writers: Writers, store: Arc<dyn Store>) {
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        live.emit_all(writers.lapse());
        people.tell(&live, &*store).await;
    }
}

impl Live {
    /// Sends an event to every socket of a user.
    pub fn emit(&self, Outgoing { to, event }: &Outgoing) {
        let Ok(payload) = event.payload() else {
            tracing::error!(event = event.name(), "an event could not be written as JSON");
            return;
        };
        // Once the server is going down there is no namespace any more, and nobody to tell.
        let Some(sockets) = self.io.of("/") else { return };
        let sending = sockets.to(to.to_string()).emit(event.name(), &payload);
        self.metrics.events.inc();
        // The sockets are all in this process, so there is nothing to wait for.
        if let Some(Err(error)) = futures_util::FutureExt::now_or_never(sending) {
            self.metrics.events_dropped.inc();
            tracing::debug!(event = event.name(), %error, "an event did not reach every socket");
        }
    }

    /// Sends several, in order.
    pub fn emit_all(&self, outgoing: impl IntoIterator<Item = Outgoing>) {
        for one in outgoing {
            self.emit(&one);
        }
    }

    /// How many sockets have joined.
    pub(crate) fn sockets(&self) -> usize {
        self.io.of("/").map_or(0, |sockets| sockets.sockets().len())
    }

    /// Closes every transport: clients see it close and come again by themselves.
    pub(crate) async fn close(&self) {
        self.io.close().await;
    }
}

impl Endpoint {
    /// Puts the sockets in front of the other routes.
    pub(crate) fn in_front_of(self, routes: Router) -> Router {
        let service = self.layer.layer(routes);
        Router::new()
            .fallback_service(service)
            .layer(axum::middleware::from_fn_with_state(self.gate, handshake::enter))
    }
}

/// An event for one socket rather than a room.
fn tell_one(socket: &socketioxide::extract::SocketRef, event: &ServerEvent) {
    match event.payload() {
        Ok(payload) => {
            // A socket that is gone or too slow needs no answer.
            socket.emit(event.name(), &payload).ok();
        }
        Err(error) => tracing::error!(event = event.name(), %error, "an event could not be written as JSON"),
    }
}
