//! A try of an operation, from its beginning to what came of it, as rows: each step is one transaction (I8).

use std::collections::BTreeSet;

use crate::{
    apply::{Era, Message, Source},
    domain::{ItemKey, MessageId, UserId},
    error::StoreError,
    mutation::{self, Mutation},
    outbox::{Failure, Kind, State},
    store::Changed,
};

use super::{
    Dialect, Now, Tables, feed, listing,
    messages::{self, era},
    tables::Operation,
};

/// A try that has begun.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Try {
    pub(super) seq: i64,
    pub(super) kind: Kind,
    pub(super) peer: UserId,
    pub(super) target: ItemKey,
    pub(super) content: String,
    /// The message that is changed or read up to; `None` for a send.
    pub(super) id: Option<MessageId>,
    pub(super) dialect: Dialect,
    /// When it began, in the store's count of snapshots,
    pub(super) generation: i64,
    /// and in which history of the server.
    pub(super) history: i64,
}

/// Counts the attempt and marks the row as in flight. `None` where there is nothing left to do, and then the row is gone.
pub(super) fn begin(
    tables: &mut impl Tables,
    seq: i64,
    dialect: Dialect,
    now: Now,
    changed: &mut Changed,
) -> Result<Option<Try>, StoreError> {
    let Some(Operation { entry, content, .. }) = tables.operation(seq)? else { return Ok(None) };
    let id = match entry.kind {
        Kind::Send => None,
        Kind::Edit | Kind::Delete | Kind::Read => {
            let Some(id) = changes(tables, entry.kind, &entry.target, dialect)? else {
                tables.remove(seq)?;
                announce(&entry.peer, changed);
                if entry.kind == Kind::Read {
                    // Where the message is gone up to which was read, those before it may still be to be told of.
                    feed::read_again(tables, &entry.peer, now, changed)?;
                }
                return Ok(None);
            };
            Some(id)
        }
    };
    let Ok(state) = entry.state.start() else { return Ok(None) };
    if entry.attempts == 0 {
        tables.set_after(seq, tables.last_number()?)?;
    }
    if !mutation::on(Mutation::AttemptNotStored) {
        tables.set_state(seq, &state, entry.attempts.saturating_add(1))?;
    }
    changed.conversation(&entry.peer);
    let feed = tables.feed()?;
    Ok(Some(Try {
        seq,
        kind: entry.kind,
        peer: entry.peer,
        target: entry.target,
        content,
        id,
        dialect,
        generation: feed.generation,
        history: feed.history,
    }))
}

/// The message that such an operation is about; `None` where there is nothing to do.
fn changes(
    tables: &impl Tables,
    kind: Kind,
    target: &ItemKey,
    dialect: Dialect,
) -> Result<Option<MessageId>, StoreError> {
    let Some(stored) = messages::by_key(tables, target)? else { return Ok(None) };
    match (kind, dialect) {
        (Kind::Read, Dialect::Plain) => listing::next_read(tables, &stored),
        (Kind::Read, Dialect::Extended) => Ok(Some(stored.message.id)),
        _ => {
            Ok(Some(stored.message).filter(|message| message.deleted_at.is_none()).map(|message| message.id))
        }
    }
}

/// The server took it: the row leaves in the transaction that stores what the server has now. `answer` is the
/// message that it told of, if it did.
pub(super) fn confirm(
    tables: &mut impl Tables,
    it: &Try,
    answer: Option<Message>,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    announce(&it.peer, changed);
    if it.kind == Kind::Read {
        return confirm_read(tables, it);
    }
    let told = match (answer, it.kind, &it.id) {
        (None, Kind::Delete, Some(id)) => tables.message(id)?.map(|stored| Message {
            deleted_at: Some(now.time),
            content: String::new(),
            ..stored.message
        }),
        (answer, _, _) => answer,
    };
    if let Some(told) = told {
        let id = told.id.clone();
        // The answer of a plain server to a change says no time of it, and is the newest word all the same. That to a
        // send, or to a change of what lists have meanwhile shown as deleted, may be older than they are.
        let gone = tables.message(&id)?.is_some_and(|kept| kept.message.deleted_at.is_some());
        let change = it.dialect == Dialect::Plain && it.kind != Kind::Send && !gone;
        let source = if change { Source::List } else { Source::Answer };
        let era = told_in(tables, it)?;
        messages::put(tables, told, source, era, now, changed)?;
        let kept = tables.message(&id)?.is_some_and(|kept| kept.message.peer == it.peer);
        if it.kind == Kind::Send && !kept {
            return refuse(tables, it, "the server's answer contradicts itself".to_owned(), now, changed);
        }
    }
    tables.remove(it.seq)
}

/// When this try's answer was told. A server that went back to an older copy of itself since the try began may have
/// answered from before, so that its word is one of the older history.
fn told_in(tables: &impl Tables, it: &Try) -> Result<Era, StoreError> {
    let feed = tables.feed()?;
    let now = era(&feed);
    Ok(if feed.history == it.history { now } else { Era { generation: it.generation, ..now } })
}

/// Extended servers were told of all; plain ones of one message, and of the next one in turn.
fn confirm_read(tables: &mut impl Tables, it: &Try) -> Result<(), StoreError> {
    if let (Dialect::Plain, Some(id)) = (it.dialect, &it.id) {
        if let Some(mut stored) = tables.message(id)? {
            stored.told_read = true;
            tables.put_message(&stored)?;
        }
        if changes(tables, it.kind, &it.target, it.dialect)?.is_some() {
            return tables.set_state(it.seq, &State::Queued, 0);
        }
    }
    tables.remove(it.seq)
}

/// It failed: the row's next state, where the feed has not confirmed it in the meantime.
pub(super) fn fail(
    tables: &mut impl Tables,
    it: &Try,
    failure: Failure,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let Some(Operation { entry, .. }) = tables.operation(it.seq)? else { return Ok(()) };
    announce(&it.peer, changed);
    match entry.state.fail(failure, entry.attempts) {
        Ok(State::Refused { reason }) => refuse(tables, it, reason, now, changed),
        Ok(state) => tables.set_state(it.seq, &state, entry.attempts),
        Err(_) => {
            tracing::error!("the outbox changed under a delivery");
            Ok(())
        }
    }
}

/// The server says no. A refused reading is dropped, because nobody can do anything about it. Everything else is
/// kept and shown. What waits behind a refused send is folded into it: there is no message to change.
fn refuse(
    tables: &mut impl Tables,
    it: &Try,
    reason: String,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    announce(&it.peer, changed);
    if it.kind == Kind::Read {
        tracing::warn!("the server refused to mark messages as read");
        // A plain server is told of one at a time, and the others are none the worse for this one.
        confirm_read(tables, it)?;
        return if it.dialect == Dialect::Extended { read_others(tables, it, now, changed) } else { Ok(()) };
    }
    if it.kind == Kind::Send && fold_changes(tables, it.seq, &it.target)? {
        return Ok(());
    }
    let Some(Operation { entry, .. }) = tables.operation(it.seq)? else { return Ok(()) };
    tables.set_state(it.seq, &State::Refused { reason }, entry.attempts.max(1))
}

/// The server certainly does not have this send, so what waits to change it is carried out here: a deletion takes it
/// away, and an edit becomes its content. Says whether it is gone.
pub(super) fn fold_changes(tables: &mut impl Tables, seq: i64, target: &ItemKey) -> Result<bool, StoreError> {
    if tables.entry_of(target, Kind::Delete)?.is_some() {
        messages::remove_of(tables, target, &[Kind::Edit, Kind::Delete, Kind::Send])?;
        return Ok(true);
    }
    if let Some(edit) = tables.entry_of(target, Kind::Edit)? {
        let content = tables.operation(edit.seq)?.map(|edit| edit.content).unwrap_or_default();
        tables.rewrite(seq, target, &content)?;
        tables.remove(edit.seq)?;
    }
    Ok(false)
}

/// The server does not know the message up to which was read, because it went back to an older copy of itself. The
/// messages before that which it has are still to be told of.
fn read_others(
    tables: &mut impl Tables,
    refused: &Try,
    now: Now,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let since = tables.feed()?.history_began;
    let newest = tables.newest_untold_read(&refused.peer, since)?.map(|newest| newest.message.id);
    if newest.is_none() || newest == refused.id {
        return Ok(());
    }
    feed::read_again(tables, &refused.peer, now, changed)
}

/// Settles the rows in flight of which no try is under way: the program ended, or what came of them could not be
/// stored, so they may have been carried out. `under_way` names the conversations whose tries have not ended.
pub(super) fn recover(
    tables: &mut impl Tables,
    under_way: &BTreeSet<UserId>,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    if mutation::on(Mutation::RecoverForgotten) {
        return Ok(());
    }
    for entry in tables.in_flight()? {
        if !under_way.contains(&entry.peer) {
            tables.set_state(entry.seq, &entry.state.recover(), entry.attempts)?;
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
        machine::fixture::{Device, at, from_ana, from_ben, now},
    };

    impl Device {
        fn begin(&self, seq: i64) -> Option<Try> {
            begin(&mut *self.rows(), seq, Dialect::Extended, now(), &mut Changed::default()).unwrap()
        }

        fn confirm(&self, it: &Try, answer: Option<Message>) {
            confirm(&mut *self.rows(), it, answer, now(), &mut Changed::default()).unwrap();
        }

        fn fail(&self, it: &Try, failure: Failure) {
            fail(&mut *self.rows(), it, failure, now(), &mut Changed::default()).unwrap();
        }

        fn attempts(&self, seq: i64) -> u32 {
            self.rows().operation(seq).unwrap().unwrap().entry.attempts
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
            recover(&mut *device.rows(), &under_way, &mut Changed::default()).unwrap();
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
