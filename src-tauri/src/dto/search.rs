//! The twins of what is looked for among the messages, and of what is found. No `Debug` shows either.

use serde::{Deserialize, Serialize};
use specta::Type;
use sync_core::{Position, Timestamp, UserId};

/// What to look for.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Search {
    query: String,
    peer: Option<String>,
    from: Option<String>,
    to: Option<String>,
    before: Option<String>,
    limit: u32,
}

impl From<Search> for sync_core::Search {
    fn from(search: Search) -> Self {
        let Search { query, peer, from, to, before, limit } = search;
        // The chat makes times by `Date#toISOString`, which always parses.
        let time = |text: Option<String>| text.and_then(|text| text.parse::<Timestamp>().ok());
        Self {
            query,
            peer: peer.map(UserId),
            from: time(from),
            to: time(to),
            before: before.map(Position),
            limit,
        }
    }
}

/// A page of what was found, newest first.
#[derive(Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchPage {
    hits: Vec<Hit>,
    more: bool,
}

impl From<sync_core::SearchPage> for SearchPage {
    fn from(page: sync_core::SearchPage) -> Self {
        let sync_core::SearchPage { hits, more } = page;
        Self { hits: hits.into_iter().map(Into::into).collect(), more }
    }
}

/// A message that was found.
#[derive(Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hit {
    peer: String,
    key: String,
    position: String,
    sent_at: String,
    mine: bool,
    /// The snippet in order, cut where a word that was found begins or ends.
    parts: Vec<Part>,
}

/// A stretch of a snippet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    text: String,
    found: bool,
}

impl From<sync_core::Hit> for Hit {
    fn from(hit: sync_core::Hit) -> Self {
        Self {
            peer: hit.peer.0,
            key: hit.key.0,
            position: hit.position.0,
            sent_at: hit.sent_at.to_string(),
            mine: hit.mine,
            parts: parts(&hit.snippet, &hit.highlights),
        }
    }
}

/// Cuts a snippet at its highlights: JavaScript counts characters in another way than the engine does.
fn parts(snippet: &str, highlights: &[std::ops::Range<usize>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (at, character) in snippet.chars().enumerate() {
        let found = highlights.iter().any(|range| range.contains(&at));
        // Two words that were found may touch; each is a part of its own.
        let begins = highlights.iter().any(|range| range.start == at);
        match parts.last_mut() {
            Some(last) if last.found == found && !begins => last.text.push(character),
            _ => parts.push(Part { text: character.to_string(), found }),
        }
    }
    parts
}

/// How much of the history is on this device.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    conversations: u32,
    complete: u32,
    messages: u32,
}

impl From<sync_core::Progress> for Progress {
    fn from(progress: sync_core::Progress) -> Self {
        let sync_core::Progress { conversations, complete, messages } = progress;
        Self { conversations, complete, messages: u32::try_from(messages).unwrap_or(u32::MAX) }
    }
}

/// From when on every message is on this device.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub(crate) enum Reach {
    // Nobody has said what there is.
    Unknown,
    Since { time: String },
    // From the beginning.
    All,
}

impl From<sync_core::Reach> for Reach {
    fn from(reach: sync_core::Reach) -> Self {
        match reach {
            sync_core::Reach::Unknown => Self::Unknown,
            sync_core::Reach::Since(time) => Self::Since { time: time.to_string() },
            sync_core::Reach::All => Self::All,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_cut_where_its_words_begin_and_end() {
        let part = |text: &str, found| Part { text: text.to_owned(), found };
        assert_eq!(
            parts("👍 ríca mango!", &[2..6, 7..12]),
            [part("👍 ", false), part("ríca", true), part(" ", false), part("mango", true), part("!", false)]
        );
        assert_eq!(parts("abcd", &[0..2, 2..4]), [part("ab", true), part("cd", true)]);
        assert_eq!(parts("", &[]), []);
    }
}
