//! The twins of what a timeline is made of. None has a `Debug` that could show content.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Where reading a timeline begins.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "at")]
pub(crate) enum Anchor {
    Newest,
    Around { position: String },
    Before { position: String },
    After { position: String },
    From { position: String },
    // The first message of this time or later, and what follows it; where there is none, the newest page.
    Date { time: String },
}

impl From<Anchor> for sync_core::Anchor {
    fn from(anchor: Anchor) -> Self {
        match anchor {
            Anchor::Newest => Self::Newest,
            Anchor::Around { position } => Self::Around(sync_core::Position(position)),
            Anchor::Before { position } => Self::Before(sync_core::Position(position)),
            Anchor::After { position } => Self::After(sync_core::Position(position)),
            Anchor::From { position } => Self::From(sync_core::Position(position)),
            // The chat makes times by `Date#toISOString`, which always parses.
            Anchor::Date { time } => time.parse().map_or(Self::Newest, Self::Date),
        }
    }
}

/// A page of a conversation, oldest first.
#[derive(Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimelinePage {
    items: Vec<TimelineItem>,
    has_older: bool,
    has_newer: bool,
    first_unread: Option<String>,
    history: History,
}

impl From<sync_core::TimelinePage> for TimelinePage {
    fn from(page: sync_core::TimelinePage) -> Self {
        let sync_core::TimelinePage { items, has_older, has_newer, first_unread, history } = page;
        Self {
            items: items.into_iter().map(Into::into).collect(),
            has_older,
            has_newer,
            first_unread: first_unread.map(|key| key.0),
            history: history.into(),
        }
    }
}

/// How much of a conversation's history this device has.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum History {
    Complete,
    Loading,
    Offline,
}

impl From<sync_core::History> for History {
    fn from(history: sync_core::History) -> Self {
        match history {
            sync_core::History::Complete => Self::Complete,
            sync_core::History::Loading => Self::Loading,
            sync_core::History::Offline => Self::Offline,
        }
    }
}

/// One message.
#[derive(Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimelineItem {
    key: String,
    position: String,
    mine: bool,
    content: String,
    sent_at: String,
    /// When its content was last changed after it was sent.
    edited_at: Option<String>,
    deleted: bool,
    /// The server no longer has it, and never said that it was deleted.
    lost: bool,
    pending: Option<Pending>,
    status: Option<Status>,
    delivered_at: Option<String>,
    seen_at: Option<String>,
    read_at: Option<String>,
}

impl From<sync_core::TimelineItem> for TimelineItem {
    fn from(item: sync_core::TimelineItem) -> Self {
        let text = |at: sync_core::Timestamp| at.to_string();
        Self {
            key: item.key.0,
            position: item.position.0,
            mine: item.mine,
            content: item.content,
            sent_at: text(item.sent_at),
            edited_at: item.edited_at.map(text),
            deleted: item.deleted,
            lost: item.lost,
            pending: item.pending.map(Into::into),
            status: item.status.map(Into::into),
            delivered_at: item.delivered_at.map(text),
            seen_at: item.seen_at.map(text),
            read_at: item.read_at.map(text),
        }
    }
}

/// A change that the server has not confirmed.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Pending {
    Edit,
    Delete,
}

impl From<sync_core::Pending> for Pending {
    fn from(pending: sync_core::Pending) -> Self {
        match pending {
            sync_core::Pending::Edit => Self::Edit,
            sync_core::Pending::Delete => Self::Delete,
        }
    }
}

/// How far an own message got.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "state")]
pub(crate) enum Status {
    Waiting,
    Sending,
    Sent,
    Delivered,
    Read,
    Refused { reason: String },
    Held,
}

impl From<sync_core::Status> for Status {
    fn from(status: sync_core::Status) -> Self {
        match status {
            sync_core::Status::Waiting => Self::Waiting,
            sync_core::Status::Sending => Self::Sending,
            sync_core::Status::Sent => Self::Sent,
            sync_core::Status::Delivered => Self::Delivered,
            sync_core::Status::Read => Self::Read,
            sync_core::Status::Refused { reason } => Self::Refused { reason },
            sync_core::Status::Held => Self::Held,
        }
    }
}
