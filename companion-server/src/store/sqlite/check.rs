//! Counts again what the database keeps in sum, and says what does not agree.
//!
//! The file is sound (SQLite's own checks, those of the text index included) and references lead somewhere; each
//! conversation has the newest message and the number of unread ones that its messages say; each feed ends at its
//! counter, has no gap, holds messages of its user only, and all of them where nothing was cleared away; the index of
//! texts holds what the messages hold, up to where it says.
//!
//! [`check`] reads at one instant, changes nothing, and works while a server runs. A million messages take about a
//! minute, most of it for the index of texts.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
    path::Path,
};

use protocol::UserId;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{BUSY_TIMEOUT, OpenError, add_functions, record, rows};
use crate::model::text;

/// What does not agree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// SQLite says so.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// A row refers to one that is not there.
    #[error("a row of the table {0} refers to one that is not there")]
    Reference(String),
    /// Where a conversation stands is not what its messages say.
    #[error("the summary of {user}'s conversation with {peer} is wrong: {what}")]
    Conversation {
        /// Whose.
        user: UserId,
        /// With whom.
        peer: UserId,
        /// What about it.
        what: &'static str,
    },
    /// A feed is not whole.
    #[error("the feed of {user} is wrong: {what}")]
    Feed {
        /// Whose.
        user: UserId,
        /// What about it.
        what: &'static str,
    },
    /// The index of texts differs from the texts.
    #[error("the index of texts differs from message number {0}")]
    Text(i64),
}

/// The most findings that are told; where there is one, there may be many.
const MOST: usize = 100;

/// What is wrong with the database in this file, up to a hundred findings; its schema has to be up to date.
///
/// # Errors
/// Where the file can't be read as a database of ours at all.
pub fn check(path: &Path) -> Result<Vec<Finding>, OpenError> {
    let open = || {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        add_functions(&db)?;
        Ok(db)
    };
    let mut findings = Vec::new();
    match open().and_then(|mut db| count_again(&mut db, &mut findings)) {
        // What lies in a damaged file can't be counted.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
            findings.push(Finding::Damaged(error.to_string()));
        }
        Err(source) => return Err(OpenError::Database { path: path.to_owned(), source }),
        Ok(()) => {}
    }
    findings.truncate(MOST);
    Ok(findings)
}

fn count_again(db: &mut Connection, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let instant = db.transaction()?;
    [integrity, references, conversations, feeds, texts]
        .iter()
        .try_for_each(|part| if findings.len() < MOST { part(&instant, findings) } else { Ok(()) })
}

fn integrity(db: &Connection, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let mut check = db.prepare(&format!("PRAGMA integrity_check({MOST})"))?;
    for line in check.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            findings.push(Finding::Damaged(line));
        }
    }
    Ok(())
}

fn references(db: &Connection, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let mut check = db.prepare("PRAGMA foreign_key_check")?;
    for table in check.query_map([], |row| row.get(0))?.take(MOST) {
        findings.push(Finding::Reference(table?));
    }
    Ok(())
}

fn conversations(db: &Connection, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let mut wrong = |user, peer, what| findings.push(Finding::Conversation { user, peer, what });
    let mut unread = db.prepare(
        "SELECT count(*) FROM messages WHERE receiver = ?1 AND sender = ?2 AND is_read = 0 AND deleted_at = 0",
    )?;
    let mut select =
        db.prepare("SELECT user, peer, last_sent_at, last_message, unread FROM conversations")?;
    let mut conversations = select.query([])?;
    while let Some(row) = conversations.next()? {
        let (user, peer) = (rows::user_id(row, 0)?, rows::user_id(row, 1)?);
        let ids = [user.0.to_bytes(), peer.0.to_bytes()];
        if (row.get(2)?, row.get(3)?) != record::newest(db, user, peer)? {
            wrong(user, peer, "its newest message");
        }
        if row.get::<_, u64>(4)? != unread.query_row(ids, |row| row.get::<_, u64>(0))? {
            wrong(user, peer, "the number of unread messages");
        }
    }
    let mut missing = db.prepare(
        "WITH pairs (user, peer) AS (SELECT sender, receiver FROM messages UNION SELECT receiver, sender FROM messages)
         SELECT user, peer FROM pairs EXCEPT SELECT user, peer FROM conversations",
    )?;
    let mut missing = missing.query([])?;
    while let Some(row) = missing.next()? {
        wrong(rows::user_id(row, 0)?, rows::user_id(row, 1)?, "it is missing");
    }
    Ok(())
}

fn feeds(db: &Connection, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let mut wrong = |user, what| findings.push(Finding::Feed { user, what });
    let mut counted = db.prepare(
        "SELECT user, count(*) FROM (SELECT sender AS user FROM messages UNION ALL SELECT receiver FROM messages)
         GROUP BY user",
    )?;
    let messages: HashMap<UserId, u64> = counted
        .query_map([], |row| Ok((rows::user_id(row, 0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut ends = db.prepare("SELECT user, seq FROM feeds")?;
    let mut ends: HashMap<UserId, u64> = ends
        .query_map([], |row| Ok((rows::user_id(row, 0)?, rows::seq(row, 1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut select = db.prepare(
        "SELECT user, min(seq), max(seq), count(*), count(DISTINCT message) FROM changes GROUP BY user",
    )?;
    let mut feeds = select.query([])?;
    while let Some(row) = feeds.next()? {
        let user = rows::user_id(row, 0)?;
        let (first, last, count) = (rows::seq(row, 1)?, rows::seq(row, 2)?, row.get::<_, u64>(3)?);
        if ends.remove(&user) != Some(last) {
            wrong(user, "it does not end at its counter");
        }
        if count != last - first + 1 {
            wrong(user, "it has a gap");
        }
        if first == 1 && messages.get(&user) != Some(&row.get(4)?) {
            wrong(user, "it does not tell of every message");
        }
    }
    for (user, _) in ends.into_iter().filter(|(_, seq)| *seq > 0) {
        wrong(user, "it is missing");
    }
    let mut foreign = db.prepare(
        "SELECT DISTINCT c.user FROM changes c JOIN messages m ON m.id = c.message
         WHERE c.user NOT IN (m.sender, m.receiver)",
    )?;
    for user in foreign.query_map([], |row| rows::user_id(row, 0))? {
        wrong(user?, "it tells of other people's messages");
    }
    Ok(())
}

/// Compares a sum over the trigrams of each message, because the index has them sorted by trigram.
fn texts(db: &Connection, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    db.execute_batch(
        "CREATE VIRTUAL TABLE temp.check_texts USING fts5vocab (main, messages_text, instance)",
    )?;
    let hash = RandomState::new();
    let mut sums: HashMap<i64, u64> = HashMap::new();
    let mut indexed = db.prepare("SELECT doc, term FROM check_texts")?;
    let mut indexed = indexed.query([])?;
    while let Some(row) = indexed.next()? {
        let sum = sums.entry(row.get(0)?).or_default();
        *sum = sum.wrapping_add(hash.hash_one(row.get_ref(1)?.as_str()?));
    }
    let mut select = db.prepare(
        "SELECT n, content FROM messages
         WHERE deleted_at = 0 AND n <= (SELECT through FROM text_index) ORDER BY n",
    )?;
    let mut messages = select.query([])?;
    while let Some(row) = messages.next()? {
        let n: i64 = row.get(0)?;
        let characters: Vec<char> = text::indexed(row.get_ref(1)?.as_str()?).chars().map(as_read).collect();
        let trigrams: HashSet<String> = characters.windows(3).map(|window| window.iter().collect()).collect();
        let sum = trigrams.iter().fold(0_u64, |sum, trigram| sum.wrapping_add(hash.hash_one(&**trigram)));
        if sums.remove(&n).unwrap_or(0) != sum {
            findings.push(Finding::Text(n));
        }
    }
    findings.extend(sums.into_keys().take(MOST).map(Finding::Text));
    Ok(())
}

/// SQLite reads the two characters that are none as the one that stands for what can't be read.
fn as_read(character: char) -> char {
    if matches!(character, '\u{fffe}' | '\u{ffff}') { char::REPLACEMENT_CHARACTER } else { character }
}
