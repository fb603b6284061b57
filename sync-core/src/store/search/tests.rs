//! What is found, in which order, and that nothing typed breaks it.

use proptest::prelude::*;

use super::*;
use crate::{
    apply::Message,
    domain::{Anchor, UserId},
    machine::fixture::{Device, at, ben, from_ana, from_ben},
    outbox::State,
    store::summaries,
};

fn saying(time: i64, content: &str) -> Message {
    Message { content: content.to_owned(), ..from_ben(time) }
}

/// A device that has these messages of Ben's, sent at 10, 20, ….
fn device(texts: &[&str]) -> Device {
    let device = Device::new();
    for (time, text) in (1..).map(|n| n * 10).zip(texts) {
        device.answer(saying(time, text));
    }
    device
}

fn query(query: &str) -> Search {
    Search { query: query.to_owned(), limit: 50, ..Search::default() }
}

fn found(device: &Device, search: &Search) -> Vec<String> {
    page(&device.db(), search).unwrap().hits.into_iter().map(|hit| hit.snippet).collect()
}

/// The index against what it is the index of: `SQLite` counts one against the other.
fn whole(device: &Device) {
    for table in ["message_text", "outbox_text"] {
        let check = format!("INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 0)");
        device.db().execute(&check, []).unwrap();
    }
    let (places, texts): (i64, i64) = device
        .db()
        .query_row(
            "SELECT (SELECT count(*) FROM text_place),
                 (SELECT count(*) FROM message WHERE content <> '' AND deleted_at IS NULL)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(places, texts);
}

#[test]
fn words_are_found_without_accents_and_case_all_of_them_and_the_last_by_its_beginning() {
    let device =
        device(&["Der Fluß ist GRÖSSER", "mañana en la café", "Việt Nam", "Привет, мир", "green mangoes"]);
    for (typed, expected) in [
        ("grosser", "Der Fluß ist GRÖSSER"),
        ("MANANA", "mañana en la café"),
        ("cafe manana", "mañana en la café"),
        ("viet", "Việt Nam"),
        ("привет МИ", "Привет, мир"),
        ("mango", "green mangoes"),
        ("mangoes gre", "green mangoes"),
    ] {
        assert_eq!(found(&device, &query(typed)), [expected], "{typed}");
    }
    for typed in ["gre mangoes", "mango purple", "angoes", "g", "", "  ", "!!! …", "\u{0}", "👍"] {
        assert_eq!(found(&device, &query(typed)), Vec::<String>::new(), "{typed}");
    }
}

#[test]
fn hits_come_newest_first_whatever_order_they_arrived_in_and_pages_meet() {
    let device = Device::new();
    let mut times: Vec<i64> = (1..=60).map(|n| n % 20).collect();
    times.rotate_left(7);
    for (n, time) in times.iter().enumerate() {
        let message = Message { id: format!("m{n:02}").as_str().into(), ..saying(*time, "mango") };
        device.answer(message);
    }
    let mut keys = Vec::new();
    let mut search = Search { limit: 7, ..query("mango") };
    loop {
        let page = page(&device.db(), &search).unwrap();
        assert!(page.hits.is_sorted_by(|a, b| a.sent_at >= b.sent_at));
        keys.extend(page.hits.iter().map(|hit| (Reverse(hit.sent_at), hit.key.clone())));
        search.before = page.hits.last().map(|hit| hit.position.clone());
        if !page.more {
            break;
        }
    }
    assert!(keys.is_sorted_by_key(|(sent_at, _)| *sent_at));
    let distinct: HashSet<_> = keys.iter().map(|(_, key)| key).collect();
    assert_eq!((keys.len(), distinct.len()), (60, 60));
    whole(&device);
}

#[test]
fn a_person_and_a_time_narrow_it() {
    let device = device(&["mango one", "mango two", "mango three"]);
    device.answer(Message { peer: "eve".into(), id: "e".into(), ..saying(25, "mango of Eve") });
    let all = ["mango three", "mango of Eve", "mango two", "mango one"];
    assert_eq!(found(&device, &query("mango")), all);
    let person = |peer: &str| Search { peer: Some(peer.into()), ..query("mango") };
    assert_eq!(found(&device, &person("eve")), ["mango of Eve"]);
    assert_eq!(found(&device, &person("ev")), Vec::<String>::new());
    assert_eq!(found(&device, &query("656576")), Vec::<String>::new(), "who it is is no word of the text");
    let times = |from, to| Search { from: Some(at(from)), to: Some(at(to)), ..query("mango") };
    assert_eq!(found(&device, &times(20, 30)), ["mango of Eve", "mango two"]);
    assert_eq!(found(&device, &Search { peer: Some(ben()), ..times(20, 31) }), ["mango three", "mango two"]);
}

#[test]
fn an_edit_is_found_by_its_new_words_and_what_is_deleted_by_none() {
    let device = device(&["mango", "papaya"]);
    device.answer(Message { content: "durian".to_owned(), edited_at: Some(at(50)), ..from_ben(10) });
    device.answer(Message { content: String::new(), deleted_at: Some(at(50)), ..from_ben(20) });
    assert_eq!(found(&device, &query("durian")), ["durian"]);
    for gone in ["mango", "papaya"] {
        assert_eq!(found(&device, &query(gone)), Vec::<String>::new());
    }
    whole(&device);
    let terms: i64 = device
        .db()
        .query_row("SELECT count(*) FROM message_text_data WHERE instr(block, 'papaya') > 0", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(terms, 0, "not even in the index's own pages");
}

#[test]
fn what_waits_is_found_first_and_where_it_will_stand() {
    let device = device(&["mango of Ben"]);
    let first = device.send("mango first");
    device.send("mango second");
    assert_eq!(found(&device, &query("mango")), ["mango second", "mango first", "mango of Ben"]);
    // Already under way, so that its new content is an operation of its own.
    device.tried(1, &State::Unknown, 1);
    device.edit(&first, "papaya");
    assert_eq!(found(&device, &query("mango")), ["mango second", "mango of Ben"]);
    let hit = page(&device.db(), &query("papaya")).unwrap().hits.remove(0);
    assert_eq!((hit.key, hit.mine), (first.clone(), true));
    let items = device.page(&Anchor::Around(hit.position), 3).items;
    assert_eq!(
        items.iter().map(|item| item.content.as_str()).collect::<Vec<_>>(),
        ["mango of Ben", "papaya", "mango second"]
    );
    // Taken, and still with an edit that waits.
    device.answer(Message { content: "mango first".to_owned(), ..from_ana(20, &first) });
    assert_eq!(found(&device, &query("mango")), ["mango second", "mango of Ben"]);
    assert_eq!(found(&device, &query("papaya")), ["papaya"]);
    let page = page(&device.db(), &Search { limit: 1, ..query("ma") }).unwrap();
    let rest = Search { before: page.hits.last().map(|hit| hit.position.clone()), ..query("ma") };
    assert_eq!((page.more, found(&device, &rest)), (true, vec!["mango of Ben".to_owned()]));
    whole(&device);
}

#[test]
fn what_no_timeline_shows_yet_is_not_found() {
    let device = Device::new();
    device.snapshot(saying(30, "mango new"), 0, "c1");
    device.feed("c1", vec![(saying(10, "mango old"), 1)], "c2");
    assert_eq!(found(&device, &query("mango")), ["mango new"]);
    device.history("m030", vec![saying(10, "mango old")], true);
    assert_eq!(found(&device, &query("mango")), ["mango new", "mango old"]);
}

#[test]
fn what_is_removed_from_the_device_is_removed_from_its_index() {
    let device = device(&["mango"]);
    device.send("papaya");
    crate::store::account::wipe(&device.db()).unwrap();
    whole(&device);
    let rows: i64 = device.db().query_row("SELECT count(*) FROM summary", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn a_millisecond_has_room_for_many_and_what_is_over_is_only_not_found() {
    let device = Device::new();
    device.answer(saying(5, "mango"));
    let full = 5 * PLACES + PLACES - 1;
    device.db().execute("UPDATE text_place SET place = ?1", [full]).unwrap();
    device.db().execute_batch("INSERT INTO message_text (message_text) VALUES ('rebuild')").unwrap();
    device.answer(Message { id: "over".into(), ..saying(5, "mango over") });
    device.answer(Message { id: "over".into(), edited_at: Some(at(9)), ..saying(5, "papaya over") });
    device.answer(Message { id: "over".into(), deleted_at: Some(at(9)), ..saying(5, "") });
    assert_eq!(found(&device, &query("mango")), ["mango"]);
    assert_eq!(device.contents().len(), 2);
    device.answer(saying(6, "mango next"));
    assert_eq!(found(&device, &query("mango")), ["mango next", "mango"]);
}

proptest! {
    #[test]
    fn nothing_that_is_typed_is_an_error(typed in prop_oneof![
        any::<String>(),
        "[\"'*^:(){}+\\-\\\\ ]{0,12}(AND|OR|NOT|NEAR|content|peer|man)?[\"'*^:(){}+\\-, \u{0}-\u{1f}0-9a-z]{0,20}",
    ]) {
        let device = device(&["green mangoes", "content : \"peer\" AND NEAR(x, 2) * OR"]);
        device.send("mango");
        page(&device.db(), &query(&typed)).unwrap();
    }

    #[test]
    fn every_word_of_a_message_finds_it(texts in prop::collection::vec("\\PC{1,30}", 1..8), pick in any::<u8>()) {
        let device = Device::new();
        for (time, text) in (1..).zip(&texts) {
            device.answer(saying(time, text));
        }
        let text = &texts[usize::from(pick) % texts.len()];
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            // Beside other letters it is only a part of a word.
            let alone = text.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation()).any(|one| one == word);
            if alone {
                let hits = page(&device.db(), &query(word)).unwrap().hits;
                prop_assert!(hits.iter().all(|hit| !hit.highlights.is_empty()));
                prop_assert!(!hits.is_empty(), "{word:?} in {text:?}");
            }
        }
    }

    /// Whatever becomes of messages, the summaries are what a count says.
    #[test]
    fn summaries_are_what_a_count_would_say(steps in prop::collection::vec(
        (0_i64..6, 0_usize..3, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()), 1..60,
    )) {
        let device = Device::new();
        for (time, who, mine, is_read, deleted, lost, remove) in steps {
            let peer: UserId = ["ben", "eve", "joy"][who].into();
            let id = format!("{peer}{time}");
            if remove {
                device.db().execute("DELETE FROM message WHERE id = ?1", [&id]).unwrap();
                continue;
            }
            let there = device.db().execute(
                "UPDATE message SET mine = ?2, is_read = ?3, deleted_at = ?4, lost = ?5,
                     content = iif(?4 IS NULL, content || ' mango', '') WHERE id = ?1",
                params![id, mine, is_read, deleted.then_some(9), lost],
            ).unwrap();
            if there == 0 {
                device.db().execute(
                    "INSERT INTO message (id, peer, mine, content, sent_at, is_read, told_read, deleted_at, lost, generation)
                     VALUES (?1, ?2, ?3, iif(?7, '', 'mango'), ?4, ?5, ?5, iif(?7, 9, NULL), ?6, 1)",
                    params![id, peer.as_str(), mine, time / 2, is_read, lost, deleted],
                ).unwrap();
            }
            whole(&device);
            let wrong: i64 = device.db().query_row(
                "SELECT (SELECT count(*) FROM (
                     SELECT peer, count(*), sum(mine = 0 AND is_read = 0 AND deleted_at IS NULL AND lost = 0),
                         (SELECT number FROM message n WHERE n.peer = m.peer
                          ORDER BY sent_at DESC, id DESC LIMIT 1)
                     FROM message m GROUP BY peer
                     EXCEPT SELECT peer, messages, unread, newest FROM summary))
                 + (SELECT count(*) FROM summary WHERE peer NOT IN (SELECT peer FROM message))",
                [],
                |row| row.get(0),
            ).unwrap();
            prop_assert_eq!(wrong, 0);
        }
        summaries::list(&device.db()).unwrap();
    }
}
