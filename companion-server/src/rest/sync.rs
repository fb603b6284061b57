//! `GET /api/sync?since=&limit=`: the change feed (extension `sync-1`).

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    MessageId, UserId, error,
    error::ErrorReason,
    limits, paths,
    sync::{Change, ConversationSummary, CurrentMessage, SyncPage, Tombstone},
};
use serde::Deserialize;

use super::{
    ApiError,
    extract::{Caller, Params, page_limit},
    openapi,
};
use crate::{
    app::App,
    model::{Message, cursor::Cursor, rules},
    store::{FeedChange, FeedError, FeedPage, Snapshot, StoreError},
};

/// How many pulls' deliveries may wait to be written.
pub(crate) const DELIVERIES: usize = 1_024;

/// How long to wait before each further try to write them.
const RETRIES: [Duration; 6] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
];

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The `next` of an earlier page.
    #[param(value_type = String, required = false, min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    since: Option<String>,
    /// How many changes at most; 200 where it is absent.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

/// What changed since a cursor
///
/// Extension `sync-1`. Without `since`: the conversations as they stand, and the cursor of now.
#[utoipa::path(
    get, path = paths::SYNC, tag = openapi::SYNC, operation_id = "sync",
    params(Asked),
    responses(
        (status = 200, description = "A page of the feed, or the start of one", body = SyncPage),
        (status = 410, description = "The cursor is of another history or, with the reason \
         `expired`, too old: begin again without it")
    )
)]
pub(super) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    Params(asked): Params<Asked>,
) -> Result<Json<SyncPage>, ApiError> {
    let user = caller.account.id;
    let limit = page_limit(asked.limit.as_deref(), limits::SYNC_PAGE_MAX)?;
    let Some(since) = asked.since else {
        return Ok(Json(told_snapshot(user, app.store.snapshot(user).await?)));
    };
    let since = Cursor::decode(&since).map_err(|error| ApiError::bad_request(error.to_string()))?;
    let page = app.store.feed(user, since, limit.unwrap_or(limits::SYNC_PAGE_DEFAULT)).await;
    let page = page.map_err(|error| match error {
        FeedError::Gone => ApiError::new(StatusCode::GONE, error::CURSOR_GONE),
        FeedError::Expired => {
            ApiError::new(StatusCode::GONE, error::CURSOR_GONE).reason(ErrorReason::Expired)
        }
        FeedError::Store(error) => error.into(),
    })?;
    note_delivery(&app, user, &page)?;
    Ok(Json(told_page(user, page)))
}

/// Whatever the receiver pulls is delivered (extension `delivery`). It is written after the answer, which need not
/// wait for it, and tried again where the store is busy. Where too many wait for that already, nothing is answered, so
/// that the client pulls the same again.
fn note_delivery(app: &App, user: UserId, page: &FeedPage) -> Result<(), ApiError> {
    let undelivered = |change: &&FeedChange| rules::deliver(&change.message, user).is_some();
    let ids: Vec<MessageId> =
        page.changes.iter().filter(undelivered).map(|change| change.message.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let turn = Arc::clone(&app.deliveries).try_acquire_owned().map_err(|_| ApiError::busy())?;
    let store = Arc::clone(&app.store);
    tokio::spawn(async move {
        for wait in RETRIES {
            match store.mark_delivered(user, ids.clone()).await {
                Ok(()) | Err(StoreError::Closed) => return,
                Err(error) => tracing::warn!(%error, "deliveries could not be noted yet"),
            }
            tokio::time::sleep(wait).await;
        }
        tracing::error!(messages = ids.len(), "deliveries were not noted");
        drop(turn);
    });
    Ok(())
}

fn told_page(user: UserId, page: FeedPage) -> SyncPage {
    SyncPage {
        changes: page.changes.iter().map(|change| told_change(user, change)).collect(),
        next: page.next.encode(),
        history: Some(Cursor::history(page.next.epoch)),
        more: page.more,
        conversations: None,
        users: page.people,
    }
}

fn told_snapshot(user: UserId, snapshot: Snapshot) -> SyncPage {
    let conversations = snapshot.conversations.into_iter().map(|conversation| ConversationSummary {
        peer: conversation.peer,
        last_message: conversation.last.to_wire(user),
        unread_count: conversation.unread,
    });
    SyncPage {
        changes: Vec::new(),
        next: snapshot.next.encode(),
        history: Some(Cursor::history(snapshot.next.epoch)),
        more: false,
        conversations: Some(conversations.collect()),
        users: Vec::new(),
    }
}

fn told_change(user: UserId, FeedChange { seq, message }: &FeedChange) -> Change {
    match tombstone(user, *seq, message) {
        Some(tombstone) => Change::Deleted(tombstone),
        None => Change::Current(Box::new(CurrentMessage { message: message.to_wire(user), seq: *seq })),
    }
}

fn tombstone(user: UserId, seq: u64, message: &Message) -> Option<Tombstone> {
    Some(Tombstone {
        id: message.id,
        sender: message.sender,
        receiver: message.receiver,
        sent_at: message.sent_at,
        deleted_at: message.deleted_at?,
        client_message_id: message.key.filter(|_| message.sender == user),
        seq,
    })
}
