//! Presence in SQLite.

use protocol::{Timestamp, UserId};
use rusqlite::params;

use super::{SqliteStore, accounts, rows};
use crate::store::{ACQUAINTANCES, PresenceStore, StoreError};

/// Two people of whom neither hides, `u` and `v`, neither of them disabled.
const OPEN: &str = "u.hide_presence = 0 AND v.hide_presence = 0 AND u.disabled = 0 AND v.disabled = 0";

#[async_trait::async_trait]
impl PresenceStore for SqliteStore {
    async fn acquaintances(&self, user: UserId) -> Result<Vec<UserId>, StoreError> {
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached(
                    "SELECT c.peer FROM conversations c JOIN users v ON v.id = c.peer
                     WHERE c.user = ?1 AND v.hide_presence = 0 AND v.disabled = 0
                     ORDER BY c.last_sent_at DESC LIMIT ?2",
                )?;
                let found = select
                    .query_map(params![user.0.to_bytes(), ACQUAINTANCES], |row| rows::user_id(row, 0))?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn last_seen(
        &self,
        viewer: UserId,
        ids: Vec<UserId>,
    ) -> Result<Vec<(UserId, Option<Timestamp>)>, StoreError> {
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached(&format!(
                    "SELECT v.last_seen_at FROM conversations c
                     JOIN users u ON u.id = c.user JOIN users v ON v.id = c.peer
                     WHERE c.user = ?1 AND c.peer = ?2 AND {OPEN}"
                ))?;
                let mut told = Vec::with_capacity(ids.len());
                for id in ids {
                    let mut found = select.query(params![viewer.0.to_bytes(), id.0.to_bytes()])?;
                    if let Some(row) = found.next()? {
                        told.push((id, rows::optional_time(row, 0)?));
                    }
                }
                Ok(told)
            })
            .await
    }

    async fn may_type(&self, sender: UserId, receiver: UserId) -> Result<bool, StoreError> {
        self.readers
            .read(move |db| {
                let open = |user| {
                    let account = accounts::account(db, user)?;
                    let open = account.filter(|account| !account.disabled && !account.privacy.hide_presence);
                    Ok::<_, StoreError>(open.is_some())
                };
                Ok(sender != receiver && open(sender)? && open(receiver)?)
            })
            .await
    }

    async fn note_last_seen(&self, seen: Vec<(UserId, Timestamp)>) -> Result<(), StoreError> {
        self.writer
            .write(move |write| {
                let mut update = write.db.prepare_cached(
                    "UPDATE users SET last_seen_at = ?2 WHERE id = ?1 AND hide_presence = 0",
                )?;
                for (user, at) in seen {
                    update.execute(params![user.0.to_bytes(), at.millis()])?;
                }
                Ok(())
            })
            .await
    }
}
