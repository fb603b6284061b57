//! `PATCH /message/conversation/:userId/read`: mark a conversation as read (extension `bulk-read`).

use axum::{Json, extract::State};
use protocol::{UserId, error, request, sync::ConversationRead};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody, PathId},
};
use crate::{app::App, store::ReadError};

pub(in crate::rest) async fn patch(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(peer): PathId<UserId>,
    body: JsonBody,
) -> Result<Json<ConversationRead>, ApiError> {
    let up_to = body.fields().optional("upTo")?;
    let up_to = up_to.as_deref().map(request::message_id).transpose()?;
    let read = app.store.read_conversation(caller.account.id, peer, up_to).await;
    let read = read.map_err(|error| match error {
        ReadError::PeerNotFound => ApiError::not_found(error::USER_NOT_FOUND),
        ReadError::AnchorNotFound => ApiError::not_found(error::MESSAGE_NOT_FOUND),
        ReadError::Store(error) => error.into(),
    })?;
    Ok(Json(ConversationRead { updated: read.updated, read_at: read.at }))
}
