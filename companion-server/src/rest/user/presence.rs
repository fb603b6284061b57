//! `GET /api/user/presence?ids=`: who is connected (extension `presence`).

use axum::{Json, extract::State};
use protocol::{UserId, event::Presence, limits, paths, request};
use serde::Deserialize;

use super::super::{
    ApiError,
    extract::{Caller, Params},
    openapi,
};
use crate::app::App;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Asked {
    /// The users, with commas between them; at most 100.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{24}(,[0-9a-fA-F]{24}){0,99}$")]
    ids: Option<String>,
}

/// Who is connected
///
/// Told of those who share a conversation with the caller. Whoever hides their presence is left out, and is told of
/// nobody.
#[utoipa::path(
    get, path = paths::PRESENCE, tag = openapi::PEOPLE, operation_id = "getPresence",
    params(Asked),
    responses((status = 200, description = "Those of the users of whom the caller may know", body = Vec<Presence>))
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    Params(asked): Params<Asked>,
) -> Result<Json<Vec<Presence>>, ApiError> {
    let ids = asked.ids.unwrap_or_default();
    if ids.is_empty() {
        return Err(ApiError::bad_request("ids is required"));
    }
    let most = limits::PRESENCE_IDS;
    if ids.split(',').nth(most).is_some() {
        return Err(ApiError::bad_request(format!("ids has too many: at most {most}")));
    }
    let ids = ids.split(',').map(request::user_id).collect::<Result<Vec<UserId>, _>>()?;
    let known = app.store.last_seen(caller.account.id, ids).await?;
    let presence = known.into_iter().map(|(user_id, last_seen_at)| {
        let online = app.people.is_there(user_id);
        Presence { user_id, online, last_seen_at: last_seen_at.filter(|_| !online) }
    });
    Ok(Json(presence.collect()))
}
