//! A server as the document and the extensions promise it, as a model: pure, in memory, and with a clock that is told.
//!
//! It keeps what a real one keeps, and beside that what only the checks may know: which intent of which user every
//! message came from, every content that it ever had, and what was lost when it was restored from an older copy.

mod feed;
mod plain;
mod write;

#[cfg(test)]
mod tests;

pub(super) use feed::Cursor;
pub(super) use write::FORBIDDEN;

use std::collections::HashMap;

use protocol::Timestamp;

use crate::{
    apply::Message,
    domain::{MessageId, Person, UserId},
    machine::{Ask, Dialect, Reply},
    transport::http::HttpError,
};

/// How many changes a page of the feed holds: few, so that there are several pages.
pub(super) const FEED_PAGE: usize = 6;
/// How many messages a page of history holds.
pub(super) const HISTORY_PAGE: usize = 4;
/// How many messages a part of the answer to `GET /message` holds.
pub(super) const LIST_BATCH: usize = 16;

/// A message as the server keeps it.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) number: u32,
    pub(super) id: MessageId,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Every content that it had, the present one last.
    pub(super) contents: Vec<String>,
    /// What it was sent with. A plain server keeps it for the checks alone.
    pub(super) key: Option<String>,
    pub(super) sent_at: Timestamp,
    pub(super) edited_at: Option<Timestamp>,
    pub(super) delivered_at: Option<Timestamp>,
    pub(super) read_at: Option<Timestamp>,
    pub(super) deleted_at: Option<Timestamp>,
    /// Its positions in the feeds of the sender and of the receiver.
    pub(super) positions: [Vec<u32>; 2],
}

/// A place in somebody's feed, and what the message was like then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) number: u32,
    /// Which of its contents it had.
    pub(super) content: usize,
    pub(super) read: bool,
    pub(super) deleted: bool,
}

/// What a copy of the server holds.
#[derive(Clone)]
struct Data {
    messages: Vec<Kept>,
    feeds: Vec<Vec<Change>>,
    /// How many of the oldest places of each feed were cleared away.
    pruned: Vec<usize>,
    stamp: Timestamp,
}

/// The model.
pub(super) struct Server {
    pub(super) dialect: Dialect,
    people: Vec<UserId>,
    /// Who cannot be written to at the moment.
    pub(super) disabled: Vec<bool>,
    data: Data,
    /// Which history it is; part of every cursor.
    history: u32,
    keys: HashMap<String, u32>,
    next_number: u32,
    copy: Option<Box<Data>>,
    /// What is no longer here: of an earlier history, or deleted by a plain server.
    gone: Vec<Kept>,
    /// For whom something happened since this was last taken.
    news: Vec<bool>,
}

impl Server {
    pub(super) fn new(dialect: Dialect, people: usize) -> Self {
        Self {
            dialect,
            people: (0..people).map(name).collect(),
            disabled: vec![false; people],
            data: Data {
                messages: Vec::new(),
                feeds: vec![Vec::new(); people],
                pruned: vec![0; people],
                stamp: Timestamp::clamped(0),
            },
            history: 1,
            keys: HashMap::new(),
            next_number: 1,
            copy: None,
            gone: Vec::new(),
            news: vec![false; people],
        }
    }

    /// Carries a request of this person's out. The answer is one reply, or several to [`Ask::List`].
    pub(super) fn ask(
        &mut self,
        caller: usize,
        ask: &Ask,
        clock: Timestamp,
    ) -> Result<Vec<Reply>, HttpError> {
        let extended = self.dialect == Dialect::Extended;
        match ask {
            Ask::Discover => Ok(vec![Reply::Kind(self.dialect)]),
            Ask::Snapshot if extended => Ok(vec![Reply::Snapshot(self.snapshot(caller))]),
            Ask::Changes { since } if extended => {
                Ok(vec![Reply::Changes(self.changes(caller, since, clock)?)])
            }
            Ask::History { peer, before } if extended => {
                Ok(vec![Reply::History(self.page(caller, peer, before)?)])
            }
            Ask::Person(id) if extended => self.person(id).map(|person| vec![Reply::Person(person)]),
            Ask::Read { peer, up_to } if extended => {
                self.read_conversation(caller, peer, up_to, clock)?;
                Ok(vec![Reply::Done])
            }
            Ask::Send { peer, content, key } => {
                let message = self.send(caller, peer, content, Some(key), clock)?;
                // As the transport does, because a plain server tells no keys.
                Ok(vec![Reply::Message(Message { client_key: Some(key.clone()), ..message })])
            }
            Ask::Edit { id, content } => Ok(vec![Reply::Message(self.edit(caller, id, content, clock)?)]),
            Ask::Delete { id } => self.delete(caller, id, clock).map(|()| vec![Reply::Done]),
            Ask::ReadOne { id } => self.read_one(caller, id, clock).map(|()| vec![Reply::Done]),
            Ask::List => Ok(self.list(caller)),
            Ask::Snapshot | Ask::Changes { .. } | Ask::History { .. } | Ask::Person(_) | Ask::Read { .. } => {
                Err(status(404, "Cannot GET this"))
            }
        }
    }

    /// Takes a copy of everything, as a backup does.
    pub(super) fn back_up(&mut self) {
        self.copy = Some(Box::new(self.data.clone()));
    }

    /// Goes back to the copy, if there is one: from here on it is another history.
    pub(super) fn restore(&mut self) -> bool {
        let Some(copy) = &self.copy else { return false };
        let newer = std::mem::replace(&mut self.data, (**copy).clone());
        self.history += 1;
        self.keys.clear();
        for message in &self.data.messages {
            if let Some(key) = &message.key {
                self.keys.insert(key.clone(), message.number);
            }
        }
        let still = &self.data.messages;
        let has = |number| still.binary_search_by_key(&number, |kept: &Kept| kept.number).is_ok();
        self.gone.retain(|kept| !has(kept.number));
        self.gone.extend(newer.messages.into_iter().filter(|kept| !has(kept.number)));
        self.news.fill(true);
        true
    }

    /// Whether a copy was taken.
    pub(super) const fn has_copy(&self) -> bool {
        self.copy.is_some()
    }

    /// Who has got something new since this was last asked.
    pub(super) fn take_news(&mut self) -> impl Iterator<Item = usize> + use<> {
        let people = self.news.len();
        let news = std::mem::replace(&mut self.news, vec![false; people]);
        news.into_iter().enumerate().filter_map(|(person, new)| new.then_some(person))
    }

    /// Which history it is.
    pub(super) const fn history(&self) -> u32 {
        self.history
    }

    /// What it keeps, in the order in which it was taken.
    pub(super) fn messages(&self) -> &[Kept] {
        &self.data.messages
    }

    /// What it does not keep any more.
    pub(super) fn gone(&self) -> &[Kept] {
        &self.gone
    }

    /// The message with this id, here or gone.
    pub(super) fn ever(&self, id: &MessageId) -> Option<&Kept> {
        self.find(id).or_else(|| self.gone.iter().find(|kept| kept.id == *id))
    }

    /// The message with this id.
    pub(super) fn find(&self, id: &MessageId) -> Option<&Kept> {
        self.place_of(id).and_then(|at| self.data.messages.get(at))
    }

    /// The name of this person.
    pub(super) fn id_of(&self, person: usize) -> &UserId {
        &self.people[person]
    }

    /// Who has this name.
    pub(super) fn person_of(&self, id: &UserId) -> Option<usize> {
        self.people.iter().position(|known| known == id)
    }

    fn place_of(&self, id: &MessageId) -> Option<usize> {
        let number: u32 = id.as_str().strip_prefix('m')?.parse().ok()?;
        self.data.messages.binary_search_by_key(&number, |kept| kept.number).ok()
    }

    fn person(&self, id: &UserId) -> Result<Person, HttpError> {
        self.person_of(id).map(|_| named(id)).ok_or_else(|| status(404, "User not found"))
    }

    /// The message as this participant is told it.
    fn told(&self, viewer: usize, kept: &Kept) -> Message {
        let mine = kept.from == viewer;
        let shown = kept.deleted_at.is_none();
        Message {
            id: kept.id.clone(),
            peer: self.people[if mine { kept.to } else { kept.from }].clone(),
            mine,
            content: if shown { kept.content().to_owned() } else { String::new() },
            sent_at: kept.sent_at,
            is_read: kept.read_at.is_some(),
            edited_at: kept.edited_at,
            delivered_at: kept.delivered_at,
            seen_at: None,
            read_at: kept.read_at,
            deleted_at: kept.deleted_at,
            client_key: kept.key.clone().filter(|_| mine && self.dialect == Dialect::Extended),
        }
    }
}

impl Kept {
    /// What it says now.
    pub(super) fn content(&self) -> &str {
        self.contents.last().map_or("", String::as_str)
    }

    /// Whether this person wrote or receives it.
    pub(super) const fn concerns(&self, person: usize) -> bool {
        self.from == person || self.to == person
    }

    /// The other one.
    pub(super) const fn peer_of(&self, person: usize) -> usize {
        if self.from == person { self.to } else { self.from }
    }
}

/// What this person is called.
pub(super) fn name(person: usize) -> UserId {
    UserId(
        ["ana", "ben", "eve"].get(person).map_or_else(|| format!("user{person}"), |name| (*name).to_owned()),
    )
}

fn named(id: &UserId) -> Person {
    Person {
        id: id.clone(),
        first_name: id.as_str().to_uppercase(),
        last_name: String::new(),
        role: None,
        avatar: None,
    }
}

/// An answer that is not a success.
pub(super) fn status(status: u16, reason: &str) -> HttpError {
    HttpError::Status { status, reason: reason.to_owned(), retry_after: None }
}
