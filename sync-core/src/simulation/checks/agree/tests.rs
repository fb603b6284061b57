//! What is compared in parts is compared.

use protocol::Timestamp;

use super::*;
use crate::{
    apply::Message,
    machine::tables::Feed,
    simulation::{
        disk::Store,
        faults::{Only, Weather},
        random::Random,
        schedule::Schedule,
        server::name,
        trace::Trace,
        watched::Watched,
    },
};

fn at(millis: i64) -> Timestamp {
    Timestamp::clamped(millis)
}

fn stored(message: Message) -> Stored {
    Stored { message, seq: 1, generation: 1, told_read: false, lost: false }
}

/// Two people with a device each. The first has written three messages; the device has them, and was found to.
struct Pair {
    world: World,
    messages: Vec<Message>,
}

impl Pair {
    fn new() -> Self {
        let weather = Weather::draw(&mut Random::new(0, 0));
        let schedule = Schedule {
            dialect: Dialect::Extended,
            people: 2,
            devices: vec![0, 1],
            weather,
            steps: Vec::new(),
        };
        let trace = Trace::new(false);
        let world = World::new(0, schedule, Only::default(), Store::Memory, trace).unwrap();
        let mut pair = Self { world, messages: Vec::new() };
        for nth in 0..3 {
            let key = format!("k0-{nth}");
            let sent = pair.world.server.send(0, &name(1), "hi", Some(&key), at(nth)).unwrap();
            pair.write(|tables| tables.put_message(&stored(sent.clone())).unwrap());
            pair.messages.push(sent);
        }
        pair.follow();
        pair.check().unwrap();
        pair
    }

    fn write(&mut self, work: impl FnOnce(&mut Watched<'_>)) {
        self.world.devices[0].disk.transact(true, None, work).unwrap();
    }

    /// Moves the cursor to the end of the feed.
    fn follow(&mut self) {
        let cursor = Some(format!("1.{}", self.world.server.feed(0).len()));
        let feed = Feed { cursor, generation: 1, history_began: 1, ..Feed::default() };
        self.write(|tables| tables.set_feed(&feed).unwrap());
    }

    fn check(&mut self) -> Result<(), Violation> {
        self.world.check_caught_up(0)
    }

    /// How often only what changed was compared since everything was.
    fn in_parts(&self) -> u32 {
        self.world.devices[0].agreed.unwrap().in_parts
    }
}

#[test]
fn a_row_that_changed_is_compared() {
    let mut pair = Pair::new();
    pair.check().unwrap();
    assert_eq!(pair.in_parts(), 1);
    let other = Message { content: "ho".to_owned(), ..pair.messages[1].clone() };
    pair.write(|tables| tables.put_message(&stored(other)).unwrap());
    assert_eq!(pair.check().unwrap_err().how, "device 0 holds m00002: another content");
}

#[test]
fn a_message_that_the_server_changed_is_compared() {
    let mut pair = Pair::new();
    let id = pair.messages[0].id.clone();
    let told = pair.world.server.edit(0, &id, "ho", at(9)).unwrap();
    pair.check().unwrap();
    assert_eq!(pair.in_parts(), 0, "the device has not followed, so nothing was compared");
    pair.follow();
    assert_eq!(pair.check().unwrap_err().how, "device 0 holds m00001: another content");
    pair.write(|tables| tables.put_message(&stored(told)).unwrap());
    pair.check().unwrap();
    assert_eq!(pair.in_parts(), 1);
}

#[test]
fn a_row_that_no_server_has_is_found() {
    let mut pair = Pair::new();
    let invented = Message { id: "m00009".into(), client_key: None, ..pair.messages[2].clone() };
    pair.write(|tables| tables.put_message(&stored(invented)).unwrap());
    let how = pair.check().unwrap_err().how;
    assert_eq!(how, "device 0 holds m00009: live on device 0, and not on the server");
}

#[test]
fn everything_is_compared_where_it_is_not_known_what_changed_and_now_and_then() {
    let mut pair = Pair::new();
    for nth in 1..=IN_PARTS {
        pair.check().unwrap();
        assert_eq!(pair.in_parts(), nth);
    }
    pair.check().unwrap();
    assert_eq!(pair.in_parts(), 0, "it was time");
    let changes: [fn(&mut Watched<'_>); 2] = [
        |tables| {
            tables.set_read_up_to(&name(1), at(9), &"m00003".into()).unwrap();
        },
        |tables| {
            let feed = Feed { generation: 2, ..tables.feed().unwrap() };
            tables.set_feed(&feed).unwrap();
        },
    ];
    for change in changes {
        pair.check().unwrap();
        assert_eq!(pair.in_parts(), 1);
        pair.write(change);
        pair.check().unwrap();
        assert_eq!(pair.in_parts(), 0);
    }
}
