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
//! | list          | take        | take                         | take                                        |
//!
//! and over all of them: a deletion beats everything and stays (I6); what has been read, delivered or seen stays
//! so (I5). A generation is what one snapshot and the feed after it told; see `machine::feed`. What is told of an
//! older generation than the row's is late, and changes nothing.
//!
//! A *history* is what a server has that never lost anything. In another history, after a restored backup, the
//! server's word counts for everything, or devices that saw different parts of the old one would never agree again.
//! What this device's user did meanwhile, deleting their own and reading others' messages, is told to the server
//! again. A list, of a plain server, has no tombstones: what it names is there.

use protocol::Timestamp;

use crate::{
    domain::{MessageId, UserId},
    mutation::{self, Mutation},
};

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
    /// The list of a plain server, or its answer to a change.
    List,
}

/// When a message is told, in the store's count of snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Era {
    /// The generation that tells it.
    pub(crate) generation: i64,
    /// The first generation of the server's present history.
    pub(crate) history_began: i64,
}

/// What to keep of a message, from what is kept and what is told of it.
pub(crate) fn merge(stored: Option<Stored>, told: Message, source: Source, era: Era) -> Stored {
    let told_seq = match source {
        Source::Feed(seq) => seq,
        Source::Answer | Source::History | Source::List => 0,
    };
    let told_read = told.is_read;
    // An answer from before the server went back: whether it has the message now, only the feed or back-fill can say.
    let late = era.generation < era.history_began;
    let Some(stored) = stored else {
        return Stored { message: told, seq: told_seq, generation: era.generation, told_read, lost: late };
    };
    if stored.generation > era.generation {
        let client_key = stored.message.client_key.clone().or(told.client_key);
        return Stored { message: Message { client_key, ..stored.message }, ..stored };
    }
    let same_generation = stored.generation == era.generation;
    let same_history = stored.generation >= era.history_began;
    let kept = stored.message;
    let newer = match source {
        _ if !same_generation => true,
        Source::Feed(seq) => seq > stored.seq,
        Source::Answer | Source::History => {
            told.edited_at > kept.edited_at || mutation::on(Mutation::StalePageWins)
        }
        Source::List => true,
    };
    let sticky = same_history && source != Source::List && !mutation::on(Mutation::TombstoneOverwritten);
    let deleted_at = if sticky { kept.deleted_at.or(told.deleted_at) } else { told.deleted_at };
    let (content, edited_at) =
        if newer { (told.content, told.edited_at) } else { (kept.content, kept.edited_at) };
    let since = |kept: Option<Timestamp>, told: Option<Timestamp>| {
        if same_history { kept.or(told) } else { told }
    };
    let message = Message {
        id: kept.id,
        peer: kept.peer,
        mine: kept.mine,
        content: if deleted_at.is_some() { String::new() } else { content },
        // The place never moves, or a page that was read would no longer fit the next one.
        sent_at: kept.sent_at,
        // What was read here stays read. Whether the other one has read it, only the server knows.
        is_read: told.is_read
            || (kept.is_read && (same_history || !kept.mine) && !mutation::on(Mutation::ReadGoesBack)),
        edited_at,
        delivered_at: since(kept.delivered_at, told.delivered_at),
        seen_at: since(kept.seen_at, told.seen_at),
        read_at: since(kept.read_at, told.read_at),
        deleted_at,
        client_key: kept.client_key.or(told.client_key),
    };
    Stored {
        message,
        seq: if same_generation { told_seq.max(stored.seq) } else { told_seq },
        generation: era.generation,
        told_read: told_read || (sticky && stored.told_read),
        lost: stored.lost && late,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Era = Era { generation: 1, history_began: 1 };
    /// After a feed that was too old.
    const SECOND: Era = Era { generation: 2, history_began: 1 };
    /// After a restored server.
    const OTHER: Era = Era { generation: 2, history_began: 2 };

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
            .fold(None, |stored, (told, source)| Some(merge(stored, told.clone(), *source, FIRST)))
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
        let kept = merge(None, tombstone(), Source::Feed(3), FIRST);
        let again = merge(Some(kept), edited("back", 99), Source::Feed(50), SECOND);
        assert!(again.message.deleted_at.is_some() && again.message.content.is_empty());
    }

    #[test]
    fn read_never_becomes_unread() {
        let late = (message("hi"), Source::Feed(9));
        assert_eq!(outcome(&[(read(), Source::Feed(2)), late]), ("hi".to_owned(), true, false));
        let kept = merge(None, read(), Source::Feed(2), FIRST);
        assert!(merge(Some(kept), message("hi"), Source::History, SECOND).message.is_read);
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
        let kept = merge(None, edited("other history", 50), Source::Feed(80), FIRST);
        let merged = merge(Some(kept), message("hi"), Source::History, SECOND);
        assert_eq!((merged.message.content.as_str(), merged.seq, merged.generation), ("hi", 0, 2));
        // And the new history's first change counts, although its position is lower than the old one's.
        let merged = merge(Some(merged), edited("hello", 3), Source::Feed(1), SECOND);
        assert_eq!(merged.message.content, "hello");
    }
    #[test]
    fn in_another_history_the_servers_word_counts() {
        let gone = merge(None, Message { mine: true, ..tombstone() }, Source::Feed(3), FIRST);
        let told = merge(Some(gone), message("hi"), Source::History, OTHER);
        assert_eq!((told.message.content.as_str(), told.message.deleted_at), ("hi", None));
        let ticked = merge(None, Message { mine: true, ..read() }, Source::Feed(3), FIRST);
        let told = merge(Some(ticked), message("hi"), Source::History, OTHER);
        assert_eq!((told.message.is_read, told.message.read_at), (false, None));
    }

    #[test]
    fn what_was_read_here_stays_read_in_another_history_and_is_to_be_told() {
        let kept = merge(None, read(), Source::Feed(2), FIRST);
        let told = merge(Some(kept), message("hi"), Source::History, OTHER);
        assert!(told.message.is_read && !told.told_read);
    }

    #[test]
    fn what_is_told_late_of_an_older_generation_changes_nothing() {
        let kept = merge(None, message("hi"), Source::History, OTHER);
        let late = merge(Some(kept.clone()), edited("old history", 99), Source::Answer, FIRST);
        assert!(late == kept);
    }

    #[test]
    fn what_was_lost_is_not_found_again_by_a_late_answer_of_the_older_history() {
        let late = Era { generation: 1, history_began: 2 };
        let kept = merge(None, message("hi"), Source::Feed(2), FIRST);
        let told = merge(Some(Stored { lost: true, ..kept }), message("hi"), Source::Answer, late);
        assert!(told.lost);
        assert!(merge(None, message("hi"), Source::Answer, late).lost, "nor is what was never heard of");
        assert!(!merge(Some(told), message("hi"), Source::Feed(1), OTHER).lost);
    }

    #[test]
    fn what_a_list_names_is_there() {
        let kept = merge(None, tombstone(), Source::List, FIRST);
        let told = merge(Some(kept), message("hi"), Source::List, FIRST);
        assert_eq!((told.message.content.as_str(), told.message.deleted_at), ("hi", None));
    }
}
