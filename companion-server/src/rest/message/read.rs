//! `PATCH /message/:id/read`: mark a message as read.

use axum::{Json, extract::State};
use protocol::{Message, MessageId};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
    openapi,
};
use crate::{
    app::App,
    model::{events, rules},
};

/// Mark a message as read
///
/// The receiver's to do; it cannot be undone. Tells `messageRead` to the sender.
#[utoipa::path(
    patch, path = "/api/message/{id}/read", tag = openapi::MESSAGES, operation_id = "markMessageRead",
    params(("id" = MessageId, Path, description = "Message ID")),
    responses(
        (status = 200, description = "The message as it is now", body = Message),
        (status = 403, description = "The caller is not the receiver"),
        (status = 404, description = "Message not found")
    )
)]
pub(in crate::rest) async fn patch(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<MessageId>,
) -> Result<Json<Message>, ApiError> {
    let user = caller.account.id;
    let changed = app.store.change(id, Box::new(move |message| rules::read(message, user))).await?;
    if changed.seqs.is_none() {
        app.live.emit_all(events::read_again(&changed.message, caller.account.privacy));
    }
    Ok(Json(changed.message.to_wire(user)))
}
