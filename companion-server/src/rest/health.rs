//! For whoever watches the server: is the process alive, and does its store answer?

use std::time::Duration;

use axum::{extract::State, http::StatusCode};

use super::{ApiError, openapi};
use crate::app::App;

/// How long the store may take to say that it is well.
const PATIENCE: Duration = Duration::from_secs(3);

/// Is the process alive?
#[utoipa::path(
    get, path = "/healthz", tag = openapi::SERVER, operation_id = "isAlive", security(()),
    responses((status = 200, description = "It is"))
)]
pub(super) async fn alive() -> StatusCode {
    StatusCode::OK
}

/// Does the store answer?
#[utoipa::path(
    get, path = "/readyz", tag = openapi::SERVER, operation_id = "isReady", security(()),
    responses((status = 200, description = "It does"))
)]
pub(super) async fn ready(State(app): State<App>) -> Result<StatusCode, ApiError> {
    let problem = match tokio::time::timeout(PATIENCE, app.store.ping()).await {
        Ok(Ok(())) => return Ok(StatusCode::OK),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("it took longer than {} s", PATIENCE.as_secs()),
    };
    tracing::warn!(problem, "the store does not answer");
    Err(ApiError::busy())
}
