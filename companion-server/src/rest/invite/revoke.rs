//! `DELETE /api/invite/:id`: take an invitation back. Accounts that were made with it stay.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{InviteId, Role, error, invite::Invite};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
    openapi,
};
use crate::{app::App, model::audit::Actor, store::RevokeError};

/// Take an invitation back
///
/// Accounts that were made with it stay. Administrators take back any, coordinators their own.
#[utoipa::path(
    delete, path = "/api/invite/{id}", tag = openapi::INVITATIONS, operation_id = "revokeInvite",
    params(("id" = InviteId, Path, description = "Which invitation")),
    responses(
        (status = 200, description = "The invitation as it is now", body = Invite),
        (status = 403, description = "The caller is a student"),
        (status = 404, description = "There is none of this id that concerns the caller")
    )
)]
pub(in crate::rest) async fn delete(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<InviteId>,
) -> Result<Json<Invite>, ApiError> {
    if caller.account.role == Role::Student {
        return Err(ApiError::new(StatusCode::FORBIDDEN, error::STAFF_ONLY));
    }
    let revoked = app.store.revoke_invite(id, Actor::Person(caller.account.id)).await;
    let invite = revoked.map_err(|error| match error {
        RevokeError::NotFound => ApiError::not_found(error::INVITE_NOT_FOUND),
        RevokeError::Store(error) => error.into(),
    })?;
    Ok(Json(invite.to_wire()))
}
