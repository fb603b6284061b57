//! `GET /api/auth/profile`: one's own account.

use axum::Json;
use protocol::{
    auth::{Answer, Profile},
    paths,
};

use super::super::{extract::Caller, openapi};

/// One's own account
#[utoipa::path(
    get, path = paths::PROFILE, tag = openapi::ACCOUNTS, operation_id = "getProfile",
    responses((status = 200, description = "Who the caller is", body = Answer<Profile>))
)]
pub(in crate::rest) async fn get(Caller(caller): Caller) -> Json<Answer<Profile>> {
    let user = caller.account.to_wire(&caller.account);
    Json(Answer::success("Profile", Profile { user }))
}
