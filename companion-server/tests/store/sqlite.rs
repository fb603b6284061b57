//! What the SQLite backend promises besides.

use companion_server::store::sqlite::copy;

use super::*;

#[tokio::test]
async fn sent_at_never_goes_back_not_even_across_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let (ana, ben) = (person(&*first.store, "ana").await, person(&*first.store, "ben").await);
    let one = send(&*first.store, ana, ben, "one").await;
    first.clock.set(BEGIN - 60_000);
    let two = send(&*first.store, ana, ben, "two").await;
    first.store.close().await;

    let second = open(dir.path());
    second.clock.set(BEGIN - 120_000);
    let three = send(&*second.store, ana, ben, "three").await;
    assert!([&one, &two, &three].is_sorted_by(|a, b| a.position() < b.position() && a.sent_at <= b.sent_at));
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path());
    let store: &dyn Store = &*open.store;
    let (ana, ben) = (person(store, "ana").await, person(store, "ben").await);
    store.close().await;
    assert!(store.ping().await.is_err());
    assert!(matches!(store.send(draft(ana, ben, "late")).await, Err(SendError::Store(_))));
    assert!(!dir.path().join("roost.db-wal").exists(), "the log was written back");
}

/// A command ends while a server writes and a backup reads.
#[tokio::test]
async fn a_store_that_closes_keeps_no_other_from_writing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("roost.db");
    let open = open(dir.path());
    let (ana, ben) = (person(&*open.store, "ana").await, person(&*open.store, "ben").await);
    let reader = rusqlite::Connection::open(&file).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM messages;").unwrap();
    send(&*open.store, ana, ben, "what the reader does not see").await;
    let other = rusqlite::Connection::open(&file).unwrap();
    // Much longer than a commit takes, and shorter than a store waits for a reader.
    other.busy_timeout(std::time::Duration::from_secs(3)).unwrap();
    let store = Arc::clone(&open.store);
    let closing = tokio::spawn(async move { store.close().await });
    while !closing.is_finished() {
        other.execute_batch("BEGIN IMMEDIATE; COMMIT;").unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    closing.await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("roost.db");
    std::fs::write(&file, "this was a database once, and somebody wants it back").unwrap();
    let error = refused(dir.path());
    assert!(error.contains("roost.db is damaged (file is not a database)"), "{error}");
    assert!(error.contains("companion-server restore"), "{error}");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("this was"));
}

fn refused(dir: &Path) -> String {
    let (facts, _committed) = mpsc::channel(1);
    SqliteStore::open(dir, Hand::new(), facts).err().unwrap().to_string()
}

#[tokio::test]
async fn a_database_that_was_cut_or_scribbled_on_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("roost.db");
    let first = open(dir.path());
    let (ana, ben) = (person(&*first.store, "ana").await, person(&*first.store, "ben").await);
    for number in 0..50 {
        send(&*first.store, ana, ben, &format!("{number} {}", "y".repeat(1000))).await;
    }
    first.store.close().await;
    let whole = std::fs::read(&file).unwrap();
    let mut scribbled = whole.clone();
    scribbled[whole.len() / 2..][..5000].fill(b'?');
    for damaged in [&whole[..whole.len() / 2], &whole[..50], &scribbled] {
        std::fs::write(&file, damaged).unwrap();
        let error = refused(dir.path());
        assert!(error.contains("roost.db is damaged ("), "{error}");
        assert_eq!(std::fs::read(&file).unwrap(), damaged, "it is as it was");
    }
    std::fs::write(&file, &whole).unwrap();
    open(dir.path()).store.close().await;
}

#[tokio::test]
async fn a_database_that_is_gone_is_not_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("roost.db");
    for (sign, is_folder) in [
        ("token-secret", false),
        ("roost.db-wal", false),
        ("snapshots", true),
        ("aside-20261122T165403Z", true),
    ] {
        let path = dir.path().join(sign);
        let inside = if is_folder { path.join("roost.db") } else { path.clone() };
        std::fs::create_dir_all(inside.parent().unwrap()).unwrap();
        std::fs::write(&inside, "something").unwrap();
        for empty in [false, true] {
            if empty {
                std::fs::write(&file, "").unwrap();
            }
            let error = refused(dir.path());
            assert!(error.contains("roost.db is missing or empty, but") && error.contains(sign), "{error}");
            assert_eq!(std::fs::metadata(&file).map_or(0, |file| file.len()), 0, "nothing was made");
        }
        std::fs::remove_file(&file).unwrap();
        if is_folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
    }
    open(dir.path()).store.close().await;
}

#[tokio::test]
async fn an_old_database_is_copied_before_it_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = dir.path().join("snapshots");
    std::fs::create_dir(&snapshots).unwrap();
    for old in
        ["roost-v1-20200101T000000Z.db", "roost-v1-20210101T000000Z.db", "roost-v1-20220101T000000Z.db"]
    {
        std::fs::write(snapshots.join(old), "of an earlier migration").unwrap();
    }
    let old = rusqlite::Connection::open(dir.path().join("roost.db")).unwrap();
    old.execute_batch(include_str!("../../src/store/sqlite/schemas/0001.sql")).unwrap();
    old.execute_batch(include_str!("../../src/store/sqlite/schemas/0001_rows.sql")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let names = || {
        let entries = std::fs::read_dir(&snapshots).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let earlier = names();
    // What a start left that was killed, and what the next step stumbles over.
    std::fs::write(snapshots.join("roost-v1-20250101T000000Z.partial"), "a part").unwrap();
    old.execute_batch("CREATE TABLE invites (x)").unwrap();
    for _ in 0..2 {
        let error = refused(dir.path());
        assert!(error.contains("could not be brought to schema version 2"), "{error}");
        assert_eq!(names(), earlier, "a start that fails adds no copy and forgets none");
    }
    old.execute_batch("DROP TABLE invites").unwrap();
    drop(old);
    open(dir.path()).store.close().await;
    open(dir.path()).store.close().await;
    let names = names();
    let expected =
        ["roost-v1-20210101T000000Z.db", "roost-v1-20220101T000000Z.db", "roost-v1-20251008T103000Z.db"];
    assert_eq!(names, expected, "the newest three are kept, and a start without a migration adds none");
    let snapshot = snapshots.join(&names[2]);
    let facts = copy::facts(&snapshot).unwrap();
    assert_eq!((facts.schema, facts.rows["messages"]), (1, 3));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&snapshot).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let _open = open(&data);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in ["roost.db", "roost.db-wal", "roost.db-shm"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}
