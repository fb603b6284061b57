//! What the machine asks of a store ([`Tables`]), answered by `SQLite`.
//!
//! [`Rows`] is a view of a connection within a transaction that its user began, and will commit or roll back. The
//! statements are with what they are about; here is only which of them answers what. None that runs often reads
//! more rows than it answers: the tests hold the planner to it.

use protocol::Timestamp;
use rusqlite::Connection;

use crate::{
    apply::Stored,
    domain::{ItemKey, MessageId, Person, UserId},
    error::StoreError,
    machine::tables::{Extent, Feed, Operation, Tables, Walked},
    outbox::{Entry, Kind, State},
};

use super::{
    account::{self, Session},
    conversations, feed, messages, outbox, people,
};

/// The rows behind a connection.
pub(crate) struct Rows<'a>(pub(crate) &'a Connection);

/// A database in memory with the current schema, in which this account has just signed in.
#[cfg(any(test, feature = "simulation"))]
pub(crate) fn scratch(me: &UserId) -> Result<Connection, crate::error::OpenError> {
    let mut connection = Connection::open_in_memory()?;
    super::migrate::migrate(&mut connection)?;
    connection.execute(
        "INSERT INTO account (id, user_id, user_name, server, server_name, session)
         VALUES (1, ?1, ?1, 'https://chat.example.org/', 'Chat', 'signed_in')",
        [me.as_str()],
    )?;
    Ok(connection)
}

impl Tables for Rows<'_> {
    fn me(&self) -> Result<Option<UserId>, StoreError> {
        Ok(account::me(self.0)?)
    }

    fn set_session(&mut self, session: Session) -> Result<(), StoreError> {
        Ok(account::set_session(self.0, session)?)
    }

    fn feed(&self) -> Result<Feed, StoreError> {
        Ok(feed::feed(self.0)?)
    }

    fn set_feed(&mut self, feed: &Feed) -> Result<(), StoreError> {
        Ok(feed::set_feed(self.0, feed)?)
    }

    fn message(&self, id: &MessageId) -> Result<Option<Stored>, StoreError> {
        Ok(messages::by_id(self.0, id)?)
    }

    fn message_by_client_key(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        Ok(messages::by_client_key(self.0, key)?)
    }

    fn put_message(&mut self, stored: &Stored) -> Result<(), StoreError> {
        Ok(messages::write(self.0, stored)?)
    }

    fn remove_message(&mut self, id: &MessageId) -> Result<(), StoreError> {
        Ok(messages::remove(self.0, id)?)
    }

    fn newest(&self, peer: &UserId) -> Result<Option<Stored>, StoreError> {
        Ok(messages::newest(self.0, peer)?)
    }

    fn count_unread(&self, peer: &UserId) -> Result<u64, StoreError> {
        Ok(u64::try_from(messages::count_unread(self.0, peer)?).unwrap_or(0))
    }

    fn set_read_up_to(&mut self, peer: &UserId, at: Timestamp, id: &MessageId) -> Result<u64, StoreError> {
        let read = messages::set_read_up_to(self.0, peer, at, id)?;
        Ok(u64::try_from(read).unwrap_or(u64::MAX))
    }

    fn newest_untold_read(&self, peer: &UserId, since: i64) -> Result<Option<Stored>, StoreError> {
        Ok(messages::newest_untold_read(self.0, peer, since)?)
    }

    fn oldest_untold_read(
        &self,
        peer: &UserId,
        at: Timestamp,
        id: &MessageId,
    ) -> Result<Option<MessageId>, StoreError> {
        Ok(messages::oldest_untold_read(self.0, peer, at, id)?)
    }

    fn undelivered(&self, after: i64, limit: usize) -> Result<Vec<(i64, MessageId)>, StoreError> {
        Ok(messages::undelivered(self.0, after, limit)?)
    }

    fn untold_since(
        &self,
        peer: &UserId,
        generation: i64,
        limit: usize,
    ) -> Result<Vec<MessageId>, StoreError> {
        Ok(messages::untold_since(self.0, peer, generation, limit)?)
    }

    fn unclaimed(&self, peer: &UserId, content: &str, after: i64) -> Result<Option<Stored>, StoreError> {
        Ok(messages::unclaimed(self.0, peer, content, after)?)
    }

    fn last_number(&self) -> Result<i64, StoreError> {
        Ok(messages::last_number(self.0)?)
    }

    fn walk(&self, after: i64, limit: usize) -> Result<Vec<Walked>, StoreError> {
        Ok(messages::walk(self.0, after, limit)?)
    }

    fn set_absences(&mut self, id: &MessageId, absences: u32) -> Result<(), StoreError> {
        Ok(messages::set_absences(self.0, id, absences)?)
    }

    fn extent(&self, peer: &UserId) -> Result<Option<Extent>, StoreError> {
        Ok(conversations::extent(self.0, peer)?)
    }

    fn put_extent(&mut self, peer: &UserId, extent: &Extent) -> Result<(), StoreError> {
        Ok(conversations::put_extent(self.0, peer, extent)?)
    }

    fn peers(&self) -> Result<Vec<UserId>, StoreError> {
        Ok(conversations::peers(self.0)?)
    }

    fn next_fill(&self) -> Result<Option<(UserId, MessageId)>, StoreError> {
        Ok(conversations::next_fill(self.0)?)
    }

    fn person(&self, id: &UserId) -> Result<Option<Person>, StoreError> {
        Ok(people::person(self.0, id)?)
    }

    fn put_person(&mut self, person: &Person) -> Result<(), StoreError> {
        people::put(self.0, person)?;
        Ok(())
    }

    fn unknown_people(&self, limit: usize) -> Result<Vec<UserId>, StoreError> {
        Ok(people::unknown(self.0, u32::try_from(limit).unwrap_or(u32::MAX))?)
    }

    fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        Ok(outbox::entries(self.0)?)
    }

    fn outbox_len(&self) -> Result<u32, StoreError> {
        Ok(outbox::len(self.0)?)
    }

    fn operation(&self, seq: i64) -> Result<Option<Operation>, StoreError> {
        Ok(outbox::operation(self.0, seq)?)
    }

    fn entry_of(&self, target: &ItemKey, kind: Kind) -> Result<Option<Entry>, StoreError> {
        Ok(outbox::by_target(self.0, target, kind)?)
    }

    fn queued_read(&self, peer: &UserId) -> Result<Option<Entry>, StoreError> {
        Ok(outbox::queued_read(self.0, peer)?)
    }

    fn readings(&self, peer: &UserId) -> Result<Vec<Entry>, StoreError> {
        Ok(outbox::readings(self.0, peer)?)
    }

    fn in_flight(&self) -> Result<Vec<Entry>, StoreError> {
        Ok(outbox::in_flight(self.0)?)
    }

    fn unknown_sends(&self, limit: usize) -> Result<Vec<i64>, StoreError> {
        Ok(outbox::unknown_sends(self.0, limit)?)
    }

    fn next_waiting(&self, after: Option<&UserId>) -> Result<Option<UserId>, StoreError> {
        Ok(outbox::next_waiting(self.0, after)?)
    }

    fn next_send(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError> {
        Ok(outbox::next_send(self.0, peer, after)?)
    }

    fn next_change(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError> {
        Ok(outbox::next_change(self.0, peer, after)?)
    }

    fn append(
        &mut self,
        kind: Kind,
        peer: &UserId,
        target: &ItemKey,
        content: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(outbox::append(self.0, kind, peer, target, content, now)?)
    }

    fn set_state(&mut self, seq: i64, state: &State, attempts: u32) -> Result<(), StoreError> {
        Ok(outbox::set_state(self.0, seq, state, attempts)?)
    }

    fn set_after(&mut self, seq: i64, after: i64) -> Result<(), StoreError> {
        Ok(outbox::set_after(self.0, seq, after)?)
    }

    fn rewrite(&mut self, seq: i64, target: &ItemKey, content: &str) -> Result<(), StoreError> {
        Ok(outbox::rewrite(self.0, seq, target, content)?)
    }

    fn remove(&mut self, seq: i64) -> Result<(), StoreError> {
        Ok(outbox::remove(self.0, seq)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::timeline;

    /// How `SQLite` goes about a statement, in its words.
    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let bound =
            rusqlite::params_from_iter((0..statement.parameter_count()).map(|_| rusqlite::types::Null));
        let steps = statement.query_map(bound, |row| row.get::<_, String>(3)).unwrap();
        steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
    }

    #[test]
    fn what_runs_often_is_found_by_an_index_and_already_in_order() {
        let connection = scratch(&"ana".into()).unwrap();
        for (sql, index) in [
            (messages::NEWEST, "message_in_order (peer=?)"),
            (messages::COUNT_UNREAD, "message_unread (peer=?)"),
            (messages::SET_READ, "message_unread (peer=? AND (sent_at,id)<(?,?))"),
            (messages::NEWEST_UNTOLD_READ, "message_untold_read (peer=?)"),
            (messages::OLDEST_UNTOLD_READ, "message_untold_read (peer=? AND (sent_at,id)<(?,?))"),
            (messages::UNDELIVERED, "message_undelivered (number>?)"),
            (messages::UNTOLD_SINCE, "message_by_generation (peer=? AND generation<?)"),
            (messages::UNCLAIMED, "message_unclaimed (peer=? AND number>?)"),
            (messages::WALK, "INTEGER PRIMARY KEY (rowid>?)"),
            (
                timeline::TAKEN_BEFORE,
                "message_in_order (peer=? AND (sent_at,id)>(?,?) AND (sent_at,id)<(?,?))",
            ),
            (timeline::TAKEN_AFTER, "message_in_order (peer=? AND (sent_at,id)>(?,?))"),
            (timeline::TAKEN_FROM, "message_in_order (peer=? AND (sent_at,id)>(?,?))"),
            (timeline::FIRST_UNREAD, "message_unread (peer=? AND (sent_at,id)>(?,?))"),
            (outbox::BY_TARGET, "outbox_by_target (target=? AND kind=?)"),
            (outbox::QUEUED_READ, "outbox_reads (peer=?)"),
            (outbox::READINGS, "outbox_reads (peer=?)"),
            (outbox::NEXT_WAITING, "outbox_waiting (peer>?)"),
            (outbox::NEXT_SEND, "outbox_sends (peer=? AND seq>?)"),
            (outbox::NEXT_CHANGE, "outbox_changes (peer=? AND seq>?)"),
            (outbox::SENDS_BEFORE, "outbox_sends (peer=? AND seq<?)"),
            (outbox::SENDS_FROM, "outbox_sends (peer=? AND seq>?)"),
            (outbox::FIRST_REFUSED, "outbox_refused (peer=?)"),
            (outbox::CHANGES, "outbox_changes (peer=?)"),
        ] {
            let plan = plan(&connection, sql);
            assert!(plan.starts_with("SEARCH") && plan.contains(index), "{plan} for {sql}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan} for {sql}");
        }
        // An index that holds nothing but what is asked for is read from its beginning.
        for (sql, index) in [
            (outbox::IN_FLIGHT, "outbox_in_flight"),
            (outbox::UNKNOWN_SENDS, "outbox_unknown"),
            (outbox::FIRST_WAITING, "outbox_waiting"),
        ] {
            let plan = plan(&connection, sql);
            assert!(plan.starts_with("SCAN outbox USING") && plan.ends_with(index), "{plan} for {sql}");
        }
        // The conversations that are not filled yet are sorted by their newest message, which is one look each.
        let plan = plan(&connection, conversations::NEXT_FILL);
        assert!(plan.starts_with("SCAN conversation USING INDEX conversation_to_fill"), "{plan}");
        assert!(plan.contains("SEARCH summary USING PRIMARY KEY (peer=?)"), "{plan}");
    }
}
