//! Whose profile it is.

use rusqlite::{Connection, OptionalExtension, params};
use url::Url;

use crate::{
    domain::{Account, SessionState, UserId},
    transport::trust::TrustedCertificate,
};

use super::{people, search};

/// What the account's row says of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Session {
    SignedIn,
    Expired,
    /// The messages were kept when signing out.
    SignedOut,
}

impl Session {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Expired => "expired",
            Self::SignedOut => "signed_out",
        }
    }
}

/// Who writes here: whoever is signed in, also when the server has ended the session.
pub(super) fn me(connection: &Connection) -> rusqlite::Result<Option<UserId>> {
    connection
        .prepare_cached("SELECT user_id FROM account WHERE session <> 'signed_out'")?
        .query_row([], |row| row.get(0).map(UserId))
        .optional()
}

/// The account whose messages these are, signed in or not.
pub(crate) fn holder(connection: &Connection) -> rusqlite::Result<Option<(Account, Session)>> {
    let found = connection
        .query_row(
            "SELECT user_id, user_name, server, server_name, session, trusted_certificate FROM account",
            [],
            |row| {
                let server: String = row.get(2)?;
                let server = Url::parse(&server).map_err(|error| {
                    rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error))
                })?;
                let session = match row.get::<_, String>(4)?.as_str() {
                    "signed_in" => Session::SignedIn,
                    "expired" => Session::Expired,
                    _ => Session::SignedOut,
                };
                // A certificate that cannot be read must not turn into none, which would trust others.
                let trusted = row.get::<_, Option<Vec<u8>>>(5)?.map(TrustedCertificate::from_der).transpose();
                let trusted = trusted.map_err(|error| {
                    rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Blob, Box::new(error))
                })?;
                Ok((UserId(row.get(0)?), row.get(1)?, server, row.get(3)?, session, trusted))
            },
        )
        .optional()?;
    let Some((id, user_name, server, server_name, session, trusted)) = found else { return Ok(None) };
    let user = people::person(connection, &id)?.unwrap_or_else(|| people::nameless(id));
    Ok(Some((Account { user, user_name, server, server_name, trusted }, session)))
}

/// The session as the screen knows it.
pub(crate) fn session(connection: &Connection) -> rusqlite::Result<SessionState> {
    Ok(match holder(connection)? {
        Some((account, Session::SignedIn)) => SessionState::SignedIn(account),
        Some((account, Session::Expired)) => SessionState::Expired(account),
        Some((_, Session::SignedOut)) | None => SessionState::SignedOut,
    })
}

/// Stores that this account signed in.
pub(crate) fn sign_in(connection: &Connection, account: &Account) -> rusqlite::Result<()> {
    people::put(connection, &account.user)?;
    connection.execute(
        "INSERT OR REPLACE INTO account (id, user_id, user_name, server, server_name, session, trusted_certificate)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            account.user.id.as_str(),
            account.user_name,
            account.server.as_str(),
            account.server_name,
            Session::SignedIn.as_str(),
            account.trusted.as_ref().map(TrustedCertificate::der)
        ],
    )?;
    Ok(())
}

/// Stores which certificate is the only one trusted at the account's server; `None` trusts the usual authorities.
pub(crate) fn set_trusted(
    connection: &Connection,
    trusted: Option<&TrustedCertificate>,
) -> rusqlite::Result<()> {
    let der = trusted.map(TrustedCertificate::der);
    connection.execute("UPDATE account SET trusted_certificate = ?1", [der])?;
    Ok(())
}

/// Stores how the session ended.
pub(crate) fn set_session(connection: &Connection, session: Session) -> rusqlite::Result<()> {
    connection.execute("UPDATE account SET session = ?1", [session.as_str()])?;
    Ok(())
}

/// Removes the account and everything that is its own.
pub(crate) fn wipe(connection: &Connection) -> rusqlite::Result<()> {
    search::clear(connection)?;
    connection.execute_batch(
        "DELETE FROM outbox; DELETE FROM message; DELETE FROM conversation; DELETE FROM draft; DELETE FROM flags;
         DELETE FROM person; DELETE FROM account; UPDATE feed SET cursor = NULL;",
    )
}
