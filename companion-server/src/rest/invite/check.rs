//! `POST /api/invite/check`: what a code is good for, for whoever has it; without authentication.

use axum::{Json, extract::State};
use protocol::{
    invite::{CheckInvite, InviteOffer},
    paths,
};

use super::super::{ApiError, account, extract::JsonBody, limits::Newcomer, openapi};
use crate::app::App;

/// What an invitation's code is good for
#[utoipa::path(
    post, path = paths::INVITE_CHECK, tag = openapi::INVITATIONS, operation_id = "checkInvite", security(()),
    request_body = CheckInvite,
    responses(
        (status = 200, description = "The code lets somebody in", body = InviteOffer),
        (status = 403, description = "Unknown, used up, revoked or too old: all the same; or registration is closed")
    )
)]
pub(in crate::rest) async fn post(
    State(app): State<App>,
    _: Newcomer,
    body: JsonBody,
) -> Result<Json<InviteOffer>, ApiError> {
    let code = body.fields().text("inviteCode")?;
    let (_, invite) = account::invitation(&app, &code).await?;
    Ok(Json(InviteOffer {
        role: invite.role,
        expires_at: invite.expires_at,
        server_name: app.name.to_string(),
    }))
}
