//! Pages of a conversation: what the server has in its order, and what waits behind it.

use protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    apply::Stored,
    domain::{
        Anchor, History, ItemKey, MessageId, Pending, Position, Status, TimelineItem, TimelinePage, UserId,
    },
    limits,
    machine::tables::Extent,
    outbox::Kind,
};

use super::{
    conversations,
    messages::{self, columns},
    outbox::{self, Changes, WaitingSend},
    position::Place,
};

/// Reads a page of at most `limit` messages (at least 1, at most [`limits::TIMELINE_PAGE`]).
///
/// What is below the conversation's floor is not shown: between those rows messages may be missing. `history`
/// says how that will change; `online` is whether the server can be reached.
pub(crate) fn page(
    connection: &Connection,
    peer: &UserId,
    anchor: &Anchor,
    limit: u32,
    online: bool,
) -> rusqlite::Result<TimelinePage> {
    let extent = conversations::extent(connection, peer)?.unwrap_or_default();
    let room = usize::try_from(limit.clamp(1, limits::TIMELINE_PAGE)).unwrap_or(1);
    let reader = Reader { connection, peer, extent: &extent, changes: outbox::changes(connection, peer)? };
    let mut found = reader.page(&Around::of(anchor), room)?;
    if found.0.is_empty() && matches!(anchor, Anchor::Date(_)) {
        found = reader.page(&Around::Newest, room)?;
    }
    let (items, here_older, has_newer) = found;
    let history = match (extent.fill_done, online) {
        (true, _) => History::Complete,
        (false, true) => History::Loading,
        (false, false) => History::Offline,
    };
    Ok(TimelinePage {
        items,
        has_older: here_older || !extent.fill_done,
        has_newer,
        first_unread: reader.first_unread()?,
        history,
    })
}

/// An [`Anchor`] whose place was read.
enum Around {
    Newest,
    Before(Place),
    /// With this place in the middle.
    Middle(Place),
    /// At or behind this place; the flag says whether the place itself counts.
    Forward(Place, bool),
}

impl Around {
    fn of(anchor: &Anchor) -> Self {
        let place = match anchor {
            Anchor::Newest => None,
            // No id is empty, so this stands before every message of that millisecond.
            Anchor::Date(at) => Some(Place::Taken { at: *at, id: "".into() }),
            Anchor::Around(position)
            | Anchor::Before(position)
            | Anchor::After(position)
            | Anchor::From(position) => Place::parse(position),
        };
        match (anchor, place) {
            // A message that waited when the window was read has since been taken, perhaps, and stands elsewhere.
            (Anchor::Newest, _) | (_, None) | (Anchor::From(_), Some(Place::Waiting(_))) => Self::Newest,
            (Anchor::Around(_), Some(place)) => Self::Middle(place),
            (Anchor::Before(_), Some(place)) => Self::Before(place),
            (Anchor::After(_), Some(place)) => Self::Forward(place, false),
            (Anchor::From(_) | Anchor::Date(_), Some(place)) => Self::Forward(place, true),
        }
    }
}

/// The messages before a place and down to the floor, newest first.
pub(super) const TAKEN_BEFORE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message INDEXED BY message_in_order
      WHERE peer = ?1 AND (sent_at, id) < (?2, ifnull(?3, x'')) AND (sent_at, id) >= (?4, ?5)
      ORDER BY sent_at DESC, id DESC LIMIT ?6"
);
/// The messages behind a place, oldest first.
pub(super) const TAKEN_AFTER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message INDEXED BY message_in_order
      WHERE peer = ?1 AND (sent_at, id) > (?2, ?3) AND (sent_at, id) >= (?4, ?5)
      ORDER BY sent_at, id LIMIT ?6"
);
/// The message at a place and those behind it, oldest first.
pub(super) const TAKEN_FROM: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message INDEXED BY message_in_order
      WHERE peer = ?1 AND (sent_at, id) >= (?2, ?3) AND (sent_at, id) >= (?4, ?5)
      ORDER BY sent_at, id LIMIT ?6"
);
/// The oldest unread message from the floor on.
pub(super) const FIRST_UNREAD: &str = "SELECT id FROM message INDEXED BY message_unread
     WHERE peer = ?1 AND mine = 0 AND is_read = 0 AND deleted_at IS NULL AND lost = 0 AND (sent_at, id) >= (?2, ?3)
     ORDER BY sent_at, id LIMIT 1";

struct Reader<'a> {
    connection: &'a Connection,
    peer: &'a UserId,
    extent: &'a Extent,
    changes: Changes,
}

impl Reader<'_> {
    /// The items oldest first, whether there are older ones here, and whether there are newer ones.
    fn page(&self, around: &Around, room: usize) -> rusqlite::Result<(Vec<TimelineItem>, bool, bool)> {
        // One more of what waits than there is room for says whether there is more.
        let waiting_before = |seq| outbox::sends_before(self.connection, self.peer, seq, room + 1);
        let waiting_from = |seq, count| outbox::sends_from(self.connection, self.peer, seq, count);
        match around {
            Around::Newest => self.backward(waiting_before(i64::MAX)?, None, room, false),
            Around::Middle(place) => self.middle(place, room),
            Around::Before(Place::Waiting(seq)) => {
                let newer = !waiting_from(*seq, 1)?.is_empty();
                self.backward(waiting_before(*seq)?, None, room, newer)
            }
            Around::Before(Place::Taken { at, id }) => self.backward(Vec::new(), Some((*at, id)), room, true),
            Around::Forward(Place::Waiting(seq), inclusive) => {
                let from = if *inclusive { *seq } else { seq.saturating_add(1) };
                let mut waiting = waiting_from(from, room + 1)?;
                let newer = waiting.len() > room;
                waiting.truncate(room);
                Ok((self.waiting_items(waiting), true, newer))
            }
            Around::Forward(Place::Taken { at, id }, inclusive) => {
                self.forward(waiting_from(i64::MIN, room + 1)?, (*at, id), *inclusive, room)
            }
        }
    }

    /// The page whose latter half begins at this place; where there is less behind it, there is more before it.
    fn middle(&self, place: &Place, room: usize) -> rusqlite::Result<(Vec<TimelineItem>, bool, bool)> {
        let (behind, _, newer) = self.page(&Around::Forward(place.clone(), true), room)?;
        let enough = behind.len().min(room - room / 2);
        let (mut items, older, _) = self.page(&Around::Before(place.clone()), room - enough)?;
        let kept = room - items.len();
        let newer = newer || behind.len() > kept;
        items.extend(behind.into_iter().take(kept));
        Ok((items, older, newer))
    }

    /// The page that ends with `waiting`, or before `before` where nothing waits in it.
    fn backward(
        &self,
        mut waiting: Vec<(WaitingSend, Status)>,
        before: Option<(Timestamp, &MessageId)>,
        room: usize,
        newer: bool,
    ) -> rusqlite::Result<(Vec<TimelineItem>, bool, bool)> {
        let dropped = waiting.len().saturating_sub(room);
        waiting.drain(..dropped);
        let left = room - waiting.len();
        let mut taken = self.taken_before(before, left + 1)?;
        let older = dropped > 0 || taken.len() > left;
        taken.truncate(left);
        taken.reverse();
        let mut items: Vec<_> = taken.into_iter().map(|stored| self.item(stored)).collect();
        items.extend(self.waiting_items(waiting));
        Ok((items, older, newer))
    }

    /// The page that begins at or behind `from`.
    fn forward(
        &self,
        mut waiting: Vec<(WaitingSend, Status)>,
        from: (Timestamp, &MessageId),
        inclusive: bool,
        room: usize,
    ) -> rusqlite::Result<(Vec<TimelineItem>, bool, bool)> {
        let older = !self.taken_before(Some(from), 1)?.is_empty() || !inclusive;
        let mut taken = self.taken_from(from, inclusive, room + 1)?;
        let left = room.saturating_sub(taken.len());
        let newer = taken.len() > room || waiting.len() > left;
        taken.truncate(room);
        waiting.truncate(left);
        let mut items: Vec<_> = taken.into_iter().map(|stored| self.item(stored)).collect();
        items.extend(self.waiting_items(waiting));
        Ok((items, older, newer))
    }

    /// Up to `count` messages before a place, newest first.
    fn taken_before(
        &self,
        before: Option<(Timestamp, &MessageId)>,
        count: usize,
    ) -> rusqlite::Result<Vec<Stored>> {
        // A text sorts before a blob, so the blob stands behind every id of the last millisecond.
        let (at, id) = before.map_or((i64::MAX, None), |(at, id)| (at.millis(), Some(id.as_str())));
        self.select(TAKEN_BEFORE, at, id, count)
    }

    /// Up to `count` messages behind a place, or at it, oldest first.
    fn taken_from(
        &self,
        (at, id): (Timestamp, &MessageId),
        inclusive: bool,
        count: usize,
    ) -> rusqlite::Result<Vec<Stored>> {
        self.select(if inclusive { TAKEN_FROM } else { TAKEN_AFTER }, at.millis(), Some(id.as_str()), count)
    }

    fn select(&self, sql: &str, at: i64, id: Option<&str>, count: usize) -> rusqlite::Result<Vec<Stored>> {
        let (floor_at, floor_id) = self.floor();
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(sql)?
            .query_map(params![self.peer.as_str(), at, id, floor_at, floor_id, count], messages::from_row)?
            .collect()
    }

    fn floor(&self) -> (i64, &str) {
        self.extent.floor.as_ref().map_or((i64::MIN, ""), |(at, id)| (at.millis(), id.as_str()))
    }

    fn first_unread(&self) -> rusqlite::Result<Option<ItemKey>> {
        let (floor_at, floor_id) = self.floor();
        self.connection
            .prepare_cached(FIRST_UNREAD)?
            .query_row(params![self.peer.as_str(), floor_at, floor_id], |row| row.get(0).map(ItemKey))
            .optional()
    }

    fn item(&self, stored: Stored) -> TimelineItem {
        let Stored { message, lost, .. } = stored;
        let position = Position::from(&Place::Taken { at: message.sent_at, id: message.id.clone() });
        let change = self.changes.of_message(&message);
        let refused = change.and_then(|change| change.refused.clone());
        let status = match refused {
            Some(reason) => Some(Status::Refused { reason }),
            None => message.mine.then(|| conversations::taken_status(&message)),
        };
        let pending = change.map(pending);
        let edit = change.filter(|change| change.kind == Kind::Edit).map(|change| change.content.clone());
        TimelineItem {
            key: ItemKey(message.client_key.unwrap_or(message.id.0)),
            position,
            mine: message.mine,
            content: edit.unwrap_or(message.content),
            sent_at: message.sent_at,
            edited_at: message.edited_at,
            deleted: message.deleted_at.is_some(),
            lost,
            pending,
            status,
            delivered_at: message.delivered_at,
            seen_at: message.seen_at,
            read_at: message.read_at,
        }
    }

    fn waiting_items(&self, waiting: Vec<(WaitingSend, Status)>) -> Vec<TimelineItem> {
        let item = |(send, status): (WaitingSend, Status)| {
            let change = self.changes.of(&send.key);
            let edit = change.filter(|change| change.kind == Kind::Edit).map(|change| change.content.clone());
            TimelineItem {
                position: Position::from(&Place::Waiting(send.seq)),
                mine: true,
                content: edit.unwrap_or(send.content),
                sent_at: send.written_at,
                edited_at: None,
                deleted: false,
                lost: false,
                pending: change.map(pending),
                status: Some(status),
                delivered_at: None,
                seen_at: None,
                read_at: None,
                key: send.key,
            }
        };
        waiting.into_iter().map(item).collect()
    }
}

fn pending(change: &outbox::WaitingChange) -> Pending {
    if change.kind == Kind::Delete { Pending::Delete } else { Pending::Edit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::fixture::{Device, at, from_ben};

    #[test]
    fn a_date_begins_at_its_first_message_or_the_next_one_and_the_future_at_the_newest() {
        let device = Device::new();
        device.snapshot(from_ben(40), 0, "c1");
        device.history("m040", vec![from_ben(10), from_ben(20), from_ben(30)], true);
        device.send("later");
        let page = |time| {
            let page = device.page(&Anchor::Date(at(time)), 2);
            let contents: Vec<_> = page.items.into_iter().map(|item| item.content).collect();
            (contents.join(", "), page.has_older, page.has_newer)
        };
        assert_eq!(page(0), ("text 10, text 20".to_owned(), false, true));
        assert_eq!(page(20), ("text 20, text 30".to_owned(), true, true));
        assert_eq!(page(21), ("text 30, text 40".to_owned(), true, true));
        assert_eq!(page(40), ("text 40, later".to_owned(), true, false));
        assert_eq!(page(41), ("later".to_owned(), true, false), "what waits stands behind everything");
        device.delete(&"key-later".into());
        assert_eq!(page(41), ("text 30, text 40".to_owned(), true, false));
    }
}
