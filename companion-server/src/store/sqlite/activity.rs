//! Activity in SQLite.

use protocol::{ObjectId, UserId};
use rusqlite::params;

use super::{SqliteStore, rows, writer::Write};
use crate::{
    model::activity::{Activity, Kept, Kind},
    store::{ActivityStore, StoreError},
};

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

/// Keeps something within its transaction.
pub(super) fn note(
    write: &Write<'_>,
    user: UserId,
    kind: Kind,
    subject: Option<ObjectId>,
) -> Result<(), StoreError> {
    let subject = subject.map_or_else(Vec::new, |subject| subject.to_bytes().to_vec());
    write
        .db
        .prepare_cached("INSERT INTO activity (at, user, kind, subject) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![write.now.millis(), user.0.to_bytes(), kind.as_str(), subject])?;
    Ok(())
}
