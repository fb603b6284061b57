//! A try of an operation, from its beginning to what came of it, as rows: each step is one transaction (I8).

use std::collections::HashSet;

use protocol::Timestamp;
use rusqlite::Connection;

use crate::{
    apply::{Message, Source},
    domain::{ItemKey, MessageId, UserId},
    error::StoreError,
    machine::tables::Operation,
    outbox::{Failure, Kind, State},
};

use super::{Changed, messages, outbox, sync};

/// A try that has begun.
pub(crate) struct Try {
    pub(crate) seq: i64,
    pub(crate) kind: Kind,
    pub(crate) peer: UserId,
    pub(crate) target: ItemKey,
    pub(crate) content: String,
    /// The message that is changed or read up to; `None` for a send.
    pub(crate) id: Option<MessageId>,
}

/// Counts the attempt and marks the row as in flight. `None` where there is nothing to do any more: the row is gone,
/// or the message that it changes is.
pub(crate) fn begin(
    connection: &Connection,
    seq: i64,
    changed: &mut Changed,
) -> Result<Option<Try>, StoreError> {
    let Some(Operation { entry, content, .. }) = outbox::operation(connection, seq)? else { return Ok(None) };
    let id = match entry.kind {
        Kind::Send => None,
        Kind::Edit | Kind::Delete | Kind::Read => match messages::by_key(connection, &entry.target)? {
            Some(stored) if stored.message.deleted_at.is_none() || entry.kind == Kind::Read => {
                Some(stored.message.id)
            }
            _ => {
                outbox::remove(connection, seq)?;
                announce(&entry.peer, changed);
                return Ok(None);
            }
        },
    };
    let Ok(state) = entry.state.start() else { return Ok(None) };
    outbox::set_state(connection, seq, &state, entry.attempts.saturating_add(1))?;
    changed.conversation(&entry.peer);
    Ok(Some(Try { seq, kind: entry.kind, peer: entry.peer, target: entry.target, content, id }))
}

/// The server took it: the row leaves in the transaction that stores what the server has now. `answer` is the
/// message that it told of, if it did.
pub(crate) fn confirm(
    connection: &Connection,
    it: &Try,
    answer: Option<Message>,
    now: Timestamp,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let generation = sync::feed(connection)?.generation;
    let told = match (answer, it.kind, &it.id) {
        (None, Kind::Delete, Some(id)) => messages::by_id(connection, id)?.map(|stored| Message {
            deleted_at: Some(now),
            content: String::new(),
            ..stored.message
        }),
        (answer, _, _) => answer,
    };
    if let Some(told) = told {
        let id = told.id.clone();
        messages::put(connection, told, Source::Answer, generation, changed)?;
        let kept = messages::by_id(connection, &id)?.is_some_and(|kept| kept.message.peer == it.peer);
        if it.kind == Kind::Send && !kept {
            return refuse(connection, it, "the server's answer contradicts itself".to_owned(), changed);
        }
    }
    outbox::remove(connection, it.seq)?;
    announce(&it.peer, changed);
    Ok(())
}

/// It failed: the row's next state, where the feed has not confirmed it in the meantime.
pub(crate) fn fail(
    connection: &Connection,
    it: &Try,
    failure: Failure,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let Some(operation) = outbox::operation(connection, it.seq)? else { return Ok(()) };
    let attempts = operation.entry.attempts;
    match operation.entry.state.fail(failure, attempts) {
        Ok(State::Refused { reason }) => refuse(connection, it, reason, changed)?,
        Ok(state) => outbox::set_state(connection, it.seq, &state, attempts)?,
        Err(impossible) => tracing::error!(%impossible, "the outbox changed under a delivery"),
    }
    announce(&it.peer, changed);
    Ok(())
}

/// The server says no. A refused reading is dropped, because nobody can do anything about it. Everything else is
/// kept and shown. What waits behind a refused send is folded into it: there is no message to change.
fn refuse(
    connection: &Connection,
    it: &Try,
    reason: String,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    announce(&it.peer, changed);
    if it.kind == Kind::Read {
        tracing::warn!(reason, "the server refused to mark a conversation as read");
        outbox::remove(connection, it.seq)?;
        return Ok(());
    }
    if it.kind == Kind::Send {
        if outbox::by_target(connection, &it.target, Kind::Delete)?.is_some() {
            // The user wanted it gone, and the server does not have it.
            outbox::remove_changes(connection, &it.target)?;
            outbox::remove(connection, it.seq)?;
            return Ok(());
        }
        if let Some(edit) = outbox::by_target(connection, &it.target, Kind::Edit)? {
            let content =
                outbox::operation(connection, edit.seq)?.map(|edit| edit.content).unwrap_or_default();
            outbox::rewrite(connection, it.seq, &it.target, &content)?;
            outbox::remove(connection, edit.seq)?;
        }
    }
    let attempts = outbox::operation(connection, it.seq)?.map_or(1, |operation| operation.entry.attempts);
    outbox::set_state(connection, it.seq, &State::Refused { reason }, attempts)?;
    Ok(())
}

/// Settles the rows in flight of which no try is under way: what came of them could not be stored, so they may have
/// been carried out. `under_way` names the conversations whose tries have not ended.
pub(crate) fn recover_stranded(
    connection: &Connection,
    under_way: &HashSet<UserId>,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    for entry in outbox::entries(connection)? {
        if entry.state == State::InFlight && !under_way.contains(&entry.peer) {
            outbox::set_state(connection, entry.seq, &entry.state.recover(), entry.attempts)?;
            announce(&entry.peer, changed);
        }
    }
    Ok(())
}

fn announce(peer: &UserId, changed: &mut Changed) {
    changed.conversation(peer);
    changed.outbox();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Anchor, Pending, Status},
        store::fixture::{Device, at, from_ana, from_ben},
    };

    impl Device {
        fn begin(&self, seq: i64) -> Option<Try> {
            begin(&self.db, seq, &mut Changed::default()).unwrap()
        }

        fn confirm(&self, it: &Try, answer: Option<Message>) {
            confirm(&self.db, it, answer, at(2_000), &mut Changed::default()).unwrap();
        }

        fn fail(&self, it: &Try, failure: Failure) {
            fail(&self.db, it, failure, &mut Changed::default()).unwrap();
        }

        fn attempts(&self, seq: i64) -> u32 {
            outbox::operation(&self.db, seq).unwrap().unwrap().entry.attempts
        }
    }

    fn no() -> Failure {
        Failure::Refused { reason: "no".to_owned() }
    }

    #[test]
    fn the_attempt_is_counted_before_the_try() {
        let device = Device::new();
        device.send("one");
        let it = device.begin(1).unwrap();
        assert_eq!((device.attempts(1), device.statuses()), (1, vec![Some(Status::Sending)]));
        assert!(device.begin(1).is_none(), "it is under way already");
        device.fail(&it, Failure::NoAnswer);
        assert_eq!(device.statuses(), [Some(Status::Waiting)]);
        let it = device.begin(1).unwrap();
        assert_eq!((device.attempts(1), it.target.as_str()), (2, "key-one"), "the same key again");
    }

    #[test]
    fn a_try_whose_outcome_was_not_stored_is_unknown_once_it_is_not_under_way() {
        let device = Device::new();
        device.send("one");
        let it = device.begin(1).unwrap();
        let recover = |under_way: &[UserId]| {
            let under_way = under_way.iter().cloned().collect();
            recover_stranded(&device.db, &under_way, &mut Changed::default()).unwrap();
        };
        recover(&[it.peer]);
        assert_eq!(device.statuses(), [Some(Status::Sending)], "its outcome is still to come");
        recover(&["eve".into()]);
        assert_eq!((device.attempts(1), device.statuses()), (1, vec![Some(Status::Waiting)]));
        let again = device.begin(1).unwrap();
        assert_eq!((device.attempts(1), again.target.as_str()), (2, "key-one"), "the same key again");
    }

    #[test]
    fn a_failure_that_comes_after_the_feeds_confirmation_changes_nothing() {
        let device = Device::new();
        device.snapshot(from_ben(10), 0, "c1");
        let key = device.send("one");
        let it = device.begin(1).unwrap();
        device.feed("c1", vec![(from_ana(20, &key), 1)], "c2");
        device.fail(&it, Failure::NoAnswer);
        device.confirm(&it, Some(from_ana(20, &key)));
        assert_eq!((device.outbox(), device.contents().len()), (Vec::new(), 2));
    }

    #[test]
    fn an_edit_behind_a_refused_send_becomes_its_content_and_a_deletion_takes_it_away() {
        let device = Device::new();
        let key = device.send("one");
        let it = device.begin(1).unwrap();
        device.edit(&key, "uno");
        device.fail(&it, no());
        assert_eq!(
            (device.outbox(), device.contents()),
            (vec!["Send key-one".to_owned()], vec!["uno".to_owned()])
        );
        assert_eq!(device.statuses(), [Some(Status::Refused { reason: "no".to_owned() })]);

        let key = device.send("two");
        let it = device.begin(3).unwrap();
        device.delete(&key);
        device.fail(&it, no());
        assert_eq!(device.outbox(), ["Send key-one"]);
    }

    #[test]
    fn an_answer_that_is_a_message_of_another_conversation_loses_nothing() {
        let device = Device::new();
        device.answer(Message { peer: "eve".into(), ..from_ben(20) });
        let key = device.send("one");
        let it = device.begin(1).unwrap();
        device.confirm(&it, Some(from_ana(20, &key)));
        assert_eq!(device.contents(), ["one"]);
        assert!(matches!(device.statuses()[0], Some(Status::Refused { .. })));
    }

    #[test]
    fn a_newer_edit_stays_when_the_older_one_is_confirmed() {
        let device = Device::new();
        let key = device.send("one");
        device.answer(from_ana(20, &key));
        device.edit(&key, "two");
        let it = device.begin(2).unwrap();
        device.edit(&key, "three");
        let told = Message { content: "two".to_owned(), edited_at: Some(at(30)), ..from_ana(20, &key) };
        device.confirm(&it, Some(told));
        assert_eq!(
            (device.contents(), device.outbox()),
            (vec!["three".to_owned()], vec!["Edit key-one".to_owned()])
        );
    }

    #[test]
    fn a_refused_edit_is_shown_and_can_be_taken_back() {
        let device = Device::new();
        let key = device.send("one");
        device.answer(from_ana(20, &key));
        device.edit(&key, "two");
        let it = device.begin(2).unwrap();
        device.fail(&it, no());
        let item = device.page(&Anchor::Newest, 1).items.remove(0);
        assert_eq!((item.content.as_str(), item.pending), ("two", Some(Pending::Edit)));
        assert_eq!(item.status, Some(Status::Refused { reason: "no".to_owned() }));
        device.edit(&key, "text 20");
        assert_eq!((device.outbox(), device.contents()), (Vec::new(), vec!["text 20".to_owned()]));
    }

    #[test]
    fn a_refused_reading_is_dropped_and_a_confirmed_deletion_leaves_a_tombstone() {
        let device = Device::new();
        device.snapshot(from_ben(10), 1, "c1");
        device.mark_read("m010");
        let it = device.begin(1).unwrap();
        device.fail(&it, no());
        assert_eq!((device.outbox(), device.unread()), (Vec::new(), 0));
        let key = device.send("one");
        device.answer(from_ana(20, &key));
        device.delete(&key);
        let it = device.begin(3).unwrap();
        device.confirm(&it, None);
        assert!(device.page(&Anchor::Newest, 1).items[0].deleted);
        assert_eq!(device.outbox(), Vec::<String>::new());
    }
}
