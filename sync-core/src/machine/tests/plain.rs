//! A plain documented server, as the arrows of its lists.

use super::*;

#[test]
fn present_to_missing_to_deleted() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    let all: Vec<_> = (1..=10).map(|n| from_ben(n, &format!("text {n}"))).collect();
    device.list(all.clone());
    for (turn, last) in [(1, "text 10"), (2, "-")] {
        device.next_list();
        device.list(all[..9].to_vec());
        assert_eq!(device.contents()[9], last, "after {turn} lists");
    }
}

#[test]
fn missing_to_present() {
    let mut device = Device::online(Dialect::Plain);
    let all: Vec<_> = (1..=10).map(|n| from_ben(n, &format!("text {n}"))).collect();
    for turn in [10, 9, 10, 9] {
        device.next_list();
        device.list(all[..turn].to_vec());
    }
    assert_eq!(device.contents()[9], "text 10");
}

#[test]
fn present_to_lost_where_over_a_fifth_vanish_at_once() {
    let mut device = Device::online(Dialect::Plain);
    let all: Vec<_> = (1..=10).map(|n| from_ben(n, &format!("text {n}"))).collect();
    for turn in [10, 7, 7] {
        device.next_list();
        device.list(all[..turn].to_vec());
    }
    assert_eq!(device.contents()[7..], ["?text 8", "?text 9", "?text 10"]);
    device.next_list();
    device.list(all);
    assert_eq!(device.contents()[9], "text 10", "and back, when the server has them again");
}

#[test]
fn unknown_to_confirmed_when_a_later_list_has_it() {
    let mut device = Device::online(Dialect::Plain);
    device.send("hello");
    device.send("again");
    device.fail(&sending("hello"), lost_answer());
    assert_eq!(device.asks(), [Ask::List], "it is looked for before anything else");
    device.list(vec![from_ana(5, "hello", None)]);
    assert_eq!(device.contents(), ["hello"]);
    device.pass(limits::BACKOFF_FIRST);
    assert_eq!(device.asks(), [sending("again")]);
}

#[test]
fn unknown_to_queued_when_a_later_list_does_not_have_it() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    device.list(vec![from_ana(1, "hello", None)]);
    device.send("hello");
    device.fail(&sending("hello"), lost_answer());
    device.pass(limits::LIST_PAUSE);
    device.list(vec![from_ana(1, "hello", None)]);
    device.pass(limits::BACKOFF_FIRST);
    assert_eq!(device.asks(), [sending("hello")], "the older one is another message");
}

#[test]
fn what_was_changed_while_a_list_was_under_way_is_not_undone_by_it() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    device.list(vec![from_ana(1, "one", None)]);
    device.next_list();
    let list = device.take(&Ask::List);
    device.send("two");
    device.answer(&sending("two"), Ok(Reply::Message(from_ana(2, "two", None))));
    device.step(Input::Answer(list, Ok(Reply::Batch(vec![from_ana(1, "one", None)]))));
    device.step(Input::Answer(list, Ok(Reply::Done)));
    device.next_list();
    device.list(vec![from_ana(1, "one", None)]);
    assert_eq!(device.contents(), ["one", "two"], "one list without it, not two");
}

#[test]
fn a_list_with_entries_that_make_no_sense_deletes_nothing() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    device.list(vec![from_ana(1, "one", None), from_ana(2, "two", None)]);
    for _ in 0..=limits::ABSENCES {
        device.next_list();
        let list = device.take(&Ask::List);
        device.step(Input::Answer(list, Ok(Reply::Batch(vec![from_ana(1, "one", None)]))));
        device.step(Input::Answer(list, Ok(Reply::Partly)));
    }
    assert_eq!(device.contents(), ["one", "two"]);
}

#[test]
fn a_plain_server_is_told_of_each_message_that_was_read() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    device.list(vec![from_ben(1, "a"), from_ben(2, "b"), from_ben(3, "c")]);
    let now = device.now().time;
    compose::mark_read(&mut device.rows, &ben(), &"m002".into(), now, &mut Changed::default()).unwrap();
    device.step(Input::Written);
    for id in ["m001", "m002"] {
        device.answer(&Ask::ReadOne { id: id.into() }, Ok(Reply::Done));
    }
    assert_eq!((device.outbox(), device.rows.count_unread(&ben()).unwrap()), (Vec::new(), 1));
}

#[test]
fn a_reading_that_waits_goes_no_less_far_for_a_later_one() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    device.list(vec![from_ben(10, "b")]);
    let read = |device: &mut Device, id: &str| {
        let now = device.now().time;
        compose::mark_read(&mut device.rows, &ben(), &id.into(), now, &mut Changed::default()).unwrap();
        device.step(Input::Written);
    };
    read(&mut device, "m010");
    device.fail(&Ask::ReadOne { id: "m010".into() }, lost_answer());
    // The server's clock went back.
    device.list(vec![from_ben(4, "a"), from_ben(10, "b")]);
    read(&mut device, "m004");
    device.pass(limits::BACKOFF_FIRST);
    for id in ["m004", "m010"] {
        device.answer(&Ask::ReadOne { id: id.into() }, Ok(Reply::Done));
    }
    assert_eq!(device.outbox(), []);
}

#[test]
fn what_there_is_nothing_left_to_do_for_leaves_and_the_next_one_starts_at_once() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    device.list(vec![from_ben(1, "read elsewhere")]);
    device.next_list();
    device.fail(&Ask::List, lost_answer());
    let now = device.now().time;
    compose::mark_read(&mut device.rows, &ben(), &"m001".into(), now, &mut Changed::default()).unwrap();
    device.send("next");
    device.pass(limits::BACKOFF_UNREACHABLE);
    device.answer(&Ask::Discover, Ok(Reply::Kind(Dialect::Plain)));
    device.list(vec![Message { is_read: true, ..from_ben(1, "read elsewhere") }]);
    assert_eq!(device.asks(), [sending("next")]);
}

#[test]
fn a_plain_server_that_learns_the_extensions_is_met_anew() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    device.list(vec![from_ben(1, "known"), from_ben(2, "not imported")]);
    device.next_list();
    device.fail(&Ask::List, lost_answer());
    device.pass(limits::BACKOFF_UNREACHABLE);
    device.answer(&Ask::Discover, Ok(Reply::Kind(Dialect::Extended)));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(1, "known")], "c1"))));
    device.answer(&before("m001"), Ok(history(Vec::new())));
    assert_eq!(device.contents(), ["known", "?not imported"]);
}
