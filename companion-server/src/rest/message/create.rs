//! `POST /message`: send a message (C2, C4, C13; extension `idempotency`).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use protocol::{Message, Timestamp, error, message::NewMessage, paths, request::Invalid};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
    openapi,
};
use crate::{
    app::App,
    failpoint,
    store::{Draft, Key, SendError},
};

/// The answer; a repeated send of a message that was deleted since says so.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct Taken {
    #[serde(flatten)]
    message: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
}

/// Send a message
///
/// Tells `newMessage` to the receiver and `messageSent` to the sender. With an `Idempotency-Key`, the same request may
/// be repeated for ever and there is one message; its answer is that message as it is now.
#[utoipa::path(
    post, path = paths::MESSAGE, tag = openapi::MESSAGES, operation_id = "sendMessage",
    params((
        "Idempotency-Key" = inline(Option<Uuid>), Header,
        description = "A UUID made by the client, best of version 7 (extension `idempotency`)"
    )),
    request_body = NewMessage,
    responses(
        (
            status = 200, description = "The message was taken, or had been", body = Taken,
            links(
                ("get" = (operation_id = "getMessage", parameters(("id" = "$response.body#/_id")))),
                ("read" = (operation_id = "markMessageRead", parameters(("id" = "$response.body#/_id")))),
                ("delete" = (operation_id = "deleteMessage", parameters(("id" = "$response.body#/_id"))))
            )
        ),
        (status = 404, description = "User not found"),
        (status = 409, description = "The key was used for a different message")
    )
)]
pub(in crate::rest) async fn post(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<Taken>, ApiError> {
    let sender = caller.account.id;
    let NewMessage { receiver, content, .. } = NewMessage::parse(body.as_ref(), sender)?;
    let key = idempotency_key(&headers)?.map(|id| Key { id, body: digest(&receiver.0.to_bytes(), &content) });
    let draft = Draft { sender, receiver, content: content.clone(), key };
    let sent = app.store.send(draft).await.map_err(|error| match error {
        SendError::ReceiverNotFound => ApiError::not_found(error::USER_NOT_FOUND),
        SendError::KeyConflict => ApiError::new(StatusCode::CONFLICT, error::IDEMPOTENCY_CONFLICT),
        SendError::Store(error) => error.into(),
    })?;
    failpoint::reach("after-send-commit").await;
    let mut message = sent.message.to_wire(sender);
    if sent.message.deleted_at.is_some() {
        // The tombstone holds no content, but the key's digest says that it was this one.
        message.content = content;
    }
    Ok(Json(Taken { message, deleted_at: sent.message.deleted_at }))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<Uuid>, Invalid> {
    let Some(value) = headers.get(paths::IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().ok().and_then(|text| Uuid::try_parse(text).ok());
    key.map(Some).ok_or_else(|| "Idempotency-Key must be a UUID".into())
}

/// What the key stands for: whom the message is for, and what it says.
fn digest(receiver: &[u8; 12], content: &str) -> [u8; 32] {
    Sha256::new().chain_update(receiver).chain_update(content).finalize().into()
}
