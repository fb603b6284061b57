//! `PATCH /message/conversation/:userId/read`: mark a conversation as read (extension `bulk-read`).

use axum::{Json, extract::State};
use protocol::{
    UserId, error, request,
    sync::{ConversationRead, ReadConversation},
};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody, PathId},
    openapi,
};
use crate::{app::App, store::ReadError};

/// Mark a conversation as read
///
/// Extension `bulk-read`. Tells `conversationReadByPeer` to the sender, and `messageRead` for each message; to the
/// reader's own devices, `conversationRead`.
#[utoipa::path(
    patch, path = "/api/message/conversation/{user}/read", tag = openapi::MESSAGES,
    operation_id = "readConversation",
    params(("user" = UserId, Path, description = "The other person")),
    request_body = Option<ReadConversation>,
    responses(
        (status = 200, description = "How many messages this marked as read", body = ConversationRead),
        (status = 404, description = "User not found, or no message of the conversation has the id `upTo`")
    )
)]
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
