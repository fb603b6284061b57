//! What the machine asks of a store: rows, one transaction at a time.
//!
//! Everything here is synchronous and happens within one transaction that somebody else began and will commit or
//! roll back, so that whatever the machine decides from one input becomes durable at once or not at all. No method
//! decides anything: each looks rows up, or writes one. Two implementations, in `SQLite` and in memory, pass one
//! conformance suite.

use protocol::Timestamp;

use crate::{
    apply::Stored,
    domain::{ItemKey, MessageId, Person, UserId},
    error::StoreError,
    outbox::{Entry, Kind, State},
    store::account::Session,
};

/// How far the server's feed, or its list, was followed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Feed {
    /// Where to go on; `None` asks for a snapshot.
    pub(crate) cursor: Option<String>,
    /// What the server calls its present history; `None` where it has not said, or may be of another one by now.
    pub(crate) name: Option<String>,
    /// How many snapshots there were. What an older one told may be out of date.
    pub(crate) generation: i64,
    /// How many of the snapshots began another history: a server that was restored from an older copy, or another one.
    pub(crate) history: i64,
    /// The first generation of this history.
    pub(crate) history_began: i64,
}

/// What is kept of a conversation beside its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The oldest place from which on every message is here; `None` where that is the beginning.
    pub(crate) floor: Option<(Timestamp, MessageId)>,
    /// The message before which back-fill goes on; `None` when it has not begun or is done.
    pub(crate) fill_before: Option<MessageId>,
    /// Whether back-fill has nothing left to do.
    pub(crate) fill_done: bool,
    /// Unread messages that the server counted and this device does not have yet.
    pub(crate) unread_unfilled: u64,
    /// Everything of the peer's up to here was read on this device.
    pub(crate) read: Option<(Timestamp, MessageId)>,
}

impl Default for Extent {
    /// A conversation that no snapshot has named: it has no history on the server, so it begins as complete.
    fn default() -> Self {
        Self { floor: None, fill_before: None, fill_done: true, unread_unfilled: 0, read: None }
    }
}

/// A row of the outbox, with its content. No `Debug`, because of that.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The row.
    pub(crate) entry: Entry,
    /// What is to be sent, or the new content; empty for deletions and reads.
    pub(crate) content: String,
    /// The number of the newest message here when it was first tried: what this operation made has a higher one.
    pub(crate) after: i64,
}

/// A message as a walk over all of them sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Walked {
    /// Its number: the order in which this device learnt of messages.
    pub(crate) number: i64,
    /// Its id.
    pub(crate) id: MessageId,
    /// How many complete lists in a row did not name it.
    pub(crate) absences: u32,
}

/// The rows, within one transaction.
pub(crate) trait Tables {
    /// Who writes here: whoever is signed in, also when the server has ended the session; `None` where nobody is.
    fn me(&self) -> Result<Option<UserId>, StoreError>;
    /// Stores how the session stands.
    fn set_session(&mut self, session: Session) -> Result<(), StoreError>;

    /// How far the feed was followed.
    fn feed(&self) -> Result<Feed, StoreError>;
    /// Stores how far the feed was followed (I7: in the transaction of what it covers).
    fn set_feed(&mut self, feed: &Feed) -> Result<(), StoreError>;

    /// The message with this id.
    fn message(&self, id: &MessageId) -> Result<Option<Stored>, StoreError>;
    /// The message that was sent with this key by one of this account's devices.
    fn message_by_client_key(&self, key: &str) -> Result<Option<Stored>, StoreError>;
    /// Stores a message, in place of an earlier one of this id, whose number, absences, conversation, side and place stay.
    /// A new one gets the next number, and none is used twice. A key that another message has is an error.
    fn put_message(&mut self, stored: &Stored) -> Result<(), StoreError>;
    /// Removes a message's row.
    fn remove_message(&mut self, id: &MessageId) -> Result<(), StoreError>;
    /// The newest message of a conversation that the server has, by place; deleted ones count, lost ones do not.
    fn newest(&self, peer: &UserId) -> Result<Option<Stored>, StoreError>;
    /// How many of the peer's messages here are unread; deleted and lost ones do not count.
    fn count_unread(&self, peer: &UserId) -> Result<u64, StoreError>;
    /// Marks the peer's unread messages (as [`Self::count_unread`] counts them) up to this place as read, and says how
    /// many there were.
    fn set_read_up_to(&mut self, peer: &UserId, at: Timestamp, id: &MessageId) -> Result<u64, StoreError>;
    /// The newest (by place) of the peer's messages that were read here and that the server last told as unread, neither
    /// deleted nor lost, and told in this generation or since.
    fn newest_untold_read(&self, peer: &UserId, since: i64) -> Result<Option<Stored>, StoreError>;
    /// The oldest of these up to this place.
    fn oldest_untold_read(
        &self,
        peer: &UserId,
        at: Timestamp,
        id: &MessageId,
    ) -> Result<Option<MessageId>, StoreError>;
    /// Up to `limit` messages of others, by number from behind `after` on, that are unread and that the server does not
    /// know to be delivered; neither deleted nor lost.
    fn undelivered(&self, after: i64, limit: usize) -> Result<Vec<(i64, MessageId)>, StoreError>;
    /// Up to `limit` ids of the conversation's messages that an older generation than this told and no later one did,
    /// neither deleted nor lost; by generation, then by number.
    fn untold_since(
        &self,
        peer: &UserId,
        generation: i64,
        limit: usize,
    ) -> Result<Vec<MessageId>, StoreError>;
    /// The oldest (by number) of one's own messages to this peer with this content and no key, behind this number;
    /// neither deleted nor lost.
    fn unclaimed(&self, peer: &UserId, content: &str, after: i64) -> Result<Option<Stored>, StoreError>;
    /// The highest number that a message ever got; 0 where there never was one.
    fn last_number(&self) -> Result<i64, StoreError>;
    /// Up to `limit` messages that are neither deleted nor lost, by number from behind `after` on.
    fn walk(&self, after: i64, limit: usize) -> Result<Vec<Walked>, StoreError>;
    /// Stores how many complete lists in a row did not name this message.
    fn set_absences(&mut self, id: &MessageId, absences: u32) -> Result<(), StoreError>;

    /// What is kept of a conversation; `None` where there is none with this peer.
    fn extent(&self, peer: &UserId) -> Result<Option<Extent>, StoreError>;
    /// Stores what is kept of a conversation, making its row where there is none.
    fn put_extent(&mut self, peer: &UserId, extent: &Extent) -> Result<(), StoreError>;
    /// Every conversation's peer, by id.
    fn peers(&self) -> Result<Vec<UserId>, StoreError>;
    /// The conversation whose back-fill is not done and whose newest message, whatever became of it, is the newest by time
    /// (of several, the one with the lowest peer), and where to go on. One without a message comes last.
    fn next_fill(&self) -> Result<Option<(UserId, MessageId)>, StoreError>;

    /// What is known of a person.
    fn person(&self, id: &UserId) -> Result<Option<Person>, StoreError>;
    /// Stores what is known of a person.
    fn put_person(&mut self, person: &Person) -> Result<(), StoreError>;
    /// Up to `limit` peers of conversations of whom nothing is known, by id.
    fn unknown_people(&self, limit: usize) -> Result<Vec<UserId>, StoreError>;

    /// Every row of the outbox, in order: up to [`crate::limits::OUTBOX_ROWS`], so nothing that happens often asks for it.
    fn entries(&self) -> Result<Vec<Entry>, StoreError>;
    /// How many rows the outbox has.
    fn outbox_len(&self) -> Result<u32, StoreError>;
    /// The row with this number.
    fn operation(&self, seq: i64) -> Result<Option<Operation>, StoreError>;
    /// The row of this kind, [`Kind::Read`] excepted, for this message.
    fn entry_of(&self, target: &ItemKey, kind: Kind) -> Result<Option<Entry>, StoreError>;
    /// The newest reading of this conversation that is queued or unknown.
    fn queued_read(&self, peer: &UserId) -> Result<Option<Entry>, StoreError>;
    /// Every reading of this conversation, in order.
    fn readings(&self, peer: &UserId) -> Result<Vec<Entry>, StoreError>;
    /// Every row that is in flight, in order.
    fn in_flight(&self) -> Result<Vec<Entry>, StoreError>;
    /// The numbers of up to `limit` sends that are unknown, in order.
    fn unknown_sends(&self, limit: usize) -> Result<Vec<i64>, StoreError>;
    /// Of the conversations with a row that is queued or unknown the next one behind `after` by its peer, or the first.
    fn next_waiting(&self, after: Option<&UserId>) -> Result<Option<UserId>, StoreError>;
    /// The first send of this conversation behind the row `after`, whatever its state.
    fn next_send(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError>;
    /// The first row of this conversation behind the row `after` that is queued or unknown, sends excepted.
    fn next_change(&self, peer: &UserId, after: i64) -> Result<Option<Entry>, StoreError>;
    /// Appends a queued row that was never tried; its number is higher than any before, removed ones among them. A second
    /// row of one kind, [`Kind::Read`] excepted, for one message is an error.
    fn append(
        &mut self,
        kind: Kind,
        peer: &UserId,
        target: &ItemKey,
        content: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// Stores a row's state and how often it was tried.
    fn set_state(&mut self, seq: i64, state: &State, attempts: u32) -> Result<(), StoreError>;
    /// Stores [`Operation::after`].
    fn set_after(&mut self, seq: i64, after: i64) -> Result<(), StoreError>;
    /// Makes a row a queued one that was never tried, with this target and content; [`Operation::after`] is 0 again.
    fn rewrite(&mut self, seq: i64, target: &ItemKey, content: &str) -> Result<(), StoreError>;
    /// Removes a row: confirmed, or by the user's decision (I8).
    fn remove(&mut self, seq: i64) -> Result<(), StoreError>;
}
