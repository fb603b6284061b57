//! Reads rows as what they stand for.

use protocol::{MessageId, ObjectId, Role, Timestamp, UserId};
use rusqlite::{Row, types::Type};
use uuid::Uuid;

use crate::model::{Account, Message, Privacy};

/// The columns that [`message`] reads, in order, of the table `messages` or `m`.
pub(super) const MESSAGE: &str = "id, sender, receiver, content, is_read, sent_at, updated_at, delivered_at, \
                                  seen_at, read_at, edited_at, deleted_at, client_key, seen_hidden, read_hidden";

/// The same of a table that is called `m`.
pub(super) const MESSAGE_OF_M: &str = "m.id, m.sender, m.receiver, m.content, m.is_read, m.sent_at, m.updated_at, \
                                       m.delivered_at, m.seen_at, m.read_at, m.edited_at, m.deleted_at, m.client_key, \
                                       m.seen_hidden, m.read_hidden";

/// How many columns that are.
pub(super) const MESSAGE_WIDTH: usize = 15;

/// The columns that [`account`] reads, in order, of a table that is called `u`.
pub(super) const ACCOUNT: &str = "u.id, u.user_name, u.first_name, u.last_name, u.email, u.role, u.avatar, u.disabled, \
                                  u.hide_presence, u.hide_receipts";

/// Reads [`MESSAGE`] from column `at` on.
pub(super) fn message(row: &Row<'_>, at: usize) -> rusqlite::Result<Message> {
    let key: Vec<u8> = row.get(at + 12)?;
    Ok(Message {
        id: message_id(row, at)?,
        sender: user_id(row, at + 1)?,
        receiver: user_id(row, at + 2)?,
        content: row.get(at + 3)?,
        is_read: row.get(at + 4)?,
        sent_at: time(row, at + 5)?,
        updated_at: time(row, at + 6)?,
        delivered_at: optional_time(row, at + 7)?,
        seen_at: optional_time(row, at + 8)?,
        read_at: optional_time(row, at + 9)?,
        edited_at: optional_time(row, at + 10)?,
        deleted_at: optional_time(row, at + 11)?,
        key: if key.is_empty() { None } else { Some(Uuid::from_slice(&key).map_err(broken(at + 12))?) },
        seen_hidden: row.get(at + 13)?,
        read_hidden: row.get(at + 14)?,
    })
}

/// Reads [`ACCOUNT`] from column `at` on.
pub(super) fn account(row: &Row<'_>, at: usize) -> rusqlite::Result<Account> {
    let avatar: String = row.get(at + 6)?;
    Ok(Account {
        id: user_id(row, at)?,
        user_name: row.get(at + 1)?,
        first_name: row.get(at + 2)?,
        last_name: row.get(at + 3)?,
        email: row.get(at + 4)?,
        role: role(row, at + 5)?,
        avatar: if avatar.is_empty() { None } else { Some(avatar) },
        disabled: row.get(at + 7)?,
        privacy: Privacy { hide_presence: row.get(at + 8)?, hide_receipts: row.get(at + 9)? },
    })
}

pub(super) fn role(row: &Row<'_>, at: usize) -> rusqlite::Result<Role> {
    row.get::<_, String>(at)?.parse().map_err(broken(at))
}

pub(super) fn id(row: &Row<'_>, at: usize) -> rusqlite::Result<ObjectId> {
    row.get(at).map(ObjectId::from_bytes)
}

/// An id of a column in which no bytes stand for none.
pub(super) fn id_or_none(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<ObjectId>> {
    if row.get_ref(at)?.as_blob().is_ok_and(<[u8]>::is_empty) { Ok(None) } else { id(row, at).map(Some) }
}

pub(super) fn message_id(row: &Row<'_>, at: usize) -> rusqlite::Result<MessageId> {
    row.get(at).map(ObjectId::from_bytes).map(MessageId)
}

pub(super) fn user_id(row: &Row<'_>, at: usize) -> rusqlite::Result<UserId> {
    row.get(at).map(ObjectId::from_bytes).map(UserId)
}

pub(super) fn optional_id(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<ObjectId>> {
    Ok(row.get::<_, Option<[u8; 12]>>(at)?.map(ObjectId::from_bytes))
}

pub(super) fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millis(row.get(at)?).map_err(broken(at))
}

/// Positions are written as SQLite's signed numbers; they count from 1.
pub(super) fn seq(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    row.get(at)
}

/// A time for a column in which 0 stands for "not yet".
pub(super) fn optional(time: Option<Timestamp>) -> i64 {
    time.map_or(0, Timestamp::millis)
}

/// A time of a column in which 0 stands for "not yet".
pub(super) fn optional_time(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Timestamp>> {
    if row.get::<_, i64>(at)? == 0 { Ok(None) } else { time(row, at).map(Some) }
}

fn broken<E: std::error::Error + Send + Sync + 'static>(at: usize) -> impl FnOnce(E) -> rusqlite::Error {
    move |error| rusqlite::Error::FromSqlConversionFailure(at, Type::Blob, Box::new(error))
}
