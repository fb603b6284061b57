//! People of another system, in SQLite.

use protocol::UserId;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{SqliteStore, accounts, audit, rows, writer::Write};
use crate::{
    model::{
        Account, Privacy, SessionId,
        audit::{Act, Actor},
    },
    store::{ExternalError, ExternalNames, ExternalPerson, ExternalStore, StoreError},
};

/// What is kept of somebody.
struct Known {
    account: Account,
    external: bool,
    has_session: bool,
}

#[async_trait::async_trait]
impl ExternalStore for SqliteStore {
    async fn know_external(
        &self,
        person: ExternalPerson,
        names: Option<ExternalNames>,
    ) -> Result<(Account, SessionId), ExternalError> {
        let id = person.id;
        let session = session_of(id);
        let known = self.readers.read(move |db| find(db, id)).await?;
        if names.is_none() {
            let known = known.ok_or(ExternalError::Unknown)?;
            if known.account.disabled {
                return Err(ExternalError::Disabled);
            }
            if known.has_session && known.agrees(&person) {
                return Ok((known.account, session));
            }
        }
        let account = self.writer.write(move |write| keep(write, &person, names)).await?;
        Ok((account, session))
    }
}

impl Known {
    /// Whether there is nothing that follows the token.
    fn agrees(&self, person: &ExternalPerson) -> bool {
        !self.external || (self.account.role == person.role && self.account.email == person.email)
    }
}

fn keep(
    write: &mut Write<'_>,
    person: &ExternalPerson,
    names: Option<ExternalNames>,
) -> Result<Account, ExternalError> {
    match (find(write.db, person.id)?, names) {
        (Some(known), _) if known.account.disabled => return Err(ExternalError::Disabled),
        (Some(known), _) if known.agrees(person) => {}
        (Some(known), _) => follow(write, &known.account, person)?,
        (None, Some(names)) => add(write, person, names)?,
        (None, None) => return Err(ExternalError::Unknown),
    }
    begin_session(write, person.id)?;
    accounts::account(write.db, person.id)?.ok_or(ExternalError::Unknown)
}

/// Brings an account in step with its token.
fn follow(write: &Write<'_>, account: &Account, person: &ExternalPerson) -> Result<(), ExternalError> {
    let email_key = person.email.to_lowercase();
    refuse_taken(write.db, person.id, &email_key)?;
    let values =
        params![person.id.0.to_bytes(), person.role.as_str(), person.email, email_key, write.now.millis()];
    write
        .db
        .prepare_cached(
            "UPDATE users SET role = ?2, email = ?3, email_key = ?4, updated_at = ?5 WHERE id = ?1",
        )
        .and_then(|mut update| update.execute(values))
        .map_err(StoreError::from)?;
    if account.role != person.role {
        audit::note(write, Actor::Console, Act::RoleChanged, person.id.0, person.role.as_str())?;
    }
    Ok(())
}

fn add(write: &Write<'_>, person: &ExternalPerson, names: ExternalNames) -> Result<(), ExternalError> {
    refuse_taken(write.db, person.id, &person.email.to_lowercase())?;
    let account = Account {
        id: person.id,
        user_name: free_name(write.db, person.id, names.user_name)?,
        first_name: names.first_name,
        last_name: names.last_name,
        email: person.email.clone(),
        role: person.role,
        avatar: None,
        disabled: false,
        privacy: Privacy::default(),
    };
    accounts::insert(write, &account, "")?;
    write
        .db
        .prepare_cached("UPDATE users SET external = 1 WHERE id = ?1")
        .and_then(|mut update| update.execute([person.id.0.to_bytes()]))
        .map_err(StoreError::from)?;
    Ok(audit::note(write, Actor::Console, Act::UserAdded, person.id.0, person.role.as_str())?)
}

/// The name, or one that is made of it and the id, which nobody has twice.
fn free_name(db: &Connection, id: UserId, name: String) -> Result<String, StoreError> {
    let mut select = db.prepare_cached("SELECT 1 FROM users WHERE user_name_key = ?1")?;
    if !select.exists([name.to_lowercase()])? {
        return Ok(name);
    }
    let short: String = name.chars().take(30).collect();
    Ok(format!("{short}-{id}"))
}

fn refuse_taken(db: &Connection, id: UserId, email_key: &str) -> Result<(), ExternalError> {
    let taken = db
        .prepare_cached("SELECT 1 FROM users WHERE email_key = ?1 AND id <> ?2")
        .and_then(|mut select| select.exists(params![email_key, id.0.to_bytes()]))
        .map_err(StoreError::from)?;
    if taken { Err(ExternalError::EmailTaken) } else { Ok(()) }
}

fn find(db: &Connection, id: UserId) -> Result<Option<Known>, StoreError> {
    let mut select = db.prepare_cached(&format!(
        "SELECT u.external, EXISTS (SELECT 1 FROM sessions s WHERE s.id = ?2), {} FROM users u WHERE u.id = ?1",
        rows::ACCOUNT
    ))?;
    let found = select.query_row(params![id.0.to_bytes(), session_of(id).0.as_bytes()], |row| {
        Ok(Known { external: row.get(0)?, has_session: row.get(1)?, account: rows::account(row, 2)? })
    });
    Ok(found.optional()?)
}

/// One that no refresh token belongs to: by it, whatever asks for the session of a token finds one, and a socket is cut
/// when it ends.
fn begin_session(write: &Write<'_>, user: UserId) -> Result<(), StoreError> {
    write
        .db
        .prepare_cached(
            "INSERT INTO sessions (id, user, created_at, renewed_at) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (id) DO UPDATE SET renewed_at = excluded.renewed_at",
        )?
        .execute(params![session_of(user).0.as_bytes(), user.0.to_bytes(), write.now.millis()])?;
    Ok(())
}

/// The session that all tokens of a user of another system share. It is no secret: a token is what is signed.
fn session_of(user: UserId) -> SessionId {
    let digest = Sha256::new().chain_update("external").chain_update(user.0.to_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    SessionId(Uuid::from_bytes(bytes))
}
