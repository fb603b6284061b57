//! Calls at random, which both implementations answer alike.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::store::account::holder;

/// A call that writes.
#[derive(Debug, Clone)]
enum Write {
    Session(bool),
    Feed(i64),
    Put {
        id: &'static str,
        peer: &'static str,
        flags: [bool; 6],
        time: i64,
        key: Option<&'static str>,
        told: i64,
    },
    RemoveMessage(&'static str),
    Read {
        peer: &'static str,
        time: i64,
        id: &'static str,
    },
    Absences(&'static str, u32),
    Extent {
        peer: &'static str,
        floor: Option<i64>,
        before: Option<&'static str>,
        done: bool,
        unread: u64,
    },
    Person(&'static str),
    Append(Kind, &'static str, &'static str),
    State(i64, State, u32),
    After(i64, i64),
    Rewrite(i64, &'static str),
    Remove(i64),
}

const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const PEERS: [&str; 3] = ["ben", "cleo", "dan"];
const KEYS: [&str; 3] = ["k1", "k2", "k3"];
const KINDS: [Kind; 4] = [Kind::Send, Kind::Edit, Kind::Delete, Kind::Read];

fn write() -> impl Strategy<Value = Write> {
    let (id, peer, key) = (|| select(&IDS), || select(&PEERS), || select(&KEYS));
    let time = || 0..4_i64;
    let seq = || 1..8_i64;
    let state = || {
        let refused = State::Refused { reason: "no".to_owned() };
        select(vec![State::Queued, State::InFlight, State::Unknown, refused])
    };
    let put = (id(), peer(), any::<[bool; 6]>(), time(), option::of(key()), 0..4_i64)
        .prop_map(|(id, peer, flags, time, key, told)| Write::Put { id, peer, flags, time, key, told });
    let extent = (peer(), option::of(time()), option::of(id()), any::<bool>(), 0..3_u64)
        .prop_map(|(peer, floor, before, done, unread)| Write::Extent { peer, floor, before, done, unread });
    prop_oneof![
        1 => any::<bool>().prop_map(Write::Session),
        1 => time().prop_map(Write::Feed),
        12 => put,
        2 => id().prop_map(Write::RemoveMessage),
        4 => (peer(), time(), id()).prop_map(|(peer, time, id)| Write::Read { peer, time, id }),
        2 => (id(), 0..3_u32).prop_map(|(id, absences)| Write::Absences(id, absences)),
        4 => extent,
        1 => peer().prop_map(Write::Person),
        6 => (select(&KINDS), peer(), key()).prop_map(|(kind, peer, key)| Write::Append(kind, peer, key)),
        3 => (seq(), state(), 0..3_u32).prop_map(|(seq, state, attempts)| Write::State(seq, state, attempts)),
        1 => (seq(), time()).prop_map(|(seq, after)| Write::After(seq, after)),
        2 => (seq(), key()).prop_map(|(seq, key)| Write::Rewrite(seq, key)),
        2 => seq().prop_map(Write::Remove),
    ]
}

/// Makes the call.
fn make(tables: &mut impl Tables, write: &Write) -> Told {
    match write {
        Write::Session(over) => {
            let session = if *over { Session::Expired } else { Session::SignedIn };
            tables.set_session(session)?;
        }
        Write::Feed(number) => tables.set_feed(&Feed {
            cursor: (*number > 0).then(|| format!("c{number}")),
            name: (*number > 2).then(|| number.to_string()),
            generation: *number,
            history: number / 2,
            history_began: number / 3,
        })?,
        Write::Put {
            id,
            peer,
            flags: [mine, read, told_read, delivered, deleted, lost],
            time,
            key,
            told,
        } => {
            let stored = with(from_ben(id, *time), |message| {
                message.peer = (*peer).into();
                message.mine = *mine;
                message.content = format!("text {}", time % 2);
                message.is_read = *read;
                message.delivered_at = delivered.then(|| at(*time));
                message.deleted_at = (*deleted && *told == 0).then(|| at(*time));
                message.client_key = key.map(str::to_owned);
            });
            let lost = *lost && *told == 1;
            tables.put_message(&Stored { told_read: *told_read, lost, generation: *told, ..stored })?;
        }
        Write::RemoveMessage(id) => tables.remove_message(&(*id).into())?,
        Write::Read { peer, time, id } => {
            tables.set_read_up_to(&(*peer).into(), at(*time), &(*id).into())?;
        }
        Write::Absences(id, absences) => tables.set_absences(&(*id).into(), *absences)?,
        Write::Extent { peer, floor, before, done, unread } => tables.put_extent(
            &(*peer).into(),
            &Extent {
                floor: floor.map(|time| (at(time), "a".into())),
                fill_before: before.map(MessageId::from),
                fill_done: *done,
                unread_unfilled: *unread,
                read: floor.map(|time| (at(-time), "b".into())),
            },
        )?,
        Write::Person(id) => tables.put_person(&nameless((*id).into()))?,
        Write::Append(kind, peer, target) => {
            tables.append(*kind, &(*peer).into(), &(*target).into(), peer, at(1))?;
        }
        Write::State(seq, state, attempts) => tables.set_state(*seq, state, *attempts)?,
        Write::After(seq, after) => tables.set_after(*seq, *after)?,
        Write::Rewrite(seq, target) => tables.rewrite(*seq, &(*target).into(), target)?,
        Write::Remove(seq) => tables.remove(*seq)?,
    }
    Ok(())
}

/// Asks every question of every row there can be.
fn ask(tables: &impl Tables) -> Told {
    tables.me()?;
    tables.feed()?;
    tables.last_number()?;
    for id in IDS {
        tables.message(&id.into())?;
    }
    for key in KEYS {
        tables.message_by_client_key(key)?;
        for kind in KINDS {
            tables.entry_of(&key.into(), kind)?;
        }
    }
    for peer in PEERS.map(UserId::from) {
        tables.newest(&peer)?;
        tables.count_unread(&peer)?;
        tables.newest_untold_read(&peer, 2)?;
        tables.extent(&peer)?;
        tables.person(&peer)?;
        tables.queued_read(&peer)?;
        tables.readings(&peer)?;
        tables.next_waiting(Some(&peer))?;
        for number in 0..4 {
            tables.oldest_untold_read(&peer, at(number), &"c".into())?;
            tables.untold_since(&peer, number, 3)?;
            tables.unclaimed(&peer, "text 0", number)?;
            tables.unclaimed(&peer, "text 1", number)?;
            tables.next_send(&peer, number)?;
            tables.next_change(&peer, number)?;
        }
    }
    for number in 0..8 {
        tables.undelivered(number, 2)?;
        tables.walk(number, 3)?;
        tables.operation(number)?;
    }
    tables.peers()?;
    tables.unknown_people(2)?;
    tables.next_fill()?;
    tables.entries()?;
    tables.outbox_len()?;
    tables.in_flight()?;
    tables.unknown_sends(2)?;
    tables.next_waiting(None)?;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_answer_every_question_alike_after_any_calls(writes in vec(write(), 1..60)) {
        let mut twin = Twin::of(&"ana".into());
        for write in writes {
            // What fails, fails in both, and changes nothing.
            let _ = make(&mut twin, &write);
            ask(&twin).unwrap();
        }
        let session = holder(twin.connection()).unwrap().map(|(_, session)| session);
        prop_assert_eq!(session, twin.memory().session());
    }
}
