//! What is asked of the messages on this device, and what is found.

use std::{fmt, ops::Range};

use protocol::Timestamp;

use super::{ItemKey, Position, UserId};

/// What to look for in the messages on this device.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// The words, as somebody types them: all of them have to be there, in any order, and the last one may be a
    /// beginning. Accents and case do not matter, and no character has a meaning of its own. At most
    /// [`crate::limits::SEARCH_CHARS`] characters count.
    pub query: String,
    /// Only the conversation with this person.
    pub peer: Option<UserId>,
    /// Only what was sent at this time or later.
    pub from: Option<Timestamp>,
    /// Only what was sent before this time.
    pub to: Option<Timestamp>,
    /// Only what stands before this hit: the [`Hit::position`] of the last one of the page before.
    pub before: Option<Position>,
    /// How many hits to answer; at least 1, at most [`crate::limits::SEARCH_PAGE`].
    pub limit: u32,
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchPage {
    /// The hits, newest first.
    pub hits: Vec<Hit>,
    /// Whether there are older ones.
    pub more: bool,
}

/// A message that was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Hit {
    /// In the conversation with whom.
    pub peer: UserId,
    /// Which message.
    pub key: ItemKey,
    /// Where it stands, for [`crate::Anchor::Around`].
    pub position: Position,
    /// When the server took it, or when it was written where it waits.
    pub sent_at: Timestamp,
    /// Whether this account wrote it.
    pub mine: bool,
    /// The part of the message around the first word that was found, on one line, at most
    /// [`crate::limits::SNIPPET_CHARS`] characters and an ellipsis on either side.
    pub snippet: String,
    /// Where the words stand in `snippet`, counted in characters (not bytes), in order, without overlaps.
    pub highlights: Vec<Range<usize>>,
}

/// How much of the history is on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// How many conversations there are.
    pub conversations: u32,
    /// How many of them are here from their beginning.
    pub complete: u32,
    /// How many messages are here.
    pub messages: u64,
}

/// From when on every message is on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nobody has said what there is: the server did not answer yet, or it has no feed and is out of reach.
    Unknown,
    /// From this time on. Older ones are still being fetched; some of them may be here.
    Since(Timestamp),
    /// From the beginning.
    All,
}

// Content stays out of logs, and so does what people look for.
impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { query, peer, from, to, before, limit } = self;
        f.debug_struct("Search")
            .field("query", &format_args!("{} bytes", query.len()))
            .field("peer", peer)
            .field("from", from)
            .field("to", to)
            .field("before", before)
            .field("limit", limit)
            .finish()
    }
}

impl fmt::Debug for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, key, position, sent_at, mine, snippet, highlights } = self;
        f.debug_struct("Hit")
            .field("peer", peer)
            .field("key", key)
            .field("position", position)
            .field("sent_at", sent_at)
            .field("mine", mine)
            .field("snippet", &format_args!("{} bytes", snippet.len()))
            .field("highlights", highlights)
            .finish()
    }
}
