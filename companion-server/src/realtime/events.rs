//! What a socket that is in may say: join its room, confirm deliveries, tell of typing, ask whether it is still heard.
//!
//! Whoever says more than the allowance ([`Kind::Event`]) is not listened to meanwhile, and is cut after
//! [`STRIKES`] such events.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use protocol::{
    UserId, error,
    event::{Delivered, Heartbeat, Joined, ServerEvent, SetTyping, SocketError},
    limits,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use socketioxide::{
    extract::{SocketRef, TryData},
    socket::DisconnectReason,
};
use tokio::sync::Semaphore;

use super::{doorway::Doorway, presence::Place, socket::Inner, tell_one};
use crate::limits::{Kind, Who};

/// A socket that is in.
pub(super) struct Speaker {
    pub(super) lobby: Arc<Inner>,
    pub(super) who: Who,
    /// How often it said more than it may.
    pub(super) strikes: AtomicU32,
    /// One for each `delivered` that is carried out.
    pub(super) turns: Semaphore,
}

/// How many `delivered` events of one socket are carried out at the same time.
pub(super) const DELIVERIES: usize = 32;

/// The most rooms that a socket without a token may be in.
const LEGACY_ROOMS: usize = 16;

/// The longest name of a room.
const ROOM_BYTES: usize = 128;

/// How many events over the allowance end a socket.
const STRIKES: u32 = 200;

/// At which strikes it is told.
const TOLD: u32 = 50;

/// How long a client that left its namespace may keep the connection.
const FAREWELL: Duration = Duration::from_secs(1);

/// Sets up what the socket of a user may say.
pub(super) fn listen(socket: &SocketRef, speaker: Arc<Speaker>, user: UserId) {
    let own = Arc::clone(&speaker);
    socket.on("join", async move |socket: SocketRef, TryData(asked): TryData<Value>| {
        if !own.may_speak(&socket) {
            return;
        }
        let asked = asked.ok().and_then(|asked| asked.as_str()?.parse::<UserId>().ok());
        if asked == Some(user) {
            tell_one(&socket, &ServerEvent::Joined(Joined { user_id: user }));
        } else {
            refuse(&socket, error::JOIN_FORBIDDEN);
        }
    });
    let own = Arc::clone(&speaker);
    socket.on("delivered", async move |socket: SocketRef, data: TryData<Value>| {
        if own.may_speak(&socket) {
            own.delivered(&socket, data, user).await;
        }
    });
    let own = Arc::clone(&speaker);
    socket.on("typing", async move |socket: SocketRef, data: TryData<Value>| {
        if own.may_speak(&socket) {
            own.typing(&socket, data, user).await;
        }
    });
    listen_to_all(socket, speaker);
}

/// The document's own examples: no token, and `join` with any room (C12).
pub(super) fn listen_as_legacy(socket: &SocketRef, speaker: Arc<Speaker>) {
    let own = Arc::clone(&speaker);
    socket.on("join", async move |socket: SocketRef, TryData(asked): TryData<Value>| {
        if !own.may_speak(&socket) {
            return;
        }
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
            tell_one(&socket, &ServerEvent::Joined(Joined { user_id }));
        }
    });
    listen_to_all(socket, speaker);
}

fn listen_to_all(socket: &SocketRef, speaker: Arc<Speaker>) {
    let own = Arc::clone(&speaker);
    socket.on("heartbeat", async move |socket: SocketRef, data: TryData<Value>| {
        if !own.may_speak(&socket) {
            return;
        }
        match parse::<Heartbeat>(data) {
            Some(heartbeat) => tell_one(&socket, &ServerEvent::Heartbeat(heartbeat)),
            None => refuse(&socket, "heartbeat needs {n}, a whole number"),
        }
    });
    // What nobody understands is passed over, and counts.
    let own = Arc::clone(&speaker);
    socket.on_fallback(async move |socket: SocketRef| {
        own.may_speak(&socket);
    });
    socket.on_disconnect(move |socket: SocketRef, reason: DisconnectReason| {
        speaker.left(socket, reason);
        std::future::ready(())
    });
}

impl Speaker {
    /// Whether the socket is listened to. One that goes on and on is cut.
    fn may_speak(&self, socket: &SocketRef) -> bool {
        let Err(_) = self.lobby.setup.limits.take(Kind::Event, self.who) else { return true };
        let strikes = self.strikes.fetch_add(1, Ordering::Relaxed);
        if strikes >= STRIKES {
            Doorway::cut(socket);
        } else if strikes.is_multiple_of(TOLD) {
            refuse(socket, "Too many events, slow down");
        }
        false
    }

    fn left(&self, socket: SocketRef, reason: DisconnectReason) {
        let among = &self.lobby.among;
        among.register.remove(socket.id);
        among.live.emit_all(among.writers.leave(socket.id));
        // The user's place is free at once, whoever still holds the socket.
        socket.extensions.remove::<Arc<Place>>();
        if matches!(reason, DisconnectReason::ServerNSDisconnect | DisconnectReason::ClientNSDisconnect) {
            // The transport is still there. Its client has a moment to hear why and to close it.
            tokio::spawn(async move {
                tokio::time::sleep(FAREWELL).await;
                Doorway::hang_up(&socket);
            });
        }
    }

    async fn delivered(&self, socket: &SocketRef, data: TryData<Value>, user: UserId) {
        let Some(Delivered { message_ids }) = parse(data) else {
            return refuse(socket, "delivered needs {messageIds}, a list of message ids");
        };
        if message_ids.len() > limits::DELIVERED_IDS {
            return refuse(socket, "delivered takes at most 1000 message ids");
        }
        // Whoever sends much faster than the store writes is told to slow down.
        let Ok(_turn) = self.turns.try_acquire() else {
            return refuse(socket, "delivered comes too fast, try again shortly");
        };
        let noted = self.lobby.setup.store.mark_delivered(user, message_ids).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "deliveries could not be noted");
            refuse(socket, "delivered could not be stored, try again shortly");
        }
    }

    async fn typing(&self, socket: &SocketRef, data: TryData<Value>, user: UserId) {
        let Some(SetTyping { receiver, is_typing }) = parse(data) else {
            return refuse(socket, "typing needs {receiver, isTyping}, a user id and true or false");
        };
        if receiver == user {
            return refuse(socket, error::MESSAGE_TO_SELF);
        }
        let among = &self.lobby.among;
        if !is_typing {
            return among.live.emit_all(among.writers.end(user, receiver));
        }
        // Where nobody is there to be told, nothing needs to be asked either.
        if !among.people.is_there(receiver) {
            return;
        }
        match self.lobby.setup.store.may_type(user, receiver).await {
            // A socket that went in the meantime writes no more.
            Ok(true) if socket.connected() => {
                among.live.emit_all(among.writers.begin(user, receiver, socket.id));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "typing could not be told"),
        }
    }
}

fn parse<T: DeserializeOwned>(TryData(data): TryData<Value>) -> Option<T> {
    serde_json::from_value(data.ok()?).ok()
}

fn refuse(socket: &SocketRef, text: &str) {
    tell_one(socket, &ServerEvent::Error(SocketError { message: text.to_owned() }));
}
