//! Activity in SQLite.

use protocol::{ObjectId, UserId};
use rusqlite::{Connection, params};

use super::{SqliteStore, accounts, rows, writer::Write};
use crate::{
    model::activity::{Activity, Kept, Kind},
    store::{ActivityStore, StoreError},
};

/// How far apart wrong passwords are kept, in milliseconds. Even where somebody never stops, those of the 90 days for
/// which activities are kept are a quarter of what is kept of one user.
const FAILURES_APART: i64 = 10 * 60 * 1000;

#[async_trait::async_trait]
impl ActivityStore for SqliteStore {
    async fn note(&self, done: Vec<Activity>) -> Result<(), StoreError> {
        self.writer
            .write(move |write| {
                done.iter().try_for_each(|done| note(write, done.user, done.kind, done.subject))
            })
            .await
    }

    async fn activity(&self, user: UserId, before: Option<i64>, limit: u32) -> Result<Vec<Kept>, StoreError> {
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached(
                    "SELECT n, at, kind, subject FROM activity WHERE user = ?1 AND n < ?2 ORDER BY n DESC LIMIT ?3",
                )?;
                let values = params![user.0.to_bytes(), before.unwrap_or(i64::MAX), limit];
                let found = select.query_map(values, |row| {
                    Ok(Kept {
                        n: row.get(0)?,
                        at: rows::time(row, 1)?,
                        kind: row.get(2)?,
                        subject: rows::id_or_none(row, 3)?,
                    })
                })?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

/// Keeps something within its transaction: not that somebody reads who hides it, and wrong passwords, which anybody
/// can send, only once in a while, so that they push nothing else out.
pub(super) fn note(
    write: &Write<'_>,
    user: UserId,
    kind: Kind,
    subject: Option<ObjectId>,
) -> Result<(), StoreError> {
    if kind.tells_of_reading() && hides_receipts(write.db, user)?
        || kind == Kind::SignInFailed && failed_lately(write, user)?
    {
        return Ok(());
    }
    let subject = subject.map_or_else(Vec::new, |subject| subject.to_bytes().to_vec());
    write
        .db
        .prepare_cached("INSERT INTO activity (at, user, kind, subject) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![write.now.millis(), user.0.to_bytes(), kind.as_str(), subject])?;
    Ok(())
}

fn hides_receipts(db: &Connection, user: UserId) -> Result<bool, StoreError> {
    Ok(accounts::account(db, user)?.is_some_and(|account| account.privacy.hide_receipts))
}

/// Whether a wrong password was kept less than [`FAILURES_APART`] ago. No more is looked at than what the user did
/// since.
fn failed_lately(write: &Write<'_>, user: UserId) -> Result<bool, StoreError> {
    let mut select =
        write.db.prepare_cached("SELECT at, kind FROM activity WHERE user = ?1 ORDER BY n DESC")?;
    let mut newest = select.query([user.0.to_bytes()])?;
    let since = write.now.millis() - FAILURES_APART;
    while let Some(row) = newest.next()?
        && row.get::<_, i64>(0)? > since
    {
        if row.get_ref(1)?.as_str() == Ok(Kind::SignInFailed.as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}
