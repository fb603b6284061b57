//! What is on users' disks survives every migration, whole or not begun.

use std::path::Path;

use rusqlite::{Batch, fallible_iterator::FallibleIterator as _, params, types::Value};

use super::*;

/// Every released schema with a few rows, as `.dump` writes it: what users' disks hold.
const FIXTURES: &[(i64, &str)] = &[
    (1, include_str!("../migrations/fixtures/0001.sql")),
    (2, include_str!("../migrations/fixtures/0002.sql")),
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
        let derived: [i64; 3] = old
            .query_row(
                "SELECT (SELECT count(*) FROM message_text('morn*')), (SELECT count(*) FROM outbox_text('way')),
                     (SELECT messages FROM summary)",
                [],
                |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]),
            )
            .unwrap();
        assert_eq!(derived, [1, 1, 1], "from version {version}");
    }
}

#[test]
fn a_newer_schema_is_refused_and_untouched() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(migrate(&mut connection), Err(OpenError::Newer { found: 99, .. })));
    assert_eq!(schema(&connection), Vec::<String>::new());
}

/// A generator of numbers, for rows of every kind.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        // Knuth's MMIX; its upper bits are good enough for tests.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % bound
    }

    fn maybe(&mut self, value: i64) -> Option<i64> {
        (self.below(2) == 0).then_some(value)
    }
}

/// A profile as version 1 would have written it: messages with gaps between their numbers and tombstones among them,
/// conversations whose back-fill is not begun, half way and done, and so many rows of every kind and state that wait.
fn fill_version_1(connection: &Connection, seed: u64, waiting: i64) {
    connection.execute_batch(MIGRATIONS[0]).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    let mut dice = Dice(seed);
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    run("INSERT INTO profile VALUES (1, 'random')", params![]);
    let session = ["signed_in", "expired", "signed_out"][usize::try_from(dice.below(3)).unwrap()];
    run("INSERT INTO account VALUES (1, 'ana', 'Ana', 'https://example.org/', 'Chat', ?1)", params![session]);
    let cursor = dice.maybe(1).map(|_| "c 1");
    run("UPDATE feed SET cursor = ?1, generation = ?2", params![cursor, dice.below(9)]);
    for number in 0..waiting / 5 + 20 {
        let deleted = dice.maybe(number).filter(|number| number % 3 == 0);
        let content = if deleted.is_some() { String::new() } else { format!("text {number} ä 🥭\0\n") };
        let at = 1_759_919_400_000 + dice.below(20);
        let key = dice.maybe(number).map(|number| format!("key {number}"));
        run(
            "INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            params![
                format!("m{number}"),
                format!("peer {}", dice.below(7)),
                dice.below(2),
                content,
                at,
                dice.below(2),
                dice.maybe(at),
                dice.maybe(at),
                dice.maybe(at),
                dice.maybe(at),
                deleted.map(|_| at),
                key,
                dice.below(999),
                dice.below(9),
            ],
        );
    }
    run("DELETE FROM message WHERE rowid % 7 = 3", params![]);
    for peer in 0..7 {
        let floor = dice.maybe(-5).map(|at| (at, "m1"));
        let done = dice.below(2);
        run(
            "INSERT INTO conversation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                format!("peer {peer}"),
                floor.map(|(at, _)| at),
                floor.map(|(_, id)| id),
                (done == 0).then_some("m1"),
                done,
                dice.below(50),
                floor.map(|(at, _)| at + 9),
                floor.map(|_| "m2"),
            ],
        );
        run(
            "INSERT INTO person VALUES (?1, 'Ben', ?2, ?3, NULL)",
            params![format!("peer {peer}"), format!("Ng {peer}"), dice.maybe(1).map(|_| "student")],
        );
    }
    for number in 0..waiting {
        let kind = ["send", "edit", "delete", "read"][usize::try_from(dice.below(4)).unwrap()];
        let state = ["queued", "in_flight", "unknown", "refused"][usize::try_from(dice.below(4)).unwrap()];
        run(
            "INSERT INTO outbox (kind, peer, target, content, state, attempts, reason, written_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                kind,
                format!("peer {}", dice.below(7)),
                format!("key {number}"),
                if kind == "send" || kind == "edit" { "written" } else { "" },
                state,
                dice.below(5),
                (state == "refused").then_some("User not found"),
                1_759_919_460_000 + number,
            ],
        );
    }
    // The newest row is gone again: its number must not come back.
    run("DELETE FROM outbox WHERE seq = (SELECT max(seq) FROM outbox)", params![]);
}

/// Everything that version 1 keeps, in its columns. The name in the keyring is kept in the manifest since version 2.
fn rows_of_version_1(connection: &Connection) -> Vec<Vec<Value>> {
    let number =
        if schema(connection).iter().any(|sql| sql.contains("told_read")) { "number" } else { "rowid" };
    let message = format!(
        "SELECT {number}, id, peer, mine, content, sent_at, is_read, edited_at, delivered_at, seen_at, read_at,
             deleted_at, client_key, seq, generation FROM message ORDER BY 1"
    );
    let mut all = Vec::new();
    for sql in [
        "SELECT id, user_id, user_name, server, server_name, session FROM account",
        "SELECT id, cursor, generation FROM feed",
        "SELECT id, first_name, last_name, role, avatar FROM person ORDER BY 1",
        &message,
        "SELECT peer, floor_at, floor_id, fill_before, fill_done, unread_unfilled, read_at, read_id
         FROM conversation ORDER BY 1",
        "SELECT seq, kind, peer, target, content, state, attempts, reason, written_at FROM outbox ORDER BY 1",
    ] {
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows =
            statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
        all.extend(rows.map(Result::<Vec<Value>, _>::unwrap));
    }
    all
}

/// The lowest number that the next row of a table gets.
fn next_of(connection: &Connection, table: &str) -> i64 {
    let sql = "SELECT seq + 1 FROM sqlite_sequence WHERE name = ?1";
    connection.query_row(sql, [table], |row| row.get(0)).unwrap()
}

#[test]
fn a_profile_of_version_1_with_a_full_outbox_is_the_same_row_by_row() {
    let full = i64::from(crate::limits::OUTBOX_ROWS);
    for (seed, waiting) in (0..20).map(|seed| (seed, 40)).chain([(99, full + 1)]) {
        let mut connection = Connection::open_in_memory().unwrap();
        fill_version_1(&connection, seed, waiting);
        let before = rows_of_version_1(&connection);
        migrate(&mut connection).unwrap();
        assert!(rows_of_version_1(&connection) == before, "with seed {seed}");
        assert_eq!(next_of(&connection, "outbox"), waiting + 1, "no number comes back");
        let (top, odd): (i64, i64) = connection
            .query_row(
                "SELECT max(number), count(*) FILTER (WHERE told_read <> is_read OR absences <> 0 OR lost <> 0)
                 FROM message",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_eq!((next_of(&connection, "message"), odd), (top + 1, 0));
        let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
    }
}

/// Copies what a killed process leaves of a database.
fn copy_as_killed(from: &Path, to: &Path) {
    for name in ["roost.db", "roost.db-wal"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[test]
fn a_crash_at_any_statement_of_a_migration_leaves_the_old_schema_and_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join("roost.db")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    // So little memory that pages of the open transaction reach the disk.
    connection.pragma_update(None, "cache_size", 5).unwrap();
    fill_version_1(&connection, 7, 300);
    let before = (schema(&connection), rows_of_version_1(&connection));

    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut batch = Batch::new(&connection, MIGRATIONS[1]);
    let mut statements = 0;
    while let Some(mut statement) = batch.next().unwrap() {
        statement.execute([]).unwrap();
        drop(statement);
        statements += 1;
        let crashed = tempfile::tempdir().unwrap();
        copy_as_killed(folder.path(), crashed.path());
        let mut found = Connection::open(crashed.path().join("roost.db")).unwrap();
        assert!((schema(&found), rows_of_version_1(&found)) == before, "after {statements} statements");
        migrate(&mut found).unwrap();
        assert!(rows_of_version_1(&found) == before.1, "and then goes through");
    }
    assert!(statements > 5);
    let written = std::fs::metadata(folder.path().join("roost.db-wal")).unwrap().len();
    assert!(written > 0, "the open transaction reached the disk");
}

#[test]
fn a_migration_that_fails_leaves_the_old_schema_and_its_rows() {
    let mut connection = Connection::open_in_memory().unwrap();
    fill_version_1(&connection, 3, 40);
    // In the way of one of the last statements.
    connection.execute_batch("CREATE TABLE draft (x)").unwrap();
    let before = (schema(&connection), rows_of_version_1(&connection));
    assert!(matches!(migrate(&mut connection), Err(OpenError::Store(_))));
    assert!((schema(&connection), rows_of_version_1(&connection)) == before);
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
}
