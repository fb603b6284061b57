//! `PATCH /message`: edit, or mark as read (C5, C13).

use axum::{Json, extract::State};
use protocol::{Message, message::MessagePatch, paths};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
    openapi,
};
use crate::{app::App, model::rules};

/// Edit a message, or mark it as read
///
/// The sender may change `content`, the receiver may set `isRead` to true. A field that is not the caller's to change
/// may be sent with the value that is stored; with another one, nothing changes. Tells `messageRead` to the sender,
/// and `messageUpdated` to both.
#[utoipa::path(
    patch, path = paths::MESSAGE, tag = openapi::MESSAGES, operation_id = "updateMessage",
    request_body = MessagePatch,
    responses(
        (status = 200, description = "The message as it is now", body = Message),
        (status = 403, description = "A field is not the caller's to change"),
        (status = 404, description = "Message not found")
    )
)]
pub(in crate::rest) async fn patch(
    State(app): State<App>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Message>, ApiError> {
    let user = caller.account.id;
    let patch = MessagePatch::parse(body.as_ref())?;
    let id = patch.id;
    let changed = app.store.change(id, Box::new(move |message| rules::patch(message, user, &patch))).await?;
    Ok(Json(changed.message.to_wire(user)))
}
