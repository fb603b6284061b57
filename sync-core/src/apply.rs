//! What a message is, after the server told something about it: the rules of I4 to I6, without I/O.
//!
//! The same message is told by the feed, by answers to one's own requests and by pages of history, in any order
//! and more than once. [`merge`] makes all devices end with the same row:
//!
//! | told by       | absent here | here, of an older generation | here, of this generation                    |
//! |---------------|-------------|------------------------------|---------------------------------------------|
//! | feed          | take        | take                         | take, unless this or a later change was     |
//! | answer        | take        | take                         | take content that was edited later          |
//! | history       | take        | take                         | take content that was edited later          |
//!
//! and over all of them: a deletion beats everything and stays (I6); what has been read, delivered or seen stays
//! so (I5). A generation is what one snapshot and the feed after it told; see `store::sync`.

use protocol::Timestamp;

use crate::domain::{MessageId, UserId};

/// A message as a server told it. A tombstone has a `deleted_at` and no content.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    pub(crate) peer: UserId,
    pub(crate) mine: bool,
    pub(crate) content: String,
    pub(crate) sent_at: Timestamp,
    pub(crate) is_read: bool,
    pub(crate) edited_at: Option<Timestamp>,
    pub(crate) delivered_at: Option<Timestamp>,
    pub(crate) seen_at: Option<Timestamp>,
    pub(crate) read_at: Option<Timestamp>,
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) client_key: Option<String>,
}

impl Message {
    /// The message's place in its conversation.
    pub(crate) fn place(&self) -> (Timestamp, &MessageId) {
        (self.sent_at, &self.id)
    }
}

/// A message as this device keeps it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) message: Message,
    /// The newest position in the feed that is in it; 0 where only answers and history told of it.
    pub(crate) seq: i64,
    /// The snapshot since which it was told.
    pub(crate) generation: i64,
    /// Whether the server last told it as read. Where this device knows better, the server is still to be told.
    pub(crate) told_read: bool,
    /// Whether the server no longer has it, and never said that it was deleted.
    pub(crate) lost: bool,
}

/// Who told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The change feed, at this position.
    Feed(i64),
    /// The answer to one of this device's own requests.
    Answer,
    /// A page of history, or a snapshot.
    History,
}

/// What to keep of a message, from what is kept and what is told of it.
pub(crate) fn merge(stored: Option<Stored>, told: Message, source: Source, generation: i64) -> Stored {
    let seq = match source {
        Source::Feed(seq) => seq,
        Source::Answer | Source::History => 0,
    };
    let told_read = told.is_read;
    let Some(stored) = stored else {
        return Stored { message: told, seq, generation, told_read, lost: false };
    };
    let same_generation = stored.generation == generation;
    let kept = stored.message;
    let newer = match source {
        _ if !same_generation => true,
        Source::Feed(seq) => seq > stored.seq,
        Source::Answer | Source::History => told.edited_at > kept.edited_at,
    };
    let deleted_at = kept.deleted_at.or(told.deleted_at);
    let (content, edited_at) =
        if newer { (told.content, told.edited_at) } else { (kept.content, kept.edited_at) };
    let message = Message {
        id: kept.id,
        peer: kept.peer,
        mine: kept.mine,
        content: if deleted_at.is_some() { String::new() } else { content },
        // The place never moves, or a page that was read would no longer fit the next one.
        sent_at: kept.sent_at,
        is_read: kept.is_read || told.is_read,
        edited_at,
        delivered_at: kept.delivered_at.or(told.delivered_at),
        seen_at: kept.seen_at.or(told.seen_at),
        read_at: kept.read_at.or(told.read_at),
        deleted_at,
        client_key: kept.client_key.or(told.client_key),
    };
    let seq = if same_generation { seq.max(stored.seq) } else { seq };
    Stored { message, seq, generation, told_read, lost: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: &str) -> Message {
        Message {
            id: "m1".into(),
            peer: "ben".into(),
            mine: false,
            content: content.to_owned(),
            sent_at: Timestamp::clamped(1),
            is_read: false,
            edited_at: None,
            delivered_at: None,
            seen_at: None,
            read_at: None,
            deleted_at: None,
            client_key: None,
        }
    }

    fn edited(content: &str, at: i64) -> Message {
        Message { edited_at: Some(Timestamp::clamped(at)), ..message(content) }
    }

    fn tombstone() -> Message {
        Message { deleted_at: Some(Timestamp::clamped(9)), ..message("") }
    }

    fn read() -> Message {
        Message { is_read: true, read_at: Some(Timestamp::clamped(5)), ..message("hi") }
    }

    /// Merges in this order, all in generation 1, and answers the content and whether it is read and deleted.
    fn outcome(told: &[(Message, Source)]) -> (String, bool, bool) {
        let merged = told
            .iter()
            .fold(None, |stored, (told, source)| Some(merge(stored, told.clone(), *source, 1)))
            .unwrap()
            .message;
        (merged.content, merged.is_read, merged.deleted_at.is_some())
    }

    #[test]
    fn a_tombstone_beats_every_edit_and_read_in_any_order() {
        let told = [
            (message("hi"), Source::History),
            (edited("hello", 7), Source::Feed(8)),
            (read(), Source::Answer),
            (tombstone(), Source::Feed(3)),
        ];
        for turn in 0..told.len() {
            let mut order = told.clone();
            order.rotate_left(turn);
            assert_eq!(outcome(&order), (String::new(), true, true), "turned by {turn}");
        }
        let kept = merge(None, tombstone(), Source::Feed(3), 1);
        let restored = merge(Some(kept), edited("back", 99), Source::Feed(50), 2);
        assert!(restored.message.deleted_at.is_some() && restored.message.content.is_empty());
    }

    #[test]
    fn read_never_becomes_unread() {
        let late = (message("hi"), Source::Feed(9));
        assert_eq!(outcome(&[(read(), Source::Feed(2)), late]), ("hi".to_owned(), true, false));
        let kept = merge(None, read(), Source::Feed(2), 1);
        assert!(merge(Some(kept), message("hi"), Source::History, 2).message.is_read);
    }

    #[test]
    fn a_stale_page_of_history_does_not_undo_an_edit() {
        let edit = (edited("hello", 7), Source::Feed(2));
        let page = (message("hi"), Source::History);
        let expected = ("hello".to_owned(), false, false);
        assert_eq!(outcome(&[edit.clone(), page.clone()]), expected);
        assert_eq!(outcome(&[page, edit]), expected);
    }

    #[test]
    fn the_feed_is_followed_by_position_even_when_the_servers_clock_steps_back() {
        let first = (edited("one", 9), Source::Feed(2));
        let second = (edited("two", 4), Source::Feed(3));
        assert_eq!(outcome(&[first.clone(), second.clone()]).0, "two");
        assert_eq!(outcome(&[second, first]).0, "two");
    }

    #[test]
    fn the_answer_to_an_edit_shows_before_the_feed_tells_of_it() {
        let start = (message("hi"), Source::Feed(2));
        assert_eq!(outcome(&[start.clone(), (edited("hello", 7), Source::Answer)]).0, "hello");
        assert_eq!(outcome(&[start, (message("late"), Source::Answer)]).0, "hi");
    }

    #[test]
    fn an_older_generation_is_overwritten_by_history() {
        let kept = merge(None, edited("other history", 50), Source::Feed(80), 1);
        let merged = merge(Some(kept), message("hi"), Source::History, 2);
        assert_eq!((merged.message.content.as_str(), merged.seq, merged.generation), ("hi", 0, 2));
        // And the new history's first change counts, although its position is lower than the old one's.
        let merged = merge(Some(merged), edited("hello", 3), Source::Feed(1), 2);
        assert_eq!(merged.message.content, "hello");
    }
}
