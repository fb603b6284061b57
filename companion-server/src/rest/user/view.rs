//! `GET /api/user/:id`: one person.

use axum::{Json, extract::State};
use protocol::{User, UserId, error};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
    openapi,
};
use crate::app::App;

/// One person
#[utoipa::path(
    get, path = "/api/user/{id}", tag = openapi::PEOPLE, operation_id = "getUser",
    params(("id" = UserId, Path, description = "User ID")),
    responses(
        (status = 200, description = "The person", body = User),
        (status = 404, description = "User not found")
    )
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<User>, ApiError> {
    let account = app.store.account(id).await?.filter(|account| !account.disabled);
    let account = account.ok_or_else(|| ApiError::not_found(error::USER_NOT_FOUND))?;
    Ok(Json(account.to_wire(&caller.account)))
}
