//! `POST /message/search` (C9): a plain filter answers the newest match, `$or` or `$and` at the top an array.

use axum::{Json, extract::State};
use protocol::{
    Message, error,
    event::{MessageSearched, ServerEvent},
    filter::Filter,
    limits,
};
use serde::Serialize;

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
};
use crate::{app::App, model::events::Outgoing};

#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::rest) enum Answer {
    /// The newest match of a plain filter.
    One(Box<Message>),
    /// Every match, oldest first.
    Many(Vec<Message>),
}

pub(in crate::rest) async fn post(
    State(app): State<App>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Answer>, ApiError> {
    let user = caller.account.id;
    let Filter { condition, many } = Filter::parse(body.as_ref())?;
    let limit = if many { limits::SEARCH_MAX } else { 1 };
    let found = app.store.search(user, condition, limit).await?;
    let searched = MessageSearched {
        user_id: user,
        search_query: body.unwrap_or_default(),
        result_found: !found.is_empty(),
        searched_at: app.clock.now(),
    };
    app.live.emit(&Outgoing { to: user, event: ServerEvent::MessageSearched(searched) });
    if many {
        return Ok(Json(Answer::Many(found.iter().rev().map(|message| message.to_wire(user)).collect())));
    }
    let newest = found.first().ok_or_else(|| ApiError::not_found(error::MESSAGE_NOT_FOUND))?;
    Ok(Json(Answer::One(Box::new(newest.to_wire(user)))))
}
