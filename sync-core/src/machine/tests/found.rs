//! What the simulator found, as the arrows that it went along.

use super::*;

impl Device {
    /// A step whose commit fails and reaches the disk all the same: the rows have moved, and the machine has not.
    fn step_unstored(&mut self, input: Input, answered: Option<AskId>) {
        let (now, mut moved) = (self.now(), self.machine.clone());
        moved.step(&mut self.rows, &mut Changed::default(), input, now, &mut || 0.5).unwrap();
        self.machine.store_failed(answered, now, &mut || 0.5);
    }

    /// Marks the conversation with Ben as read up to this message.
    fn read(&mut self, id: &str) {
        let now = self.now().time;
        compose::mark_read(&mut self.rows, &ben(), &id.into(), now, &mut Changed::default()).unwrap();
        self.step(Input::Written);
    }

    /// Follows the feed to the end, where this is what it tells.
    fn follow(&mut self, since: &str, told: Vec<(Message, i64)>, next: &str) {
        self.pass(limits::POLL_WITHOUT_HINTS * 2);
        self.answer(&changes(since), Ok(page(told, next)));
        if self.asks().contains(&Ask::Person(ben())) {
            self.fail(&Ask::Person(ben()), status(404));
        }
    }
}

#[test]
fn a_machine_whose_server_is_away_does_not_want_to_be_woken_at_once_for_what_it_has_to_say() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(1, "hi"), 1)], "c2");
    let socket = device.socket();
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.step(Input::Socket(socket, Heard::Joined));
    device.fail(&changes("c2"), HttpError::Unreadable("half".to_owned()));
    device.machine.live.confirm();
    device.step(Input::Tick);
    assert!(device.machine.wake_at().is_some_and(|due| due > device.elapsed));
}

#[test]
fn what_was_written_while_the_store_failed_is_sent_when_it_works_again() {
    let mut device = Device::online(Dialect::Extended);
    let now = device.now();
    let key = "key-one".into();
    compose::send(&mut device.rows, &ben(), "one", &key, now.time, &mut Changed::default()).unwrap();
    device.machine.store_failed(None, now, &mut || 0.5);
    device.pass(limits::BACKOFF_FIRST);
    device.take(&sending("one"));
}

#[test]
fn a_snapshot_whose_commit_was_unclear_is_filled_all_the_same() {
    let mut device = Device::new();
    device.answer(&Ask::Discover, Ok(Reply::Kind(Dialect::Extended)));
    let id = device.take(&Ask::Snapshot);
    let told = Ok(Reply::Snapshot(snapshot(vec![from_ben(3, "newest")], "c1")));
    device.step_unstored(Input::Answer(id, told), Some(id));
    device.pass(limits::POLL_WITHOUT_HINTS);
    device.answer(&changes("c1"), Ok(page(Vec::new(), "c1")));
    device.take(&before("m003"));
}

#[test]
fn a_new_message_is_unread_in_another_history_whose_clock_is_behind() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(900, "old"), 1)], "c2");
    device.read("m900");
    device.answer(&Ask::Read { peer: ben(), up_to: "m900".into() }, Ok(Reply::Done));
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), status(410));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(Vec::new(), "d1"))));
    device.follow("d1", vec![(from_ben(500, "new"), 1)], "d2");
    assert_eq!(device.rows.count_unread(&ben()).unwrap(), 1);
}

#[test]
fn reading_up_to_ones_own_message_does_not_read_what_comes_before_it_later() {
    let mut device = Device::online(Dialect::Extended);
    device.send("mine");
    device.answer(&sending("mine"), Ok(Reply::Message(from_ana(9, "mine", Some("key-mine")))));
    device.read("m009");
    device.follow("c1", vec![(from_ben(8, "unseen"), 1), (from_ana(9, "mine", Some("key-mine")), 2)], "c2");
    assert_eq!(device.rows.count_unread(&ben()).unwrap(), 1);
}

#[test]
fn reading_up_to_ones_own_message_reads_what_is_here_and_nothing_that_comes_between() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(5, "seen"), 1)], "c2");
    device.send("mine");
    device.answer(&sending("mine"), Ok(Reply::Message(from_ana(9, "mine", Some("key-mine")))));
    device.read("m009");
    device.take(&Ask::Read { peer: ben(), up_to: "m005".into() });
    device.follow("c2", vec![(from_ben(8, "unseen"), 2)], "c3");
    assert_eq!(device.rows.count_unread(&ben()).unwrap(), 1);
}

#[test]
fn a_snapshot_waits_for_what_is_being_sent_and_what_is_to_be_sent_waits_for_the_snapshot() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(1, "first"), 1)], "c2");
    device.send("before");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), HttpError::Expired);
    device.send("after");
    assert_eq!(device.asks(), [sending("before")]);
    let sent = from_ana(7, "before", Some("key-before"));
    device.answer(&sending("before"), Ok(Reply::Message(sent.clone())));
    assert_eq!(device.asks(), [Ask::Snapshot]);
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![sent], "c3"))));
    device.answer(&sending("after"), Ok(Reply::Message(from_ana(8, "after", Some("key-after")))));
    device.answer(&before("m007"), Ok(history(vec![from_ben(1, "first")])));
    assert_eq!(device.contents(), ["first", "before", "after"]);
}

#[test]
fn a_message_that_another_device_deleted_before_the_snapshot_is_gone_although_it_was_just_sent() {
    let mut device = Device::online(Dialect::Extended);
    device.send("fresh");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c1"), HttpError::Expired);
    device.answer(&sending("fresh"), Ok(Reply::Message(from_ana(7, "fresh", Some("key-fresh")))));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(Vec::new(), "c2"))));
    assert_eq!(device.contents(), ["-"]);
}

#[test]
fn a_server_that_is_restored_between_its_410_and_the_snapshot_has_deleted_nothing() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(1, "kept"), 1), (from_ben(2, "lost"), 2)], "c2");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), HttpError::Expired);
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(1, "kept")], "d1"))));
    device.answer(&before("m001"), Ok(history(Vec::new())));
    assert_eq!(device.contents(), ["kept", "?lost"]);
}

#[test]
fn a_server_that_is_restored_between_the_snapshot_and_its_history_has_deleted_nothing() {
    let mut device = Device::online(Dialect::Extended);
    let told = vec![(from_ben(1, "kept"), 1), (from_ben(2, "lost"), 2), (from_ben(3, "newest"), 3)];
    device.follow("c1", told, "c2");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), HttpError::Expired);
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(3, "newest")], "c3"))));
    let restored = HistoryPage { messages: vec![from_ben(1, "kept")], history: name_of("d1"), done: true };
    device.answer(&before("m003"), Ok(Reply::History(restored)));
    assert_eq!(device.contents(), ["kept", "lost", "newest"]);
    device.fail(&changes("c3"), status(410));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(1, "kept")], "d1"))));
    device.pass(limits::BACKOFF_FIRST);
    device.answer(&before("m001"), Ok(history(Vec::new())));
    assert_eq!(device.contents(), ["kept", "?lost", "?newest"]);
}

#[test]
fn a_refused_reading_is_followed_by_one_of_what_the_server_still_has() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(1, "kept"), 1), (from_ben(2, "lost"), 2)], "c2");
    device.read("m002");
    let id = device.take(&Ask::Read { peer: ben(), up_to: "m002".into() });
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), status(410));
    device.step(Input::Answer(id, Err(Failed::Http(status(404)))));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(1, "kept")], "d1"))));
    device.pass(limits::FILL_PATIENCE);
    device.answer(&before("m001"), Ok(history(Vec::new())));
    let id = device.take(&Ask::Read { peer: ben(), up_to: "m001".into() });
    // A server that refuses this one too is not asked for ever.
    device.step(Input::Answer(id, Err(Failed::Http(status(404)))));
    assert_eq!(device.outbox(), []);
}

#[test]
fn a_reading_up_to_a_lost_message_that_was_sent_again_is_told_of_those_before_it() {
    let mut device = Device::new();
    device.answer(&Ask::Discover, Ok(Reply::Kind(Dialect::Extended)));
    let mut told = snapshot(vec![from_ana(9, "mine", Some("key-mine"))], "c1");
    told.conversations[0].unread = 1;
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(told)));
    // What is unread has not come yet, so only this one can say up to where.
    device.read("m009");
    device.fail(&Ask::Read { peer: ben(), up_to: "m009".into() }, lost_answer());
    device.answer(&before("m009"), Ok(history(vec![from_ben(5, "unread")])));
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c1"), status(410));
    device.fail(&Ask::Read { peer: ben(), up_to: "m009".into() }, lost_answer());
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(5, "unread")], "d1"))));
    device.answer(&before("m005"), Ok(history(Vec::new())));
    assert_eq!(device.contents(), ["unread", "?mine"]);
    let key = "key-mine".into();
    let now = device.now().time;
    compose::retry(&mut device.rows, &key, now, &mut Changed::default()).unwrap();
    device.pass(limits::BACKOFF_UNREACHABLE);
    device.answer(&sending("mine"), Ok(Reply::Message(from_ana(20, "mine", Some("key-mine")))));
    device.take(&Ask::Read { peer: ben(), up_to: "m005".into() });
}

#[test]
fn reading_up_to_a_lost_message_does_not_read_what_comes_later_from_a_server_whose_clock_is_behind() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(5, "kept"), 1), (from_ben(900, "lost"), 2)], "c2");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), status(410));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(5, "kept")], "d1"))));
    device.pass(limits::FILL_PATIENCE);
    device.answer(&before("m005"), Ok(history(Vec::new())));
    assert_eq!(device.contents(), ["kept", "?lost"]);
    device.read("m900");
    device.answer(&Ask::Read { peer: ben(), up_to: "m005".into() }, Ok(Reply::Done));
    device.follow("d1", vec![(from_ben(8, "new"), 1)], "d2");
    assert_eq!(device.rows.count_unread(&ben()).unwrap(), 1);
}

#[test]
fn reading_what_back_fill_has_not_confirmed_goes_up_to_what_the_restored_server_told() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(5, "kept"), 1), (from_ben(900, "lost"), 2)], "c2");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), status(410));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(5, "kept")], "d1"))));
    device.read("m900");
    device.answer(&Ask::Read { peer: ben(), up_to: "m005".into() }, Ok(Reply::Done));
    device.answer(&before("m005"), Ok(history(Vec::new())));
    device.follow("d1", vec![(from_ben(8, "new"), 1)], "d2");
    assert_eq!(device.rows.count_unread(&ben()).unwrap(), 1);
}

#[test]
fn a_lost_message_that_the_user_deletes_is_deleted_on_the_server_too_where_it_is_there_after_all() {
    let mut device = Device::online(Dialect::Plain);
    let mine = from_ana(9, "unwanted", None);
    device.next_list();
    device.list(vec![mine.clone()]);
    for _ in 0..limits::ABSENCES {
        device.next_list();
        device.list(Vec::new());
    }
    assert_eq!(device.contents(), ["?unwanted"]);
    let now = device.now().time;
    compose::delete(&mut device.rows, &"m009".into(), now, &mut Changed::default()).unwrap();
    device.step(Input::Written);
    device.answer(&Ask::Delete { id: "m009".into() }, Ok(Reply::Done));
    assert_eq!(device.contents(), ["-"]);
}

#[test]
fn reading_up_to_what_waits_behind_a_lost_message_reads_nothing_that_has_not_come() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(900, "lost"), 1)], "c2");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), status(410));
    let mut told = snapshot(vec![Message { is_read: true, ..from_ben(5, "kept") }], "d1");
    told.conversations[0].unread = 1;
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(told)));
    device.send("waits");
    device.read("key-waits");
    device.fail(&sending("waits"), status(400));
    device.answer(&before("m005"), Ok(history(vec![from_ben(4, "unread")])));
    device.follow("d1", vec![(from_ben(8, "new"), 1)], "d2");
    assert_eq!(device.rows.count_unread(&ben()).unwrap(), 2);
}

#[test]
fn a_reading_that_waits_goes_as_far_as_what_another_history_forgot() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(1, "one"), 1), (from_ben(2, "two"), 2)], "c2");
    device.read("m002");
    device.answer(&Ask::Read { peer: ben(), up_to: "m002".into() }, Ok(Reply::Done));
    let read = |time, content| Message { is_read: true, ..from_ben(time, content) };
    device.follow("c2", vec![(read(1, "one"), 3), (read(2, "two"), 4)], "c3");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c3"), status(410));
    // The restored server has one that was unread before, and tells of it first.
    let told = vec![from_ben(2, "two")];
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(told, "d1"))));
    let id = device.take(&before("m002"));
    device.follow("d1", vec![(from_ben(0, "early"), 1)], "d2");
    device.read("m000");
    device.take(&Ask::Read { peer: ben(), up_to: "m000".into() });
    device.step(Input::Answer(id, Ok(history(vec![from_ben(1, "one")]))));
    assert_eq!(device.outbox(), [(Kind::Read, State::InFlight), (Kind::Read, State::Queued)]);
}

#[test]
fn a_rest_that_the_server_asked_for_outlasts_its_absence_and_whatever_fails_after_it() {
    let mut device = Device::online(Dialect::Extended);
    device.send("one");
    let (now, key) = (device.now().time, "key-two".into());
    compose::send(&mut device.rows, &"eve".into(), "two", &key, now, &mut Changed::default()).unwrap();
    device.step(Input::Written);
    let wait = Some(Duration::from_millis(800));
    device.fail(
        &sending("one"),
        HttpError::Status { status: 429, reason: "later".to_owned(), retry_after: wait },
    );
    // This one's back-off lasts longer, and is over as soon as the server is back.
    let to_eve = Ask::Send { peer: "eve".into(), content: "two".to_owned(), key: key.0 };
    device.fail(&to_eve, lost_answer());
    device.fail(&changes("c1"), lost_answer());
    device.pass(Duration::from_millis(600));
    device.answer(&Ask::Discover, Ok(Reply::Kind(Dialect::Extended)));
    device.answer(&changes("c1"), Ok(page(Vec::new(), "c1")));
    for peer in [ben(), "eve".into()] {
        device.fail(&Ask::Person(peer), status(404));
    }
    assert!(!device.asks().contains(&sending("one")) && !device.asks().contains(&to_eve));
    device.pass(Duration::from_millis(200));
    assert!(device.asks().contains(&sending("one")) && device.asks().contains(&to_eve));
}

#[test]
fn a_late_answer_to_a_send_does_not_bring_back_what_two_lists_showed_as_deleted() {
    let mut device = Device::online(Dialect::Plain);
    device.send("gone");
    let id = device.take(&sending("gone"));
    let others: Vec<_> = (1..8).map(|time| from_ben(time, "stays")).collect();
    device.next_list();
    device.list(others.iter().cloned().chain([from_ana(9, "gone", None)]).collect());
    for _ in 0..limits::ABSENCES {
        device.next_list();
        device.list(others.clone());
    }
    assert_eq!(device.contents().last().unwrap(), "-");
    device.step(Input::Answer(id, Ok(Reply::Message(from_ana(9, "gone", Some("key-gone"))))));
    assert_eq!((device.contents().last().unwrap().as_str(), device.outbox()), ("-", Vec::new()));
}

#[test]
fn a_list_that_is_older_than_a_deletion_whose_commit_was_unclear_does_not_undo_it() {
    let mut device = Device::online(Dialect::Plain);
    device.next_list();
    device.list(vec![from_ana(9, "unwanted", None)]);
    let now = device.now().time;
    compose::delete(&mut device.rows, &"m009".into(), now, &mut Changed::default()).unwrap();
    device.next_list();
    device.step(Input::Written);
    let id = device.take(&Ask::Delete { id: "m009".into() });
    let list = device.take(&Ask::List);
    device.step_unstored(Input::Answer(id, Ok(Reply::Done)), Some(id));
    device.step(Input::Answer(list, Ok(Reply::Batch(vec![from_ana(9, "unwanted", None)]))));
    device.step(Input::Answer(list, Ok(Reply::Done)));
    assert_eq!(device.contents(), ["-"]);
}

#[test]
fn two_lists_without_a_message_count_only_where_nothing_between_them_showed_it() {
    let mut device = Device::online(Dialect::Plain);
    let all: Vec<_> = (1..8).map(|time| from_ben(time, "stays")).collect();
    device.next_list();
    device.list(all.clone());
    device.next_list();
    device.list(all[1..].to_vec());
    device.read("m001");
    device.next_list();
    let list = device.take(&Ask::List);
    device.answer(&Ask::ReadOne { id: "m001".into() }, Ok(Reply::Done));
    device.step(Input::Answer(list, Ok(Reply::Batch(all.clone()))));
    device.step(Input::Answer(list, Ok(Reply::Done)));
    device.next_list();
    device.list(all[1..].to_vec());
    assert_eq!(device.contents(), ["stays"; 7]);
}

#[test]
fn a_message_that_a_list_named_which_never_ended_was_not_absent_from_it() {
    let mut device = Device::online(Dialect::Plain);
    let all: Vec<_> = (1..8).map(|time| from_ben(time, "stays")).collect();
    device.next_list();
    device.list(all.clone());
    device.next_list();
    device.list(Vec::new());
    device.next_list();
    let id = device.take(&Ask::List);
    device.step(Input::Answer(id, Ok(Reply::Batch(all.clone()))));
    device.step(Input::Answer(id, Err(Failed::Http(lost_answer()))));
    device.pass(limits::BACKOFF_FIRST);
    device.answer(&Ask::Discover, Ok(Reply::Kind(Dialect::Plain)));
    device.list(all[1..].to_vec());
    assert_eq!(device.contents(), ["stays"; 7]);
}

#[test]
fn a_late_answer_to_an_edit_does_not_bring_back_what_two_lists_showed_as_deleted() {
    let mut device = Device::online(Dialect::Plain);
    let mut all: Vec<_> = (1..8).map(|time| from_ben(time, "stays")).collect();
    device.next_list();
    device.list(all.iter().cloned().chain([from_ana(9, "gone", None)]).collect());
    let now = device.now().time;
    compose::edit(&mut device.rows, &"m009".into(), "better", now, &mut Changed::default()).unwrap();
    device.step(Input::Written);
    let id = device.take(&Ask::Edit { id: "m009".into(), content: "better".to_owned() });
    for _ in 0..limits::ABSENCES {
        device.next_list();
        device.list(all.clone());
    }
    device.step(Input::Answer(id, Ok(Reply::Message(from_ana(9, "better", None)))));
    assert_eq!(device.contents().pop().unwrap(), "-");
    // A list that names it is the server's word of now.
    all.push(from_ana(9, "better", None));
    device.next_list();
    device.list(all);
    assert_eq!(device.contents().pop().unwrap(), "better");
}

#[test]
fn a_plain_server_is_not_asked_for_its_list_again_before_the_pause_however_many_events_come() {
    let mut device = Device::online(Dialect::Plain);
    let socket = device.socket();
    device.step(Input::Socket(socket, Heard::Joined));
    device.pass(limits::POLL_WITH_HINTS * 2);
    device.list(Vec::new());
    let listed = device.elapsed;
    for _ in 0..100 {
        device.step(Input::Socket(socket, Heard::News));
    }
    assert_eq!(device.asks(), []);
    assert!(device.machine.wake_at().is_some_and(|due| due >= listed + limits::LIST_PAUSE));
    device.step(Input::RetryNow);
    assert_eq!(device.asks(), [Ask::List], "the user need not wait");
}

#[test]
fn a_message_that_was_only_read_while_a_snapshot_is_under_way_is_as_old_as_it_was() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(1, "was deleted"), 1), (from_ben(3, "newest"), 2)], "c2");
    device.read("m001");
    let reading = Ask::Read { peer: ben(), up_to: "m001".into() };
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), HttpError::Expired);
    device.answer(&reading, Ok(Reply::Done));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(3, "newest")], "c9"))));
    device.answer(&before("m003"), Ok(history(Vec::new())));
    assert_eq!(device.contents(), ["-", "newest"]);
}
