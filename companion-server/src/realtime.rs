//! The Socket.IO side: lets sockets in, puts each into its own user's room, and sends events to rooms (C12, C15).
//!
//! What socketioxide does not bound by itself is bound in [`handshake`]: sockets in all, handshakes without a token,
//! sockets of one user; and the sizes of frames and messages below. A socket whose token has expired or whose session
//! was ended is cut by [`watch`]. A client that is too slow for its buffer loses events, and its feed repairs that.

mod handshake;
mod publish;
mod socket;
mod watch;

use std::{sync::Arc, time::Duration};

use axum::Router;
use protocol::{event::ServerEvent, limits};
use socketioxide::{ParserConfig, SocketIo, handler::ConnectHandler as _, layer::SocketIoLayer};
use tower::Layer as _;

pub use handshake::Bounds;
pub(crate) use publish::publish;
pub(crate) use watch::watch;

use self::{handshake::Doorway, socket::Lobby, watch::Register};
use crate::{auth::Authenticator, limits::Limits, metrics::Metrics, model::events::Outgoing, store::Store};

/// The connected sockets, for whoever has an event to send.
#[derive(Clone)]
pub struct Live {
    io: SocketIo,
    metrics: Arc<Metrics>,
}

/// The service at `/socket.io`.
pub struct Endpoint {
    layer: SocketIoLayer,
    doorway: Doorway,
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

/// Makes the service, the handle to send with, and the register of those connected.
#[must_use]
pub(crate) fn start(setup: Setup) -> (Live, Endpoint, Register) {
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
    let doorway = Doorway::new(setup.bounds, setup.limits.clone());
    let register = Register::new(io.clone());
    let lobby = Lobby::new(setup, register.clone(), doorway.clone());
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
    (Live { io, metrics }, Endpoint { layer, doorway }, register)
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
            .layer(axum::middleware::from_fn_with_state(self.doorway, handshake::enter))
    }
}

/// An event for one socket rather than a room.
fn tell(socket: &socketioxide::extract::SocketRef, event: &ServerEvent) {
    match event.payload() {
        Ok(payload) => {
            // A socket that is gone or too slow needs no answer.
            socket.emit(event.name(), &payload).ok();
        }
        Err(error) => tracing::error!(event = event.name(), %error, "an event could not be written as JSON"),
    }
}
