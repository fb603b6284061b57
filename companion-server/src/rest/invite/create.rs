//! `POST /api/invite`: invite people.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    Role, error,
    invite::{self, MadeInvite},
    limits, paths,
    sync::Registration,
    user::InvalidRole,
};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
    openapi,
};
use crate::{
    app::App,
    auth::invite_code::InviteCode,
    model::{audit::Actor, form},
    store::{AddInviteError, NewInvite},
};

const HOUR: i64 = 60 * 60 * 1000;

/// Invite people
///
/// Administrators invite to any role, coordinators invite students. The code is told this once.
#[utoipa::path(
    post, path = paths::INVITE, tag = openapi::INVITATIONS, operation_id = "createInvite",
    request_body = Option<invite::NewInvite>,
    responses(
        (status = 201, description = "The invitation with its code", body = MadeInvite),
        (status = 403, description = "The caller may not invite people to this role, or registration is closed"),
        (status = 409, description = "The caller has too many open invitations")
    )
)]
pub(in crate::rest) async fn post(
    State(app): State<App>,
    Caller(caller): Caller,
    body: JsonBody,
) -> Result<(StatusCode, Json<MadeInvite>), ApiError> {
    if caller.account.role == Role::Student {
        return Err(forbidden());
    }
    if app.registration == Registration::Closed {
        return Err(ApiError::new(StatusCode::FORBIDDEN, error::REGISTRATION_CLOSED));
    }
    let mut fields = body.fields();
    let role = match fields.optional("role")? {
        Some(role) => role.parse().map_err(|error: InvalidRole| ApiError::bad_request(error.to_string()))?,
        None => Role::Student,
    };
    let (hours, uses) = (fields.number("expiresInHours")?, fields.number("maxUses")?);
    let hours = form::count("expiresInHours", hours, limits::INVITE_HOURS_DEFAULT, limits::INVITE_HOURS_MAX)?;
    let uses = form::count("maxUses", uses, 1, limits::INVITE_USES_MAX.into())?;
    let code = InviteCode::random();
    let new = NewInvite {
        code: code.hash,
        role,
        note: form::note(&fields.text("note")?)?,
        lasts: i64::try_from(hours).unwrap_or(i64::MAX).saturating_mul(HOUR),
        max_uses: u32::try_from(uses).unwrap_or(limits::INVITE_USES_MAX),
        by: Actor::Person(caller.account.id),
    };
    let invite = app.store.add_invite(new).await.map_err(|error| match error {
        AddInviteError::Forbidden => forbidden(),
        AddInviteError::TooMany => {
            ApiError::new(StatusCode::CONFLICT, "You have too many open invitations: revoke some first")
        }
        AddInviteError::Store(error) => error.into(),
    })?;
    let link = code.link(&app.url);
    Ok((StatusCode::CREATED, Json(MadeInvite { invite: invite.to_wire(), code: code.text, link })))
}

fn forbidden() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, error::INVITE_FORBIDDEN)
}
