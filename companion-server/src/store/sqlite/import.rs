//! Taking over from another system, in SQLite.

use rusqlite::{Connection, params};

use super::{SqliteStore, record, rows, texts, writer::Write};
use crate::{
    model::Message,
    store::{ImportStore, ImportedMessage, ImportedPerson, MessageImported, PersonImported, StoreError},
};

/// How many names with a number behind them are tried before the id is taken for a name.
const NAMES: u32 = 1_000;

#[async_trait::async_trait]
impl ImportStore for SqliteStore {
    async fn import_people(&self, people: Vec<ImportedPerson>) -> Result<Vec<PersonImported>, StoreError> {
        self.writer.write(move |write| people.iter().map(|new| person(write.db, new)).collect()).await
    }

    async fn import_messages(
        &self,
        messages: Vec<ImportedMessage>,
    ) -> Result<Vec<MessageImported>, StoreError> {
        self.writer
            .write(move |write| {
                let outcomes = messages.into_iter().map(|new| message(write, new)).collect();
                // One pass over the whole batch costs half of adding each by itself.
                let newest: Option<i64> =
                    write.db.query_row("SELECT max(n) FROM messages", [], |row| row.get(0))?;
                if let Some(newest) = newest {
                    texts::add_through(write.db, newest)?;
                }
                outcomes
            })
            .await
    }
}

fn person(db: &Connection, new: &ImportedPerson) -> Result<PersonImported, StoreError> {
    let id = new.id.0.to_bytes();
    if db.prepare_cached("SELECT 1 FROM users WHERE id = ?1")?.exists([id])? {
        return Ok(PersonImported::Present);
    }
    let email_key = new.email.to_lowercase();
    if db.prepare_cached("SELECT 1 FROM users WHERE email_key = ?1")?.exists([&email_key])? {
        return Ok(PersonImported::EmailTaken);
    }
    let user_name = free_name(db, new)?;
    db.prepare_cached(
        "INSERT INTO users (id, user_name, user_name_key, email, email_key, first_name, last_name, role, avatar,
             password_hash, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
    )?
    .execute(params![
        id,
        user_name,
        user_name.to_lowercase(),
        new.email,
        email_key,
        new.first_name,
        new.last_name,
        new.role.as_str(),
        new.avatar,
        new.password_hash,
        new.created_at.millis()
    ])?;
    Ok(PersonImported::New { user_name })
}

/// The user name, or the first of `name2`, `name3` … that nobody has.
fn free_name(db: &Connection, new: &ImportedPerson) -> Result<String, StoreError> {
    let mut taken = db.prepare_cached("SELECT 1 FROM users WHERE user_name_key = ?1")?;
    let mut name = new.user_name.clone();
    for number in 2..NAMES {
        if !taken.exists([name.to_lowercase()])? {
            return Ok(name);
        }
        name = format!("{}{number}", new.user_name);
    }
    Ok(new.id.to_string())
}

fn message(write: &mut Write<'_>, new: ImportedMessage) -> Result<MessageImported, StoreError> {
    let there = |query: &str, id: [u8; 12]| write.db.prepare_cached(query)?.exists([id]);
    if there("SELECT 1 FROM messages WHERE id = ?1", new.id.0.to_bytes())? {
        return Ok(MessageImported::Present);
    }
    for (user, unknown) in
        [(new.sender, MessageImported::SenderUnknown), (new.receiver, MessageImported::ReceiverUnknown)]
    {
        if !there("SELECT 1 FROM users WHERE id = ?1", user.0.to_bytes())? {
            return Ok(unknown);
        }
    }
    // Who has read a message has it. Whether an unread one arrived there is not known, so it has yet to arrive here.
    let read = new.is_read.then_some(new.updated_at);
    let message = Message {
        id: new.id,
        sender: new.sender,
        receiver: new.receiver,
        content: new.content,
        is_read: new.is_read,
        sent_at: new.sent_at,
        updated_at: new.updated_at,
        delivered_at: read,
        seen_at: None,
        read_at: read,
        edited_at: None,
        deleted_at: None,
        key: None,
        seen_hidden: false,
        read_hidden: false,
    };
    insert(write.db, &message)?;
    record::arrived(write.db, &message)?;
    record::feeds(write, &message)?;
    Ok(MessageImported::New)
}

fn insert(db: &Connection, message: &Message) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO messages (id, sender, receiver, content, is_read, sent_at, updated_at, delivered_at, read_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        message.id.0.to_bytes(),
        message.sender.0.to_bytes(),
        message.receiver.0.to_bytes(),
        message.content,
        message.is_read,
        message.sent_at.millis(),
        message.updated_at.millis(),
        rows::optional(message.delivered_at),
        rows::optional(message.read_at)
    ])?;
    Ok(())
}
