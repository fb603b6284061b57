//! The audit log in SQLite.

use protocol::{ObjectId, Role, UserId};
use rusqlite::{Connection, params};

use super::{accounts, rows, writer::Write};
use crate::{
    model::audit::{Act, Actor, AuditEntry},
    store::StoreError,
};

/// Up to `limit` entries before this one, newest first.
pub(super) fn entries(
    db: &Connection,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT n, at, actor, action, subject, detail, external FROM audit WHERE n < ?1 ORDER BY n DESC LIMIT ?2",
    )?;
    let entries = select.query_map(params![before.unwrap_or(i64::MAX), limit], |row| {
        Ok(AuditEntry {
            n: row.get(0)?,
            at: rows::time(row, 1)?,
            actor: match rows::id_or_none(row, 2)? {
                Some(id) => Actor::Person(UserId(id)),
                None if row.get(6)? => Actor::Issuer,
                None => Actor::Console,
            },
            action: row.get(3)?,
            subject: rows::id_or_none(row, 4)?,
            detail: row.get(5)?,
        })
    })?;
    Ok(entries.collect::<rusqlite::Result<_>>()?)
}

/// Notes an act within its transaction.
pub(super) fn note(
    write: &Write<'_>,
    actor: Actor,
    act: Act,
    subject: ObjectId,
    detail: &str,
) -> Result<(), StoreError> {
    write
        .db
        .prepare_cached(
            "INSERT INTO audit (at, actor, external, action, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            write.now.millis(),
            actor_bytes(actor),
            actor == Actor::Issuer,
            act.as_str(),
            subject.to_bytes(),
            detail
        ])?;
    Ok(())
}

/// An actor as the columns hold it: empty for all but people.
pub(super) fn actor_bytes(actor: Actor) -> Vec<u8> {
    match actor {
        Actor::Console | Actor::Issuer => Vec::new(),
        Actor::Person(id) => id.0.to_bytes().to_vec(),
    }
}

/// What an actor is now: the command line may do what an administrator may, somebody whose account was closed
/// nothing, and a token of another system asks for nothing but to be followed.
pub(super) fn role_of(db: &Connection, actor: Actor) -> Result<Option<Role>, StoreError> {
    match actor {
        Actor::Console => Ok(Some(Role::Admin)),
        Actor::Issuer => Ok(None),
        Actor::Person(id) => {
            let account = accounts::account(db, id)?.filter(|account| !account.disabled);
            Ok(account.map(|account| account.role))
        }
    }
}

/// Whether there is an administrator who is not disabled.
pub(super) fn has_admin(db: &Connection) -> Result<bool, StoreError> {
    let mut select = db.prepare_cached("SELECT 1 FROM users WHERE role = ?1 AND disabled = 0")?;
    Ok(select.exists([Role::Admin.as_str()])?)
}
