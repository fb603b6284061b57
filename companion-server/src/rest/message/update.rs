//! `PATCH /message`: edit, or mark as read (C5, C13).

use axum::{Json, extract::State};
use protocol::{Message, message::MessagePatch};

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
};
use crate::{app::App, model::rules};

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
