//! Salvage, on real files with real damage.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IteratorRandom as _};
use rusqlite::Connection;

use super::{Salvaged, log::FRAME_HEADER, log_hides_commits, pages::PAGE, read};
use crate::{profile::key::Key, store::connection, store::migrate};

const SEEDS: u64 = 150;

/// A database with messages, and an outbox over several pages.
struct Damaged {
    folder: tempfile::TempDir,
    key: Option<Key>,
    /// The content of each row of the outbox.
    rows: BTreeMap<i64, String>,
    /// The pages that each is on.
    pages: BTreeMap<i64, BTreeSet<u32>>,
}

/// What each row of the outbox says: short, long, or so long that it goes on on other pages.
fn content(number: i64) -> String {
    let words = [1, 30, 900][usize::try_from(number % 3).unwrap()];
    format!("message {number} ").repeat(words)
}

fn send(connection: &Connection, number: i64) {
    connection
        .execute(
            "INSERT INTO outbox (kind, peer, target, content, state, written_at)
             VALUES ('send', 'ben', ?1, ?2, 'queued', 1759919460000)",
            (format!("key-{number}"), content(number)),
        )
        .unwrap();
}

impl Damaged {
    fn new(key: Option<Key>, sends: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.db");
        let mut connection = match &key {
            Some(key) => connection::open(&path, key).unwrap(),
            None => Connection::open(&path).unwrap(),
        };
        connection.pragma_update(None, "secure_delete", true).unwrap();
        migrate::migrate(&mut connection).unwrap();
        let account = "INSERT INTO account (id, user_id, user_name, server, server_name, session)
                       VALUES (1, 'ana', 'ana', 'https://chat.example.org/', 'Chat', 'signed_in')";
        let draft = "INSERT INTO draft VALUES ('ben', 'And', 1759919470000)";
        connection.execute_batch(&format!("{account}; {draft}; BEGIN")).unwrap();
        let mut insert = connection
            .prepare(
                "INSERT INTO message (id, peer, mine, content, sent_at, is_read, told_read, generation)
                 VALUES (?1, 'ben', 0, ?2, ?3, 0, 0, 1)",
            )
            .unwrap();
        for number in 0..200 {
            insert.execute((format!("m{number}"), "text ".repeat(20), number)).unwrap();
        }
        drop(insert);
        // Some left before, so that there are holes.
        (0..sends).for_each(|number| send(&connection, number));
        connection.execute_batch("DELETE FROM outbox WHERE seq % 7 = 0; COMMIT").unwrap();
        let rows: BTreeMap<i64, String> = connection
            .prepare("SELECT seq, content FROM outbox")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let pages = pages_of(&connection, &rows);
        connection.close().unwrap();
        Self { folder, key, rows, pages }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("roost.db")
    }

    fn salvage(&self) -> Salvaged {
        let path = self.path();
        read(&path, &path.with_extension("db-wal"), self.key.as_ref()).unwrap()
    }

    /// Changes bytes in the file, and says on which pages.
    fn damage(&self, random: &mut StdRng) -> BTreeSet<u32> {
        let mut bytes = fs::read(self.path()).unwrap();
        let mut pages = BTreeSet::new();
        for _ in 0..random.random_range(1..12) {
            let length = [1, 16, 512, PAGE].into_iter().choose(random).unwrap();
            let start = random.random_range(0..bytes.len() - length);
            random.fill_bytes(&mut bytes[start..start + length]);
            pages.extend((start / PAGE..=(start + length - 1) / PAGE).map(number));
        }
        fs::write(self.path(), bytes).unwrap();
        pages
    }

    /// Everything on whole pages is there, and nothing else than what was written.
    fn assert_saved(&self, salvaged: &Salvaged, damaged: &BTreeSet<u32>, seed: u64) {
        for (seq, operation) in &salvaged.outbox {
            assert_eq!(Some(&operation.content), self.rows.get(seq), "seed {seed}: row {seq} was never so");
        }
        for (seq, pages) in &self.pages {
            let whole = pages.is_disjoint(damaged);
            assert!(
                !whole || salvaged.outbox.contains_key(seq),
                "seed {seed}: row {seq} on {pages:?} is lost"
            );
        }
    }
}

/// The number of a page, by how many are before it.
fn number(before: usize) -> u32 {
    u32::try_from(before).unwrap() + 1
}

/// On which pages each row of the outbox is, as `SQLite` itself tells: rows stand on leaves in their order, and a page
/// that one goes on on has the path of its leaf, the number of its cell, and a plus.
fn pages_of(connection: &Connection, rows: &BTreeMap<i64, String>) -> BTreeMap<i64, BTreeSet<u32>> {
    let found: Vec<(String, u32, i64, String)> = connection
        .prepare("SELECT path, pageno, ncell, pagetype FROM dbstat WHERE name = 'outbox' ORDER BY path")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut numbers = rows.keys();
    let mut pages = BTreeMap::new();
    for (path, page, cells, _) in found.iter().filter(|(.., kind)| kind == "leaf") {
        for cell in 0..*cells {
            let prefix = format!("{path}{cell:03x}+");
            let more = found.iter().filter(|(path, ..)| path.starts_with(&prefix)).map(|(_, page, ..)| *page);
            pages.insert(*numbers.next().unwrap(), more.chain([*page]).collect());
        }
    }
    assert_eq!(pages.len(), rows.len());
    pages
}

#[test]
fn a_sound_database_is_read_whole() {
    for key in [Some(Key::random()), None] {
        let sound = Damaged::new(key, 60);
        let salvaged = sound.salvage();
        sound.assert_saved(&salvaged, &BTreeSet::new(), 0);
        assert!(salvaged.complete);
        assert_eq!(salvaged.account.as_ref().unwrap().user_id, "ana");
        assert_eq!(salvaged.drafts["ben"].content, "And");
    }
}

#[test]
fn whatever_is_on_whole_pages_is_saved_wherever_others_are_damaged() {
    let sound = Damaged::new(Some(Key::random()), 60);
    let bytes = fs::read(sound.path()).unwrap();
    let mut lost = 0;
    for seed in 0..SEEDS {
        let damaged = sound.damage(&mut StdRng::seed_from_u64(seed));
        let salvaged = sound.salvage();
        sound.assert_saved(&salvaged, &damaged, seed);
        lost += sound.rows.len() - salvaged.outbox.len();
        assert!(!salvaged.complete, "seed {seed}: {damaged:?} went unnoticed");
        fs::write(sound.path(), &bytes).unwrap();
    }
    assert!(lost > 0, "nothing of the outbox was ever hit");
}

#[test]
fn without_the_beginning_of_the_file_everything_else_is_saved() {
    let damaged = Damaged::new(Some(Key::random()), 60);
    let mut bytes = fs::read(damaged.path()).unwrap();
    bytes[..PAGE].fill(0);
    fs::write(damaged.path(), bytes).unwrap();
    let salvaged = damaged.salvage();
    damaged.assert_saved(&salvaged, &BTreeSet::from([1]), 0);
    assert!(!salvaged.complete);
}

#[test]
fn of_a_file_that_was_cut_off_the_rest_is_saved() {
    let sound = Damaged::new(Some(Key::random()), 60);
    let whole = fs::read(sound.path()).unwrap();
    for length in (0..whole.len()).step_by(PAGE * 3 + 100) {
        fs::write(sound.path(), &whole[..length]).unwrap();
        let salvaged = sound.salvage();
        let gone = (length / PAGE..whole.len() / PAGE).map(number).collect();
        sound.assert_saved(&salvaged, &gone, 0);
        assert!(!salvaged.complete, "{length} bytes are left");
    }
}

/// The offset of a frame of the log.
fn frame(index: usize) -> usize {
    usize::try_from(super::pages::frame_offset(index as u64)).unwrap()
}

/// A database with a log in which each of these commits added a row, and what each row says.
fn with_log(key: &Key, path: &Path, commits: i64) -> BTreeMap<i64, String> {
    let mut writer = connection::open_writer(path, key).unwrap();
    writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    migrate::migrate(&mut writer).unwrap();
    writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    (1..=commits)
        .map(|number| {
            send(&writer, number * 3);
            (number, content(number * 3))
        })
        .collect()
}

#[test]
fn a_damaged_frame_of_the_log_costs_no_more_than_what_it_held() {
    let (folder, key) = (tempfile::tempdir().unwrap(), Key::random());
    let path = folder.path().join("roost.db");
    let log = path.with_extension("db-wal");
    let rows = with_log(&key, &path, 12);
    let whole = fs::read(&log).unwrap();
    let frames = (whole.len() - frame(0)) / (frame(1) - frame(0));
    assert!(!log_hides_commits(&log).unwrap());
    for damaged in 0..frames {
        // The header of the frame, or its page.
        for offset in [2, 40] {
            let mut bytes = whole.clone();
            bytes[frame(damaged) + offset] ^= 0x55;
            fs::write(&log, bytes).unwrap();
            let followed = damaged + 1 < frames;
            assert_eq!(log_hides_commits(&log).unwrap(), followed, "frame {damaged} of {frames}");
            let saved = read(&path, &log, Some(&key)).unwrap().outbox;
            assert!(saved.iter().all(|(seq, operation)| operation.content == rows[seq]));
            let lost = rows.len() - saved.len();
            assert!(lost <= 1, "frame {damaged} of {frames} costs {lost} rows");
        }
    }
    // The log's own header.
    let mut bytes = whole;
    bytes[..32].fill(0);
    fs::write(&log, bytes).unwrap();
    assert!(log_hides_commits(&log).unwrap());
    assert_eq!(read(&path, &log, Some(&key)).unwrap().outbox.len(), rows.len());
}

#[test]
fn what_a_crash_left_unfinished_is_no_damage() {
    let (folder, key) = (tempfile::tempdir().unwrap(), Key::random());
    let path = folder.path().join("roost.db");
    let log = path.with_extension("db-wal");
    with_log(&key, &path, 5);
    let whole = fs::read(&log).unwrap();
    for length in 0..whole.len() / 100 {
        fs::write(&log, &whole[..length * 100]).unwrap();
        assert!(!log_hides_commits(&log).unwrap(), "{length}");
    }
    // The log began anew, and the frames of the last time follow.
    fs::write(&log, &whole).unwrap();
    let writer = connection::open_writer(&path, &key).unwrap();
    writer.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
    send(&writer, 100);
    drop(writer);
    assert!(!log_hides_commits(&log).unwrap());
    assert_eq!(read(&path, &log, Some(&key)).unwrap().outbox.len(), 6);
}

#[test]
fn what_an_older_page_tells_counts_as_tried() {
    let (folder, key) = (tempfile::tempdir().unwrap(), Key::random());
    let path = folder.path().join("roost.db");
    let log = path.with_extension("db-wal");
    with_log(&key, &path, 1);
    let before = fs::read(&log).unwrap().len();
    let writer = connection::open_writer(&path, &key).unwrap();
    writer.execute("UPDATE outbox SET state = 'in_flight', attempts = 1", []).unwrap();
    drop(writer);
    let mut bytes = fs::read(&log).unwrap();
    // Whatever was written since, the row and its indexes, is damaged.
    bytes[before..].chunks_mut(FRAME_HEADER + PAGE).for_each(|frame| frame[FRAME_HEADER + 100] ^= 1);
    fs::write(&log, bytes).unwrap();
    let salvaged = read(&path, &log, Some(&key)).unwrap();
    assert!(!salvaged.complete);
    let mut fresh = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut fresh).unwrap();
    salvaged.put(&fresh).unwrap();
    let state: String = fresh.query_row("SELECT state FROM outbox", [], |row| row.get(0)).unwrap();
    assert_eq!(state, "unknown");
}

#[test]
fn changes_come_with_their_messages_and_wait_for_the_user_without() {
    let (folder, key) = (tempfile::tempdir().unwrap(), Key::random());
    let path = folder.path().join("roost.db");
    let mut connection = connection::open(&path, &key).unwrap();
    migrate::migrate(&mut connection).unwrap();
    let message = "INSERT INTO message (id, peer, mine, content, sent_at, is_read, told_read, client_key, seq, generation)
                   VALUES ('m1', 'ben', 1, 'first', 5, 0, 0, 'key-1', 7, 3)";
    let changes = "INSERT INTO outbox (kind, peer, target, content, state, written_at)
                   VALUES ('edit', 'ben', 'key-1', 'second', 'queued', 6), ('delete', 'ben', 'm9', '', 'queued', 7),
                          ('read', 'ben', 'm8', '', 'queued', 8), ('send', 'ben', 'key-2', 'third', 'unknown', 9),
                          ('edit', 'ben', 'key-2', 'fourth', 'queued', 9)";
    let lost = "INSERT INTO message (id, peer, mine, content, sent_at, is_read, told_read, generation, lost)
                VALUES ('m2', 'eve', 0, 'nowhere else', 5, 1, 1, 3, 1), ('m3', 'eve', 0, 'on the server', 6, 1, 1, 3, 0)";
    connection.execute_batch(&format!("{message}; {lost}; {changes}")).unwrap();
    connection.close().unwrap();
    let salvaged = read(&path, &path.with_extension("db-wal"), Some(&key)).unwrap();
    let mut fresh = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut fresh).unwrap();
    salvaged.put(&fresh).unwrap();
    let kept: (String, String, i64) = fresh
        .query_row("SELECT content, client_key, seq FROM message WHERE id = 'm1'", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(kept, ("first".to_owned(), "key-1".to_owned(), 0));
    let lost: String = fresh
        .query_row("SELECT group_concat(content) FROM message WHERE peer = 'eve' AND lost = 1", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(lost, "nowhere else");
    let waiting: Vec<(String, String)> = fresh
        .prepare("SELECT target, state FROM outbox ORDER BY seq")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let expected = [("key-1", "queued"), ("m9", "refused"), ("key-2", "unknown"), ("key-2", "queued")]
        .map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(waiting, expected);
}

#[test]
fn drafts_and_flags_are_saved_from_every_page_of_their_trees() {
    let (folder, key) = (tempfile::tempdir().unwrap(), Key::random());
    let path = folder.path().join("roost.db");
    let mut connection = connection::open(&path, &key).unwrap();
    migrate::migrate(&mut connection).unwrap();
    let transaction = connection.transaction().unwrap();
    for number in 0..1_000_i64 {
        let peer = format!("{number:024}");
        transaction
            .execute("INSERT INTO draft VALUES (?1, ?2, 1759919470000)", (&peer, content(number % 2)))
            .unwrap();
        let flags = (&peer, number & 1, number >> 1 & 1, number >> 2 & 1);
        transaction.execute("INSERT INTO flags VALUES (?1, ?2, ?3, ?4)", flags).unwrap();
    }
    transaction.commit().unwrap();
    connection.close().unwrap();
    let salvaged = read(&path, &path.with_extension("db-wal"), Some(&key)).unwrap();
    let mut fresh = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut fresh).unwrap();
    salvaged.put(&fresh).unwrap();
    let rows: (i64, i64, i64) = fresh
        .query_row(
            "SELECT (SELECT count(*) FROM draft), count(*),
                 sum(pinned = peer & 1 AND muted = (peer >> 1 & 1) AND marked_unread = (peer >> 2 & 1)) FROM flags",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!(rows, (1_000, 1_000, 1_000));
}

#[test]
fn nonsense_is_read_without_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.db");
    let log = path.with_extension("db-wal");
    let random = &mut StdRng::seed_from_u64(1);
    for _ in 0..30 {
        for file in [&path, &log] {
            let mut bytes = vec![0; random.random_range(0..20_000)];
            random.fill_bytes(&mut bytes);
            // Pages of tables, so that there is something to take apart.
            for page in bytes.chunks_mut(PAGE) {
                page[0] = [0x0d, 0x0a, 0x02].into_iter().choose(random).unwrap();
            }
            fs::write(file, bytes).unwrap();
        }
        for key in [None, Some(&Key::random())] {
            assert!(read(&path, &log, key).unwrap().outbox.is_empty());
            log_hides_commits(&log).unwrap();
        }
    }
}
