//! `GET /api/admin/users?after=&limit=&query=`: every account, by id, a page at a time.

use axum::extract::State;
use protocol::{UserId, admin::ManagedUser, limits, paths, request};
use serde::Deserialize;

use super::super::{
    ApiError,
    extract::{Caller, Params, page_limit},
    openapi,
    page::{Paged, page},
};
use crate::{app::App, store::Managed};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Asked {
    /// How many at most; 100 where it is absent.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// Only accounts behind this id.
    #[param(value_type = UserId, required = false)]
    after: Option<String>,
    /// Only accounts whose name, user name or e-mail address contains this.
    #[param(max_length = 200)]
    query: Option<String>,
}

/// List accounts
///
/// Disabled ones too, with what administrators may know. By id, a page at a time; the parameter `query` stays the same.
#[utoipa::path(
    get, path = paths::ADMIN_USERS, tag = openapi::ADMINISTRATION, operation_id = "listAccounts",
    params(Asked),
    responses(
        (
            status = 200, description = "A page of accounts", body = Vec<ManagedUser>,
            headers(("Link" = String, description = "The next page, where there is one: `<…>; rel=\"next\"`"))
        ),
        (status = 403, description = "The caller is no administrator")
    )
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    Params(asked): Params<Asked>,
) -> Result<Paged<ManagedUser>, ApiError> {
    let viewer = super::administrator(&caller)?;
    let limit = page_limit(asked.limit.as_deref(), limits::USERS_MAX)?.unwrap_or(limits::USERS_MAX);
    let after = asked.after.as_deref().map(request::user_id).transpose()?;
    let query = asked.query.unwrap_or_default();
    let most = limits::NAME_CHARS * 2;
    if query.chars().nth(most).is_some() {
        return Err(ApiError::bad_request(format!("query is too long: at most {most} characters")));
    }
    let accounts = app.store.all_accounts(after, query.trim(), limit + 1).await?;
    let next = |last: &Managed| {
        let after = last.account.id.to_string();
        let pairs = [("query", &*query), ("limit", &limit.to_string()), ("after", &after)];
        let pairs = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("{}?{pairs}", paths::ADMIN_USERS)
    };
    page(accounts, limit, |managed| super::told(managed, viewer), next)
}
