//! `DELETE /message/:id`: delete a message for both participants (C8).

use axum::{Json, extract::State};
use protocol::{MessageId, message};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
};
use crate::{app::App, model::rules};

pub(in crate::rest) async fn delete(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<MessageId>,
) -> Result<Json<&'static str>, ApiError> {
    let user = caller.account.id;
    app.store.change(id, Box::new(move |message| rules::delete(message, user))).await?;
    Ok(Json(message::DELETED))
}
