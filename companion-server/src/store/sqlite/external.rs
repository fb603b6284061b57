//! People of another system, in SQLite.

use protocol::{Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{SqliteStore, accounts, admin::others, audit, rows, writer::Write};
use crate::{
    model::{
        Account, Privacy, SessionId,
        admin::{self, AccountOrder},
        audit::{Act, Actor},
    },
    store::{ExternalError, ExternalNames, ExternalPerson, ExternalStore, StoreError},
};

/// What is kept of somebody.
struct Known {
    account: Account,
    external: bool,
    /// A token that was made after this is followed.
    external_at: Timestamp,
    has_session: bool,
}

#[async_trait::async_trait]
impl ExternalStore for SqliteStore {
    async fn know_external(
        &self,
        person: ExternalPerson,
        names: Option<ExternalNames>,
    ) -> Result<(Account, SessionId), ExternalError> {
        let session = session_of(person.id);
        let asked = person.clone();
        let (known, taken) = self.readers.read(move |db| look(db, &asked)).await?;
        match known {
            Some(known) if known.account.disabled => return Err(ExternalError::Disabled),
            _ if taken => return Err(ExternalError::EmailTaken),
            None if names.is_none() => return Err(ExternalError::Unknown),
            Some(known) if known.has_session && !known.follows(&person) => {
                return Ok((known.account, session));
            }
            _ => {}
        }
        let account = self.writer.write(move |write| keep(write, &person, names)).await?;
        Ok((account, session))
    }
}

impl Known {
    /// Whether the account follows the token: an older one would bring back what its user was.
    fn follows(&self, person: &ExternalPerson) -> bool {
        self.external && person.issued_at > self.external_at
    }
}

/// Who it is, and whether the e-mail address that they would get is somebody else's.
fn look(db: &Connection, person: &ExternalPerson) -> Result<(Option<Known>, bool), StoreError> {
    let known = find(db, person.id)?;
    let gets = known.as_ref().is_none_or(|known| known.follows(person));
    Ok((known, gets && is_taken(db, person)?))
}

fn keep(
    write: &mut Write<'_>,
    person: &ExternalPerson,
    names: Option<ExternalNames>,
) -> Result<Account, ExternalError> {
    let (known, taken) = look(write.db, person)?;
    match (known, names) {
        (Some(known), _) if known.account.disabled => return Err(ExternalError::Disabled),
        _ if taken => return Err(ExternalError::EmailTaken),
        (Some(known), _) if known.follows(person) => follow(write, &known.account, person)?,
        (Some(_), _) => {}
        (None, Some(names)) => add(write, person, names)?,
        (None, None) => return Err(ExternalError::Unknown),
    }
    begin_session(write, person.id)?;
    accounts::account(write.db, person.id)?.ok_or(ExternalError::Unknown)
}

/// Brings an account in step with its token.
fn follow(write: &Write<'_>, account: &Account, person: &ExternalPerson) -> Result<(), StoreError> {
    let order = AccountOrder { role: Some(person.role), ..AccountOrder::default() };
    let decided = admin::decide(account, &order, others(write.db, person.id)?);
    let role = if decided.is_ok() { person.role } else { account.role };
    write
        .db
        .prepare_cached(
            "UPDATE users SET role = ?2, email = ?3, email_key = ?4, external_at = ?5, updated_at = ?6 WHERE id = ?1",
        )?
        .execute(params![
            person.id.0.to_bytes(),
            role.as_str(),
            person.email,
            person.email.to_lowercase(),
            person.issued_at.millis(),
            write.now.millis()
        ])?;
    if decided.is_err() {
        tracing::warn!(user = %person.id, "a trusted token does not demote the last administrator");
    }
    for act in decided.unwrap_or_default() {
        audit::note(write, Actor::Issuer, act, person.id.0, role.as_str())?;
    }
    Ok(())
}

fn add(write: &Write<'_>, person: &ExternalPerson, names: ExternalNames) -> Result<(), StoreError> {
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
        .prepare_cached("UPDATE users SET external = 1, external_at = ?2 WHERE id = ?1")?
        .execute(params![person.id.0.to_bytes(), person.issued_at.millis()])?;
    audit::note(write, Actor::Issuer, Act::UserAdded, person.id.0, person.role.as_str())
}

/// The name, or the first of those made of it that nobody has: with the id, and with what nobody can have guessed.
fn free_name(db: &Connection, id: UserId, name: String) -> Result<String, StoreError> {
    let mut select = db.prepare_cached("SELECT 1 FROM users WHERE user_name_key = ?1")?;
    let short: String = name.chars().take(30).collect();
    for name in [name, format!("{short}-{id}")] {
        if !select.exists([name.to_lowercase()])? {
            return Ok(name);
        }
    }
    Ok(format!("{short}-{:032x}", rand::random::<u128>()))
}

fn is_taken(db: &Connection, person: &ExternalPerson) -> Result<bool, StoreError> {
    let mut select = db.prepare_cached("SELECT 1 FROM users WHERE email_key = ?1 AND id <> ?2")?;
    Ok(select.exists(params![person.email.to_lowercase(), person.id.0.to_bytes()])?)
}

fn find(db: &Connection, id: UserId) -> Result<Option<Known>, StoreError> {
    let mut select = db.prepare_cached(&format!(
        "SELECT u.external, u.external_at, EXISTS (SELECT 1 FROM sessions s WHERE s.id = ?2), {}
         FROM users u WHERE u.id = ?1",
        rows::ACCOUNT
    ))?;
    let found = select.query_row(params![id.0.to_bytes(), session_of(id).0.as_bytes()], |row| {
        Ok(Known {
            external: row.get(0)?,
            external_at: rows::time(row, 1)?,
            has_session: row.get(2)?,
            account: rows::account(row, 3)?,
        })
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
