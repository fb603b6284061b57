//! Invitations in SQLite.

use protocol::{InviteId, Role, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{SqliteStore, audit, rows, writer::Write};
use crate::{
    model::{
        Invite,
        audit::{Act, Actor},
        invite,
    },
    store::{AddInviteError, CodeHash, InviteStore, NewInvite, RevokeError, StoreError},
};

/// The most invitations of one maker that let somebody in at the same time.
const LIVE_PER_MAKER: u32 = 500;

/// The columns that [`read`] reads, in order.
const COLUMNS: &str =
    "id, role, note, created_by, created_at, expires_at, uses, max_uses, revoked_at, bootstrap";

#[async_trait::async_trait]
impl InviteStore for SqliteStore {
    async fn add_invite(&self, new: NewInvite) -> Result<Invite, AddInviteError> {
        self.writer.write(move |write| add(write, new)).await
    }

    async fn add_bootstrap_invite(&self, code: CodeHash, lasts: i64) -> Result<Option<Invite>, StoreError> {
        self.writer.write(move |write| add_bootstrap(write, code, lasts)).await
    }

    async fn invites(
        &self,
        maker: Option<UserId>,
        before: Option<InviteId>,
        limit: u32,
    ) -> Result<Vec<Invite>, StoreError> {
        self.readers
            .read(move |db| {
                let of = if maker.is_some() { "created_by = ?1" } else { "?1 IS NULL" };
                let mut select = db.prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM invites WHERE {of} AND id < ?2 ORDER BY id DESC LIMIT ?3"
                ))?;
                let maker = maker.map(|maker| maker.0.to_bytes());
                let before = before.map_or_else(|| vec![0xff; 13], |id| id.0.to_bytes().to_vec());
                let found = select.query_map(params![maker, before, limit], read)?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn valid_invite(&self, code: CodeHash, now: Timestamp) -> Result<Option<Invite>, StoreError> {
        self.readers.read(move |db| valid(db, code, now)).await
    }

    async fn revoke_invite(&self, id: InviteId, by: Actor) -> Result<Invite, RevokeError> {
        self.writer.write(move |write| revoke(write, id, by)).await
    }
}

/// Uses an invitation up by one; `None` where it lets nobody in.
pub(super) fn take(write: &Write<'_>, code: CodeHash) -> Result<Option<Invite>, StoreError> {
    let Some(invite) = valid(write.db, code, write.now)? else { return Ok(None) };
    write
        .db
        .prepare_cached("UPDATE invites SET uses = uses + 1 WHERE id = ?1")?
        .execute([invite.id.0.to_bytes()])?;
    Ok(Some(invite))
}

fn valid(db: &Connection, code: CodeHash, now: Timestamp) -> Result<Option<Invite>, StoreError> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM invites WHERE code_hash = ?1"))?;
    let Some(invite) = select.query_row([code], read).optional()? else { return Ok(None) };
    let vouched = is_vouched_for(db, &invite)?;
    Ok(Some(invite).filter(|invite| invite.is_valid(now, vouched)))
}

/// Whether it could still be made: its maker was not demoted or disabled since, or there is no administrator yet.
fn is_vouched_for(db: &Connection, invite: &Invite) -> Result<bool, StoreError> {
    if invite.bootstrap {
        return Ok(!audit::has_admin(db)?);
    }
    let maker = invite.created_by.map_or(Actor::Console, Actor::Person);
    Ok(audit::role_of(db, maker)?.is_some_and(|role| invite::may_invite(role, invite.role)))
}

fn add(write: &mut Write<'_>, new: NewInvite) -> Result<Invite, AddInviteError> {
    let role = audit::role_of(write.db, new.by)?;
    if !role.is_some_and(|role| invite::may_invite(role, new.role)) {
        return Err(AddInviteError::Forbidden);
    }
    if live(write, new.by)? >= LIVE_PER_MAKER {
        return Err(AddInviteError::TooMany);
    }
    let (code, by) = (new.code, new.by);
    let invite = Invite {
        id: InviteId(write.ids.next(write.now)),
        role: new.role,
        note: new.note,
        created_by: match by {
            Actor::Console | Actor::Issuer => None,
            Actor::Person(id) => Some(id),
        },
        created_at: write.now,
        expires_at: Timestamp::clamped(write.now.millis().saturating_add(new.lasts)),
        uses: 0,
        max_uses: new.max_uses,
        revoked_at: None,
        bootstrap: false,
    };
    insert(write, &invite, code)?;
    audit::note(write, by, Act::InviteCreated, invite.id.0, invite.role.as_str())?;
    Ok(invite)
}

fn add_bootstrap(write: &mut Write<'_>, code: CodeHash, lasts: i64) -> Result<Option<Invite>, StoreError> {
    if audit::has_admin(write.db)? {
        return Ok(None);
    }
    write
        .db
        .prepare_cached("UPDATE invites SET revoked_at = ?1 WHERE bootstrap = 1 AND revoked_at = 0")?
        .execute([write.now.millis()])?;
    let invite = Invite {
        id: InviteId(write.ids.next(write.now)),
        role: Role::Admin,
        note: "first administrator".to_owned(),
        created_by: None,
        created_at: write.now,
        expires_at: Timestamp::clamped(write.now.millis().saturating_add(lasts)),
        uses: 0,
        max_uses: 1,
        revoked_at: None,
        bootstrap: true,
    };
    insert(write, &invite, code)?;
    audit::note(write, Actor::Console, Act::InviteCreated, invite.id.0, invite.role.as_str())?;
    Ok(Some(invite))
}

fn revoke(write: &Write<'_>, id: InviteId, by: Actor) -> Result<Invite, RevokeError> {
    let role = audit::role_of(write.db, by)?;
    let invite = one(write.db, id)?.filter(|invite| role.is_some_and(|role| invite.concerns(by, role)));
    let mut invite = invite.ok_or(RevokeError::NotFound)?;
    if invite.revoked_at.is_none() {
        invite.revoked_at = Some(write.now);
        write
            .db
            .prepare_cached("UPDATE invites SET revoked_at = ?2 WHERE id = ?1")
            .and_then(|mut update| update.execute(params![id.0.to_bytes(), write.now.millis()]))
            .map_err(StoreError::from)?;
        audit::note(write, by, Act::InviteRevoked, id.0, "")?;
    }
    Ok(invite)
}

fn one(db: &Connection, id: InviteId) -> Result<Option<Invite>, StoreError> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM invites WHERE id = ?1"))?;
    Ok(select.query_row([id.0.to_bytes()], read).optional()?)
}

/// How many of a maker's invitations let somebody in.
fn live(write: &Write<'_>, maker: Actor) -> Result<u32, StoreError> {
    let mut select = write.db.prepare_cached(
        "SELECT count(*) FROM invites
         WHERE created_by = ?1 AND revoked_at = 0 AND expires_at > ?2 AND uses < max_uses",
    )?;
    Ok(select.query_row(params![audit::actor_bytes(maker), write.now.millis()], |row| row.get(0))?)
}

fn insert(write: &Write<'_>, invite: &Invite, code: CodeHash) -> Result<(), StoreError> {
    let maker = invite.created_by.map_or_else(Vec::new, |maker| maker.0.to_bytes().to_vec());
    write
        .db
        .prepare_cached(
            "INSERT INTO invites (id, code_hash, role, note, created_by, created_at, expires_at, max_uses, bootstrap)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            invite.id.0.to_bytes(),
            code,
            invite.role.as_str(),
            invite.note,
            maker,
            invite.created_at.millis(),
            invite.expires_at.millis(),
            invite.max_uses,
            invite.bootstrap
        ])?;
    Ok(())
}

/// Reads [`COLUMNS`].
fn read(row: &Row<'_>) -> rusqlite::Result<Invite> {
    Ok(Invite {
        id: InviteId(rows::id(row, 0)?),
        role: rows::role(row, 1)?,
        note: row.get(2)?,
        created_by: rows::id_or_none(row, 3)?.map(UserId),
        created_at: rows::time(row, 4)?,
        expires_at: rows::time(row, 5)?,
        uses: row.get(6)?,
        max_uses: row.get(7)?,
        revoked_at: rows::optional_time(row, 8)?,
        bootstrap: row.get(9)?,
    })
}
