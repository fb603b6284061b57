//! Clearing away in SQLite: each kind of row in pieces, each piece a transaction of its own.

use protocol::UserId;
use rusqlite::{Connection, params};

use super::{SqliteStore, rows, sessions, texts, writer::Write};
use crate::store::{Cleared, Retention, StoreError, Upkeep};

/// The most rows that one transaction removes.
const PIECE: usize = 500;

/// How many users are looked up at a time.
const USERS: usize = 100;

/// The most activities that are kept of one user, however new they are.
const PER_USER: u32 = 50_000;

/// For how many days an invitation that is over is still listed.
const INVITE_DAYS: u32 = 30;

/// What is over before `?1`, `?2` rows at a time. The logs are in the order of time, so their oldest rows are enough.
const ACTIVITY: &str =
    "DELETE FROM activity WHERE at < ?1 AND n IN (SELECT n FROM activity ORDER BY n LIMIT ?2)";
const AUDIT: &str = "DELETE FROM audit WHERE at < ?1 AND n IN (SELECT n FROM audit ORDER BY n LIMIT ?2)";
const SESSIONS: &str =
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE renewed_at < ?1 LIMIT ?2)";
const INVITES: &str =
    "DELETE FROM invites WHERE id IN (SELECT id FROM invites WHERE expires_at < ?1 LIMIT ?2)";

const DAY: i64 = 24 * 60 * 60 * 1000;

#[async_trait::async_trait]
impl Upkeep for SqliteStore {
    async fn clear_away(&self, retention: Retention) -> Result<Cleared, StoreError> {
        Ok(Cleared {
            feed_positions: self.prune_feeds(retention.feed_days).await?,
            activities: self.prune_rows(ACTIVITY, retention.activity_days).await?
                + self.prune_busiest().await?,
            audit_entries: self.prune_rows(AUDIT, retention.audit_days).await?,
            sessions: self.prune_rows(SESSIONS, sessions::DAYS).await?,
            invites: self.prune_rows(INVITES, INVITE_DAYS).await?,
        })
    }

    async fn index_texts(&self) -> Result<bool, StoreError> {
        if self.readers.read(texts::is_due).await? {
            return self.writer.write(|write| texts::add(write.db)).await;
        }
        Ok(false)
    }
}

impl SqliteStore {
    /// Runs `piece` in one transaction after another for as long as it finds [`PIECE`] rows to remove, and says how
    /// many it removed in all. Others write in between.
    async fn in_pieces<F>(&self, piece: F) -> Result<u64, StoreError>
    where
        F: Fn(&mut Write<'_>) -> Result<usize, StoreError> + Copy + Send + 'static,
    {
        let mut removed = 0;
        loop {
            let count = self.writer.write(move |write| piece(write)).await?;
            removed += u64::try_from(count).unwrap_or(u64::MAX);
            if count < PIECE {
                return Ok(removed);
            }
        }
    }

    /// Removes the rows that a statement finds before the cutoff.
    async fn prune_rows(&self, delete: &'static str, days: u32) -> Result<u64, StoreError> {
        self.in_pieces(move |write| {
            let values = params![cutoff(write, days), PIECE];
            Ok(write.db.prepare_cached(delete)?.execute(values)?)
        })
        .await
    }

    /// Removes the oldest activities of those who did more than is kept of anybody.
    async fn prune_busiest(&self) -> Result<u64, StoreError> {
        let busiest = self.readers.scan(busiest).await?;
        let mut removed = 0;
        for (user, above) in busiest {
            removed += self.in_pieces(move |write| prune_busy(write.db, user, above)).await?;
        }
        Ok(removed)
    }

    async fn prune_feeds(&self, days: u32) -> Result<u64, StoreError> {
        let (mut removed, mut after) = (0, None);
        // The writer gives the time, which never goes back.
        let cutoff = self.writer.write(move |write| Ok::<_, StoreError>(cutoff(write, days))).await?;
        loop {
            let users = self.readers.read(move |db| overdue(db, after, cutoff)).await?;
            let Some(last) = users.last().copied() else { return Ok(removed) };
            for user in users {
                removed += self.in_pieces(move |write| prune(write.db, user, cutoff)).await?;
            }
            after = Some(last);
        }
    }
}

/// Those who did more than is kept of anybody, with the newest entry that is too many.
fn busiest(db: &Connection) -> Result<Vec<(UserId, i64)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT a.user, (SELECT n FROM activity WHERE user = a.user ORDER BY n DESC LIMIT 1 OFFSET ?1)
         FROM activity a GROUP BY a.user HAVING count(*) > ?1 LIMIT ?2",
    )?;
    let found =
        select.query_map(params![PER_USER, USERS], |row| Ok((rows::user_id(row, 0)?, row.get(1)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn prune_busy(db: &Connection, user: UserId, above: i64) -> Result<usize, StoreError> {
    let mut delete = db.prepare_cached(
        "DELETE FROM activity WHERE n IN
             (SELECT n FROM activity WHERE user = ?1 AND n <= ?2 ORDER BY n LIMIT ?3)",
    )?;
    Ok(delete.execute(params![user.0.to_bytes(), above, PIECE])?)
}

/// What was stored before this instant is older than so many days.
fn cutoff(write: &Write<'_>, days: u32) -> i64 {
    write.now.millis() - i64::from(days) * DAY
}

/// Some users, by id, whose feeds hold positions to remove.
fn overdue(db: &Connection, after: Option<UserId>, cutoff: i64) -> Result<Vec<UserId>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT f.user FROM feeds f WHERE f.user > ?1
             AND (SELECT c.at FROM changes c WHERE c.user = f.user ORDER BY c.seq LIMIT 1 OFFSET 1) < ?2
         ORDER BY f.user LIMIT ?3",
    )?;
    let after = after.map_or_else(Vec::new, |user| user.0.to_bytes().to_vec());
    let users = select.query_map(params![after, cutoff, USERS], |row| rows::user_id(row, 0))?;
    Ok(users.collect::<rusqlite::Result<_>>()?)
}

/// Removes a feed's oldest positions, up to [`PIECE`] and all but the newest of those from before the cutoff. The
/// first that is not from before it ends the stretch, so that what is left has no gap even where the clock was wrong.
fn prune(db: &Connection, user: UserId, cutoff: i64) -> Result<usize, StoreError> {
    let mut select =
        db.prepare_cached("SELECT seq, at FROM changes WHERE user = ?1 ORDER BY seq LIMIT ?2")?;
    let mut positions = select.query(params![user.0.to_bytes(), PIECE + 1])?;
    let mut newest = 0;
    while let Some(row) = positions.next()? {
        if row.get::<_, i64>(1)? >= cutoff {
            break;
        }
        newest = rows::seq(row, 0)?;
    }
    drop(positions);
    let mut delete = db.prepare_cached("DELETE FROM changes WHERE user = ?1 AND seq < ?2")?;
    Ok(delete.execute(params![user.0.to_bytes(), newest])?)
}
