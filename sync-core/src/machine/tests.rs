//! The machine, told by hand what happens: tests named as the arrows of the diagrams.

mod found;
mod plain;

use std::time::Duration;

use protocol::Timestamp;

use super::{
    Ask, AskId, Dialect, Effect, Failed, Heard, Input, Link, Machine, Now, Reply, SocketId, Tables, compose,
    conformance::Twin,
    feed::{FeedPage, HistoryPage, Snapshot, Summary},
    fixture::name_of,
};
use crate::{
    apply::Message,
    domain::{ItemKey, MessageId, OfflineCause, UserId},
    limits,
    outbox::{Kind, State},
    store::{Changed, account::Session, people},
    transport::{
        http::{HttpError, NoAnswer},
        socket::Say,
    },
};

/// Ana's device: its rows, on both stores at once, its machine, and what the machine has asked for.
struct Device {
    rows: Twin,
    machine: Machine,
    elapsed: Duration,
    effects: Vec<Effect>,
}

impl Device {
    /// Just started.
    fn new() -> Self {
        let rows = Twin::of(&"ana".into());
        let mut device = Self { rows, machine: Machine::new(), elapsed: Duration::ZERO, effects: Vec::new() };
        device.step(Input::Tick);
        device
    }

    /// At a server of this kind, which has nothing yet.
    fn online(dialect: Dialect) -> Self {
        let mut device = Self::new();
        device.meet(dialect);
        device
    }

    /// Answers what a start asks for.
    fn meet(&mut self, dialect: Dialect) {
        self.answer(&Ask::Discover, Ok(Reply::Kind(dialect)));
        match dialect {
            Dialect::Extended => self.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(Vec::new(), "c1")))),
            Dialect::Plain => self.answer(&Ask::List, Ok(Reply::Done)),
        }
        assert!(matches!(self.machine.link(), Link::Online { .. }));
    }

    fn now(&self) -> Now {
        let time = i64::try_from(self.elapsed.as_millis()).unwrap();
        Now { elapsed: self.elapsed, time: Timestamp::clamped(1_000_000 + time) }
    }

    fn step(&mut self, input: Input) {
        let now = self.now();
        let effects = self.machine.step(&mut self.rows, &mut Changed::default(), input, now, &mut || 0.5);
        self.effects.extend(effects.unwrap());
    }

    /// Time passes until the machine wants to be woken, but not longer than this.
    fn pass(&mut self, most: Duration) {
        let end = self.elapsed + most;
        while let Some(due) = self.machine.wake_at().filter(|due| *due <= end) {
            self.elapsed = self.elapsed.max(due);
            self.step(Input::Tick);
        }
        self.elapsed = end;
    }

    /// The requests that wait for an answer.
    fn asks(&self) -> Vec<Ask> {
        let ask = |effect: &Effect| if let Effect::Ask(_, ask) = effect { Some(ask.clone()) } else { None };
        self.effects.iter().filter_map(ask).collect()
    }

    /// Takes the first request like this off those that wait.
    fn take(&mut self, wanted: &Ask) -> AskId {
        let like = |effect: &Effect| matches!(effect, Effect::Ask(_, ask) if ask == wanted);
        let place = self.effects.iter().position(like);
        let Some(Effect::Ask(id, _)) = place.map(|place| self.effects.remove(place)) else {
            panic!("{wanted:?} is not among {:?}", self.asks())
        };
        id
    }

    fn answer(&mut self, ask: &Ask, outcome: Result<Reply, Failed>) {
        let id = self.take(ask);
        self.step(Input::Answer(id, outcome));
    }

    fn fail(&mut self, ask: &Ask, error: HttpError) {
        self.answer(ask, Err(Failed::Http(error)));
    }

    /// A plain server's list, complete.
    fn list(&mut self, messages: Vec<Message>) {
        let id = self.take(&Ask::List);
        self.step(Input::Answer(id, Ok(Reply::Batch(messages))));
        self.step(Input::Answer(id, Ok(Reply::Done)));
    }

    /// Lets the next list of a plain server come due.
    fn next_list(&mut self) {
        self.pass(limits::POLL_WITH_HINTS * 2);
    }

    fn send(&mut self, content: &str) -> ItemKey {
        let key = ItemKey(format!("key-{content}"));
        let now = self.now().time;
        compose::send(&mut self.rows, &ben(), content, &key, now, &mut Changed::default()).unwrap();
        self.step(Input::Written);
        key
    }

    fn socket(&self) -> SocketId {
        let open = |effect: &Effect| if let Effect::Open(id) = effect { Some(*id) } else { None };
        self.effects.iter().rev().find_map(open).expect("no socket was opened")
    }

    /// The states of what waits, in order.
    fn outbox(&self) -> Vec<(Kind, State)> {
        self.rows.memory().operations().map(|row| (row.entry.kind, row.entry.state.clone())).collect()
    }

    /// What stands in the conversation with Ben: contents, `-` for deleted and `?` for lost.
    fn contents(&self) -> Vec<String> {
        let shown = |stored: &crate::apply::Stored| match (stored.message.deleted_at, stored.lost) {
            (Some(_), _) => "-".to_owned(),
            (None, true) => format!("?{}", stored.message.content),
            (None, false) => stored.message.content.clone(),
        };
        self.rows.memory().conversation(&ben()).map(shown).collect()
    }
}

fn ben() -> UserId {
    "ben".into()
}

fn from_ben(time: i64, content: &str) -> Message {
    Message {
        id: format!("m{time:03}").as_str().into(),
        peer: ben(),
        mine: false,
        content: content.to_owned(),
        sent_at: Timestamp::clamped(time),
        is_read: false,
        edited_at: None,
        delivered_at: None,
        seen_at: None,
        read_at: None,
        deleted_at: None,
        client_key: None,
    }
}

fn from_ana(time: i64, content: &str, key: Option<&str>) -> Message {
    Message { mine: true, client_key: key.map(str::to_owned), ..from_ben(time, content) }
}

fn snapshot(last: Vec<Message>, next: &str) -> Snapshot {
    let summary = |last: Message| Summary { peer: people::nameless(last.peer.clone()), last, unread: 0 };
    let conversations = last.into_iter().map(summary).collect();
    Snapshot { conversations, people: Vec::new(), next: next.to_owned(), history: name_of(next), more: false }
}

fn page(changes: Vec<(Message, i64)>, next: &str) -> Reply {
    let (people, next, history) = (Vec::new(), next.to_owned(), name_of(next));
    Reply::Changes(FeedPage { changes, people, next, history, more: false })
}

fn history(messages: Vec<Message>) -> Reply {
    Reply::History(HistoryPage { messages, history: None, done: true })
}

fn changes(since: &str) -> Ask {
    Ask::Changes { since: since.to_owned() }
}

fn before(id: &str) -> Ask {
    Ask::History { peer: ben(), before: MessageId(id.to_owned()) }
}

fn sending(content: &str) -> Ask {
    Ask::Send { peer: ben(), content: content.to_owned(), key: format!("key-{content}") }
}

fn lost_answer() -> HttpError {
    HttpError::NoAnswer { cause: NoAnswer::TimedOut, details: String::new() }
}

fn status(status: u16) -> HttpError {
    HttpError::Status { status, reason: "no".to_owned(), retry_after: None }
}

#[test]
fn start_to_asking_to_waiting_to_asking() {
    let mut device = Device::new();
    assert_eq!((device.machine.link(), device.asks()), (Link::Connecting, vec![Ask::Discover]));
    device.meet(Dialect::Extended);
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    assert_eq!(device.asks(), [changes("c1")]);
}

#[test]
fn asking_to_resting_to_asking_when_the_server_does_not_answer() {
    let mut device = Device::online(Dialect::Extended);
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c1"), lost_answer());
    let Link::Offline { retry_at: Some(_), cause: OfflineCause::ServerUnreachable } = device.machine.link()
    else {
        panic!("{:?}", device.machine.link())
    };
    device.send("while away");
    assert_eq!(device.asks(), [], "nothing is begun");
    device.pass(limits::BACKOFF_UNREACHABLE);
    assert_eq!(device.asks(), [Ask::Discover], "it may be another server by now");
}

#[test]
fn resting_to_asking_when_the_user_wants_it() {
    let mut device = Device::new();
    device.fail(&Ask::Discover, lost_answer());
    device.step(Input::RetryNow);
    assert_eq!(device.asks(), [Ask::Discover]);
}

#[test]
fn any_state_to_over_when_the_server_ends_the_session() {
    let mut device = Device::online(Dialect::Extended);
    device.send("kept");
    device.answer(&sending("kept"), Err(Failed::SessionOver));
    assert!(device.effects.contains(&Effect::SessionOver));
    assert_eq!(device.rows.memory().session(), Some(Session::Expired));
    assert_eq!(device.outbox(), [(Kind::Send, State::Queued)], "it was not looked at");
    device.pass(Duration::from_hours(1));
    assert_eq!(device.asks(), []);
}

#[test]
fn opening_to_listening_to_over_when_nothing_is_heard() {
    let mut device = Device::online(Dialect::Extended);
    let socket = device.socket();
    device.step(Input::Socket(socket, Heard::Joined));
    device.answer(&changes("c1"), Ok(page(Vec::new(), "c1")));
    device.pass(limits::HEARTBEAT);
    assert!(device.effects.contains(&Effect::Say(socket, Say::Heartbeat(1))));
    device.step(Input::Socket(socket, Heard::Alive));
    device.pass(limits::HEARTBEAT);
    assert!(!device.effects.contains(&Effect::Close(socket)), "it lives");
    device.pass(limits::HEARTBEAT);
    assert!(device.effects.contains(&Effect::Close(socket)));
    device.pass(limits::BACKOFF_FIRST);
    assert_ne!(device.socket(), socket, "another one is opened");
}

#[test]
fn an_event_makes_it_ask_once_however_many_there_are() {
    let mut device = Device::online(Dialect::Extended);
    let socket = device.socket();
    device.step(Input::Socket(socket, Heard::Joined));
    for _ in 0..5 {
        device.step(Input::Socket(socket, Heard::News));
    }
    assert_eq!(device.asks(), [changes("c1")]);
    device.answer(&changes("c1"), Ok(page(vec![(from_ben(1, "hi"), 1)], "c2")));
    assert_eq!(device.asks(), [Ask::Person(ben())], "the name first, as it is one catching up");
    device.fail(&Ask::Person(ben()), status(404));
    assert_eq!(device.asks(), [changes("c2")], "and once more for those that came meanwhile");
}

#[test]
fn history_waits_for_deliveries_but_not_for_ever() {
    let mut device = Device::new();
    device.answer(&Ask::Discover, Ok(Reply::Kind(Dialect::Extended)));
    device.send("first");
    let told = snapshot(vec![from_ben(9, "newest")], "c1");
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(told)));
    assert_eq!(device.asks(), [sending("first")]);
    device.pass(limits::FILL_PATIENCE);
    assert_eq!(device.asks(), [sending("first"), before("m009")]);
}

#[test]
fn a_lost_answer_to_a_send_is_followed_by_the_same_key() {
    let mut device = Device::online(Dialect::Extended);
    device.send("one");
    device.send("two");
    device.fail(&sending("one"), lost_answer());
    assert_eq!(device.outbox(), [(Kind::Send, State::Unknown), (Kind::Send, State::Queued)]);
    device.answer(&changes("c1"), Ok(page(Vec::new(), "c1")));
    device.pass(limits::BACKOFF_FIRST);
    device.answer(&sending("one"), Ok(Reply::Message(from_ana(5, "one", Some("key-one")))));
    assert!(device.asks().contains(&sending("two")));
    assert_eq!(device.contents(), ["one"]);
}

#[test]
fn what_a_step_that_was_not_stored_began_is_unknown_before_anything_else_starts() {
    let mut device = Device::online(Dialect::Extended);
    let key = ItemKey("key-one".to_owned());
    let now = device.now();
    compose::send(&mut device.rows, &ben(), "one", &key, now.time, &mut Changed::default()).unwrap();
    // The commit fails and reaches the disk all the same: the rows have moved, and the machine has not.
    let mut moved = device.machine.clone();
    moved.step(&mut device.rows, &mut Changed::default(), Input::Written, now, &mut || 0.5).unwrap();
    device.machine.store_failed(None, now, &mut || 0.5);
    assert_eq!(device.outbox(), [(Kind::Send, State::InFlight)]);
    device.pass(limits::BACKOFF_FIRST);
    device.take(&sending("one"));
    assert_eq!(device.rows.memory().operations().next().unwrap().entry.attempts, 2);
}

#[test]
fn a_cursor_that_is_too_old_leads_to_a_snapshot_after_which_the_absent_is_deleted() {
    let mut device = Device::online(Dialect::Extended);
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    let told = vec![(from_ben(1, "stays"), 1), (from_ben(2, "was deleted"), 2), (from_ben(3, "newest"), 3)];
    device.answer(&changes("c1"), Ok(page(told, "c2")));
    device.fail(&Ask::Person(ben()), status(404));
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), HttpError::Expired);
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ben(3, "newest")], "c9"))));
    assert_eq!(device.contents(), ["stays", "was deleted", "newest"]);
    device.answer(&before("m003"), Ok(history(vec![from_ben(1, "stays")])));
    assert_eq!(device.contents(), ["stays", "-", "newest"]);
}

#[test]
fn another_history_leads_to_a_snapshot_after_which_the_absent_is_lost_and_can_be_sent_again() {
    let mut device = Device::online(Dialect::Extended);
    let key = device.send("today");
    device.answer(&sending("today"), Ok(Reply::Message(from_ana(7, "today", Some("key-today")))));
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c1"), status(410));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(Vec::new(), "d1"))));
    assert_eq!(device.contents(), ["?today"]);
    let now = device.now().time;
    compose::retry(&mut device.rows, &key, now, &mut Changed::default()).unwrap();
    device.step(Input::Written);
    device.answer(&sending("today"), Ok(Reply::Message(from_ana(8, "today", Some("key-today")))));
    assert_eq!((device.contents(), device.outbox()), (vec!["today".to_owned()], Vec::new()));
}

#[test]
fn a_lost_message_of_another_client_is_sent_again_with_a_key_that_every_device_makes_alike() {
    let mut keys = Vec::new();
    for _ in 0..2 {
        let mut device = Device::online(Dialect::Extended);
        device.pass(limits::POLL_WITHOUT_HINTS * 2);
        device.answer(&changes("c1"), Ok(page(vec![(from_ana(7, "elsewhere", None), 1)], "c2")));
        device.fail(&Ask::Person(ben()), status(404));
        device.pass(limits::POLL_WITHOUT_HINTS * 2);
        device.fail(&changes("c2"), status(410));
        device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(Vec::new(), "d1"))));
        assert_eq!(device.contents(), ["?elsewhere"]);
        let now = device.now().time;
        compose::retry(&mut device.rows, &"m007".into(), now, &mut Changed::default()).unwrap();
        device.step(Input::Written);
        let key = |ask: Ask| if let Ask::Send { key, .. } = ask { Some(key) } else { None };
        let key = device.asks().into_iter().find_map(key).expect("it is sent");
        keys.push(uuid::Uuid::try_parse(&key).unwrap());
    }
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn what_another_history_undid_is_told_to_the_server_again() {
    let mut device = Device::online(Dialect::Extended);
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    let gone = Message { deleted_at: Some(Timestamp::clamped(9)), ..from_ana(2, "", None) };
    let read = Message { is_read: true, ..from_ben(1, "read") };
    device.answer(&changes("c1"), Ok(page(vec![(read, 1), (gone, 2)], "c2")));
    device.fail(&Ask::Person(ben()), status(404));
    device.pass(limits::POLL_WITHOUT_HINTS * 2);
    device.fail(&changes("c2"), status(410));
    device.answer(&Ask::Snapshot, Ok(Reply::Snapshot(snapshot(vec![from_ana(2, "back", None)], "d1"))));
    device.take(&Ask::Delete { id: "m002".into() });
    device.pass(limits::FILL_PATIENCE);
    device.answer(&before("m002"), Ok(history(vec![from_ben(1, "read")])));
    assert_eq!(device.outbox(), [(Kind::Delete, State::InFlight), (Kind::Read, State::Queued)]);
    assert_eq!(device.rows.count_unread(&ben()).unwrap(), 0);
}
