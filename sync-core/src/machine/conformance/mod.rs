//! What every implementation of [`Tables`] does: stories that both run through side by side ([`Twin`]), and calls at
//! random.

mod random;
mod twin;

use protocol::Timestamp;

use super::tables::{Extent, Feed, Operation, Tables, Walked};
use crate::{
    apply::{Message, Stored},
    domain::{MessageId, Person, UserId},
    error::StoreError,
    outbox::{Entry, Kind, State},
    store::{account::Session, people::nameless},
};

pub(super) use twin::Twin;

fn at(millis: i64) -> Timestamp {
    Timestamp::clamped(millis)
}

/// A message of Ben's, unread, told in generation 1.
fn from_ben(id: &str, time: i64) -> Stored {
    let message = Message {
        id: id.into(),
        peer: "ben".into(),
        mine: false,
        content: format!("text {id}"),
        sent_at: at(time),
        is_read: false,
        edited_at: None,
        delivered_at: None,
        seen_at: None,
        read_at: None,
        deleted_at: None,
        client_key: None,
    };
    Stored { message, seq: 0, generation: 1, told_read: false, lost: false }
}

fn with(stored: Stored, change: impl FnOnce(&mut Message)) -> Stored {
    let mut changed = stored;
    change(&mut changed.message);
    changed
}

fn mine(id: &str, time: i64, key: Option<&str>) -> Stored {
    with(from_ben(id, time), |message| {
        message.mine = true;
        message.client_key = key.map(str::to_owned);
    })
}

fn lost(stored: Stored) -> Stored {
    Stored { lost: true, ..stored }
}

fn deleted(stored: Stored) -> Stored {
    with(stored, |message| message.deleted_at = Some(at(99)))
}

fn ids(found: &[MessageId]) -> Vec<&str> {
    found.iter().map(MessageId::as_str).collect()
}

fn id(found: Option<&Stored>) -> Option<&str> {
    found.map(|stored| stored.message.id.as_str())
}

fn ben() -> UserId {
    "ben".into()
}

type Told = Result<(), StoreError>;

#[test]
fn whose_they_are_and_how_far_the_feed_was_followed() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    assert_eq!(tables.me()?, Some("ana".into()));
    tables.set_session(Session::Expired)?;
    assert_eq!(tables.me()?, Some("ana".into()), "also when the session is over");
    tables.set_session(Session::SignedOut)?;
    assert_eq!(tables.me()?, None, "and nobody where she signed out");
    assert_eq!(tables.feed()?, Feed::default());
    let feed = Feed {
        cursor: Some("c1".to_owned()),
        name: Some("c".to_owned()),
        generation: 3,
        history: 2,
        history_began: 2,
    };
    tables.set_feed(&feed)?;
    assert_eq!(tables.feed()?, feed);
    Ok(())
}

#[test]
fn a_message_is_stored_whole_and_keeps_its_number() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    assert_eq!((tables.last_number()?, tables.message(&"a".into())?.is_none()), (0, true));
    let a = Stored {
        seq: 7,
        generation: 4,
        told_read: true,
        lost: false,
        message: Message {
            is_read: true,
            edited_at: Some(at(1)),
            delivered_at: Some(at(2)),
            seen_at: Some(at(3)),
            read_at: Some(at(4)),
            ..mine("a", -5, Some("key")).message
        },
    };
    tables.put_message(&a)?;
    tables.put_message(&from_ben("b", 1))?;
    assert!(tables.message(&"a".into())? == Some(a.clone()));
    assert!(tables.message_by_client_key("key")? == Some(a.clone()));
    tables.set_absences(&"a".into(), 2)?;
    let changed = with(a, |message| {
        (message.content, message.client_key) = ("new".to_owned(), Some("other".to_owned()));
    });
    let moved = with(changed.clone(), |message| {
        (message.peer, message.sent_at, message.mine) = ("eve".into(), at(8), false);
    });
    tables.put_message(&moved)?;
    assert!(tables.message(&"a".into())? == Some(changed));
    assert!(tables.newest(&"eve".into())?.is_none());
    assert!(tables.message_by_client_key("key")?.is_none());
    assert_eq!(id(tables.newest(&ben())?.as_ref()), Some("b"));
    let walked = Walked { number: 1, id: "a".into(), absences: 2 };
    assert_eq!((tables.walk(0, 1)?, tables.last_number()?), (vec![walked], 2));
    Ok(())
}

#[test]
fn a_key_and_a_number_belong_to_one_message() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    tables.put_message(&mine("a", 1, Some("key")))?;
    assert!(tables.put_message(&mine("b", 2, Some("key"))).is_err());
    assert_eq!((tables.last_number()?, tables.message(&"b".into())?.is_none()), (1, true));
    tables.remove_message(&"a".into())?;
    tables.remove_message(&"never here".into())?;
    assert!(tables.message_by_client_key("key")?.is_none());
    assert_eq!(tables.last_number()?, 1, "also when it is gone");
    tables.put_message(&mine("b", 2, Some("key")))?;
    assert_eq!(tables.walk(0, 9)?, [Walked { number: 2, id: "b".into(), absences: 0 }]);
    Ok(())
}

#[test]
fn the_newest_is_by_place_and_not_lost() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    for stored in [from_ben("b", 5), from_ben("a", 5), deleted(from_ben("c", 6)), lost(from_ben("d", 7))] {
        tables.put_message(&stored)?;
    }
    assert_eq!(id(tables.newest(&ben())?.as_ref()), Some("c"));
    tables.remove_message(&"c".into())?;
    assert_eq!(id(tables.newest(&ben())?.as_ref()), Some("b"), "of the same time the one with the higher id");
    assert!(tables.newest(&"eve".into())?.is_none());
    Ok(())
}

#[test]
fn what_is_read_here_is_counted_and_told_later() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    for stored in [
        from_ben("a", 1),
        from_ben("b", 2),
        from_ben("c", 2),
        from_ben("d", 3),
        mine("e", 1, None),
        deleted(from_ben("f", 1)),
        lost(from_ben("g", 1)),
        with(from_ben("h", 1), |message| message.peer = "eve".into()),
    ] {
        tables.put_message(&stored)?;
    }
    assert_eq!((tables.count_unread(&ben())?, tables.newest_untold_read(&ben(), 0)?.is_none()), (4, true));
    assert_eq!(tables.set_read_up_to(&ben(), at(2), &"b".into())?, 2);
    assert_eq!(tables.set_read_up_to(&ben(), at(2), &"b".into())?, 0);
    assert_eq!((tables.count_unread(&ben())?, tables.count_unread(&"eve".into())?), (2, 1));
    assert!(tables.message(&"f".into())?.is_some_and(|deleted| !deleted.message.is_read));
    assert_eq!(id(tables.newest_untold_read(&ben(), 0)?.as_ref()), Some("b"));
    assert!(tables.newest_untold_read(&ben(), 2)?.is_none(), "that was told before");
    assert_eq!(tables.oldest_untold_read(&ben(), at(9), &"x".into())?, Some("a".into()));
    assert_eq!(tables.oldest_untold_read(&ben(), at(0), &"x".into())?, None);
    let told = |id: &str, time| {
        let read = with(from_ben(id, time), |message| message.is_read = true);
        Stored { told_read: true, ..read }
    };
    tables.put_message(&told("b", 2))?;
    assert_eq!(id(tables.newest_untold_read(&ben(), 0)?.as_ref()), Some("a"));
    tables.put_message(&told("a", 1))?;
    assert!(tables.newest_untold_read(&ben(), 0)?.is_none());
    Ok(())
}

#[test]
fn deliveries_are_told_by_number() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    for stored in [
        from_ben("d", 9),
        with(from_ben("c", 8), |message| message.delivered_at = Some(at(9))),
        with(from_ben("b", 7), |message| message.is_read = true),
        mine("x", 7, None),
        with(from_ben("a", 6), |message| message.peer = "eve".into()),
        lost(from_ben("y", 6)),
        deleted(from_ben("z", 6)),
        from_ben("e", 5),
    ] {
        tables.put_message(&stored)?;
    }
    let all = [(1, "d".into()), (5, "a".into()), (8, "e".into())];
    assert_eq!(tables.undelivered(0, 9)?, all);
    assert_eq!((tables.undelivered(1, 1)?, tables.undelivered(8, 9)?), (vec![all[1].clone()], Vec::new()));
    Ok(())
}

#[test]
fn what_no_later_generation_told_is_found() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    let told = |id, generation| Stored { generation, ..from_ben(id, 1) };
    for stored in
        [told("c", 2), told("a", 2), told("b", 1), told("d", 3), deleted(told("e", 1)), lost(told("f", 1))]
    {
        tables.put_message(&stored)?;
    }
    assert_eq!(ids(&tables.untold_since(&ben(), 3, 9)?), ["b", "c", "a"]);
    assert_eq!(ids(&tables.untold_since(&ben(), 3, 2)?), ["b", "c"]);
    tables.put_message(&told("b", 3))?;
    assert_eq!(ids(&tables.untold_since(&ben(), 3, 9)?), ["c", "a"]);
    assert!(tables.untold_since(&"eve".into(), 3, 9)?.is_empty());
    Ok(())
}

#[test]
fn a_send_of_unknown_outcome_finds_what_it_made() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    let hi = |id, time, key| with(mine(id, time, key), |message| message.content = "hi".to_owned());
    for stored in [
        hi("a", 9, None),
        hi("b", 8, None),
        hi("c", 7, Some("key")),
        deleted(hi("d", 6, None)),
        lost(hi("e", 5, None)),
        with(hi("f", 4, None), |message| message.mine = false),
        with(hi("g", 4, None), |message| message.peer = "eve".into()),
        mine("h", 4, None),
    ] {
        tables.put_message(&stored)?;
    }
    assert_eq!(id(tables.unclaimed(&ben(), "hi", 0)?.as_ref()), Some("a"));
    assert_eq!(id(tables.unclaimed(&ben(), "hi", 1)?.as_ref()), Some("b"));
    tables.put_message(&hi("b", 8, Some("claimed")))?;
    assert!(tables.unclaimed(&ben(), "hi", 1)?.is_none());
    Ok(())
}

#[test]
fn a_walk_sees_everything_that_is_there_once() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    for stored in [from_ben("c", 3), deleted(from_ben("b", 2)), lost(from_ben("a", 1)), mine("d", 0, None)] {
        tables.put_message(&stored)?;
    }
    tables.set_absences(&"d".into(), 1)?;
    tables.set_absences(&"never here".into(), 1)?;
    let [c, d] =
        [("c", 1, 0), ("d", 4, 1)].map(|(id, number, absences)| Walked { number, id: id.into(), absences });
    assert_eq!(tables.walk(0, 9)?, [c.clone(), d.clone()]);
    assert_eq!((tables.walk(0, 1)?, tables.walk(1, 9)?, tables.walk(4, 9)?), (vec![c], vec![d], Vec::new()));
    Ok(())
}

#[test]
fn conversations_are_kept_and_filled_from_the_newest_on() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    assert_eq!((tables.extent(&ben())?, tables.next_fill()?), (None, None));
    let full = Extent {
        floor: Some((at(1), "a".into())),
        fill_before: Some("b".into()),
        fill_done: false,
        unread_unfilled: 3,
        read: Some((at(2), "c".into())),
    };
    tables.put_extent(&ben(), &full)?;
    assert_eq!(tables.extent(&ben())?, Some(full.clone()));
    tables.put_extent(&"eve".into(), &Extent { fill_before: Some("e".into()), ..full.clone() })?;
    tables.put_extent(&"dan".into(), &Extent::default())?;
    tables.put_extent(&"cleo".into(), &Extent { fill_before: None, ..full })?;
    assert_eq!(tables.peers()?, ["ben", "cleo", "dan", "eve"].map(UserId::from));
    assert_eq!(tables.next_fill()?, Some((ben(), "b".into())), "of equals the first");
    tables.put_message(&with(from_ben("m", 1), |message| message.peer = "eve".into()))?;
    assert_eq!(tables.next_fill()?, Some(("eve".into(), "e".into())));
    tables.put_message(&lost(from_ben("n", 2)))?;
    assert_eq!(tables.next_fill()?, Some((ben(), "b".into())));
    tables.put_extent(&ben(), &Extent::default())?;
    tables.put_extent(&"eve".into(), &Extent::default())?;
    assert_eq!(tables.next_fill()?, None);
    Ok(())
}

#[test]
fn people_are_known_or_asked_for() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    for peer in ["eve", "ben", "dan"] {
        tables.put_extent(&peer.into(), &Extent::default())?;
    }
    assert_eq!(tables.unknown_people(2)?, ["ben", "dan"].map(UserId::from));
    let named = Person { first_name: "Ben".to_owned(), avatar: Some("/b.png".to_owned()), ..nameless(ben()) };
    tables.put_person(&nameless(ben()))?;
    tables.put_person(&named)?;
    assert_eq!(tables.person(&ben())?, Some(named));
    assert_eq!((tables.person(&"dan".into())?, tables.unknown_people(9)?.len()), (None, 2));
    Ok(())
}

#[test]
fn the_outbox_is_in_order_and_no_number_comes_back() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    tables.append(Kind::Send, &ben(), &"k1".into(), "one", at(1))?;
    tables.append(Kind::Edit, &ben(), &"k1".into(), "two", at(2))?;
    tables.append(Kind::Send, &"eve".into(), &"k2".into(), "", at(3))?;
    tables.remove(3)?;
    tables.append(Kind::Delete, &"eve".into(), &"k2".into(), "", at(4))?;
    let seqs: Vec<i64> = tables.entries()?.iter().map(|entry| entry.seq).collect();
    assert_eq!((seqs, tables.outbox_len()?), (vec![1, 2, 4], 3));
    assert!(tables.append(Kind::Edit, &ben(), &"k1".into(), "three", at(5)).is_err());
    tables.append(Kind::Read, &ben(), &"k1".into(), "", at(5))?;
    assert_eq!(tables.entries()?.last().map(|entry| entry.seq), Some(5), "and none is left out");
    let refused = State::Refused { reason: "no".to_owned() };
    tables.set_state(1, &refused, 3)?;
    tables.set_after(1, 17)?;
    let Operation { entry, content, after } = tables.operation(1)?.expect("the row is here");
    assert_eq!((entry.state, entry.attempts, content.as_str(), after), (refused, 3, "one", 17));
    tables.rewrite(1, &"k9".into(), "uno")?;
    let Operation { entry, content, after } = tables.operation(1)?.expect("the row is here");
    assert_eq!((entry.state, entry.attempts, content.as_str(), after), (State::Queued, 0, "uno", 0));
    assert_eq!(tables.entry_of(&"k9".into(), Kind::Send)?.map(|entry| entry.seq), Some(1));
    assert_eq!(tables.entry_of(&"k1".into(), Kind::Send)?, None);
    assert_eq!(tables.entry_of(&"k1".into(), Kind::Edit)?.map(|entry| entry.seq), Some(2));
    assert!(tables.operation(3)?.is_none());
    Ok(())
}

#[test]
fn a_waiting_reading_is_the_newest_that_is_not_under_way() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    let seq = |entry: Option<Entry>| entry.map(|entry| entry.seq);
    for target in ["m1", "m2", "m3", "m3"] {
        tables.append(Kind::Read, &ben(), &target.into(), "", at(1))?;
    }
    tables.append(Kind::Read, &"eve".into(), &"m1".into(), "", at(1))?;
    tables.set_state(4, &State::InFlight, 1)?;
    tables.set_state(3, &State::Unknown, 1)?;
    assert_eq!(seq(tables.queued_read(&ben())?), Some(3));
    let readings = tables.readings(&ben())?;
    assert!(
        readings.iter().any(|entry| entry.state == State::InFlight),
        "one that is under way is among them"
    );
    assert!(readings.iter().all(|entry| entry.kind == Kind::Read && entry.peer == ben()));
    tables.remove(3)?;
    assert_eq!(seq(tables.queued_read(&ben())?), Some(2));
    assert_eq!(seq(tables.queued_read(&"dan".into())?), None);
    assert_eq!(tables.entry_of(&"m1".into(), Kind::Read)?, None, "readings are asked for in another way");
    Ok(())
}

#[test]
fn the_outbox_says_what_comes_next_of_each_conversation() -> Told {
    let tables = &mut Twin::of(&"ana".into());
    let seq = |entry: Option<Entry>| entry.map(|entry| entry.seq);
    for (kind, peer, target) in [
        (Kind::Send, "cleo", "k1"),
        (Kind::Send, "ben", "k2"),
        (Kind::Edit, "ben", "m3"),
        (Kind::Send, "ben", "k4"),
        (Kind::Read, "ben", "m5"),
        (Kind::Delete, "eve", "m6"),
    ] {
        tables.append(kind, &peer.into(), &target.into(), "", at(1))?;
    }
    let mut peers = Vec::new();
    while let Some(peer) = tables.next_waiting(peers.last())? {
        peers.push(peer);
    }
    assert_eq!(peers, ["ben", "cleo", "eve"].map(UserId::from));
    assert_eq!(
        [0, 2, 4].map(|after| seq(tables.next_send(&ben(), after).unwrap())),
        [Some(2), Some(4), None]
    );
    assert_eq!(
        [0, 3, 5].map(|after| seq(tables.next_change(&ben(), after).unwrap())),
        [Some(3), Some(5), None]
    );

    tables.set_state(2, &State::Unknown, 1)?;
    tables.set_state(3, &State::Refused { reason: "no".to_owned() }, 1)?;
    tables.set_state(4, &State::Unknown, 1)?;
    tables.set_state(5, &State::InFlight, 1)?;
    tables.set_state(6, &State::InFlight, 1)?;
    let in_flight: Vec<_> = tables.in_flight()?.into_iter().map(|entry| entry.seq).collect();
    assert_eq!(
        (in_flight, tables.unknown_sends(9)?, tables.unknown_sends(1)?),
        (vec![5, 6], vec![2, 4], vec![2])
    );
    assert_eq!((seq(tables.next_send(&ben(), 0)?), seq(tables.next_change(&ben(), 0)?)), (Some(2), None));
    assert_eq!(tables.next_waiting(Some(&"cleo".into()))?, None);
    Ok(())
}
