//! `GET /message`: the caller's messages, streamed (C7).
//!
//! The bounds of the page are found first, which fixes the `Link` header; then the messages are read and written in
//! chunks, so that memory stays flat however many there are.

use std::fmt::Write as _;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderName, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use protocol::{
    MessageId, UserId, error,
    event::{MessagesFetched, ServerEvent},
    limits, paths, request,
};
use serde::Deserialize;

use super::super::{
    ApiError,
    extract::{Caller, Params, page_limit},
    openapi,
};
use crate::{
    app::App,
    model::{Message, activity::Kind, cursor::Cursor, events::Outgoing},
    store::{Bounds, Page, PageError, Position, Range},
};

/// The header that names the history.
pub(in crate::rest) const SYNC_HISTORY: HeaderName = HeaderName::from_static(paths::HISTORY);

/// How many messages are read at a time.
const CHUNK: u32 = 100;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Asked {
    /// Only the conversation with this user.
    #[param(value_type = UserId, required = false)]
    peer: Option<String>,
    /// A page of at most so many.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 1000)]
    limit: Option<String>,
    /// Only what is older than this message; without `after`, the page is the newest of these.
    #[param(value_type = MessageId, required = false)]
    before: Option<String>,
    /// Only what is newer than this message.
    #[param(value_type = MessageId, required = false)]
    after: Option<String>,
}

/// List one's messages
///
/// Oldest first, all of them or a page, streamed. Tells `messagesFetched` to the caller.
#[utoipa::path(
    get, path = paths::MESSAGE, tag = openapi::MESSAGES, operation_id = "listMessages",
    params(Asked),
    responses(
        (
            status = 200, description = "The messages", body = Vec<protocol::Message>,
            headers(
                ("Link" = String, description = "The next page, where there is one: `<…>; rel=\"next\"`"),
                ("Sync-History" = String, description = "Which history of the server this is of; as `history` of the feed")
            )
        ),
        (status = 404, description = "No message of the caller has the id of `before` or `after`")
    )
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, ApiError> {
    let user = caller.account.id;
    let page = asked.page()?;
    let bounds = app.store.bounds(user, page).await.map_err(|error| match error {
        PageError::AnchorNotFound => ApiError::not_found(error::MESSAGE_NOT_FOUND),
        PageError::Store(error) => error.into(),
    })?;
    let link = next_link(uri.path(), page, bounds);
    let listing = Listing { app, user, peer: page.peer, rest: bounds.ends, count: 0, ended: false };
    let body = Body::from_stream(stream::try_unfold(listing, Listing::next));
    let history = Cursor::history(bounds.epoch);
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (SYNC_HISTORY, history)];
    let mut response = (headers, body).into_response();
    if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

impl Asked {
    fn page(&self) -> Result<Page, ApiError> {
        let message = |text: &Option<String>| text.as_deref().map(request::message_id).transpose();
        Ok(Page {
            peer: self.peer.as_deref().map(request::user_id).transpose()?,
            after: message(&self.after)?,
            before: message(&self.before)?,
            limit: page_limit(self.limit.as_deref(), limits::PAGE_MAX)?,
        })
    }
}

/// RFC 8288: where the next page is, in the direction of paging.
fn next_link(path: &str, page: Page, bounds: Bounds) -> Option<String> {
    let (first, last) = bounds.ends.filter(|_| bounds.more)?;
    let mut link = format!("<{path}?");
    if let Some(peer) = page.peer {
        write!(link, "peer={peer}&").ok()?;
    }
    write!(link, "limit={}", page.limit?).ok()?;
    match page {
        Page { after: None, before: Some(_), .. } => write!(link, "&before={}", first.id).ok()?,
        Page { before: Some(before), .. } => write!(link, "&after={}&before={before}", last.id).ok()?,
        Page { before: None, .. } => write!(link, "&after={}", last.id).ok()?,
    }
    link.push_str(">; rel=\"next\"");
    Some(link)
}

/// A list on its way out.
struct Listing {
    app: App,
    user: UserId,
    peer: Option<UserId>,
    /// The first position that was not written yet, and the last.
    rest: Option<(Position, Position)>,
    count: u64,
    ended: bool,
}

impl Listing {
    /// The next stretch of the body: `[`, the messages with commas between, `]`.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, axum::Error> {
        if self.ended {
            return Ok(None);
        }
        let mut text = if self.count == 0 { vec![b'['] } else { Vec::new() };
        let messages = self.read().await?;
        for message in &messages {
            if self.count > 0 {
                text.push(b',');
            }
            serde_json::to_writer(&mut text, &message.to_wire(self.user)).map_err(axum::Error::new)?;
            self.count += 1;
        }
        if self.rest.is_none() {
            text.push(b']');
            self.ended = true;
            self.app.live.emit(&self.fetched());
            self.app.activity.note(self.user, Kind::MessagesFetched, None);
        }
        Ok(Some((text.into(), self)))
    }

    /// Reads on. A message that was deleted since the bounds were found is left out.
    async fn read(&mut self) -> Result<Vec<Message>, axum::Error> {
        let Some((from, to)) = self.rest else { return Ok(Vec::new()) };
        let range = self.app.store.range(self.user, self.peer, Range { from, to }, CHUNK + 1).await;
        let mut messages = range.map_err(|error| {
            tracing::error!(%error, "a list of messages was cut short");
            axum::Error::new(error)
        })?;
        // The last message of a full chunk only says where the next chunk begins.
        let full = messages.len() > usize::try_from(CHUNK).unwrap_or(usize::MAX);
        self.rest = if full { messages.pop().map(|next| (next.position(), to)) } else { None };
        Ok(messages)
    }

    fn fetched(&self) -> Outgoing {
        let fetched = MessagesFetched {
            user_id: self.user,
            messages_count: self.count,
            fetched_at: self.app.clock.now(),
        };
        Outgoing { to: self.user, event: ServerEvent::MessagesFetched(fetched) }
    }
}
