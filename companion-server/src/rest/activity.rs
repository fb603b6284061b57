//! `GET /api/activity?user=&before=&limit=`: what somebody did, newest first (extension `activity`).

use axum::{extract::State, http::StatusCode};
use protocol::{Role, UserId, admin::ActivityEntry, error, limits, paths, request};
use serde::Deserialize;

use super::{
    ApiError,
    extract::{Caller, Params, number, page_limit},
    openapi,
    page::{Paged, page},
};
use crate::{app::App, model::activity::Kept};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Whose; the caller's where it is absent. Only administrators may ask for anyone's.
    #[param(value_type = UserId, required = false)]
    user: Option<String>,
    /// Only what was done before this entry.
    #[param(value_type = i64, required = false, minimum = 0)]
    before: Option<String>,
    /// How many at most; 100 where it is absent.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// What somebody did
///
/// What kind of thing, when, and to which message or user; never any content. It is kept for 90 days. Of those who send
/// no read receipts it is not kept what they read, and wrong passwords are kept once in ten minutes.
#[utoipa::path(
    get, path = paths::ACTIVITY, tag = openapi::ACCOUNTS, operation_id = "listActivity",
    params(Asked),
    responses(
        (
            status = 200, description = "A page, newest first", body = Vec<ActivityEntry>,
            headers(("Link" = String, description = "The next page, where there is one: `<…>; rel=\"next\"`"))
        ),
        (status = 403, description = "Somebody else's, and the caller is no administrator"),
        (status = 404, description = "There is no such user")
    )
)]
pub(super) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    Params(asked): Params<Asked>,
) -> Result<Paged<ActivityEntry>, ApiError> {
    let own = caller.account.id;
    let user = asked.user.as_deref().map(request::user_id).transpose()?.unwrap_or(own);
    let limit = page_limit(asked.limit.as_deref(), limits::ENTRIES_MAX)?.unwrap_or(limits::ENTRIES_MAX);
    let before = number("before", asked.before.as_deref())?;
    if user != own {
        if caller.account.role != Role::Admin {
            return Err(ApiError::new(StatusCode::FORBIDDEN, error::ADMIN_ONLY));
        }
        app.store.account(user).await?.ok_or_else(|| ApiError::not_found(error::USER_NOT_FOUND))?;
    }
    let done = app.store.activity(user, before, limit + 1).await?;
    let of = asked.user.map(|user| format!("user={user}&")).unwrap_or_default();
    let next = |last: &Kept| format!("{}?{of}limit={limit}&before={}", paths::ACTIVITY, last.n);
    page(done, limit, Kept::to_wire, next)
}
