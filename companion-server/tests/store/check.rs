//! The recount finds what is wrong, and nothing where all is well.

use companion_server::store::sqlite::{FILE_NAME, Finding, check};
use rusqlite::Connection;

use super::*;

/// A store in which everything happened that happens to messages.
async fn lived_in(dir: &Path) -> Open {
    let open = open(dir);
    let store: &dyn Store = &*open.store;
    let (ana, ben, eve) =
        (person(store, "ana").await, person(store, "ben").await, person(store, "eve").await);
    for n in 0..300 {
        let message = send(store, ana, ben, &format!("Nummer {n} ÄÖÜ\0\u{ffff} \"x\"")).await;
        let other = send(store, ben, eve, "Σίσυφος").await;
        match n % 4 {
            0 => read(store, &message).await,
            1 => delete(store, &message).await,
            2 => edit(store, &other, &format!("edited {n}")).await,
            _ => {}
        }
        while n % 50 == 49 && store.index_texts().await.unwrap() {}
    }
    let (indexed, late) = (send(store, eve, ana, "only").await, send(store, eve, ana, "late").await);
    delete(store, &indexed).await;
    delete(store, &late).await;
    open
}

#[tokio::test]
async fn a_sound_database_has_no_findings_also_while_it_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let open = lived_in(dir.path()).await;
    let file = dir.path().join(FILE_NAME);
    assert_eq!(check(&file).unwrap(), []);
    open.clock.set(BEGIN + 200 * 24 * 60 * 60 * 1000);
    let store: &dyn Store = &*open.store;
    assert!(!store.clear_away(Retention::default()).await.unwrap().is_nothing());
    assert_eq!(check(&file).unwrap(), []);
    store.close().await;
    assert_eq!(check(&file).unwrap(), []);
}

#[tokio::test]
async fn each_thing_that_can_disagree_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let open = lived_in(dir.path()).await;
    open.store.close().await;
    let file = dir.path().join(FILE_NAME);
    for (damage, told) in [
        (
            "UPDATE conversations SET unread = unread + 1 WHERE rowid_of_first",
            "the number of unread messages",
        ),
        ("UPDATE conversations SET last_sent_at = 1 WHERE rowid_of_first", "its newest message"),
        ("DELETE FROM conversations WHERE rowid_of_first", "it is missing"),
        ("DELETE FROM changes WHERE seq = 7", "it has a gap"),
        ("DELETE FROM changes", "it is missing"),
        ("UPDATE feeds SET seq = seq + 1", "it does not end at its counter"),
        (
            "UPDATE changes SET message = (SELECT id FROM messages WHERE n = 2) WHERE seq = 3",
            "other people's messages",
        ),
        (
            "UPDATE changes SET message = (SELECT c.message FROM changes c WHERE c.user = changes.user AND c.seq = 1)",
            "every message",
        ),
        (
            "UPDATE messages SET sender = x'000000000000000000000000' WHERE n = 1",
            "refers to one that is not there",
        ),
        (
            "UPDATE messages SET content = 'other' WHERE n = 1",
            "the index of texts differs from message number 1",
        ),
        ("DELETE FROM messages_text WHERE rowid = 5", "the index of texts differs from message number 5"),
        ("INSERT INTO messages_text (rowid, content) VALUES (9999999, 'abc')", "message number 9999999"),
        ("UPDATE messages_text_data SET block = x'00000000' WHERE id > 10", "damaged"),
    ] {
        let copy = dir.path().join("copy.db");
        std::fs::copy(&file, &copy).unwrap();
        let db = Connection::open(&copy).unwrap();
        db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
        db.pragma_update(None, "foreign_keys", false).unwrap();
        let first = "(user, peer) = (SELECT user, peer FROM conversations WHERE unread > 0 LIMIT 1)";
        db.execute_batch(&damage.replace("rowid_of_first", first)).unwrap();
        drop(db);
        let findings = check(&copy).unwrap();
        let all: Vec<String> = findings.iter().map(Finding::to_string).collect();
        assert!(all.iter().any(|finding| finding.contains(told)), "{damage}: {all:?}");
        assert!(findings.len() <= 100);
        std::fs::remove_file(&copy).unwrap();
    }
    let mut bytes = std::fs::read(&file).unwrap();
    let page: usize = Connection::open(&file)
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'messages_by_pair'", [], |row| row.get(0))
        .unwrap();
    bytes[page * 4096 - 1000..page * 4096].fill(0xaa);
    std::fs::write(dir.path().join("damaged.db"), bytes).unwrap();
    let findings = check(&dir.path().join("damaged.db")).unwrap();
    assert!(findings.iter().all(|finding| matches!(finding, Finding::Damaged(_))) && !findings.is_empty());

    std::fs::write(dir.path().join("none.db"), "no database").unwrap();
    assert!(check(&dir.path().join("none.db")).is_err());
    assert!(check(&dir.path().join("missing.db")).is_err());
}
