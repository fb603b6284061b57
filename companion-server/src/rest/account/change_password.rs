//! `PATCH /api/auth/change-password`: change one's password, which ends one's other sessions.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    auth::{Answer, ChangePassword},
    paths,
};
use serde_json::{Value, json};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
    openapi,
};
use crate::{app::App, model::form};

/// Change one's password
///
/// Ends the caller's other sessions.
#[utoipa::path(
    patch, path = paths::CHANGE_PASSWORD, tag = openapi::ACCOUNTS, operation_id = "changePassword",
    request_body = ChangePassword,
    responses(
        (status = 200, description = "The password was changed", body = Answer<Value>),
        (status = 403, description = "The current password is wrong"),
        (status = 409, description = "The password was changed meanwhile, or the session ended")
    )
)]
pub(in crate::rest) async fn patch(
    State(app): State<App>,
    Caller(caller): Caller,
    body: JsonBody,
) -> Result<Json<Answer<Value>>, ApiError> {
    let mut fields = body.fields();
    let current = fields.text("currentPassword")?;
    if current.is_empty() {
        return Err(ApiError::bad_request("currentPassword is required"));
    }
    let new = form::password("newPassword", &fields.text("newPassword")?)?;
    let verified = app.store.password_hash(caller.account.id).await?.unwrap_or_default();
    if !app.passwords.verify(current, Some(verified.clone())).await? {
        // 403, because a 401 would tell clients that their session is over.
        return Err(ApiError::new(StatusCode::FORBIDDEN, "The current password is wrong"));
    }
    let hash = app.passwords.hash(new).await?;
    // Hashing takes a while. Whoever changes the password in between, or ends the session, means to keep this out.
    if !app.store.change_password(caller.account.id, verified, hash, caller.session).await? {
        return Err(ApiError::new(StatusCode::CONFLICT, "The password was changed meanwhile, try again"));
    }
    Ok(Json(Answer::success("Password changed", json!({}))))
}
