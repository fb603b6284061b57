//! `import`: what it takes, what it leaves and says so, and that it can be run again.

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use companion_server::{
    clock::SystemClock,
    store::{
        AccountStore as _, FeedStore as _, MessageStore as _, Store as _,
        sqlite::{FILE_NAME, SqliteStore, check},
    },
};
use protocol::{MessageId, Role, UserId, filter::Filter};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;

const HASH: &str = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
const ANA: &str = "507f1f77bcf86cd799439011";
const BEN: &str = "507f1f77bcf86cd799439012";

fn import(dir: &Path, more: &[&str]) -> Output {
    let mut command = command(&["import", "--data-dir", "data", "--users", "users.json"]);
    ends(command.args(["--messages", "messages.json"]).args(more).current_dir(dir))
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", told(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn open(dir: &Path) -> SqliteStore {
    let (facts, _) = mpsc::channel(1);
    SqliteStore::open(&dir.join("data"), Arc::new(SystemClock), facts).unwrap()
}

fn user(id: &str) -> UserId {
    id.parse().unwrap()
}

/// People and messages in every notation, good ones and all that is wrong.
fn exported() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let users = format!(
        r#"[{{"_id":{{"$oid":"{ANA}"}},"firstName":"Ana","lastName":"Cruz","email":"Ana@example.org","role":"student",
             "userName":"ana","password":"{HASH}","createdAt":{{"$date":"2024-01-02T03:04:05.678Z"}},"__v":0}},
            {{"_id":"{BEN}","firstName":"Ben","lastName":"Reyes","email":"ben@example.org","role":"Coordinator",
             "avatar":"https://example.org/b.png","password":"plain text"}},
            {{"_id":"507f1f77bcf86cd799439013","firstName":"Other","email":"ANA@example.org","role":"student"}},
            {{"_id":"507f1f77bcf86cd799439014","firstName":"Second\u0007","email":"ana@example.net","role":"teacher"}},
            {{"_id":"507f1f77bcf86cd799439015","email":"nobody"}},
            {{"_id":"x","email":"x@example.org"}},
            {{"_id":"ffffffffbcf86cd799439011","email":"future@example.org"}}
           ]"#
    );
    fs::write(dir.path().join("users.json"), users).unwrap();
    let mut messages = String::new();
    let mut message = |fields: &str| writeln!(messages, "{{{fields}}}").unwrap();
    message(&format!(
        r#""_id":{{"$oid":"607f1f77bcf86cd799439001"}},"sender":{{"$oid":"{ANA}"}},"receiver":{{"$oid":"{BEN}"}},"content":"Überstunden?","isRead":true,"sentAt":{{"$date":"2024-02-01T10:00:00Z"}},"createdAt":{{"$date":"2024-02-01T10:00:00Z"}},"updatedAt":{{"$date":{{"$numberLong":"1706785200000"}}}}"#
    ));
    message(&format!(
        r#""_id":"607f1f77bcf86cd799439002","sender":{{"_id":"{BEN}","firstName":"Ben"}},"receiver":"{ANA}","content":"newest","isRead":false,"sentAt":{{"$date":{{"$numberLong":"1706959800000"}}}}"#
    ));
    message(&format!(
        r#""_id":"607f1f77bcf86cd799439003","sender":"{BEN}","receiver":"{ANA}","content":"older","sentAt":"2024-02-02T10:00:00Z""#
    ));
    for (id, fields) in [
        ("04", r#""sender":"ANA","receiver":"507f1f77bcf86cd7994390ff","content":"x""#),
        ("05", r#""sender":"507f1f77bcf86cd7994390ff","receiver":"ANA","content":"x""#),
        ("06", r#""sender":"ANA","receiver":"ANA","content":"x""#),
        ("07", r#""sender":"ANA","receiver":"BEN","content":" ""#),
        ("08", r#""sender":"ANA","receiver":"BEN","content":"LONG""#),
        ("09", r#""sender":"ANA","receiver":"BEN","content":"x","sentAt":{"$date":"2999-01-01T00:00:00Z"}"#),
        ("0a", r#""sender":"ANA","receiver":"BEN","content":"x","sentAt":{"$date":{"$numberLong":"-1"}}"#),
        ("0b", r#""sender":"ANA","receiver":"BEN","content":"x","sentAt":"yesterday""#),
        ("0c", r#""sender":"ANA","receiver":"BEN","content":"x","isRead":"maybe""#),
        ("0d", r#""sender":7,"receiver":"BEN","content":"x""#),
    ] {
        let fields = fields.replace("ANA", ANA).replace("BEN", BEN).replace("LONG", &"x".repeat(10_001));
        message(&format!(r#""_id":"607f1f77bcf86cd7994390{id}",{fields}"#));
    }
    messages.push_str("oops\n");
    fs::write(dir.path().join("messages.json"), messages).unwrap();
    dir
}

#[tokio::test]
async fn ids_times_and_read_states_stay_and_what_is_skipped_is_told() {
    let dir = exported();
    let text = printed(&import(dir.path(), &["--report", "report.txt"]));
    assert!(text.contains("users.json: 7 read, 3 taken, 0 here already, 4 skipped"), "{text}");
    assert!(text.contains("messages.json: 14 read, 3 taken, 0 here already, 11 skipped"), "{text}");
    let report = fs::read_to_string(dir.path().join("report.txt")).unwrap();
    for line in [
        "users.json:5: document 3, _id 507f1f77bcf86cd799439013: another account has this e-mail address",
        "taken without a password",
        "taken as a student",
        "document 5, _id 507f1f77bcf86cd799439015: its email is not an e-mail address",
        "document 6: its _id is not an id of 24 hex digits",
        "document 7, _id ffffffffbcf86cd799439011: its _id is from the future",
        "messages.json:4: document 4, _id 607f1f77bcf86cd799439004: its receiver is not among the accounts",
        "its sender is not among the accounts",
        "its sender is its receiver",
        "it has no content",
        "its content is longer than 10,000 characters",
        "it was sent in the future",
        "it was sent before 1970",
        "one of its times is not a time",
        "its isRead is not true or false",
        "its sender is not an id of 24 hex digits",
        "messages.json:14: document 14: it is not a document of mongoexport",
    ] {
        assert!(report.contains(line), "{line}\n{report}");
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!report.contains("Überstunden") && !report.contains("plain text"));

    let store = open(dir.path());
    let credentials = store.credentials("ANA").await.unwrap().unwrap();
    assert_eq!((credentials.account.id, &*credentials.password_hash), (user(ANA), HASH));
    let ben = store.credentials("ben").await.unwrap().unwrap();
    assert_eq!((ben.account.id, ben.account.role, &*ben.password_hash), (user(BEN), Role::Coordinator, ""));
    assert_eq!(ben.account.avatar.as_deref(), Some("https://example.org/b.png"));
    let second = store.credentials("ana2").await.unwrap().unwrap().account;
    assert_eq!((&*second.first_name, second.role), ("Second", Role::Student));

    let first: MessageId = "607f1f77bcf86cd799439001".parse().unwrap();
    let first = store.message(first).await.unwrap().unwrap().message;
    assert_eq!((&*first.content, first.is_read), ("Überstunden?", true));
    assert_eq!(first.sent_at.to_string(), "2024-02-01T10:00:00.000Z");
    assert_eq!(first.updated_at.to_string(), "2024-02-01T11:00:00.000Z");
    let snapshot = store.snapshot(user(ANA)).await.unwrap();
    let stands = &snapshot.conversations[0];
    assert_eq!((stands.peer.id, &*stands.last.content, stands.unread), (user(BEN), "newest", 2));
    let filter = Filter::parse(Some(&json!({"content": "überst"}))).unwrap().condition;
    assert_eq!(store.search(user(ANA), filter, 5).await.unwrap(), [first]);
    store.close().await;
    assert_eq!(check(&dir.path().join("data").join(FILE_NAME)).unwrap(), []);
}

#[tokio::test]
async fn an_import_can_be_run_again_and_overwrites_nothing() {
    use companion_server::model::{Change, cursor::Cursor};
    let dir = exported();
    assert!(printed(&import(dir.path(), &["--dry-run"])).contains("3 taken, 0 here already, 11 skipped"));
    assert!(!dir.path().join("data/import-dry-run").exists());
    assert!(!dir.path().join("data").join(FILE_NAME).exists(), "a dry run makes nothing");
    printed(&import(dir.path(), &[]));

    let store = open(dir.path());
    let before: Cursor = store.snapshot(user(ANA)).await.unwrap().next;
    let (first, second) =
        ("607f1f77bcf86cd799439001".parse().unwrap(), "607f1f77bcf86cd799439002".parse().unwrap());
    let edit = Change::Content("edited here".into());
    store.change(first, Box::new(move |_| Ok(Some(edit)))).await.unwrap();
    store.change(second, Box::new(|_| Ok(Some(Change::Deleted)))).await.unwrap();
    store.close().await;
    let late = format!(
        r#"{{"_id":"607f1f77bcf86cd79943ffff","sender":"{BEN}","receiver":"{ANA}","content":"late"}}"#
    );
    let messages = fs::read_to_string(dir.path().join("messages.json")).unwrap();
    fs::write(dir.path().join("messages.json"), messages + &late).unwrap();

    let dry = printed(&import(dir.path(), &["--dry-run"]));
    let text = printed(&import(dir.path(), &[]));
    assert!(text.contains("users.json: 7 read, 0 taken, 3 here already, 4 skipped"), "{text}");
    assert!(text.contains("messages.json: 15 read, 1 taken, 3 here already, 11 skipped"), "{text}");
    assert_eq!(dry, text + "This was a dry run: nothing was changed.\n");

    let store = open(dir.path());
    assert_eq!(store.message(first).await.unwrap().unwrap().message.content, "edited here");
    assert!(store.message(second).await.unwrap().is_none());
    // Whoever had synced before learns of what came since (I4).
    let page = store.feed(user(ANA), before, 10).await.unwrap();
    let contents: Vec<&str> = page.changes.iter().map(|change| &*change.message.content).collect();
    assert_eq!(contents, ["edited here", "", "late"]);
    store.close().await;
    assert_eq!(check(&dir.path().join("data").join(FILE_NAME)).unwrap(), []);
}

#[test]
fn an_import_waits_for_no_server_and_names_what_it_cannot_read() {
    let dir = exported();
    let data = dir.path().join("data");
    let server = Running::start(command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data));
    let refused = import(dir.path(), &[]);
    assert!(!refused.status.success() && told(&refused).contains("running"), "{}", told(&refused));
    server.stop();
    fs::remove_file(dir.path().join("users.json")).unwrap();
    let refused = import(dir.path(), &[]);
    assert!(!refused.status.success() && told(&refused).contains("users.json"), "{}", told(&refused));
    let nothing = ends(command(&["import", "--data-dir", "data"]).current_dir(dir.path()));
    assert!(!nothing.status.success());
}

#[test]
fn an_import_that_was_killed_is_finished_by_the_next_one() {
    const COUNT: usize = 20_000;
    let dir = exported();
    let mut lines = String::new();
    for n in 0..COUNT {
        let (from, to) = if n % 3 == 0 { (BEN, ANA) } else { (ANA, BEN) };
        let read = n % 2 == 0;
        let millis = 1_700_000_000_000_u64 + 1_000 * u64::try_from((n * 7_919) % COUNT).unwrap();
        writeln!(
            lines,
            r#"{{"_id":{{"$oid":"60000000bcf86cd7{n:08x}"}},"sender":{{"$oid":"{from}"}},"receiver":{{"$oid":"{to}"}},"content":"message number {n}","isRead":{read},"sentAt":{{"$date":{{"$numberLong":"{millis}"}}}}}}"#
        )
        .unwrap();
    }
    fs::write(dir.path().join("messages.json"), lines).unwrap();
    let data = dir.path().join("data");
    let mut killed = command(&["import", "--data-dir", "data", "--users", "users.json"]);
    let mut killed = killed.args(["--messages", "messages.json"]).current_dir(dir.path()).spawn().unwrap();
    // The first batches are in the log once it is longer than the schema and the people need.
    while fs::metadata(data.join("roost.db-wal")).map_or(0, |log| log.len()) < 2_000_000 {
        assert!(killed.try_wait().unwrap().is_none(), "it ended before it was killed");
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();

    let text = printed(&import(dir.path(), &[]));
    let line = text.lines().find(|line| line.starts_with("messages.json")).unwrap().to_owned();
    let number = |word: usize| line.split(' ').nth(word).unwrap().parse::<usize>().unwrap();
    let (taken, present) = (number(3), number(5));
    assert!(taken > 0 && present > 0, "it was killed in the middle: {line}");
    assert_eq!((taken + present, line.ends_with("0 skipped")), (COUNT, true), "{line}");
    assert_eq!(check(&data.join(FILE_NAME)).unwrap(), []);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_told() {
    let dir = exported();
    let output = import(dir.path(), &["--report", "/dev/full"]);
    assert!(!output.status.success());
    assert!(told(&output).contains("cannot write the report: "), "{}", told(&output));
}
