//! Calls at random, which both implementations answer alike.

use std::fmt::Write as _;

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;

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

/// Makes the call, and answers what came of it.
fn make(tables: &mut impl Tables, write: &Write) -> Result<u64, StoreError> {
    match write {
        Write::Session(over) => {
            let session = if *over { Session::Expired } else { Session::SignedIn };
            tables.set_session(session)?;
        }
        Write::Feed(number) => tables.set_feed(&Feed {
            cursor: (*number > 0).then(|| format!("c{number}")),
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
            return tables.set_read_up_to(&(*peer).into(), at(*time), &(*id).into());
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
    Ok(0)
}

fn stored(found: Option<Stored>) -> String {
    let Some(Stored { message, seq, generation, told_read, lost }) = found else { return "none".to_owned() };
    let Message { id, peer, mine, content, sent_at, is_read, delivered_at, deleted_at, client_key, .. } =
        message;
    format!(
        "{id} {peer} {mine} {content} {sent_at} {is_read} {delivered_at:?} {deleted_at:?} {client_key:?} {seq} \
         {generation} {told_read} {lost}"
    )
}

/// Every answer to every question, as lines.
fn everything(tables: &impl Tables) -> Result<String, StoreError> {
    let mut text = format!("{:?} {:?} {}\n", tables.me()?, tables.feed()?, tables.last_number()?);
    let mut line = |what: &str, answer: String| {
        let _ = writeln!(text, "{what}: {answer}");
    };
    for id in IDS.map(MessageId::from) {
        line("message", stored(tables.message(&id)?));
    }
    for key in KEYS {
        line("by key", stored(tables.message_by_client_key(key)?));
        for kind in KINDS {
            line("entry", format!("{:?}", tables.entry_of(&key.into(), kind)?));
        }
    }
    for peer in PEERS.map(UserId::from) {
        line("newest", stored(tables.newest(&peer)?));
        line("unread", format!("{}", tables.count_unread(&peer)?));
        line("newest untold", stored(tables.newest_untold_read(&peer)?));
        line("extent", format!("{:?}", tables.extent(&peer)?));
        line("person", format!("{:?}", tables.person(&peer)?));
        line("reading", format!("{:?}", tables.queued_read(&peer)?));
        for number in 0..4 {
            line(
                "oldest untold",
                format!("{:?}", tables.oldest_untold_read(&peer, at(number), &"c".into())?),
            );
            line("untold", format!("{:?}", tables.untold_since(&peer, number, 3)?));
            line("unclaimed 0", stored(tables.unclaimed(&peer, "text 0", number)?));
            line("unclaimed 1", stored(tables.unclaimed(&peer, "text 1", number)?));
        }
    }
    for number in 0..8 {
        line("undelivered", format!("{:?}", tables.undelivered(number, 2)?));
        line("walk", format!("{:?}", tables.walk(number, 3)?));
        let operation = tables.operation(number)?;
        let shown =
            operation.map(|Operation { entry, content, after }| format!("{entry:?} {content} {after}"));
        line("operation", format!("{shown:?}"));
    }
    line("peers", format!("{:?} {:?}", tables.peers()?, tables.unknown_people(2)?));
    line("fill", format!("{:?}", tables.next_fill()?));
    line("entries", format!("{:?} {}", tables.entries()?, tables.outbox_len()?));
    Ok(text)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_answer_every_question_alike_after_any_calls(writes in vec(write(), 1..60)) {
        let connection = scratch(&"ana".into()).unwrap();
        let (mut rows, mut memory) = (Rows(&connection), MemoryTables::of("ana".into()));
        for write in writes {
            // What fails, fails in both, and changes nothing.
            prop_assert_eq!(make(&mut rows, &write).ok(), make(&mut memory, &write).ok(), "{:?}", write);
            prop_assert_eq!(everything(&rows).unwrap(), everything(&memory).unwrap(), "after {:?}", write);
        }
        let session = crate::store::account::holder(&connection).unwrap().map(|(_, session)| session);
        prop_assert_eq!(session, memory.session());
    }
}
