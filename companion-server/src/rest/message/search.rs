//! `POST /message/search` (C9): a plain filter answers the newest match, `$or` or `$and` at the top an array.

use axum::{Json, extract::State};
use protocol::{
    Message, error,
    event::{MessageSearched, ServerEvent},
    filter::Filter,
    limits, paths,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{
    ApiError,
    extract::{Caller, JsonBody},
    openapi,
};
use crate::{
    app::App,
    model::{activity::Kind, events::Outgoing},
};

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = MessagesFound)]
pub(in crate::rest) enum Answer {
    /// The newest match of a plain filter.
    One(Box<Message>),
    /// Every match, oldest first.
    Many(Vec<Message>),
}

/// Search one's messages
///
/// Fields: `_id`, `sender`, `receiver`, `content` (a part of it, without regard to case), `isRead`, `sentAt`;
/// operators: `$or`, `$and`, `$eq`, `$in`, and for `_id` and `sentAt` `$gt`, `$gte`, `$lt`, `$lte`; at most 4 levels
/// and 20 conditions. A filter without `$or` or `$and` at its top answers the newest match, any other an array, oldest
/// first, maybe empty. Tells `messageSearched` to the caller.
#[utoipa::path(
    post, path = paths::MESSAGE_SEARCH, tag = openapi::MESSAGES, operation_id = "searchMessages",
    request_body = Filter,
    responses(
        (status = 200, description = "The newest match, or all of them", body = Answer),
        (status = 404, description = "No message matches a plain filter")
    )
)]
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
    app.activity.note(user, Kind::MessagesSearched, None);
    if many {
        return Ok(Json(Answer::Many(found.iter().rev().map(|message| message.to_wire(user)).collect())));
    }
    let newest = found.first().ok_or_else(|| ApiError::not_found(error::MESSAGE_NOT_FOUND))?;
    Ok(Json(Answer::One(Box::new(newest.to_wire(user)))))
}
