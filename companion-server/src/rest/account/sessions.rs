//! `GET /api/auth/sessions`, `DELETE /api/auth/sessions` and `DELETE /api/auth/sessions/:id`: where the caller is signed
//! in, and signing out there (extension `sessions`).

use axum::{Json, extract::State};
use protocol::{
    auth::{Answer, SessionEntry},
    error, paths,
};
use serde_json::{Value, json};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
    openapi,
};
use crate::{app::App, model::SessionId};

/// Where one is signed in
///
/// One's sessions, the one that was renewed last first.
#[utoipa::path(
    get, path = paths::SESSIONS, tag = openapi::ACCOUNTS, operation_id = "listSessions",
    responses((status = 200, description = "The caller's sessions", body = Answer<Vec<SessionEntry>>))
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Result<Json<Answer<Vec<SessionEntry>>>, ApiError> {
    let sessions = app.store.sessions(caller.account.id, app.clock.now()).await?;
    let told = sessions.into_iter().map(|session| SessionEntry {
        id: session.id.to_string(),
        created_at: session.created_at,
        renewed_at: session.renewed_at,
        user_agent: session.device.user_agent,
        address: session.device.address,
        current: session.id == caller.session,
    });
    Ok(Json(Answer::success("Sessions", told.collect())))
}

/// Sign out somewhere
#[utoipa::path(
    delete, path = "/api/auth/sessions/{id}", tag = openapi::ACCOUNTS, operation_id = "endSession",
    params(("id" = String, Path, description = "Which session", pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The session has ended", body = Answer<Object>),
        (status = 404, description = "The caller has no such session")
    )
)]
pub(in crate::rest) async fn delete_one(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<SessionId>,
) -> Result<Json<Answer<Value>>, ApiError> {
    if !app.store.end_session_of(caller.account.id, id).await? {
        return Err(ApiError::not_found(error::SESSION_NOT_FOUND));
    }
    Ok(Json(Answer::success("Signed out there", json!({}))))
}

/// Sign out everywhere else
#[utoipa::path(
    delete, path = paths::SESSIONS, tag = openapi::ACCOUNTS, operation_id = "endOtherSessions",
    responses((status = 200, description = "The other sessions have ended; `ended` says how many", body = Answer<Object>))
)]
pub(in crate::rest) async fn delete_others(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Result<Json<Answer<Value>>, ApiError> {
    let ended = app.store.end_other_sessions(caller.account.id, caller.session).await?;
    Ok(Json(Answer::success("Signed out everywhere else", json!({"ended": ended}))))
}
