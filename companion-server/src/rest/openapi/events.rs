//! The Socket.IO events, which OpenAPI has no place for, under `x-socket-events`.

use protocol::{
    event::{ClientEvent, ServerEvent},
    schema::Event,
};
use serde_json::{Value, json};

/// Adds the events of both directions, and the schemas of their payloads.
pub(super) fn describe(document: &mut Value) {
    let from_server = told(document, ServerEvent::described());
    let from_client = told(document, ClientEvent::described());
    document["x-socket-events"] = json!({
        "path": "/socket.io",
        "description": "Socket.IO 4, over websocket or polling. The handshake carries the access token as `auth.token`. \
                        Each event has exactly one argument, and none asks for an acknowledgement.",
        "fromServer": from_server,
        "fromClient": from_client,
    });
}

fn told(document: &mut Value, events: Vec<Event>) -> Vec<Value> {
    let told = events.into_iter().map(|event| {
        for (name, schema) in event.schemas {
            document["components"]["schemas"][&*name] = json!(schema);
        }
        json!({"name": event.name, "description": event.description, "payload": event.payload})
    });
    told.collect()
}
