//! For whoever watches the server: is the process alive, and does its store answer?

use std::time::Duration;

use axum::{extract::State, http::StatusCode};

use super::ApiError;
use crate::app::App;

/// How long the store may take to say that it is well. Longer than a big import's batch takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// `GET /healthz`.
pub(super) async fn alive() -> StatusCode {
    StatusCode::OK
}

/// `GET /readyz`.
pub(super) async fn ready(State(app): State<App>) -> Result<StatusCode, ApiError> {
    let problem = match tokio::time::timeout(PATIENCE, app.store.ping()).await {
        Ok(Ok(())) => return Ok(StatusCode::OK),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("it took longer than {} s", PATIENCE.as_secs()),
    };
    tracing::warn!(problem, "the store does not answer");
    Err(ApiError::busy())
}
