//! `GET /api/user/:id`: one person.

use axum::{Json, extract::State};
use protocol::{User, UserId, error};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
};
use crate::app::App;

pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<User>, ApiError> {
    let account = app.store.account(id).await?.filter(|account| !account.disabled);
    let account = account.ok_or_else(|| ApiError::not_found(error::USER_NOT_FOUND))?;
    Ok(Json(account.to_wire(&caller.account)))
}
