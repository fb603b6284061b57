//! `PATCH /api/user`: change one's own name, picture or what one keeps from others.

use axum::{Json, extract::State};
use protocol::{User, auth::UserPatch, error, paths};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
    openapi,
};
use crate::{app::App, model::form, store::AccountChange};

/// Change one's own name, picture or privacy
#[utoipa::path(
    patch, path = paths::USER, tag = openapi::PEOPLE, operation_id = "updateUser",
    request_body = UserPatch,
    responses((status = 200, description = "The account as it is now", body = User))
)]
pub(in crate::rest) async fn patch(
    State(app): State<App>,
    Caller(caller): Caller,
    body: JsonBody,
) -> Result<Json<User>, ApiError> {
    let mut fields = body.fields();
    if fields.is_empty() {
        return Err(ApiError::bad_request("User data are required"));
    }
    let change = AccountChange {
        first_name: fields.optional("firstName")?.as_deref().map(form::first_name).transpose()?,
        last_name: fields.optional("lastName")?.as_deref().map(form::last_name).transpose()?,
        avatar: fields.optional("avatar")?.as_deref().map(form::avatar).transpose()?,
        hide_presence: fields.switch("showPresence")?.map(|show| !show),
        hide_receipts: fields.switch("sendReadReceipts")?.map(|send| !send),
    };
    let hides_or_shows = change.hide_presence.is_some();
    let account = app.store.change_account(caller.account.id, change).await?;
    let account = account.ok_or_else(|| ApiError::not_found(error::USER_NOT_FOUND))?;
    if hides_or_shows {
        app.people.tell_anew(account.id);
    }
    Ok(Json(account.to_wire(&account)))
}
