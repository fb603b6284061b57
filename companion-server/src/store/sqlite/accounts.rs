//! Accounts in SQLite.

use protocol::{Role, UserId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{SqliteStore, activity, audit, invites, rows, sessions, writer::Write};
use crate::{
    model::{Account, Privacy, SessionId, activity::Kind, audit::Act, text},
    store::{AccountChange, AccountStore, AddAccountError, Credentials, Joining, NewAccount, StoreError},
};

#[async_trait::async_trait]
impl AccountStore for SqliteStore {
    async fn add_account(&self, new: NewAccount, joining: Joining) -> Result<Account, AddAccountError> {
        self.writer.write(move |write| add(write, new, joining)).await
    }

    async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        self.readers.read(move |db| account(db, id)).await
    }

    async fn has_admin(&self) -> Result<bool, StoreError> {
        self.readers.read(audit::has_admin).await
    }

    async fn credentials(&self, login: &str) -> Result<Option<Credentials>, StoreError> {
        let login = login.to_lowercase();
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached(&format!(
                    "SELECT {}, u.password_hash FROM users u WHERE u.user_name_key = ?1 OR u.email_key = ?1",
                    rows::ACCOUNT
                ))?;
                let found = select.query_row([login], |row| {
                    Ok(Credentials {
                        account: rows::account(row, 0)?,
                        password_hash: row.get("password_hash")?,
                    })
                });
                Ok(found.optional()?)
            })
            .await
    }

    async fn password_hash(&self, id: UserId) -> Result<Option<String>, StoreError> {
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached("SELECT password_hash FROM users WHERE id = ?1")?;
                Ok(select.query_row([id.0.to_bytes()], |row| row.get(0)).optional()?)
            })
            .await
    }

    async fn change_password(
        &self,
        id: UserId,
        verified: String,
        new: String,
        session: SessionId,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |write| {
                let mut update = write.db.prepare_cached(
                    "UPDATE users SET password_hash = ?3, updated_at = ?4 WHERE id = ?1 AND password_hash = ?2
                         AND EXISTS (SELECT 1 FROM sessions WHERE id = ?5 AND user = ?1)",
                )?;
                let now = write.now.millis();
                if update.execute(params![id.0.to_bytes(), verified, new, now, session.0.as_bytes()])? == 0 {
                    return Ok(false);
                }
                sessions::end_others(write.db, id, Some(session))?;
                activity::note(write, id, Kind::PasswordChanged, None)?;
                Ok(true)
            })
            .await
    }

    async fn replace_password_hash(&self, id: UserId, old: String, new: String) -> Result<bool, StoreError> {
        self.writer
            .write(move |write| {
                let mut update = write.db.prepare_cached(
                    "UPDATE users SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2",
                )?;
                Ok(update.execute(params![id.0.to_bytes(), old, new])? > 0)
            })
            .await
    }

    async fn imported_cost(&self) -> Result<Option<u32>, StoreError> {
        self.readers
            .read(|db| {
                let most = "SELECT max(CAST(substr(password_hash, 5, 2) AS INTEGER)) FROM users
                            WHERE password_hash LIKE '$2_$%'";
                Ok(db.query_row(most, [], |row| row.get(0))?)
            })
            .await
    }

    async fn accounts(&self, after: Option<UserId>, limit: u32) -> Result<Vec<Account>, StoreError> {
        self.readers
            .read(move |db| {
                let mut select = db.prepare_cached(&format!(
                    "SELECT {} FROM users u WHERE u.disabled = 0 AND u.id > ?1 ORDER BY u.id LIMIT ?2",
                    rows::ACCOUNT
                ))?;
                let after = after.map_or_else(Vec::new, |id| id.0.to_bytes().to_vec());
                let found = select.query_map(params![after, limit], |row| rows::account(row, 0))?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn search_accounts(&self, text: &str, limit: u32) -> Result<Vec<Account>, StoreError> {
        let part = text::fold(text);
        self.readers
            .scan(move |db| {
                let mut select = db.prepare_cached(&format!(
                    "SELECT {} FROM users u WHERE u.disabled = 0
                     AND (roost_contains(u.first_name || ' ' || u.last_name, ?1) OR roost_contains(u.user_name, ?1))
                     ORDER BY u.first_name COLLATE NOCASE, u.last_name COLLATE NOCASE, u.id LIMIT ?2",
                    rows::ACCOUNT
                ))?;
                let found = select.query_map(params![part, limit], |row| rows::account(row, 0))?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn change_account(&self, id: UserId, change: AccountChange) -> Result<Option<Account>, StoreError> {
        self.writer
            .write(move |write| {
                write
                    .db
                    .prepare_cached(
                        "UPDATE users SET first_name = coalesce(?2, first_name), last_name = coalesce(?3, last_name),
                             avatar = coalesce(?4, avatar), hide_presence = coalesce(?6, hide_presence),
                             hide_receipts = coalesce(?7, hide_receipts), updated_at = ?5 WHERE id = ?1",
                    )?
                    .execute(params![
                        id.0.to_bytes(),
                        change.first_name,
                        change.last_name,
                        change.avatar,
                        write.now.millis(),
                        change.hide_presence,
                        change.hide_receipts
                    ])?;
                account(write.db, id)
            })
            .await
    }
}

/// The account, also a disabled one.
pub(super) fn account(db: &Connection, id: UserId) -> Result<Option<Account>, StoreError> {
    let mut select = db.prepare_cached(&format!("SELECT {} FROM users u WHERE u.id = ?1", rows::ACCOUNT))?;
    Ok(select.query_row([id.0.to_bytes()], |row| rows::account(row, 0)).optional()?)
}

fn add(write: &mut Write<'_>, new: NewAccount, joining: Joining) -> Result<Account, AddAccountError> {
    let role = match joining {
        Joining::Open => Role::Student,
        Joining::Invited(code) => invites::take(write, code)?.ok_or(AddAccountError::InviteNotValid)?.role,
        Joining::Added { role, .. } => role,
    };
    let (user_name_key, email_key) = (new.user_name.to_lowercase(), new.email.to_lowercase());
    if taken(write.db, "SELECT 1 FROM users WHERE user_name_key = ?1", &user_name_key)? {
        return Err(AddAccountError::UserNameTaken);
    }
    if taken(write.db, "SELECT 1 FROM users WHERE email_key = ?1", &email_key)? {
        return Err(AddAccountError::EmailTaken);
    }
    let account = Account {
        id: UserId(write.ids.next(write.now)),
        user_name: new.user_name,
        first_name: new.first_name,
        last_name: new.last_name,
        email: new.email,
        role,
        avatar: None,
        disabled: false,
        privacy: Privacy::default(),
    };
    insert(write, &account, &new.password_hash)?;
    match joining {
        Joining::Open | Joining::Invited(_) => activity::note(write, account.id, Kind::Registered, None)?,
        Joining::Added { by, role } => {
            audit::note(write, by, Act::UserAdded, account.id.0, role.as_str())?;
        }
    }
    Ok(account)
}

fn taken(db: &Connection, query: &str, key: &str) -> Result<bool, StoreError> {
    Ok(db.prepare_cached(query)?.exists([key])?)
}

/// Stores a new account whose user name and e-mail address nobody has.
pub(super) fn insert(write: &Write<'_>, account: &Account, password_hash: &str) -> Result<(), StoreError> {
    write
        .db
        .prepare_cached(
            "INSERT INTO users (id, user_name, user_name_key, email, email_key, first_name, last_name, role,
                 password_hash, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
        )?
        .execute(params![
            account.id.0.to_bytes(),
            account.user_name,
            account.user_name.to_lowercase(),
            account.email,
            account.email.to_lowercase(),
            account.first_name,
            account.last_name,
            account.role.as_str(),
            password_hash,
            write.now.millis()
        ])?;
    Ok(())
}
