//! Searches against a naive oracle: whatever was written, edited, deleted and indexed, and whichever way the search
//! takes, it finds what a loop over all messages finds.

use proptest::{collection::vec, prelude::*, sample::select};
use protocol::{MessageId, ObjectId, Timestamp, filter::Filter};
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    model::{Change, ids::IdGenerator},
    store::{
        Draft,
        sqlite::{add_functions, messages, migrate, record, writer::Write},
    },
};

const PEOPLE: u8 = 3;

/// What happens before the searches. Messages are named by a number, taken modulo how many there are.
#[derive(Debug, Clone)]
enum Step {
    Send(u8, u8, String),
    Edit(usize, String),
    Read(usize, bool),
    Delete(usize),
    /// Up to this message the index is brought up to date.
    Index(usize),
}

/// A filter whose ids and times are those of messages by their numbers.
#[derive(Debug, Clone)]
enum Asked {
    Id(&'static str, usize),
    SentAt(&'static str, usize, i64),
    Sender(Vec<u8>),
    Receiver(u8),
    Content(Vec<Part>),
    IsRead(bool),
    And(Vec<Asked>),
    Or(Vec<Asked>),
}

/// Some text, or a stretch of a message's, from this character on and so long, maybe in the other case.
#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Of(usize, usize, usize, bool),
}

/// Letters with their cases, those whose cases differ in length or by their place, and what means something to the
/// index's language or to SQL.
const ALPHABET: &[&str] = &[
    "a", "A", "b", "é", "É", "İ", "i", "ı", "ß", "ẞ", "Σ", "σ", "ς", "ﬁ", "Ǆ", "ǆ", "😀", "🇵🇭", "e\u{301}",
    " ", "\"", "'", "*", "-", "(", ":", "%", "_", "\0", "\u{fffe}", "\u{ffff}", "abc", "ABC", "AND", "or",
    "NEAR(", "日本",
];

fn text(length: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
    vec(select(ALPHABET), length).prop_map(|parts| parts.concat())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..PEOPLE, 1..PEOPLE, text(0..=10))
            .prop_map(|(from, by, text)| Step::Send(from, (from + by) % PEOPLE, text)),
        2 => (any::<usize>(), text(0..=10)).prop_map(|(number, text)| Step::Edit(number, text)),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(number, hidden)| Step::Read(number, hidden)),
        1 => any::<usize>().prop_map(Step::Delete),
        2 => any::<usize>().prop_map(Step::Index),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let order = || select(&["$eq", "$gt", "$gte", "$lt", "$lte"][..]);
    let leaf = prop_oneof![
        1 => (order(), any::<usize>()).prop_map(|(order, number)| Asked::Id(order, number)),
        1 => (select(&["$gt", "$gte", "$lt", "$lte"][..]), any::<usize>(), -1..=1_i64)
            .prop_map(|(order, number, off)| Asked::SentAt(order, number, off)),
        1 => vec(0..PEOPLE, 1..=2).prop_map(Asked::Sender),
        1 => (0..PEOPLE).prop_map(Asked::Receiver),
        8 => vec(part(), 1..=2).prop_map(Asked::Content),
        1 => any::<bool>().prop_map(Asked::IsRead),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![vec(inner.clone(), 1..=3).prop_map(Asked::And), vec(inner, 1..=3).prop_map(Asked::Or)]
    })
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        1 => text(1..=4).prop_map(Part::Text),
        4 => (any::<usize>(), 0..12_usize, 0..9_usize, any::<bool>())
            .prop_map(|(number, from, length, upper)| Part::Of(number, from, length, upper)),
    ]
}

impl Part {
    fn text(&self, all: &[Message]) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Of(number, from, length, upper) => {
                let content = &all[number % all.len()].content;
                let text: String = content.chars().skip(*from).take(*length).collect();
                if *upper { text.to_uppercase() } else { text }
            }
        }
    }
}

fn person(number: u8) -> UserId {
    UserId(ObjectId::from_bytes([number + 1; 12]))
}

impl Asked {
    fn json(&self, all: &[Message]) -> Json {
        let nth = |number: usize| &all[number % all.len()];
        match self {
            Self::Id(order, number) => json!({"_id": {*order: nth(*number).id.to_string()}}),
            Self::SentAt(order, number, off) => {
                let time = Timestamp::clamped(nth(*number).sent_at.millis() + off);
                json!({"sentAt": {*order: time.to_string()}})
            }
            Self::Sender(people) => {
                json!({"sender": {"$in": people.iter().map(|p| person(*p).to_string()).collect::<Vec<_>>()}})
            }
            Self::Receiver(number) => json!({"receiver": person(*number).to_string()}),
            Self::Content(parts) if parts.len() == 1 => json!({"content": parts[0].text(all)}),
            Self::Content(parts) => {
                json!({"content": {"$in": parts.iter().map(|part| part.text(all)).collect::<Vec<_>>()}})
            }
            Self::IsRead(state) => json!({"isRead": state}),
            Self::And(all_of) => json!({"$and": all_of.iter().map(|one| one.json(all)).collect::<Vec<_>>()}),
            Self::Or(any_of) => json!({"$or": any_of.iter().map(|one| one.json(all)).collect::<Vec<_>>()}),
        }
    }

    fn holds(&self, message: &Message, viewer: UserId, all: &[Message]) -> bool {
        let nth = |number: usize| &all[number % all.len()];
        match self {
            Self::Id(order, number) => compare(order, message.id, nth(*number).id),
            Self::SentAt(order, number, off) => {
                compare(order, message.sent_at.millis(), nth(*number).sent_at.millis() + off)
            }
            Self::Sender(people) => people.iter().any(|number| message.sender == person(*number)),
            Self::Receiver(number) => message.receiver == person(*number),
            Self::Content(parts) => {
                parts.iter().any(|part| text::fold(&message.content).contains(&text::fold(&part.text(all))))
            }
            Self::IsRead(state) => message.is_read_to(viewer) == *state,
            Self::And(all_of) => all_of.iter().all(|one| one.holds(message, viewer, all)),
            Self::Or(any_of) => any_of.iter().any(|one| one.holds(message, viewer, all)),
        }
    }
}

fn compare<T: PartialOrd + Copy>(order: &str, one: T, other: T) -> bool {
    match order {
        "$eq" => one == other,
        "$gt" => one > other,
        "$gte" => one >= other,
        "$lt" => one < other,
        _ => one <= other,
    }
}

/// A database in which all of this happened, and its messages in their order, tombstones included.
fn after(steps: &[Step]) -> (Connection, Vec<Message>) {
    let mut db = Connection::open_in_memory().unwrap();
    add_functions(&db).unwrap();
    migrate::migrate(&mut db).unwrap();
    for number in 0..PEOPLE {
        let id = person(number).0.to_bytes();
        db.execute(
            "INSERT INTO users (id, user_name, user_name_key, email, email_key) VALUES (?1, ?2, ?2, ?2, ?2)",
            (id, number.to_string()),
        )
        .unwrap();
    }
    let (mut ids, mut committed) = (IdGenerator::after(None, [7; 5]), Vec::new());
    let mut all: Vec<Message> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        // Now and then two have the same time.
        let now = Timestamp::clamped(1_000 + i64::try_from(number / 2).unwrap());
        let mut write = Write { db: &db, now, ids: &mut ids, committed: &mut committed };
        let count = all.len();
        match step {
            Step::Send(from, to, content) => {
                let (sender, receiver) = (person(*from), person(*to));
                let draft = Draft { sender, receiver, content: content.clone(), key: None };
                all.push(messages::send(&mut write, draft).unwrap().message);
            }
            _ if count == 0 => {}
            Step::Edit(number, text) => {
                change(&mut write, &mut all[number % count], Change::Content(text.clone()));
            }
            Step::Read(number, hidden) => {
                write.db.execute("UPDATE users SET hide_receipts = ?1", [hidden]).unwrap();
                change(&mut write, &mut all[number % count], Change::Read);
            }
            Step::Delete(number) => change(&mut write, &mut all[number % count], Change::Deleted),
            Step::Index(number) => {
                texts::add_through(&db, i64::try_from(number % count).unwrap() + 1).unwrap();
            }
        }
    }
    (db, all)
}

fn change(write: &mut Write<'_>, message: &mut Message, change: Change) {
    if message.deleted_at.is_none() && !(change == Change::Read && message.is_read) {
        record::change(write, message, change).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_a_loop_over_all_messages_finds(
        steps in vec(step(), 1..60),
        searches in vec((asked(), 0..PEOPLE, 1..6_u32, 0..8_u32), 12),
    ) {
        let (db, all) = after(&steps);
        prop_assume!(!all.is_empty());
        for (asked, viewer, limit, look) in searches {
            let viewer = person(viewer);
            let filter = Filter::parse(Some(&asked.json(&all))).unwrap();
            prop_assert_eq!(filter.many, matches!(asked, Asked::And(_) | Asked::Or(_)));
            let found = search_from(&db, viewer, &filter.condition, limit, look).unwrap();
            let mut wanted: Vec<&Message> = all
                .iter()
                .filter(|message| message.concerns(viewer) && message.deleted_at.is_none())
                .filter(|message| asked.holds(message, viewer, &all))
                .collect();
            wanted.sort_by_key(|message| std::cmp::Reverse(message.position()));
            wanted.truncate(usize::try_from(limit).unwrap());
            let ids = |message: &Message| message.id;
            let found: Vec<MessageId> = found.iter().map(ids).collect();
            prop_assert_eq!(found, wanted.into_iter().map(ids).collect::<Vec<_>>());
        }
    }
}

/// The search checks what the index names, so that it finds the same where the index names too much: this test sees it.
#[test]
fn the_index_names_no_message_without_every_trigram() {
    let send = |text: &str| Step::Send(0, 1, text.to_owned());
    let (db, all) = after(&["abcd", "abc bcd", "abc", "bcd", "xyz"].map(send));
    texts::add_through(&db, i64::try_from(all.len()).unwrap()).unwrap();
    for (asked, count) in [
        (json!({"content": "ABCD"}), 2),
        (json!({"content": "xyz"}), 1),
        (json!({"content": {"$in": ["abcd", "xyz"]}}), 3),
        (json!({"$and": [{"content": "abc"}, {"content": "bcd"}]}), 2),
        (json!({"$or": [{"content": "abcd"}, {"content": "xyz"}]}), 3),
    ] {
        let filter = Filter::parse(Some(&asked)).unwrap();
        let named = named_by(&filter.condition).unwrap();
        assert_eq!(texts::count(&db, &named, NAMED).unwrap(), count, "{asked}");
    }
}
