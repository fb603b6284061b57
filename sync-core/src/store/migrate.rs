//! Bringing a database to the current schema.
//!
//! Migrations are numbered SQL files; `user_version` holds the number of the last one that ran. Each runs in one
//! transaction with its number, so a crash leaves the old schema or the new one. A database with a number that
//! this version does not know is left untouched and refused.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::OpenError;

/// The migrations, the first one as number 1.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001.sql"), include_str!("migrations/0002.sql")];

/// Runs what has not run yet.
///
/// # Errors
/// Where the database is newer than this program, or `SQLite` fails.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known || found < 0 {
        return Err(OpenError::Newer { found, known });
    }
    for (number, sql) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
