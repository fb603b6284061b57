//! Messages in SQLite.

use protocol::{MessageId, UserId, filter::Condition};
use rusqlite::{Connection, OptionalExtension, params};

use super::{SqliteStore, accounts, activity, feed, record, rows, search, writer::Write};
use crate::{
    model::{Change, Message, activity::Kind, events::Committed, rules},
    store::{
        Bounds, ChangeError, Changed, Decide, Draft, Key, MessageStore, Page, PageError, Position, Range,
        ReadError, ReadOutcome, SendError, Sent, StoreError, WithPeople,
    },
};

/// How many messages one transaction of a bulk read marks, so that others can write in between.
const READ_CHUNK: usize = 500;

/// Before and after every position there is.
const FIRST: (i64, &[u8]) = (i64::MIN, &[]);
const LAST: (i64, &[u8]) = (i64::MAX, &[0xff; 13]);

#[async_trait::async_trait]
impl MessageStore for SqliteStore {
    async fn send(&self, draft: Draft) -> Result<Sent, SendError> {
        self.writer.write(move |write| send(write, draft)).await
    }

    async fn change(&self, id: MessageId, decide: Decide) -> Result<Changed, ChangeError> {
        self.writer
            .write(move |write| {
                let mut message = one(write.db, id)?.ok_or(rules::Refusal::NotFound)?;
                let seqs = match decide(&message)? {
                    Some(change) => Some(record::change(write, &mut message, change)?),
                    None => None,
                };
                Ok(Changed { message, seqs })
            })
            .await
    }

    async fn message(&self, id: MessageId) -> Result<Option<WithPeople>, StoreError> {
        self.readers
            .read(move |db| {
                let Some(message) = one(db, id)?.filter(|message| message.deleted_at.is_none()) else {
                    return Ok(None);
                };
                let person = |id| accounts::account(db, id);
                let (sender, receiver) = (person(message.sender)?, person(message.receiver)?);
                Ok(sender.zip(receiver).map(|(sender, receiver)| WithPeople {
                    message,
                    sender: sender.profile(),
                    receiver: receiver.profile(),
                }))
            })
            .await
    }

    async fn mark_delivered(&self, receiver: UserId, ids: Vec<MessageId>) -> Result<(), StoreError> {
        // The writer gets only what there is to write: made-up or repeated ids cost a read.
        let due = self.readers.read(move |db| undelivered(db, receiver, ids)).await?;
        if due.is_empty() {
            return Ok(());
        }
        self.writer
            .write(move |write| {
                for id in due {
                    if let Some(mut message) = one(write.db, id)?
                        && let Some(change) = rules::deliver(&message, receiver)
                    {
                        record::change(write, &mut message, change)?;
                    }
                }
                Ok(())
            })
            .await
    }

    async fn read_conversation(
        &self,
        reader: UserId,
        peer: UserId,
        up_to: Option<MessageId>,
    ) -> Result<ReadOutcome, ReadError> {
        let mut updated = 0;
        loop {
            let read = move |write: &mut Write<'_>| read_some(write, reader, peer, up_to);
            let (count, at) = self.writer.write(read).await?;
            updated += u64::try_from(count).unwrap_or(u64::MAX);
            if count < READ_CHUNK {
                return Ok(ReadOutcome { updated, at });
            }
        }
    }

    async fn bounds(&self, user: UserId, page: Page) -> Result<Bounds, PageError> {
        self.readers.read(move |db| bounds(db, user, page)).await
    }

    async fn range(
        &self,
        user: UserId,
        peer: Option<UserId>,
        range: Range,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        self.readers
            .read(move |db| {
                let sql = between(rows::MESSAGE, peer, ">=", "<=", "ASC");
                let (from, to) = (range.from, range.to);
                let values = params![
                    user.0.to_bytes(),
                    peer.unwrap_or(user).0.to_bytes(),
                    from.sent_at.millis(),
                    from.id.0.to_bytes(),
                    to.sent_at.millis(),
                    to.id.0.to_bytes(),
                    limit
                ];
                let mut select = db.prepare_cached(&sql)?;
                let messages = select.query_map(values, |row| rows::message(row, 0))?;
                Ok(messages.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn search(
        &self,
        user: UserId,
        condition: Condition,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        self.readers.scan_for(user, move |db| search::search(db, user, &condition, limit)).await
    }
}

/// The message, or its tombstone.
pub(super) fn one(db: &Connection, id: MessageId) -> Result<Option<Message>, StoreError> {
    let mut select = db.prepare_cached(&format!("SELECT {} FROM messages WHERE id = ?1", rows::MESSAGE))?;
    Ok(select.query_row([id.0.to_bytes()], |row| rows::message(row, 0)).optional()?)
}

/// Those of the messages whose delivery to this user is yet to be noted.
fn undelivered(
    db: &Connection,
    receiver: UserId,
    mut ids: Vec<MessageId>,
) -> Result<Vec<MessageId>, StoreError> {
    let mut failure = None;
    ids.retain(|id| match one(db, *id) {
        Ok(message) => message.is_some_and(|message| rules::deliver(&message, receiver).is_some()),
        Err(error) => {
            failure = Some(error);
            false
        }
    });
    failure.map_or(Ok(ids), Err)
}

/// Takes a message.
pub(super) fn send(write: &mut Write<'_>, draft: Draft) -> Result<Sent, SendError> {
    if let Some(key) = draft.key
        && let Some(sent) = replay(write.db, &draft, key)?
    {
        return Ok(sent);
    }
    let sender = accounts::account(write.db, draft.sender)?;
    let receiver = accounts::account(write.db, draft.receiver)?.filter(|receiver| !receiver.disabled);
    let (Some(sender), Some(_)) = (sender, receiver) else { return Err(SendError::ReceiverNotFound) };
    let message = Message {
        id: MessageId(write.ids.next(write.now)),
        sender: draft.sender,
        receiver: draft.receiver,
        content: draft.content,
        is_read: false,
        sent_at: write.now,
        updated_at: write.now,
        delivered_at: None,
        seen_at: None,
        read_at: None,
        edited_at: None,
        deleted_at: None,
        key: draft.key.map(|key| key.id),
        seen_hidden: false,
        read_hidden: false,
    };
    insert(write.db, &message, draft.key)?;
    record::arrived(write.db, &message)?;
    let seqs = record::feeds(write, &message)?;
    activity::note(write, message.sender, Kind::MessageSent, Some(message.id.0))?;
    let sender = sender.profile();
    write.committed.push(Committed::Sent { message: message.clone(), sender, seqs });
    Ok(Sent { message, replayed: false })
}

/// The message that the key was used for, where the body is the same.
fn replay(db: &Connection, draft: &Draft, key: Key) -> Result<Option<Sent>, SendError> {
    let Some((message, body)) = by_key(db, draft.sender, key)? else { return Ok(None) };
    if body != key.body {
        return Err(SendError::KeyConflict);
    }
    Ok(Some(Sent { message, replayed: true }))
}

fn by_key(db: &Connection, sender: UserId, key: Key) -> Result<Option<(Message, [u8; 32])>, StoreError> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {}, body_hash FROM messages WHERE sender = ?1 AND client_key = ?2 AND client_key <> x''",
        rows::MESSAGE
    ))?;
    let values = params![sender.0.to_bytes(), key.id.as_bytes()];
    let found = select.query_row(values, |row| Ok((rows::message(row, 0)?, row.get(rows::MESSAGE_WIDTH)?)));
    Ok(found.optional()?)
}

fn insert(db: &Connection, message: &Message, key: Option<Key>) -> Result<(), StoreError> {
    let client_key = key.map_or_else(Vec::new, |key| key.id.as_bytes().to_vec());
    let body_hash = key.map_or_else(Vec::new, |key| key.body.to_vec());
    db.prepare_cached(
        "INSERT INTO messages (id, sender, receiver, content, sent_at, updated_at, client_key, body_hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)",
    )?
    .execute(params![
        message.id.0.to_bytes(),
        message.sender.0.to_bytes(),
        message.receiver.0.to_bytes(),
        message.content,
        message.sent_at.millis(),
        client_key,
        body_hash
    ])?;
    Ok(())
}

/// Marks up to [`READ_CHUNK`] messages, oldest first; says how many, and when.
fn read_some(
    write: &mut Write<'_>,
    reader: UserId,
    peer: UserId,
    up_to: Option<MessageId>,
) -> Result<(usize, protocol::Timestamp), ReadError> {
    accounts::account(write.db, peer)?.ok_or(ReadError::PeerNotFound)?;
    let last = match up_to {
        Some(id) => {
            Some(record::position(write.db, reader, Some(peer), id)?.ok_or(ReadError::AnchorNotFound)?)
        }
        None => None,
    };
    let unread = unread(write.db, reader, peer, last)?;
    let count = unread.len();
    let hidden = record::hides_receipts(write.db, peer, reader)?;
    let (mut messages, mut last_seq) = (Vec::with_capacity(count), None);
    for mut message in unread {
        let seqs = record::change_quietly(write, &mut message, &Change::Read, hidden)?;
        messages.extend(seqs.sender.map(|seq| (message.id, seq)));
        last_seq = Some(seqs.receiver);
    }
    // The last piece stands for the whole act.
    if count < READ_CHUNK {
        activity::note(write, reader, Kind::ConversationRead, Some(peer.0))?;
    }
    if let Some(seq) = last_seq {
        let at = write.now;
        write.committed.push(Committed::ConversationRead { reader, peer, messages, seq, at });
    }
    Ok((count, write.now))
}

fn unread(
    db: &Connection,
    reader: UserId,
    peer: UserId,
    up_to: Option<Position>,
) -> Result<Vec<Message>, StoreError> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {} FROM messages INDEXED BY messages_unread
         WHERE receiver = ?1 AND sender = ?2 AND is_read = 0 AND deleted_at = 0
             AND (sent_at, id) <= (?3, ?4) ORDER BY sent_at, id LIMIT {READ_CHUNK}",
        rows::MESSAGE
    ))?;
    let id = up_to.map(|last| last.id.0.to_bytes());
    let (time, id) = up_to.zip(id.as_ref()).map_or(LAST, |(last, id)| (last.sent_at.millis(), &id[..]));
    let values = params![reader.0.to_bytes(), peer.0.to_bytes(), time, id];
    let messages = select.query_map(values, |row| rows::message(row, 0))?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

fn bounds(db: &Connection, user: UserId, page: Page) -> Result<Bounds, PageError> {
    let anchor = |id: Option<MessageId>| match id {
        None => Ok(None),
        Some(id) => record::position(db, user, page.peer, id)?.map(Some).ok_or(PageError::AnchorNotFound),
    };
    let (after, before) = (anchor(page.after)?, anchor(page.before)?);
    let epoch = feed::epoch(db)?;
    let ends = |order: &str, limit: u32| positions(db, user, page.peer, (after, before), order, limit);
    let Some(limit) = page.limit else {
        let (first, last) = (ends("ASC", 1)?, ends("DESC", 1)?);
        let ends = first.first().copied().zip(last.first().copied());
        return Ok(Bounds { ends, more: false, epoch });
    };
    let backward = before.is_some() && after.is_none();
    let mut found = ends(if backward { "DESC" } else { "ASC" }, limit.saturating_add(1))?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > wanted;
    found.truncate(wanted);
    if backward {
        found.reverse();
    }
    Ok(Bounds { ends: found.first().copied().zip(found.last().copied()), more, epoch })
}

fn positions(
    db: &Connection,
    user: UserId,
    peer: Option<UserId>,
    (after, before): (Option<Position>, Option<Position>),
    order: &str,
    limit: u32,
) -> Result<Vec<Position>, StoreError> {
    let mut select = db.prepare_cached(&between("sent_at, id", peer, ">", "<", order))?;
    let after_id = after.map(|position| position.id.0.to_bytes());
    let before_id = before.map(|position| position.id.0.to_bytes());
    let from = after.zip(after_id.as_ref()).map_or(FIRST, |(p, id)| (p.sent_at.millis(), &id[..]));
    let to = before.zip(before_id.as_ref()).map_or(LAST, |(p, id)| (p.sent_at.millis(), &id[..]));
    let values =
        params![user.0.to_bytes(), peer.unwrap_or(user).0.to_bytes(), from.0, from.1, to.0, to.1, limit];
    let found = select.query_map(values, |row| {
        Ok(Position { sent_at: rows::time(row, 0)?, id: rows::message_id(row, 1)? })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The user's messages between two positions. Each half follows one index, and SQLite merges the two as it goes, so
/// that a page costs what it holds. The indexes are named because SQLite would take that of the receiver for both
/// halves of a conversation, and read all that anybody ever sent them.
fn between(columns: &str, peer: Option<UserId>, from: &str, to: &str, order: &str) -> String {
    let halves = if peer.is_some() {
        [
            ("messages_by_pair", "sender = ?1 AND receiver = ?2"),
            ("messages_by_pair", "sender = ?2 AND receiver = ?1"),
        ]
    } else {
        [("messages_by_sender", "sender = ?1 AND ?2 IS NOT NULL"), ("messages_by_receiver", "receiver = ?1")]
    };
    let [sent, received] = halves.map(|(index, half)| {
        format!(
            "SELECT {columns} FROM messages INDEXED BY {index} WHERE deleted_at = 0 AND {half}
             AND (sent_at, id) {from} (?3, ?4) AND (sent_at, id) {to} (?5, ?6)"
        )
    });
    format!("{sent} UNION ALL {received} ORDER BY sent_at {order}, id {order} LIMIT ?7")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{add_functions, migrate};

    /// A page must cost what it holds: every list follows an index, and none is sorted or scanned first.
    #[test]
    fn every_list_follows_an_index() {
        let mut db = Connection::open_in_memory().unwrap();
        add_functions(&db).unwrap();
        migrate::migrate(&mut db).unwrap();
        let peer = Some(UserId(protocol::ObjectId::from_bytes([1; 12])));
        for (sql, indexes) in [
            (between(rows::MESSAGE, None, ">=", "<=", "ASC"), ["messages_by_sender", "messages_by_receiver"]),
            (between("sent_at, id", None, ">", "<", "DESC"), ["messages_by_sender", "messages_by_receiver"]),
            (between(rows::MESSAGE, peer, ">=", "<=", "ASC"), ["messages_by_pair", "messages_by_pair"]),
            (between("sent_at, id", peer, ">", "<", "DESC"), ["messages_by_pair", "messages_by_pair"]),
        ] {
            let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let values = vec![rusqlite::types::Null; explain.parameter_count()];
            let values = rusqlite::params_from_iter(values);
            let steps = explain.query_map(values, |row| row.get::<_, String>("detail")).unwrap();
            let plan = steps.map(Result::unwrap).collect::<Vec<_>>().join("\n");
            assert!(plan.contains("MERGE (UNION ALL)"), "{plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
            for index in indexes {
                assert!(plan.contains(index), "{index} is not used:\n{plan}");
            }
        }
    }
}
