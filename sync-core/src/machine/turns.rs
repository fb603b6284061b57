//! What of the outbox may start now.
//!
//! Conversations take turns, and of each the first operation starts that nothing holds back. Rows are asked for by what
//! they are and where they stand, a few for each conversation, so that an outbox of ten thousand rows empties in the
//! time of ten thousand.

use std::collections::BTreeSet;

use crate::{
    domain::UserId,
    error::StoreError,
    mutation::{self, Mutation},
    outbox::{Entry, Kind, State},
};

use super::Tables;

/// Up to `room` operations that may start, each of another conversation, when those of the conversations in `under_way`
/// have not ended. It is the turn of whoever comes after `last`. A row in flight counts as under way even where the
/// caller knows of no try: what came of it is open, so nothing may overtake it (I3). With `look_first`, a send of
/// unknown outcome does not start either, and holds its conversation's sends back until somebody has looked for it.
pub(super) fn startable(
    tables: &impl Tables,
    under_way: &BTreeSet<UserId>,
    last: Option<&UserId>,
    room: usize,
    look_first: bool,
) -> Result<Vec<Entry>, StoreError> {
    let mut busy: BTreeSet<UserId> = tables.in_flight()?.into_iter().map(|entry| entry.peer).collect();
    busy.extend(under_way.iter().cloned());
    let mut start = Vec::new();
    let (mut after, mut again) = (last.cloned(), last.is_none());
    while start.len() < room {
        match tables.next_waiting(after.as_ref())? {
            Some(peer) if again && last.is_some_and(|last| peer > *last) => break,
            Some(peer) => {
                if !busy.contains(&peer) || mutation::on(Mutation::TwoInFlight) {
                    start.extend(first(tables, &peer, look_first)?);
                }
                after = Some(peer);
            }
            None if again => break,
            None => (after, again) = (None, true),
        }
    }
    Ok(start)
}

/// The first operation of a conversation that nothing holds back.
fn first(tables: &impl Tables, peer: &UserId, look_first: bool) -> Result<Option<Entry>, StoreError> {
    let send = first_send(tables, peer, look_first)?;
    let change = first_change(tables, peer)?;
    Ok([send, change].into_iter().flatten().min_by_key(|entry| entry.seq))
}

/// Sends start in order: one that was refused, or is to be looked for, holds the later ones back.
fn first_send(tables: &impl Tables, peer: &UserId, look_first: bool) -> Result<Option<Entry>, StoreError> {
    let mut after = 0;
    while let Some(send) = tables.next_send(peer, after)? {
        after = send.seq;
        match send.state {
            State::Unknown if look_first => {}
            State::Queued | State::Unknown => return Ok(Some(send)),
            // Known to be free of these, unless two are to be under way.
            State::InFlight => continue,
            State::Refused { .. } => {}
        }
        if !mutation::on(Mutation::RefusedHoldsNothing) {
            break;
        }
    }
    Ok(None)
}

/// A change of a message waits until the message has an id: until its send, which comes earlier, has left.
fn first_change(tables: &impl Tables, peer: &UserId) -> Result<Option<Entry>, StoreError> {
    let mut after = 0;
    while let Some(change) = tables.next_change(peer, after)? {
        after = change.seq;
        let unsent = change.kind != Kind::Read
            && tables.entry_of(&change.target, Kind::Send)?.is_some_and(|send| send.seq < change.seq);
        if !unsent || mutation::on(Mutation::EditOvertakes) {
            return Ok(Some(change));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::conformance::Twin;

    fn refused() -> State {
        State::Refused { reason: "User not found".to_owned() }
    }

    /// Ana's outbox with these rows, numbered from 1 on.
    fn outbox(rows: &[(Kind, &str, &str, State)]) -> Twin {
        let mut tables = Twin::of(&"ana".into());
        for (seq, (kind, peer, target, state)) in (1..).zip(rows) {
            tables
                .append(*kind, &(*peer).into(), &(*target).into(), "", protocol::Timestamp::clamped(seq))
                .unwrap();
            tables.set_state(seq, state, 0).unwrap();
        }
        tables
    }

    /// The numbers of what starts where nothing is under way.
    fn starts(tables: &Twin, look_first: bool) -> Vec<i64> {
        numbers(tables, &[], None, 4, look_first)
    }

    fn numbers(
        tables: &Twin,
        under_way: &[&str],
        last: Option<&str>,
        room: usize,
        look_first: bool,
    ) -> Vec<i64> {
        let under_way = under_way.iter().map(|peer| UserId::from(*peer)).collect();
        let last = last.map(UserId::from);
        let start = startable(tables, &under_way, last.as_ref(), room, look_first).unwrap();
        start.iter().map(|entry| entry.seq).collect()
    }

    #[test]
    fn one_at_a_time_in_a_conversation_several_conversations_at_once() {
        let tables = outbox(&[
            (Kind::Send, "ben", "k1", State::Queued),
            (Kind::Send, "ben", "k2", State::Queued),
            (Kind::Send, "cleo", "k3", State::Unknown),
            (Kind::Send, "dan", "k4", State::Queued),
        ]);
        assert_eq!(starts(&tables, false), [1, 3, 4]);
        assert_eq!(numbers(&tables, &[], None, 2, false), [1, 3]);
        assert_eq!(numbers(&tables, &["ben", "dan"], None, 4, false), [3]);
    }

    #[test]
    fn conversations_take_turns() {
        let tables =
            outbox(&["ben", "cleo", "dan", "eve"].map(|peer| (Kind::Send, peer, peer, State::Queued)));
        assert_eq!(numbers(&tables, &[], Some("ben"), 2, false), [2, 3]);
        assert_eq!(numbers(&tables, &[], Some("dan"), 2, false), [4, 1]);
        assert_eq!(numbers(&tables, &[], Some("dan"), 9, false), [4, 1, 2, 3], "each of them once");
        assert_eq!(numbers(&tables, &[], Some("zoe"), 1, false), [1]);
    }

    #[test]
    fn nothing_overtakes_a_row_in_flight_that_no_try_is_under_way_for() {
        let tables = outbox(&[
            (Kind::Send, "ben", "k1", State::InFlight),
            (Kind::Send, "ben", "k2", State::Queued),
            (Kind::Delete, "cleo", "m9", State::InFlight),
            (Kind::Edit, "cleo", "m9", State::Queued),
            (Kind::Send, "dan", "k5", State::Queued),
        ]);
        assert_eq!(starts(&tables, false), [5]);
    }

    #[test]
    fn a_refused_send_holds_back_the_sends_of_its_own_conversation_and_nothing_else() {
        let tables = outbox(&[
            (Kind::Send, "ben", "k1", refused()),
            (Kind::Send, "ben", "k2", State::Queued),
            (Kind::Edit, "ben", "m9", State::Queued),
            (Kind::Send, "cleo", "k4", State::Queued),
            (Kind::Read, "ben", "m9", State::Queued),
        ]);
        assert_eq!(starts(&tables, false), [3, 4]);
    }

    #[test]
    fn a_refused_change_holds_nothing_back() {
        let tables = outbox(&[
            (Kind::Edit, "ben", "m1", refused()),
            (Kind::Delete, "ben", "m1", State::Queued),
            (Kind::Edit, "cleo", "m2", refused()),
        ]);
        assert_eq!(starts(&tables, false), [2]);
    }

    #[test]
    fn an_unknown_send_that_must_be_looked_for_holds_back_the_sends_behind_it() {
        let tables = outbox(&[
            (Kind::Send, "ben", "k1", State::Unknown),
            (Kind::Send, "ben", "k2", State::Queued),
            (Kind::Edit, "ben", "m9", State::Unknown),
            (Kind::Send, "cleo", "k4", State::Queued),
        ]);
        assert_eq!(starts(&tables, true), [3, 4]);
        assert_eq!(starts(&tables, false), [1, 4]);
    }

    #[test]
    fn a_change_of_a_message_waits_until_the_message_has_an_id() {
        let mut tables = outbox(&[
            (Kind::Send, "ben", "k1", State::Unknown),
            (Kind::Delete, "ben", "k1", State::Queued),
            (Kind::Edit, "ben", "m9", State::Queued),
        ]);
        assert_eq!(starts(&tables, false), [1]);
        assert_eq!(starts(&tables, true), [3], "and one of another message does not");
        tables.remove(1).unwrap();
        assert_eq!(starts(&tables, false), [2]);
    }
}
