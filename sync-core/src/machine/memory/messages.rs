//! Messages in memory, with their indexes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use protocol::Timestamp;

use crate::{
    apply::Stored,
    domain::{MessageId, UserId},
    error::StoreError,
};

use super::{super::tables::Walked, taken};

/// The rows, and where to find them. Clones share each part until one of them writes it: what is rolled back mostly
/// wrote little.
#[derive(Clone, Default)]
pub(super) struct Messages {
    /// By number, from 1 on; `None` where one was removed.
    rows: Vec<Option<Rc<Row>>>,
    ids: Rc<HashMap<MessageId, i64>>,
    keys: Rc<HashMap<String, i64>>,
    undelivered: BTreeSet<i64>,
    talks: BTreeMap<UserId, Rc<Talk>>,
}

#[derive(Clone)]
struct Row {
    stored: Stored,
    absences: u32,
}

/// The messages of one conversation.
#[derive(Clone, Default)]
struct Talk {
    /// All of them, in their order.
    order: BTreeMap<(Timestamp, MessageId), i64>,
    /// How many of the peer's are unread.
    unread: u64,
    /// How many of the peer's were read here without the server knowing.
    untold_read: u64,
    /// One's own without a key.
    unclaimed: BTreeSet<i64>,
    /// What is neither deleted nor lost, by the generation that told of it.
    told: BTreeSet<(i64, i64)>,
}

/// Which indexes a message is in.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Indexed {
    /// Its generation, where it is neither deleted nor lost; only then it is in any other.
    told: Option<i64>,
    open: Open,
    undelivered: bool,
}

/// What is open about a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    /// The peer's: to be read.
    Unread,
    /// The peer's: the server is to be told that it was read.
    UntoldRead,
    /// One's own: which send made it.
    Unclaimed,
}

impl Indexed {
    /// In none.
    const NOT: Self = Self { told: None, open: Open::Nothing, undelivered: false };

    fn of(stored: &Stored) -> Self {
        let message = &stored.message;
        if message.deleted_at.is_some() || stored.lost {
            return Self::NOT;
        }
        let open = match (message.mine, message.is_read) {
            (true, _) if message.client_key.is_none() => Open::Unclaimed,
            (false, false) => Open::Unread,
            (false, true) if !stored.told_read => Open::UntoldRead,
            _ => Open::Nothing,
        };
        let undelivered = open == Open::Unread && message.delivered_at.is_none();
        Self { told: Some(stored.generation), open, undelivered }
    }
}

impl Messages {
    pub(super) fn conversation(&self, peer: &UserId) -> impl DoubleEndedIterator<Item = &Stored> {
        let order = self.talks.get(peer).map(|talk| talk.order.values());
        order.into_iter().flatten().filter_map(|number| self.stored(*number))
    }

    pub(super) fn by_id(&self, id: &MessageId) -> Option<&Stored> {
        self.stored(*self.ids.get(id)?)
    }

    pub(super) fn by_client_key(&self, key: &str) -> Option<&Stored> {
        self.stored(*self.keys.get(key)?)
    }

    pub(super) fn put(&mut self, stored: &Stored) -> Result<(), StoreError> {
        let message = &stored.message;
        let here = self.ids.get(&message.id).copied();
        let owner = message.client_key.as_ref().and_then(|key| self.keys.get(key)).copied();
        if owner.is_some() && owner != here {
            return Err(taken("message.client_key"));
        }
        let Some(number) = here else {
            self.append(Row { stored: stored.clone(), absences: 0 });
            return Ok(());
        };
        let mut stored = stored.clone();
        let Some(row) = self.row_mut(number) else { return Ok(()) };
        (stored.message.mine, stored.message.sent_at) = (row.stored.message.mine, row.stored.message.sent_at);
        stored.message.peer.clone_from(&row.stored.message.peer);
        let after = Indexed::of(&stored);
        let before = std::mem::replace(&mut row.stored, stored);
        let rekeyed = row.stored.message.client_key != before.message.client_key;
        let key = if rekeyed { row.stored.message.client_key.clone() } else { None };
        self.index(number, &before.message.peer, Indexed::of(&before), after);
        if rekeyed {
            let keys = Rc::make_mut(&mut self.keys);
            before.message.client_key.and_then(|key| keys.remove(&key));
            keys.extend(key.map(|key| (key, number)));
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, id: &MessageId) {
        let Some(number) = Rc::make_mut(&mut self.ids).remove(id) else { return };
        let Some(row) = self.slot(number).and_then(Option::take) else { return };
        let message = &row.stored.message;
        self.index(number, &message.peer, Indexed::of(&row.stored), Indexed::NOT);
        if let Some(talk) = self.talks.get_mut(&message.peer) {
            Rc::make_mut(talk).order.remove(&(message.sent_at, message.id.clone()));
        }
        if let Some(key) = &message.client_key {
            Rc::make_mut(&mut self.keys).remove(key);
        }
    }

    pub(super) fn count_unread(&self, peer: &UserId) -> u64 {
        self.talks.get(peer).map_or(0, |talk| talk.unread)
    }

    pub(super) fn set_read_up_to(&mut self, peer: &UserId, at: Timestamp, id: &MessageId) -> u64 {
        let Some(talk) = self.talks.get(peer).filter(|talk| talk.unread > 0) else { return 0 };
        let unread: Vec<i64> = talk
            .order
            .range(..=(at, id.clone()))
            .map(|(_, number)| *number)
            .filter(|number| {
                self.stored(*number).is_some_and(|stored| Indexed::of(stored).open == Open::Unread)
            })
            .collect();
        let mut count = 0;
        for number in unread {
            let Some(row) = self.row_mut(number) else { continue };
            let before = Indexed::of(&row.stored);
            row.stored.message.is_read = true;
            let after = Indexed::of(&row.stored);
            self.index(number, peer, before, after);
            count += 1;
        }
        count
    }

    pub(super) fn newest_untold_read(&self, peer: &UserId, since: i64) -> Option<&Stored> {
        self.talks.get(peer).filter(|talk| talk.untold_read > 0)?;
        self.conversation(peer)
            .rfind(|stored| stored.generation >= since && Indexed::of(stored).open == Open::UntoldRead)
    }

    pub(super) fn oldest_untold_read(
        &self,
        peer: &UserId,
        at: Timestamp,
        id: &MessageId,
    ) -> Option<&MessageId> {
        self.talks.get(peer).filter(|talk| talk.untold_read > 0)?;
        let oldest = self.conversation(peer).find(|stored| Indexed::of(stored).open == Open::UntoldRead)?;
        (oldest.message.place() <= (at, id)).then_some(&oldest.message.id)
    }

    pub(super) fn undelivered(&self, after: i64, limit: usize) -> Vec<(i64, MessageId)> {
        let behind = self.undelivered.range(behind(after)).take(limit);
        behind.filter_map(|number| Some((*number, self.stored(*number)?.message.id.clone()))).collect()
    }

    pub(super) fn untold_since(&self, peer: &UserId, generation: i64, limit: usize) -> Vec<MessageId> {
        let Some(talk) = self.talks.get(peer) else { return Vec::new() };
        let older = talk.told.range(..(generation, i64::MIN)).take(limit);
        older.filter_map(|(_, number)| Some(self.stored(*number)?.message.id.clone())).collect()
    }

    pub(super) fn unclaimed(&self, peer: &UserId, content: &str, after: i64) -> Option<&Stored> {
        let unclaimed = self.talks.get(peer)?.unclaimed.range(behind(after));
        unclaimed.filter_map(|number| self.stored(*number)).find(|stored| stored.message.content == content)
    }

    pub(super) fn last_number(&self) -> i64 {
        i64::try_from(self.rows.len()).unwrap_or(i64::MAX)
    }

    pub(super) fn walk(&self, after: i64, limit: usize) -> Vec<Walked> {
        let behind = usize::try_from(after).unwrap_or(0);
        (1..)
            .zip(&self.rows)
            .skip(behind)
            .filter_map(|(number, row)| Some((number, row.as_ref()?)))
            .filter(|(_, row)| Indexed::of(&row.stored).told.is_some())
            .take(limit)
            .map(|(number, row)| Walked { number, id: row.stored.message.id.clone(), absences: row.absences })
            .collect()
    }

    pub(super) fn set_absences(&mut self, id: &MessageId, absences: u32) {
        if let Some(row) = self.ids.get(id).copied().and_then(|number| self.row_mut(number)) {
            row.absences = absences;
        }
    }

    fn stored(&self, number: i64) -> Option<&Stored> {
        let row = self.rows.get(place(number)?)?;
        row.as_ref().map(|row| &row.stored)
    }

    fn slot(&mut self, number: i64) -> Option<&mut Option<Rc<Row>>> {
        self.rows.get_mut(place(number)?)
    }

    fn row_mut(&mut self, number: i64) -> Option<&mut Row> {
        self.slot(number)?.as_mut().map(Rc::make_mut)
    }

    /// Appends a row with the next number.
    fn append(&mut self, row: Row) {
        let number = self.last_number() + 1;
        let message = &row.stored.message;
        Rc::make_mut(&mut self.ids).insert(message.id.clone(), number);
        if let Some(key) = &message.client_key {
            Rc::make_mut(&mut self.keys).insert(key.clone(), number);
        }
        if !self.talks.contains_key(&message.peer) {
            self.talks.insert(message.peer.clone(), Rc::default());
        }
        if let Some(talk) = self.talks.get_mut(&message.peer) {
            Rc::make_mut(talk).order.insert((message.sent_at, message.id.clone()), number);
        }
        self.index(number, &message.peer, Indexed::NOT, Indexed::of(&row.stored));
        self.rows.push(Some(Rc::new(row)));
    }

    /// Takes a row out of the indexes that it no longer belongs in, and puts it into those that it does.
    fn index(&mut self, number: i64, peer: &UserId, before: Indexed, after: Indexed) {
        if before == after {
            return;
        }
        let Some(talk) = self.talks.get_mut(peer).map(Rc::make_mut) else { return };
        match before.open {
            Open::Nothing => {}
            Open::Unread => talk.unread -= 1,
            Open::UntoldRead => talk.untold_read -= 1,
            Open::Unclaimed => drop(talk.unclaimed.remove(&number)),
        }
        match after.open {
            Open::Nothing => {}
            Open::Unread => talk.unread += 1,
            Open::UntoldRead => talk.untold_read += 1,
            Open::Unclaimed => drop(talk.unclaimed.insert(number)),
        }
        if before.told != after.told {
            before.told.map(|generation| talk.told.remove(&(generation, number)));
            talk.told.extend(after.told.map(|generation| (generation, number)));
        }
        if after.undelivered {
            self.undelivered.insert(number);
        } else if before.undelivered {
            self.undelivered.remove(&number);
        }
    }
}

/// Where the row with this number lies.
fn place(number: i64) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

/// The numbers behind this one.
fn behind(number: i64) -> (std::ops::Bound<i64>, std::ops::Bound<i64>) {
    (std::ops::Bound::Excluded(number), std::ops::Bound::Unbounded)
}
