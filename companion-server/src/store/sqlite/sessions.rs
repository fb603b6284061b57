//! Sessions in SQLite.

use std::collections::HashSet;

use protocol::{Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{SqliteStore, activity, rows, writer::Write};
use crate::{
    model::{Account, SessionId, activity::Kind},
    store::{Device, LivingSession, RefreshError, Renewed, SessionStore, StoreError, TokenHash},
};

/// The most sessions of one user; the one that was renewed longest ago makes room.
const PER_USER: u32 = 50;

/// For how many days a session lives without being renewed.
pub(super) const DAYS: u32 = 90;

/// The same in milliseconds.
const LIFETIME: i64 = DAYS as i64 * 24 * 60 * 60 * 1000;

/// How often the token before the newest may be presented again because its answer was lost.
const LOST_ANSWERS: u32 = 8;

/// A session that lets its user in: it is there, and the user is not disabled.
const LIVING: &str = "FROM sessions s JOIN users u ON u.id = s.user WHERE s.id = ?1 AND u.disabled = 0";

#[async_trait::async_trait]
impl SessionStore for SqliteStore {
    async fn begin_session(
        &self,
        user: UserId,
        refresh: TokenHash,
        device: Device,
    ) -> Result<SessionId, StoreError> {
        let id = SessionId(Uuid::new_v4());
        self.writer.write(move |write| begin(write, user, id, refresh, &device)).await?;
        Ok(id)
    }

    async fn session(&self, id: SessionId) -> Result<Option<Account>, StoreError> {
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached(&format!("SELECT {} {LIVING}", rows::ACCOUNT))?;
                Ok(select.query_row([id.0.as_bytes()], |row| rows::account(row, 0)).optional()?)
            })
            .await
    }

    async fn renew_session(
        &self,
        presented: TokenHash,
        next: TokenHash,
        device: Device,
    ) -> Result<Renewed, RefreshError> {
        // A reuse ends the session, which must stay done: so it is an answer here and an error only outside.
        let outcome = self.writer.write(move |write| renew(write, presented, next, &device)).await?;
        outcome.ok_or(RefreshError::Reused)
    }

    async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        self.writer
            .write(move |write| match end(write.db, id.0.as_bytes())? {
                Some(user) => activity::note(write, user, Kind::SignedOut, None),
                None => Ok(()),
            })
            .await
    }

    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<LivingSession>, StoreError> {
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached(
                    "SELECT id, created_at, renewed_at, user_agent, address FROM sessions
                     WHERE user = ?1 AND renewed_at >= ?2 ORDER BY renewed_at DESC, id",
                )?;
                let values = params![user.0.to_bytes(), now.millis() - LIFETIME];
                let found = select.query_map(values, |row| {
                    Ok(LivingSession {
                        id: SessionId(Uuid::from_bytes(row.get(0)?)),
                        created_at: rows::time(row, 1)?,
                        renewed_at: rows::time(row, 2)?,
                        device: Device { user_agent: row.get(3)?, address: row.get(4)? },
                    })
                })?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn end_session_of(&self, user: UserId, id: SessionId) -> Result<bool, StoreError> {
        self.writer
            .write(move |write| {
                let mut delete =
                    write.db.prepare_cached("DELETE FROM sessions WHERE user = ?1 AND id = ?2")?;
                let ended = delete.execute(params![user.0.to_bytes(), id.0.as_bytes()])? > 0;
                if ended {
                    activity::note(write, user, Kind::SignedOut, None)?;
                }
                Ok(ended)
            })
            .await
    }

    async fn end_other_sessions(&self, user: UserId, keep: SessionId) -> Result<u64, StoreError> {
        self.writer
            .write(move |write| {
                activity::note(write, user, Kind::SignedOut, None)?;
                end_others(write.db, user, Some(keep))
            })
            .await
    }

    async fn living(&self, ids: Vec<SessionId>) -> Result<HashSet<SessionId>, StoreError> {
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached(&format!("SELECT 1 {LIVING}"))?;
                let mut living = HashSet::with_capacity(ids.len());
                for id in ids {
                    if select.exists([id.0.as_bytes()])? {
                        living.insert(id);
                    }
                }
                Ok(living)
            })
            .await
    }
}

/// Ends all of a user's sessions but the one to keep; says how many.
pub(super) fn end_others(db: &Connection, user: UserId, keep: Option<SessionId>) -> Result<u64, StoreError> {
    let keep = keep.map_or_else(Vec::new, |session| session.0.as_bytes().to_vec());
    let ended = db
        .prepare_cached("DELETE FROM sessions WHERE user = ?1 AND id <> ?2")?
        .execute(params![user.0.to_bytes(), keep])?;
    Ok(u64::try_from(ended).unwrap_or(u64::MAX))
}

fn begin(
    write: &mut Write<'_>,
    user: UserId,
    id: SessionId,
    refresh: TokenHash,
    device: &Device,
) -> Result<(), StoreError> {
    let (owner, user, now) = (user, user.0.to_bytes(), write.now.millis());
    write
        .db
        .prepare_cached("DELETE FROM sessions WHERE user = ?1 AND renewed_at < ?2")?
        .execute(params![user, now - LIFETIME])?;
    write
        .db
        .prepare_cached(
            "DELETE FROM sessions WHERE id IN
                 (SELECT id FROM sessions WHERE user = ?1 ORDER BY renewed_at DESC LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![user, PER_USER - 1])?;
    write
        .db
        .prepare_cached(
            "INSERT INTO sessions (id, user, created_at, renewed_at, user_agent, address)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5)",
        )?
        .execute(params![id.0.as_bytes(), user, now, device.user_agent, device.address])?;
    add_token(write.db, id.0.as_bytes(), refresh, 0)?;
    activity::note(write, owner, Kind::SignedIn, None)
}

/// A presented token with the state of its session.
struct Presented {
    session: [u8; 16],
    generation: i64,
    used: bool,
    newest: i64,
    renewed_at: i64,
    account: Account,
}

/// `None` where the token was used before: its session has ended then.
fn renew(
    write: &mut Write<'_>,
    hash: TokenHash,
    next: TokenHash,
    device: &Device,
) -> Result<Option<Renewed>, RefreshError> {
    let token = find(write.db, hash)?.ok_or(RefreshError::Invalid)?;
    if token.account.disabled || token.renewed_at < write.now.millis() - LIFETIME {
        return Err(RefreshError::Invalid);
    }
    let generation = if token.generation == token.newest {
        begin_generation(write.db, hash, &token)?;
        token.generation + 1
    } else if token.used && token.generation + 1 == token.newest && answers(write.db, &token)? < LOST_ANSWERS
    {
        token.newest
    } else {
        end(write.db, &token.session)?;
        return Ok(None);
    };
    add_token(write.db, &token.session, next, generation)?;
    write
        .db
        .prepare_cached(
            "UPDATE sessions SET generation = ?2, renewed_at = ?3, user_agent = ?4, address = ?5 WHERE id = ?1",
        )
        .and_then(|mut update| {
            let now = write.now.millis();
            update.execute(params![token.session, generation, now, device.user_agent, device.address])
        })
        .map_err(StoreError::from)?;
    Ok(Some(Renewed { account: token.account, session: SessionId(Uuid::from_bytes(token.session)) }))
}

fn find(db: &Connection, hash: TokenHash) -> Result<Option<Presented>, StoreError> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {}, t.session, t.generation, t.used, s.generation AS newest, s.renewed_at
         FROM refresh_tokens t JOIN sessions s ON s.id = t.session JOIN users u ON u.id = s.user WHERE t.hash = ?1",
        rows::ACCOUNT
    ))?;
    let found = select.query_row([hash], |row| {
        Ok(Presented {
            account: rows::account(row, 0)?,
            session: row.get("session")?,
            generation: row.get("generation")?,
            used: row.get("used")?,
            newest: row.get("newest")?,
            renewed_at: row.get("renewed_at")?,
        })
    });
    Ok(found.optional()?)
}

fn begin_generation(db: &Connection, hash: TokenHash, token: &Presented) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE refresh_tokens SET used = 1 WHERE hash = ?1")?.execute([hash])?;
    // An old token that was never used, an answer that was lost, stays known: presenting it is a sign of theft too.
    // What lies further back than a session can matter for is dropped.
    db.prepare_cached("DELETE FROM refresh_tokens WHERE session = ?1 AND generation < ?2")?
        .execute(params![token.session, token.generation - 10_000])?;
    Ok(())
}

/// How many tokens the newest generation has.
fn answers(db: &Connection, token: &Presented) -> Result<u32, StoreError> {
    let mut select =
        db.prepare_cached("SELECT count(*) FROM refresh_tokens WHERE session = ?1 AND generation = ?2")?;
    Ok(select.query_row(params![token.session, token.newest], |row| row.get(0))?)
}

fn add_token(
    db: &Connection,
    session: &[u8; 16],
    hash: TokenHash,
    generation: i64,
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO refresh_tokens (hash, session, generation) VALUES (?1, ?2, ?3)")?
        .execute(params![hash, session, generation])?;
    Ok(())
}

/// Ends a session; says whose it was.
fn end(db: &Connection, session: &[u8; 16]) -> Result<Option<UserId>, StoreError> {
    let mut delete = db.prepare_cached("DELETE FROM sessions WHERE id = ?1 RETURNING user")?;
    Ok(delete.query_row([session], |row| rows::user_id(row, 0)).optional()?)
}
