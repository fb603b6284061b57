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
const STEPS: &[&str] =
    &[include_str!("migrations/0001_initial.sql"), include_str!("migrations/0002_people_and_search.sql")];

/// The newest schema version.
pub(super) const KNOWN: usize = STEPS.len();

/// The version of a database that has one, and not the newest.
///
/// # Errors
/// [`MigrationError::Version`].
pub(super) fn outdated(db: &Connection) -> Result<Option<usize>, MigrationError> {
    let found = version(db).map_err(MigrationError::Version)?;
    Ok(Some(found).filter(|found| (1..KNOWN).contains(found)))
}

/// Takes the steps that the database does not have.
///
/// # Errors
/// [`MigrationError`].
pub(super) fn migrate(db: &mut Connection) -> Result<(), MigrationError> {
    let found = version(db).map_err(MigrationError::Version)?;
    if found > KNOWN {
        return Err(MigrationError::Newer { found, known: KNOWN });
    }
    // A step that makes a table anew would lose the rows that refer to it; each step checks the references at its end.
    let enforced: bool =
        db.pragma_query_value(None, "foreign_keys", |row| row.get(0)).map_err(MigrationError::Version)?;
    let enforce = |db: &Connection, on: bool| {
        db.pragma_update(None, "foreign_keys", on).map_err(MigrationError::Version)
    };
    enforce(db, false)?;
    let taken = STEPS.iter().enumerate().skip(found).try_for_each(|(index, step)| {
        let version = index + 1;
        take(db, step, version).map_err(|source| MigrationError::Step { version, source })
    });
    enforce(db, enforced)?;
    taken
}

fn version(db: &Connection) -> rusqlite::Result<usize> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes a step, unless another process has taken it since the version was read.
fn take(db: &mut Connection, step: &str, to: usize) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if version(&transaction)? < to {
        transaction.execute_batch(step)?;
        check_references(&transaction)?;
        transaction.pragma_update(None, "user_version", to)?;
    }
    transaction.commit()
}

/// Fails where a row refers to one that is not there.
fn check_references(db: &Connection) -> rusqlite::Result<()> {
    let mut check = db.prepare("PRAGMA foreign_key_check")?;
    if check.exists([])? {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY);
        return Err(rusqlite::Error::SqliteFailure(code, Some("a reference leads nowhere".to_owned())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::add_functions;

    /// Every schema that was ever released, as `.schema` showed it, so that a change of a released step is found.
    const PAST: &[&str] = &[include_str!("schemas/0001.sql"), include_str!("schemas/0002.sql")];

    /// The statements that made the database; the tables that a text index makes for itself are left out.
    fn schema(db: &Connection) -> String {
        let mut statements = db
            .prepare(
                "SELECT sql FROM sqlite_schema
                 WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT GLOB 'messages_text_*' ORDER BY name",
            )
            .unwrap();
        let lines: Vec<String> =
            statements.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        lines.join(";\n") + ";\n"
    }

    fn empty() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        add_functions(&db).unwrap();
        db.pragma_update(None, "foreign_keys", true).unwrap();
        db
    }

    #[test]
    fn every_past_schema_becomes_the_present_one() {
        assert_eq!(PAST.len(), STEPS.len(), "keep the schema of each version under schemas/");
        let mut fresh = empty();
        migrate(&mut fresh).unwrap();
        assert_eq!(schema(&fresh), PAST[PAST.len() - 1]);

        for (index, past) in PAST.iter().enumerate() {
            let mut db = empty();
            db.execute_batch(past).unwrap();
            db.pragma_update(None, "user_version", index + 1).unwrap();
            migrate(&mut db).unwrap();
            assert_eq!(schema(&db), schema(&fresh), "from version {}", index + 1);
        }
    }

    #[test]
    fn what_the_first_schema_held_is_kept() {
        let mut db = empty();
        db.execute_batch(PAST[0]).unwrap();
        db.execute_batch(include_str!("schemas/0001_rows.sql")).unwrap();
        db.pragma_update(None, "user_version", 1).unwrap();
        migrate(&mut db).unwrap();
        let found: Vec<(String, i64, String)> = db
            .prepare(
                "SELECT m.content, m.n, group_concat(hex(c.user), ' ' ORDER BY c.user)
                 FROM messages m JOIN changes c ON c.message = m.id GROUP BY m.id ORDER BY m.n",
            )
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let both = "A00000000000000000000000 B00000000000000000000000".to_owned();
        assert_eq!(
            found,
            [
                ("Überstunden".to_owned(), 1, both.clone()),
                (String::new(), 2, both.clone()),
                ("second".to_owned(), 3, both)
            ]
        );
        let through: i64 = db.query_row("SELECT through FROM text_index", [], |row| row.get(0)).unwrap();
        assert_eq!(through, 0, "the old messages are yet to be added to the index of texts");
        assert!(db.execute("DELETE FROM users", []).is_err(), "references are enforced again");
    }

    #[test]
    fn a_newer_database_is_refused_in_plain_words() {
        let mut db = empty();
        db.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut db).unwrap_err().to_string();
        assert!(error.starts_with("the database has schema version 99, and this server knows"), "{error}");
        assert_eq!(schema(&db), ";\n");
    }

    #[test]
    fn a_failed_step_leaves_the_database_as_it_was() {
        let mut db = empty();
        db.execute_batch("CREATE TABLE messages (x)").unwrap();
        let before = schema(&db);
        assert!(matches!(migrate(&mut db), Err(MigrationError::Step { version: 1, .. })));
        assert_eq!(schema(&db), before);
    }
}
