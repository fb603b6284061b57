//! `GET /api/capabilities`: what the server is and can do; without authentication.

use axum::{Json, extract::State};
use protocol::sync::{Capabilities, extension};

use crate::app::App;

/// Every extension that this server speaks.
const EXTENSIONS: [&str; 7] = [
    extension::IDEMPOTENCY,
    extension::SYNC,
    extension::DELIVERY,
    extension::EDITS,
    extension::BULK_READ,
    extension::ACCOUNTS,
    extension::HEARTBEAT,
];

pub(super) async fn get(State(app): State<App>) -> Json<Capabilities> {
    Json(Capabilities {
        name: app.name.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        extensions: EXTENSIONS.map(str::to_owned).to_vec(),
        registration: Some(app.registration),
    })
}
