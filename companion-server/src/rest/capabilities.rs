//! `GET /api/capabilities`: what the server is and can do; without authentication.

use axum::{Json, extract::State};
use protocol::{
    paths,
    sync::{Capabilities, extension},
};

use super::openapi;
use crate::app::App;

/// Every extension that this server speaks.
const EXTENSIONS: &[&str] = &[
    extension::IDEMPOTENCY,
    extension::SYNC,
    extension::DELIVERY,
    extension::EDITS,
    extension::BULK_READ,
    extension::TYPING,
    extension::PRESENCE,
    extension::ACCOUNTS,
    extension::SESSIONS,
    extension::INVITES,
    extension::ADMINISTRATION,
    extension::ACTIVITY,
    extension::HEARTBEAT,
];

/// What the server is and can do
///
/// 404 here means a server that speaks the published contract and no extension.
#[utoipa::path(
    get, path = paths::CAPABILITIES, tag = openapi::SERVER, operation_id = "getCapabilities", security(()),
    responses((status = 200, description = "Name, version and extensions", body = Capabilities))
)]
pub(super) async fn get(State(app): State<App>) -> Json<Capabilities> {
    Json(Capabilities {
        name: app.name.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        extensions: EXTENSIONS.iter().map(|name| (*name).to_owned()).collect(),
        registration: Some(app.registration),
    })
}
