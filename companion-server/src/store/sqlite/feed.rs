//! The change feed in SQLite.

use std::collections::{BTreeSet, HashMap};

use protocol::UserId;
use rusqlite::{Connection, OptionalExtension, params};

use super::{SqliteStore, accounts, rows};
use crate::{
    model::cursor::Cursor,
    store::{ConversationState, FeedChange, FeedError, FeedPage, FeedStore, Snapshot, StoreError},
};

/// How many bytes of content a page holds before it ends early, so that a page of long messages stays small.
const PAGE_BYTES: usize = 1024 * 1024;

#[async_trait::async_trait]
impl FeedStore for SqliteStore {
    async fn feed(&self, user: UserId, since: Cursor, limit: u32) -> Result<FeedPage, FeedError> {
        self.readers
            .read(move |db| {
                place(db, user, since)?;
                Ok(page(db, user, since, limit)?)
            })
            .await
    }

    async fn snapshot(&self, user: UserId) -> Result<Snapshot, StoreError> {
        self.readers
            .read(move |db| Ok(Snapshot { conversations: conversations(db, user)?, next: now(db, user)? }))
            .await
    }
}

/// Makes sure that the cursor was given out by this history, and that every position after it is still there.
/// Positions go oldest first, so one that is there vouches for those after it.
fn place(db: &Connection, user: UserId, cursor: Cursor) -> Result<(), FeedError> {
    if cursor.epoch != epoch(db)? {
        return Err(FeedError::Gone);
    }
    let first = first(db, user)?;
    let found = if cursor.seq == 0 { None } else { nonce(db, user, cursor.seq)? };
    match found {
        Some(nonce) if nonce == cursor.nonce => Ok(()),
        None if cursor.seq == 0 && first.is_none_or(|first| first == 1) => Ok(()),
        None if first.is_some_and(|first| cursor.seq < first) => Err(FeedError::Expired),
        Some(_) | None => Err(FeedError::Gone),
    }
}

fn page(db: &Connection, user: UserId, since: Cursor, limit: u32) -> Result<FeedPage, StoreError> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {}, c.seq, c.nonce FROM changes c JOIN messages m ON m.id = c.message
         WHERE c.user = ?1 AND c.seq > ?2 ORDER BY c.seq LIMIT ?3",
        rows::MESSAGE_OF_M
    ))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = select.query(params![user.0.to_bytes(), since.seq, limit.saturating_add(1)])?;
    let mut page = FeedPage { changes: Vec::new(), people: Vec::new(), next: since, more: false };
    let mut places = HashMap::new();
    let (mut count, mut bytes) = (0, 0);
    while let Some(row) = found.next()? {
        if count == limit || bytes > PAGE_BYTES {
            page.more = true;
            break;
        }
        let message = rows::message(row, 0)?;
        let seq = rows::seq(row, rows::MESSAGE_WIDTH)?;
        page.next =
            Cursor { seq, nonce: row.get::<_, i64>(rows::MESSAGE_WIDTH + 1)?.cast_unsigned(), ..since };
        count += 1;
        bytes += message.content.len();
        places.insert(message.id, seq);
        page.changes.push(FeedChange { seq, message });
    }
    page.changes.retain(|change| places.get(&change.message.id) == Some(&change.seq));
    let people: BTreeSet<UserId> = page.changes.iter().map(|change| change.message.peer_of(user)).collect();
    for id in people {
        page.people.extend(accounts::account(db, id)?.map(|account| account.profile()));
    }
    Ok(page)
}

fn conversations(db: &Connection, user: UserId) -> Result<Vec<ConversationState>, StoreError> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {}, {}, c.unread FROM conversations c
         JOIN messages m ON m.id = c.last_message JOIN users u ON u.id = c.peer
         WHERE c.user = ?1 ORDER BY c.last_sent_at DESC, c.last_message DESC",
        rows::MESSAGE_OF_M,
        rows::ACCOUNT
    ))?;
    let found = select.query_map([user.0.to_bytes()], |row| {
        let peer = rows::account(row, rows::MESSAGE_WIDTH)?;
        Ok(ConversationState {
            peer: peer.profile(),
            last: rows::message(row, 0)?,
            unread: row.get("unread")?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The cursor after the last change of the user's feed.
fn now(db: &Connection, user: UserId) -> Result<Cursor, StoreError> {
    let mut select = db.prepare_cached("SELECT seq FROM feeds WHERE user = ?1")?;
    let seq = select.query_row([user.0.to_bytes()], |row| rows::seq(row, 0)).optional()?.unwrap_or(0);
    let nonce = nonce(db, user, seq)?.unwrap_or(0);
    Ok(Cursor { epoch: epoch(db)?, seq, nonce })
}

/// The oldest position of the user's feed that is still there.
fn first(db: &Connection, user: UserId) -> Result<Option<u64>, StoreError> {
    let mut select = db.prepare_cached("SELECT seq FROM changes WHERE user = ?1 ORDER BY seq LIMIT 1")?;
    Ok(select.query_row([user.0.to_bytes()], |row| rows::seq(row, 0)).optional()?)
}

/// The epoch of the feeds.
pub(super) fn epoch(db: &Connection) -> Result<[u8; 16], StoreError> {
    let mut select = db.prepare_cached("SELECT value FROM meta WHERE name = 'epoch'")?;
    Ok(select.query_row([], |row| row.get(0))?)
}

fn nonce(db: &Connection, user: UserId, seq: u64) -> Result<Option<u64>, StoreError> {
    let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
    let mut select = db.prepare_cached("SELECT nonce FROM changes WHERE user = ?1 AND seq = ?2")?;
    let nonce: Option<i64> =
        select.query_row(params![user.0.to_bytes(), seq], |row| row.get(0)).optional()?;
    Ok(nonce.map(i64::cast_unsigned))
}
