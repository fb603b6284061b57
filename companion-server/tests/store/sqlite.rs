//! What the SQLite backend promises besides.

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

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("roost.db");
    std::fs::write(&file, "this was a database once, and somebody wants it back").unwrap();
    let (facts, _committed) = mpsc::channel(1);
    let error = SqliteStore::open(dir.path(), Hand::new(), facts).err().unwrap().to_string();
    assert!(error.contains("roost.db"), "{error}");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("this was"));
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
