//! The index of texts: which messages have which trigrams.
//!
//! New messages are added in bulk by [`add`], some time after they were sent. Within one commit of 64 messages each
//! costs 57 µs when it is added with its send and 27 µs when it is added with a thousand others (SQLite alone, two
//! slow cores; the send itself 82 µs), and nobody waits for it. Edits and deletions are rare, so they change the index
//! in their own transaction. So what the index says is exact for every message up to `text_index.through`, and
//! whatever is newer is to be looked at itself.

use protocol::MessageId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{model::text, store::StoreError};

/// How many messages are added at a time; fewer wait until there are as many.
const PIECE: usize = 500;

/// Whether so many messages wait that it is time to [`add`] them.
pub(super) fn is_due(db: &Connection) -> Result<bool, StoreError> {
    Ok(end_of_piece(db)?.is_some())
}

/// Adds the oldest [`PIECE`] messages that are not in the index yet, where there are as many; says whether it did.
pub(super) fn add(db: &Connection) -> Result<bool, StoreError> {
    end_of_piece(db)?.map_or(Ok(false), |last| add_through(db, last).map(|()| true))
}

fn end_of_piece(db: &Connection) -> Result<Option<i64>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT n FROM messages WHERE n > (SELECT through FROM text_index) ORDER BY n LIMIT 1 OFFSET ?1",
    )?;
    Ok(select.query_row([PIECE - 1], |row| row.get(0)).optional()?)
}

/// Adds every message up to this number that is not in the index yet.
pub(super) fn add_through(db: &Connection, last: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO messages_text (rowid, content) SELECT n, roost_indexed(content) FROM messages
         WHERE n > (SELECT through FROM text_index) AND n <= ?1 AND deleted_at = 0",
    )?
    .execute([last])?;
    db.prepare_cached("UPDATE text_index SET through = max(through, ?1)")?.execute([last])?;
    Ok(())
}

/// Takes a message out of the index, where it is in it.
pub(super) fn remove(db: &Connection, id: MessageId) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM messages_text
         WHERE rowid = (SELECT n FROM messages JOIN text_index ON n <= through WHERE id = ?1)",
    )?
    .execute([id.0.to_bytes()])?;
    Ok(())
}

/// Puts a message's text in the place of the one that it had, where that is in the index.
pub(super) fn replace(db: &Connection, id: MessageId, text: &str) -> Result<(), StoreError> {
    remove(db, id)?;
    db.prepare_cached(
        "INSERT INTO messages_text (rowid, content)
         SELECT n, roost_indexed(?2) FROM messages JOIN text_index ON n <= through WHERE id = ?1",
    )?
    .execute(params![id.0.to_bytes(), text])?;
    Ok(())
}

/// Asks for the messages that can contain this folded text; `None` where it is too short for the index.
pub(super) fn having(text: &str) -> Option<String> {
    let trigrams = text::trigrams(text);
    // In quotes everything is text, and a quote is written twice.
    let quote = |trigram: &String| format!("\"{}\"", trigram.replace('"', "\"\""));
    (!trigrams.is_empty()).then(|| all(&trigrams.iter().map(quote).collect::<Vec<_>>()))
}

/// Asks for the messages that each of the questions names.
pub(super) fn all(questions: &[String]) -> String {
    format!("({})", questions.join(" AND "))
}

/// Asks for the messages that any of the questions names.
pub(super) fn any(questions: &[String]) -> String {
    format!("({})", questions.join(" OR "))
}

/// Selects the numbers of the messages that the question in this parameter names, and of those that are not in the
/// index yet.
pub(super) fn named(parameter: &str) -> String {
    format!(
        "SELECT rowid FROM messages_text WHERE messages_text MATCH {parameter}
         UNION ALL SELECT n FROM messages WHERE n > (SELECT through FROM text_index)"
    )
}

/// How many messages [`named`] selects, counted up to `most`.
pub(super) fn count(db: &Connection, question: &str, most: u32) -> Result<u32, StoreError> {
    let mut select = db.prepare_cached(&format!("SELECT count(*) FROM ({} LIMIT ?2)", named("?1")))?;
    Ok(select.query_row(params![question, most], |row| row.get(0))?)
}
