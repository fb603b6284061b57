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
mod tests {
    use super::*;

    /// Every released schema with a few rows, as `.dump` writes it: what users' disks hold.
    const FIXTURES: &[(i64, &str)] = &[
        (1, include_str!("migrations/fixtures/0001.sql")),
        (2, include_str!("migrations/fixtures/0002.sql")),
    ];

    fn schema(connection: &Connection) -> Vec<String> {
        connection
            .prepare("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    #[test]
    fn every_past_schema_becomes_the_current_one_and_keeps_its_rows() {
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh).unwrap();
        assert_eq!(FIXTURES.len(), MIGRATIONS.len(), "each migration has a fixture");
        for (version, dump) in FIXTURES {
            let mut old = Connection::open_in_memory().unwrap();
            old.execute_batch(dump).unwrap();
            old.pragma_update(None, "user_version", version).unwrap();
            migrate(&mut old).unwrap();
            assert_eq!(schema(&old), schema(&fresh), "from version {version}");
            let kept: (String, String) = old
                .query_row("SELECT (SELECT content FROM message), (SELECT content FROM outbox)", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .unwrap();
            assert_eq!(kept, ("Good morning".to_owned(), "On my way".to_owned()), "from version {version}");
        }
    }

    #[test]
    fn a_newer_schema_is_refused_and_untouched() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection), Err(OpenError::Newer { found: 99, .. })));
        assert_eq!(schema(&connection), Vec::<String>::new());
    }
}
