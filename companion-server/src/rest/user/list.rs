//! `GET /api/user?limit=&after=`: people by id, a page at a time.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
};
use protocol::{User, UserId, limits, paths, request};
use serde::Deserialize;

use super::super::{
    ApiError,
    extract::{Caller, Params, page_limit},
    openapi,
};
use crate::app::App;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Asked {
    /// How many at most; 100 where it is absent.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// Only people behind this id.
    #[param(value_type = UserId, required = false)]
    after: Option<String>,
}

/// List people
///
/// By id, a page at a time. E-mail addresses are told to oneself and to staff.
#[utoipa::path(
    get, path = paths::USER, tag = openapi::PEOPLE, operation_id = "listUsers",
    params(Asked),
    responses((
        status = 200, description = "A page of people", body = Vec<User>,
        headers(("Link" = String, description = "The next page, where there is one: `<…>; rel=\"next\"`"))
    ))
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    Params(asked): Params<Asked>,
) -> Result<(HeaderMap, Json<Vec<User>>), ApiError> {
    let limit = page_limit(asked.limit.as_deref(), limits::USERS_MAX)?.unwrap_or(limits::USERS_MAX);
    let after = asked.after.as_deref().map(request::user_id).transpose()?;
    let mut accounts = app.store.accounts(after, limit + 1).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = accounts.len() > wanted;
    accounts.truncate(wanted);
    let mut headers = HeaderMap::new();
    if let Some(last) = accounts.last().filter(|_| more) {
        let link = format!("<{}?limit={limit}&after={}>; rel=\"next\"", paths::USER, last.id);
        headers
            .insert(header::LINK, HeaderValue::try_from(link).map_err(|error| ApiError::internal(&error))?);
    }
    Ok((headers, Json(accounts.iter().map(|account| account.to_wire(&caller.account)).collect())))
}
