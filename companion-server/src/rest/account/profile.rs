//! `GET /api/auth/profile`: one's own account.

use axum::Json;
use protocol::auth::{Answer, Profile};

use super::super::extract::Caller;

pub(in crate::rest) async fn get(Caller(caller): Caller) -> Json<Answer<Profile>> {
    let user = caller.account.to_wire(&caller.account);
    Json(Answer::success("Profile", Profile { user }))
}
