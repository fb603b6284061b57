//! How fast it is with a long history: `cargo test -p sync-core --release a_million -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use rusqlite::{Connection, params};

use crate::{
    domain::Search,
    store::{migrate, search, summaries},
};

const MESSAGES: i64 = 1_000_000;
const PEERS: i64 = 1_000;

/// A text of some ten words, of which few are common and most are rare, as in a language.
fn text(random: &mut SmallRng) -> String {
    let count = random.random_range(2..20);
    let word = |random: &mut SmallRng| {
        let bits = random.random_range(0..17);
        let mut number: usize = random.random_range(0..1 << bits);
        let mut word = String::new();
        while number > 0 || word.is_empty() {
            let syllable = ["ka", "mú", "tan", "ri", "lo", "sé", "ben", "ho", "pri", "na"];
            word.push_str(syllable[number % 10]);
            number /= 10;
        }
        word
    };
    (0..count).map(|_| word(random)).collect::<Vec<_>>().join(" ")
}

fn insert(db: &Connection, n: i64, peer: &str, content: &str, at: i64) {
    db.prepare_cached(
        "INSERT INTO message (id, peer, mine, content, sent_at, is_read, told_read, generation)
         VALUES (?1, ?2, ?3, ?4, ?5, 1, 1, 1)",
    )
    .unwrap()
    .execute(params![format!("{n:024x}"), peer, n % 2, content, at])
    .unwrap();
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let value = work();
    (value, began.elapsed())
}

/// The median and the worst of nine.
fn print(what: &str, mut work: impl FnMut() -> usize) {
    let mut count = 0;
    let mut times: Vec<_> = (0..9).map(|_| timed(|| count = work()).1).collect();
    times.sort();
    println!("{what:<50} {count:>6}  median {:>10.3?}  worst {:>10.3?}", times[4], times[8]);
}

#[test]
#[ignore = "takes minutes and proves no promise: it measures"]
fn a_million_messages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("measured.db");
    let mut db = Connection::open(&path).unwrap();
    if let Ok(key) = std::env::var("MEASURE_KEY") {
        db.pragma_update(None, "key", format!("x'{key}'")).unwrap();
    }
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")
        .unwrap();
    migrate::migrate(&mut db).unwrap();
    let mut random = SmallRng::seed_from_u64(4);
    // As back-fill brings them: page by page, the newest first, oldest first within a page.
    let ((), filled) = timed(|| {
        for page in (0..MESSAGES / 100).rev() {
            let transaction = db.transaction().unwrap();
            for n in page * 100..page * 100 + 100 {
                let peer = format!("{:024x}", random.random_range(0..PEERS));
                insert(&transaction, n, &peer, &text(&mut random), 1_700_000_000_000 + n * 31_000);
            }
            transaction.commit().unwrap();
        }
    });
    for n in 0..PEERS {
        db.execute("INSERT INTO conversation (peer) VALUES (?1)", [format!("{n:024x}")]).unwrap();
    }
    let size = |table: &str| -> i64 {
        db.query_row("SELECT sum(pgsize) FROM dbstat WHERE name LIKE ?1", [table], |row| row.get(0))
            .unwrap_or(0)
    };
    println!(
        "filled in {filled:?}: {} messages/s",
        u128::from(MESSAGES.unsigned_abs()) * 1_000 / filled.as_millis()
    );
    println!("file {} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);
    for table in ["message", "message_text%", "text_place"] {
        println!("  {table} {} MB", size(table) / 1_000_000);
    }
    let peer = format!("{:024x}", 7);
    for (typed, narrowed) in [
        ("mu ", false),
        ("mu ka", false),
        ("mutan", false),
        ("m", false),
        ("ka", false),
        ("ka", true),
        ("mutanri", false),
        ("mutanrilo", true),
        ("ka mu tan ri lo", false),
        ("muho nari", false),
        ("nowhere", false),
        ("x-b", false),
        ("nari-b", false),
    ] {
        let search = Search {
            query: typed.to_owned(),
            peer: narrowed.then(|| peer.as_str().into()),
            limit: 50,
            ..Search::default()
        };
        print(&format!("search {typed:?}{}", if narrowed { " with one person" } else { "" }), || {
            search::page(&db, &search).unwrap().hits.len()
        });
    }
    print("the conversation list", || summaries::list(&db).unwrap().len());
    print("progress", || usize::try_from(summaries::progress(&db).unwrap().conversations).unwrap());
    let mut arrived: Vec<_> = (0..500)
        .map(|n| {
            let (text, at) = (text(&mut random), 1_800_000_000_000 + n);
            timed(|| insert(&db, MESSAGES + n, &peer, &text, at)).1
        })
        .collect();
    arrived.sort();
    println!(
        "one message, committed: median {:?}, p99 {:?}, worst {:?}",
        arrived[250], arrived[495], arrived[499]
    );
}
