//! `GET /message/:id`: one message with its people (C3, C6).

use axum::{Json, extract::State};
use protocol::{
    Message, MessageId, UserId,
    event::{MessageViewed, ServerEvent},
};

use super::super::{
    ApiError,
    extract::{Caller, PathId},
    openapi,
};
use crate::{
    app::App,
    model::{
        activity::Kind,
        events::{self, Outgoing},
        rules,
    },
};

/// Get a message, with its people
///
/// The first time that the receiver asks, the message becomes seen. Tells `messageViewed` to the caller, and
/// `messageSeen` to the sender where it is the receiver who asks.
#[utoipa::path(
    get, path = "/api/message/{id}", tag = openapi::MESSAGES, operation_id = "getMessage",
    params(("id" = MessageId, Path, description = "Message ID")),
    responses(
        (status = 200, description = "The message; `sender` and `receiver` are profiles", body = Message),
        (status = 404, description = "Message not found, or not one of the caller's")
    )
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    PathId(id): PathId<MessageId>,
) -> Result<Json<Message>, ApiError> {
    let viewer = caller.account.id;
    let mut found = app.store.message(id).await?.ok_or(rules::Refusal::NotFound)?;
    let first_look = rules::view(&found.message, viewer)?.is_some();
    if first_look {
        let changed = app.store.change(id, Box::new(move |message| rules::view(message, viewer))).await?;
        found.message = changed.message;
    } else if viewer == found.message.receiver {
        app.live.emit_all(events::seen_again(&found.message, caller.account.privacy));
    }
    app.live.emit(&viewed(&app, viewer, id));
    app.activity.note(viewer, Kind::MessageViewed, Some(id.0));
    Ok(Json(found.message.to_wire_with(viewer, Some(found.sender), Some(found.receiver))))
}

fn viewed(app: &App, viewer: UserId, message_id: MessageId) -> Outgoing {
    let event = MessageViewed { message_id, viewed_at: app.clock.now() };
    Outgoing { to: viewer, event: ServerEvent::MessageViewed(event) }
}
