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
fn a_message_sent_while_a_snapshot_is_under_way_is_not_taken_for_deleted() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(1, "first"), 1)], "c2");
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), HttpError::Expired);
    device.send("fresh");
    device.answer(&sending("fresh"), Ok(Reply::Message(from_ana(7, "fresh", Some("key-fresh")))));
    // The snapshot is from just before that.
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(1, "first")], "c3"))));
    device.answer(&before("m001"), Ok(history(Vec::new())));
    assert_eq!(device.contents(), ["first", "fresh"]);
    // And neither is the first one to somebody whom the snapshot does not name.
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c3"), HttpError::Expired);
    device.send("another");
    device.answer(&sending("another"), Ok(Reply::Message(from_ana(8, "another", Some("key-another")))));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(Vec::new(), "c4"))));
    assert_eq!(device.contents(), ["-", "-", "another"]);
}

#[test]
fn a_refused_reading_is_followed_by_one_of_what_the_server_still_has() {
    let mut device = Device::online(Dialect::Extended);
    device.follow("c1", vec![(from_ben(1, "kept"), 1), (from_ben(2, "lost"), 2)], "c2");
    device.read("m002");
    let id = device.take(&Ask::Read { peer: ben(), up_to: "m002".into() });
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), status(410));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(1, "kept")], "d1"))));
    device.pass(limits::FILL_PATIENCE);
    device.answer(&before("m001"), Ok(history(Vec::new())));
    device.step(Input::Answer(id, Err(Failed::Http(status(404)))));
    let id = device.take(&Ask::Read { peer: ben(), up_to: "m001".into() });
    // A server that refuses this one too is not asked for ever.
    device.step(Input::Answer(id, Err(Failed::Http(status(404)))));
    assert_eq!(device.outbox(), []);
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
