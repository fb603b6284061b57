//! `GET /api/invite?before=&limit=`: the invitations that concern the caller, newest first.

use axum::{extract::State, http::StatusCode};
use protocol::{InviteId, Role, error, invite::Invite, limits, paths};
use serde::Deserialize;

use super::super::{
    ApiError,
    extract::{Caller, Params, page_limit},
    openapi,
    page::{Paged, page},
};
use crate::{app::App, model};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Asked {
    /// How many at most; 100 where it is absent.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// Only invitations that were made before this one.
    #[param(value_type = InviteId, required = false)]
    before: Option<String>,
}

/// List invitations
///
/// Newest first, a page at a time: administrators see all, coordinators their own.
#[utoipa::path(
    get, path = paths::INVITE, tag = openapi::INVITATIONS, operation_id = "listInvites",
    params(Asked),
    responses(
        (
            status = 200, description = "A page of invitations", body = Vec<Invite>,
            headers(("Link" = String, description = "The next page, where there is one: `<…>; rel=\"next\"`"))
        ),
        (status = 403, description = "The caller is a student")
    )
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    Params(asked): Params<Asked>,
) -> Result<Paged<Invite>, ApiError> {
    let maker = match caller.account.role {
        Role::Admin => None,
        Role::Coordinator => Some(caller.account.id),
        Role::Student => return Err(ApiError::new(StatusCode::FORBIDDEN, error::STAFF_ONLY)),
    };
    let limit = page_limit(asked.limit.as_deref(), limits::INVITES_MAX)?.unwrap_or(limits::INVITES_MAX);
    let before = asked.before.as_deref().map(str::parse::<InviteId>).transpose();
    let before = before.map_err(|_| ApiError::bad_request(error::INVITE_ID_INVALID))?;
    let invites = app.store.invites(maker, before, limit + 1).await?;
    let next = |last: &model::Invite| format!("{}?limit={limit}&before={}", paths::INVITE, last.id);
    page(invites, limit, model::Invite::to_wire, next)
}
