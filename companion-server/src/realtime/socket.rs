//! What a socket may do: show its token, join its room, confirm deliveries, ask whether it is still heard.

use std::{fmt, sync::Arc, time::Duration};

use axum::http::header;
use protocol::{
    UserId, error,
    event::{Delivered, Heartbeat, Joined, ServerEvent, SocketError},
    limits,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use socketioxide::{
    extract::{SocketRef, TryData},
    socket::DisconnectReason,
};

use tokio::sync::Semaphore;

use super::{
    Setup,
    handshake::{Doorway, permit_of},
    tell,
    watch::Register,
};
use crate::{
    auth::{AuthError, Identity, bearer},
    store::Store,
};

/// Lets sockets in.
#[derive(Clone)]
pub(super) struct Lobby(Arc<Inner>);

struct Inner {
    setup: Setup,
    register: Register,
    doorway: Doorway,
}

/// Why a socket is refused; its text is the `message` of the client's `connect_error`.
#[derive(Debug)]
pub(super) struct Refused(&'static str);

/// The most rooms that a socket without a token may be in.
const LEGACY_ROOMS: usize = 16;

/// How many `delivered` events of one socket are carried out at the same time.
const DELIVERIES: usize = 32;

/// The longest name of a room.
const ROOM_BYTES: usize = 128;

/// How long a client that left its namespace may keep the connection.
const FAREWELL: Duration = Duration::from_secs(1);

const TOO_MANY: &str = "Too many connections";

#[derive(Deserialize)]
struct Auth {
    token: Option<String>,
}

impl Lobby {
    pub(super) fn new(setup: Setup, register: Register, doorway: Doorway) -> Self {
        Self(Arc::new(Inner { setup, register, doorway }))
    }

    /// Runs before the socket is connected: whatever it may do is set up here, so that nothing it sends first and no
    /// event that is sent to it first is lost.
    pub(super) async fn admit(self, socket: SocketRef, auth: TryData<Value>) -> Result<(), Refused> {
        let identity = match token(&socket, auth) {
            Some(token) => Some(self.identify(&token).await?),
            None if self.0.setup.legacy => None,
            None => return Err(Refused(error::AUTHENTICATION_REQUIRED)),
        };
        match identity {
            Some(identity) => self.welcome(&socket, identity)?,
            None => self.welcome_legacy(&socket),
        }
        if let Some(permit) = permit_of(&socket) {
            permit.admit();
        }
        Ok(())
    }

    /// Runs once the socket is connected.
    pub(super) fn connected(&self, socket: &SocketRef) {
        if let Some(identity) = socket.extensions.get::<Arc<Identity>>() {
            self.0.register.add(socket.id, &identity);
        }
    }

    async fn identify(&self, token: &str) -> Result<Identity, Refused> {
        self.0.setup.authenticator.identify(token).await.map_err(|error| match error {
            AuthError::Missing => Refused(error::AUTHENTICATION_REQUIRED),
            AuthError::Invalid => Refused(error::INVALID_TOKEN),
            AuthError::Expired => Refused(error::TOKEN_EXPIRED),
            AuthError::Store(error) => {
                tracing::error!(%error, "a socket's token could not be checked");
                Refused(error::INTERNAL)
            }
        })
    }

    fn welcome(&self, socket: &SocketRef, identity: Identity) -> Result<(), Refused> {
        let user = identity.account.id;
        let room = user.to_string();
        if socket.within(room.clone()).sockets().len() >= self.0.doorway.per_user() {
            return Err(Refused(TOO_MANY));
        }
        socket.extensions.insert(Arc::new(identity));
        self.listen(socket);
        socket.on("join", async move |socket: SocketRef, TryData(asked): TryData<Value>| {
            let asked = asked.ok().and_then(|asked| asked.as_str()?.parse::<UserId>().ok());
            if asked == Some(user) {
                tell(&socket, &ServerEvent::Joined(Joined { user_id: user }));
            } else {
                refuse(&socket, error::JOIN_FORBIDDEN);
            }
        });
        let store = Arc::clone(&self.0.setup.store);
        let turns = Arc::new(Semaphore::new(DELIVERIES));
        socket.on("delivered", async move |socket: SocketRef, data: TryData<Value>| {
            delivered(&socket, data, user, &*store, &turns).await;
        });
        socket.join(room);
        Ok(())
    }

    /// The document's own examples: no token, and `join` with any room (C12).
    fn welcome_legacy(&self, socket: &SocketRef) {
        self.listen(socket);
        socket.on("join", async |socket: SocketRef, TryData(asked): TryData<Value>| {
            let room = asked.ok().and_then(|asked| asked.as_str().map(str::to_owned));
            let Some(room) = room.filter(|room| !room.is_empty() && room.len() <= ROOM_BYTES) else {
                return refuse(&socket, "join needs a user id");
            };
            if socket.rooms().len() >= LEGACY_ROOMS {
                return refuse(&socket, "This socket is in too many rooms");
            }
            // Ids are written in lower case in the names of rooms.
            let user = room.parse::<UserId>();
            socket.join(user.as_ref().map_or(room, ToString::to_string));
            if let Ok(user_id) = user {
                tell(&socket, &ServerEvent::Joined(Joined { user_id }));
            }
        });
    }

    fn listen(&self, socket: &SocketRef) {
        socket.on("heartbeat", async |socket: SocketRef, data: TryData<Value>| {
            match parse::<Heartbeat>(data) {
                Some(heartbeat) => tell(&socket, &ServerEvent::Heartbeat(heartbeat)),
                None => refuse(&socket, "heartbeat needs {n}, a whole number"),
            }
        });
        let inner = Arc::clone(&self.0);
        socket.on_disconnect(move |socket: SocketRef, reason: DisconnectReason| {
            inner.register.remove(socket.id);
            if matches!(reason, DisconnectReason::ServerNSDisconnect | DisconnectReason::ClientNSDisconnect) {
                let doorway = inner.doorway.clone();
                // The transport is still there. Its client has a moment to hear why and to close it.
                tokio::spawn(async move {
                    tokio::time::sleep(FAREWELL).await;
                    doorway.hang_up(&socket);
                });
            }
            std::future::ready(())
        });
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The token of the handshake: `auth.token`, or an `Authorization` header.
fn token(socket: &SocketRef, TryData(auth): TryData<Value>) -> Option<String> {
    let auth = auth.ok().and_then(|auth| serde_json::from_value::<Auth>(auth).ok());
    let token = auth.and_then(|auth| auth.token).filter(|token| !token.is_empty());
    // Some clients put the header's whole value there.
    let token = token.map(|token| bearer(&token).map(str::to_owned).unwrap_or(token));
    token.or_else(|| {
        let header = socket.req_parts().headers.get(header::AUTHORIZATION)?;
        bearer(header.to_str().ok()?).map(str::to_owned)
    })
}

async fn delivered(
    socket: &SocketRef,
    data: TryData<Value>,
    user: UserId,
    store: &dyn Store,
    turns: &Semaphore,
) {
    let Some(Delivered { message_ids }) = parse(data) else {
        return refuse(socket, "delivered needs {messageIds}, a list of message ids");
    };
    if message_ids.len() > limits::DELIVERED_IDS {
        return refuse(socket, "delivered takes at most 1000 message ids");
    }
    // Whoever sends much faster than the store writes is told to slow down.
    let Ok(_turn) = turns.try_acquire() else {
        return refuse(socket, "delivered comes too fast, try again shortly");
    };
    let noted = store.mark_delivered(user, message_ids).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "deliveries could not be noted");
        refuse(socket, "delivered could not be stored, try again shortly");
    }
}

fn parse<T: DeserializeOwned>(TryData(data): TryData<Value>) -> Option<T> {
    serde_json::from_value(data.ok()?).ok()
}

fn refuse(socket: &SocketRef, text: &str) {
    tell(socket, &ServerEvent::Error(SocketError { message: text.to_owned() }));
}
