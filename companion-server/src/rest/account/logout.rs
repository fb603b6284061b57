//! `POST /api/auth/logout`: end the session of the token.

use axum::{Json, extract::State};
use protocol::auth::Answer;
use serde_json::{Value, json};

use super::super::{ApiError, extract::Caller};
use crate::app::App;

pub(in crate::rest) async fn post(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Result<Json<Answer<Value>>, ApiError> {
    app.store.end_session(caller.session).await?;
    Ok(Json(Answer::success("Signed out", json!({}))))
}
