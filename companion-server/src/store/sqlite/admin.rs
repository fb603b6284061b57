//! Administration in SQLite.

use protocol::{Role, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{SqliteStore, audit, rows, sessions, writer::Write};
use crate::{
    model::{
        admin::{self, AccountOrder},
        audit::{Act, Actor, AuditEntry},
    },
    store::{AdminStore, Managed, OrderError, StoreError},
};

/// How many columns [`read`] reads besides those of the account, which come after.
const OWN: usize = 3;

#[async_trait::async_trait]
impl AdminStore for SqliteStore {
    async fn all_accounts(
        &self,
        after: Option<UserId>,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Managed>, StoreError> {
        let text = text.to_lowercase();
        self.readers
            .scan(move |db| {
                let mut select = db.prepare_cached(&format!(
                    "{} WHERE u.id > ?1 AND (?2 = '' OR roost_contains(u.first_name || ' ' || u.last_name, ?2)
                         OR roost_contains(u.user_name, ?2) OR roost_contains(u.email, ?2))
                     ORDER BY u.id LIMIT ?3",
                    select()
                ))?;
                let after = after.map_or_else(Vec::new, |id| id.0.to_bytes().to_vec());
                let found = select.query_map(params![after, text, limit], read)?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn order(&self, id: UserId, order: AccountOrder, by: Actor) -> Result<Managed, OrderError> {
        self.writer.write(move |write| carry_out(write, id, &order, by)).await
    }

    async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.readers.read(move |db| audit::entries(db, before, limit)).await
    }
}

fn carry_out(
    write: &mut Write<'_>,
    id: UserId,
    order: &AccountOrder,
    by: Actor,
) -> Result<Managed, OrderError> {
    if audit::role_of(write.db, by)? != Some(Role::Admin) {
        return Err(OrderError::Forbidden);
    }
    let managed = one(write.db, id)?.ok_or(OrderError::NotFound)?;
    let acts = admin::decide(&managed.account, order, others(write.db, id)?)?;
    if acts.is_empty() {
        return Ok(managed);
    }
    store(write, id, order)?;
    if acts.iter().any(|act| matches!(act, Act::UserDisabled | Act::PasswordReset)) {
        sessions::end_others(write.db, id, None)?;
    }
    for act in acts {
        let role = order.role.filter(|_| act == Act::RoleChanged);
        audit::note(write, by, act, id.0, role.map_or("", Role::as_str))?;
    }
    one(write.db, id)?.ok_or(OrderError::NotFound)
}

fn store(write: &Write<'_>, id: UserId, order: &AccountOrder) -> Result<(), StoreError> {
    write
        .db
        .prepare_cached(
            "UPDATE users SET role = coalesce(?2, role), disabled = coalesce(?3, disabled),
                 password_hash = coalesce(?4, password_hash), updated_at = ?5,
                 external_at = CASE WHEN ?2 IS NULL THEN external_at ELSE max(external_at, ?5) END WHERE id = ?1",
        )?
        .execute(params![
            id.0.to_bytes(),
            order.role.map(Role::as_str),
            order.disabled,
            order.password_hash,
            write.now.millis()
        ])?;
    Ok(())
}

/// Whether somebody else administers the server.
pub(super) fn others(db: &Connection, id: UserId) -> Result<bool, StoreError> {
    let mut select =
        db.prepare_cached("SELECT 1 FROM users WHERE role = ?1 AND disabled = 0 AND id <> ?2")?;
    Ok(select.exists(params![Role::Admin.as_str(), id.0.to_bytes()])?)
}

fn one(db: &Connection, id: UserId) -> Result<Option<Managed>, StoreError> {
    let mut select = db.prepare_cached(&format!("{} WHERE u.id = ?1", select()))?;
    Ok(select.query_row([id.0.to_bytes()], read).optional()?)
}

fn select() -> String {
    format!("SELECT u.external, u.created_at, u.last_seen_at, {} FROM users u", rows::ACCOUNT)
}

/// Reads what [`select`] selects.
fn read(row: &Row<'_>) -> rusqlite::Result<Managed> {
    Ok(Managed {
        external: row.get(0)?,
        created_at: rows::time(row, 1)?,
        last_seen_at: rows::optional_time(row, 2)?,
        account: rows::account(row, OWN)?,
    })
}
