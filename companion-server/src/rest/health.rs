//! For whoever watches the server: is the process alive, and does its store answer?

use axum::{extract::State, http::StatusCode};

use super::ApiError;
use crate::app::App;

/// `GET /healthz`.
pub(super) async fn alive() -> StatusCode {
    StatusCode::OK
}

/// `GET /readyz`.
pub(super) async fn ready(State(app): State<App>) -> Result<StatusCode, ApiError> {
    app.store.ping().await.map_err(|error| {
        tracing::warn!(%error, "the store does not answer");
        ApiError::busy()
    })?;
    Ok(StatusCode::OK)
}
