//! `POST /api/auth/logout`: end the session of the token.

use axum::{Json, extract::State};
use protocol::{auth::Answer, paths};
use serde_json::{Value, json};

use super::super::{ApiError, extract::Caller, openapi};
use crate::app::App;

/// Sign out: end the session of the token
#[utoipa::path(
    post, path = paths::LOGOUT, tag = openapi::ACCOUNTS, operation_id = "logout",
    responses((status = 200, description = "The session is over", body = Answer<Value>))
)]
pub(in crate::rest) async fn post(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Result<Json<Answer<Value>>, ApiError> {
    app.store.end_session(caller.session).await?;
    Ok(Json(Answer::success("Signed out", json!({}))))
}
