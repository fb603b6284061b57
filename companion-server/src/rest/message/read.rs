//! `PATCH /message/:id/read`: mark a message as read.

use axum::{Json, extract::State};
use protocol::{Message, MessageId};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
};
use crate::{
    app::App,
    model::{events, rules},
};

pub(in crate::rest) async fn patch(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<MessageId>,
) -> Result<Json<Message>, ApiError> {
    let user = caller.account.id;
    let changed = app.store.change(id, Box::new(move |message| rules::read(message, user))).await?;
    if changed.seqs.is_none() {
        app.live.emit(&events::read_again(&changed.message));
    }
    Ok(Json(changed.message.to_wire(user)))
}
