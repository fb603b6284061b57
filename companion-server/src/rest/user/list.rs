//! `GET /api/user?limit=&after=`: people by id, a page at a time.

use axum::extract::State;
use protocol::{User, UserId, limits, paths, request};
use serde::Deserialize;

use super::super::{
    ApiError,
    extract::{Caller, Params, page_limit},
    openapi,
    page::{Paged, page},
};
use crate::{app::App, model::Account};

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
) -> Result<Paged<User>, ApiError> {
    let limit = page_limit(asked.limit.as_deref(), limits::USERS_MAX)?.unwrap_or(limits::USERS_MAX);
    let after = asked.after.as_deref().map(request::user_id).transpose()?;
    let accounts = app.store.accounts(after, limit + 1).await?;
    let next = |last: &Account| format!("{}?limit={limit}&after={}", paths::USER, last.id);
    page(accounts, limit, |account| account.to_wire(&caller.account), next)
}
