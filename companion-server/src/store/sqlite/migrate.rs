//! Brings a database's schema up to date, one numbered step at a time.
//!
//! `PRAGMA user_version` says which steps a database has. Each step commits together with its number. A step that was
//! released is never changed; mistakes are mended by a further step.

use rusqlite::Connection;

/// Why a database could not be brought up to date. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// A newer version of the server made it.
    #[error(
        "the database has schema version {found}, and this server knows versions up to {known}: \
         use the newer version of the server that made it"
    )]
    Newer {
        /// The database's version.
        found: usize,
        /// The newest that this server knows.
        known: usize,
    },
    /// A step failed.
    #[error("the database could not be brought to schema version {version}: {source}")]
    Step {
        /// Which.
        version: usize,
        /// Why.
        source: rusqlite::Error,
    },
    /// The version can't be read.
    #[error("the database's schema version cannot be read: {0}")]
    Version(#[source] rusqlite::Error),
}

/// The steps, in order; the first makes version 1.
const STEPS: &[&str] = &[include_str!("migrations/0001_initial.sql")];

/// Takes the steps that the database does not have.
///
/// # Errors
/// [`MigrationError`].
pub(super) fn migrate(db: &mut Connection) -> Result<(), MigrationError> {
    let found = version(db).map_err(MigrationError::Version)?;
    let known = STEPS.len();
    if found > known {
        return Err(MigrationError::Newer { found, known });
    }
    for (index, step) in STEPS.iter().enumerate().skip(found) {
        let version = index + 1;
        take(db, step, version).map_err(|source| MigrationError::Step { version, source })?;
    }
    Ok(())
}

fn version(db: &Connection) -> rusqlite::Result<usize> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes a step, unless another process has taken it since the version was read.
fn take(db: &mut Connection, step: &str, to: usize) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if version(&transaction)? < to {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", to)?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every schema that was ever released, as `.schema` showed it, so that a change of a released step is found.
    const PAST: &[&str] = &[include_str!("schemas/0001.sql")];

    fn schema(db: &Connection) -> String {
        let mut statements = db
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name")
            .unwrap();
        let lines: Vec<String> =
            statements.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        lines.join(";\n") + ";\n"
    }

    #[test]
    fn every_past_schema_becomes_the_present_one() {
        assert_eq!(PAST.len(), STEPS.len(), "keep the schema of each version under schemas/");
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh).unwrap();
        assert_eq!(schema(&fresh), PAST[PAST.len() - 1]);

        for (index, past) in PAST.iter().enumerate() {
            let mut db = Connection::open_in_memory().unwrap();
            db.execute_batch(past).unwrap();
            db.pragma_update(None, "user_version", index + 1).unwrap();
            migrate(&mut db).unwrap();
            assert_eq!(schema(&db), schema(&fresh), "from version {}", index + 1);
        }
    }

    #[test]
    fn a_newer_database_is_refused_in_plain_words() {
        let mut db = Connection::open_in_memory().unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut db).unwrap_err().to_string();
        assert!(error.starts_with("the database has schema version 99, and this server knows"), "{error}");
        assert_eq!(schema(&db), ";\n");
    }

    #[test]
    fn a_failed_step_leaves_the_database_as_it_was() {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE messages (x)").unwrap();
        let before = schema(&db);
        assert!(matches!(migrate(&mut db), Err(MigrationError::Step { version: 1, .. })));
        assert_eq!(schema(&db), before);
    }
}
