//! `POST /api/user/search`: people by a part of their name or user name.

use axum::{Json, extract::State};
use protocol::{User, auth::UserSearch, limits, paths};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
    openapi,
};
use crate::app::App;

/// Search people by a part of their name or user name
#[utoipa::path(
    post, path = paths::USER_SEARCH, tag = openapi::PEOPLE, operation_id = "searchUsers",
    request_body = Option<UserSearch>,
    responses((status = 200, description = "Who was found", body = Vec<User>))
)]
pub(in crate::rest) async fn post(
    State(app): State<App>,
    Caller(caller): Caller,
    body: JsonBody,
) -> Result<Json<Vec<User>>, ApiError> {
    let mut fields = body.fields();
    let query = fields.text("query")?;
    let most = limits::NAME_CHARS * 2;
    if query.chars().nth(most).is_some() {
        return Err(ApiError::bad_request(format!("query is too long: at most {most} characters")));
    }
    let limit = match fields.number("limit")? {
        None => limits::USERS_MAX,
        Some(limit) => u32::try_from(limit)
            .ok()
            .filter(|limit| (1..=limits::USERS_MAX).contains(limit))
            .ok_or_else(|| ApiError::bad_request(format!("limit must be from 1 to {}", limits::USERS_MAX)))?,
    };
    let accounts = app.store.search_accounts(query.trim(), limit).await?;
    Ok(Json(accounts.iter().map(|account| account.to_wire(&caller.account)).collect()))
}
