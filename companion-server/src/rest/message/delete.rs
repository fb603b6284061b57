//! `DELETE /message/:id`: delete a message for both participants (C8).

use axum::{Json, extract::State};
use protocol::{MessageId, message};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
    openapi,
};
use crate::{app::App, model::rules};

/// Delete a message for both people
///
/// The sender's to do. Tells `messageDeleted` to both.
#[utoipa::path(
    delete, path = "/api/message/{id}", tag = openapi::MESSAGES, operation_id = "deleteMessage",
    params(("id" = MessageId, Path, description = "Message ID")),
    responses(
        (status = 200, description = "It is gone", body = String, content_type = "application/json"),
        (status = 403, description = "The caller is not the sender"),
        (status = 404, description = "Message not found")
    )
)]
pub(in crate::rest) async fn delete(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<MessageId>,
) -> Result<Json<&'static str>, ApiError> {
    let user = caller.account.id;
    app.store.change(id, Box::new(move |message| rules::delete(message, user))).await?;
    Ok(Json(message::DELETED))
}
