//! What is new in the list of conversations since it was last looked at.

use std::collections::HashMap;

use sync_core::{Conversation, Timestamp, UserId};

/// The conversations as they were.
#[derive(Default)]
pub(super) struct Known {
    lines: HashMap<UserId, Line>,
}

struct Line {
    unread: u32,
    newest: Option<Timestamp>,
}

/// What is new.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// Where messages have come, the newest first.
    pub(super) arrived: Vec<UserId>,
    /// Where fewer messages are unread: they were read, here or on another device, or deleted.
    pub(super) read: Vec<UserId>,
}

impl Known {
    /// Notes the conversations as they are now; answers what has changed since the last time.
    pub(super) fn compare(&mut self, now: &[Conversation]) -> News {
        let mut news = News::default();
        let mut lines = HashMap::with_capacity(now.len());
        let mut arrived = Vec::new();
        for conversation in now {
            let peer = &conversation.peer.id;
            let newest = conversation.last.as_ref().map(|last| last.at);
            let before = self.lines.remove(peer).unwrap_or(Line { unread: 0, newest: None });
            let unread = conversation.unread;
            // One was read and another came before anybody looked: as many are unread as before.
            let came = newest > before.newest
                && conversation.last.as_ref().is_some_and(|last| !last.mine && !last.deleted);
            if unread > before.unread || (unread > 0 && came) {
                arrived.push((newest, peer.clone()));
            } else if unread < before.unread {
                news.read.push(peer.clone());
            }
            lines.insert(peer.clone(), Line { unread, newest });
        }
        news.read.extend(self.lines.drain().filter(|(_, line)| line.unread > 0).map(|(peer, _)| peer));
        self.lines = lines;
        arrived.sort_by(|(a, _), (b, _)| b.cmp(a));
        news.arrived = arrived.into_iter().map(|(_, peer)| peer).collect();
        news
    }
}

#[cfg(test)]
mod tests {
    use sync_core::{LastMessage, Person};

    use super::*;

    fn id(text: &str) -> UserId {
        UserId(text.to_owned())
    }

    /// A conversation whose newest message is of this minute.
    fn conversation(peer: &str, unread: u32, minute: u32, mine: bool) -> Conversation {
        Conversation {
            peer: Person {
                id: id(peer),
                first_name: peer.to_owned(),
                last_name: String::new(),
                role: None,
                avatar: None,
            },
            last: Some(LastMessage {
                preview: "hello".to_owned(),
                at: format!("2026-05-03T10:{minute:02}:00.000Z").parse().unwrap(),
                mine,
                status: None,
                deleted: false,
            }),
            unread,
            draft: None,
            pinned: false,
            muted: false,
            marked_unread: false,
        }
    }

    fn news(arrived: &[&str], read: &[&str]) -> News {
        let ids = |names: &[&str]| names.iter().map(|name| id(name)).collect();
        News { arrived: ids(arrived), read: ids(read) }
    }

    #[test]
    fn what_is_unread_and_was_not_is_new_newest_first() {
        let mut known = Known::default();
        assert_eq!(
            known.compare(&[conversation("b", 0, 1, false), conversation("c", 0, 1, false)]),
            news(&[], &[])
        );
        assert_eq!(
            known.compare(&[conversation("b", 1, 2, false), conversation("c", 2, 3, false)]),
            news(&["c", "b"], &[])
        );
        assert_eq!(
            known.compare(&[conversation("b", 1, 2, false), conversation("c", 2, 3, false)]),
            news(&[], &[])
        );
        assert_eq!(
            known.compare(&[conversation("b", 1, 2, false), conversation("c", 3, 4, false)]),
            news(&["c"], &[])
        );
    }

    #[test]
    fn a_conversation_that_begins_is_new() {
        let mut known = Known::default();
        known.compare(&[]);
        assert_eq!(known.compare(&[conversation("b", 1, 1, false)]), news(&["b"], &[]));
    }

    #[test]
    fn reading_anywhere_and_deleting_take_it_back() {
        let mut known = Known::default();
        known.compare(&[conversation("b", 2, 1, false), conversation("c", 1, 1, false)]);
        assert_eq!(
            known.compare(&[conversation("b", 1, 1, false), conversation("c", 0, 1, false)]),
            news(&[], &["b", "c"])
        );
        // The whole conversation is gone.
        assert_eq!(known.compare(&[conversation("c", 0, 1, false)]), news(&[], &["b"]));
    }

    #[test]
    fn what_came_while_another_was_read_is_new() {
        let mut known = Known::default();
        known.compare(&[conversation("b", 1, 1, false)]);
        assert_eq!(known.compare(&[conversation("b", 1, 2, false)]), news(&["b"], &[]));
    }

    #[test]
    fn ones_own_messages_are_no_news() {
        let mut known = Known::default();
        known.compare(&[conversation("b", 0, 1, false), conversation("c", 1, 1, false)]);
        assert_eq!(
            known.compare(&[conversation("b", 0, 2, true), conversation("c", 1, 2, true)]),
            news(&[], &[])
        );
    }
}
