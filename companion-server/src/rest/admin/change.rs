//! `PATCH /api/admin/users/:id`: change somebody's role, close or open their account, set their password.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    UserId,
    admin::{ManagedUser, UserChange},
    error,
    user::InvalidRole,
};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody, PathId},
    openapi,
};
use crate::{
    app::App,
    model::{admin::AccountOrder, audit::Actor, form},
    store::OrderError,
};

/// Change an account
///
/// Closing an account and setting a password end the user's sessions; their sockets are cut within five seconds.
#[utoipa::path(
    patch, path = "/api/admin/users/{id}", tag = openapi::ADMINISTRATION, operation_id = "changeAccount",
    params(("id" = UserId, Path, description = "Whose")),
    request_body = UserChange,
    responses(
        (status = 200, description = "The account as it is now", body = ManagedUser),
        (status = 403, description = "The caller is no administrator"),
        (status = 404, description = "There is no such user"),
        (status = 409, description = "It is the last administrator")
    )
)]
pub(in crate::rest) async fn patch(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<UserId>,
    body: JsonBody,
) -> Result<Json<ManagedUser>, ApiError> {
    let viewer = super::administrator(&caller)?;
    let mut fields = body.fields();
    if fields.is_empty() {
        return Err(ApiError::bad_request("User data are required"));
    }
    let role = fields.optional("role")?.map(|role| role.parse()).transpose();
    let role = role.map_err(|error: InvalidRole| ApiError::bad_request(error.to_string()))?;
    let disabled = fields.switch("disabled")?;
    let password = fields.optional("password")?;
    let password = password.map(|password| form::password("password", &password)).transpose()?;
    let password_hash = match password {
        Some(password) => Some(app.passwords.hash(password).await?),
        None => None,
    };
    let order = AccountOrder { role, disabled, password_hash };
    let changed = app.store.order(id, order, Actor::Person(viewer.id)).await;
    let managed = changed.map_err(|error| match error {
        OrderError::NotFound => ApiError::not_found(error::USER_NOT_FOUND),
        OrderError::Forbidden => ApiError::new(StatusCode::FORBIDDEN, error::ADMIN_ONLY),
        OrderError::LastAdmin(_) => ApiError::new(StatusCode::CONFLICT, error::LAST_ADMIN),
        OrderError::Store(error) => error.into(),
    })?;
    Ok(Json(super::told(&managed, viewer)))
}
