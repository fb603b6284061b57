//! Sockets as the document's own code has them: no token, and `join` puts a socket into any room.

use std::sync::Arc;

use serde_json::Value;
use socketioxide::{
    SocketIo,
    extract::{Data, SocketRef},
};

use super::Shared;

pub(super) fn serve(io: &SocketIo, shared: Arc<Shared>) {
    io.ns("/", move |socket: SocketRef| {
        if shared.faults().no_sockets {
            // It closes by itself, and there is nobody to tell.
            let _ = socket.clone().disconnect();
        } else {
            socket.on("join", async |socket: SocketRef, Data(user): Data<String>| socket.join(user));
        }
        std::future::ready(())
    });
}

/// Emits an event to whoever joined this room.
pub(super) async fn emit(shared: &Shared, io: &SocketIo, room: &str, event: &str, payload: Value) {
    if shared.faults().no_events {
        return;
    }
    if let Some(sockets) = io.of("/") {
        // A socket that is too slow misses it, as everywhere.
        let _ = sockets.to(room.to_owned()).emit(event, &payload).await;
    }
}
