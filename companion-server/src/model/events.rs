//! Which live events follow what was committed, and to whom (C15).
//!
//! The store publishes each [`Committed`] in commit order, and one task turns them into events with [`events`]; so the
//! events of a user's feed leave in the feed's order, also when the request that caused them was given up by its
//! client in the meantime.

use protocol::{
    MessageId, Timestamp, UserId, UserProfile,
    event::{
        ConversationRead, ConversationReadByPeer, MessageDeleted, MessageDelivered, MessageRead, MessageSeen,
        MessageSent, MessageUpdated, NewMessage, ServerEvent,
    },
};

use super::{Change, Message, Privacy};

/// The positions that one change takes in the feeds of a message's two participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seqs {
    /// In the sender's feed; `None` where the sender is told nothing of it.
    pub sender: Option<u64>,
    /// In the receiver's.
    pub receiver: u64,
}

/// What a transaction did that others want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// A new message.
    Sent {
        /// The message.
        message: Message,
        /// Who wrote it.
        sender: UserProfile,
        /// Its places in the feeds.
        seqs: Seqs,
    },
    /// A change of a message.
    Changed {
        /// The message after the change.
        message: Message,
        /// What changed.
        change: Change,
        /// The places of the change in the feeds.
        seqs: Seqs,
    },
    /// Messages of one conversation that were read together.
    ConversationRead {
        /// Who read them.
        reader: UserId,
        /// Who wrote them.
        peer: UserId,
        /// Each message with its place in the writer's feed, oldest first; none where it is hidden from the writer.
        messages: Vec<(MessageId, u64)>,
        /// The last place that this takes in the reader's feed.
        seq: u64,
        /// When.
        at: Timestamp,
    },
}

/// An event and the user whose room it goes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Whose room.
    pub to: UserId,
    /// The event.
    pub event: ServerEvent,
}

/// The events that follow, in the order in which they leave.
#[must_use]
pub fn events(committed: &Committed) -> Vec<Outgoing> {
    match committed {
        Committed::Sent { message, sender, seqs } => sent(message, sender, *seqs),
        Committed::Changed { message, change, seqs } => changed(message, change, *seqs),
        Committed::ConversationRead { reader, peer, messages, seq, at } => {
            let mut events = conversation_read_by_peer(*reader, *peer, messages, *at);
            events.push(conversation_read(*reader, *peer, *seq, *at));
            events
        }
    }
}

/// The `messageRead` that the document promises after `PATCH /message/:id/read`, also where nothing changed. None
/// where it was hidden, or would tell now what its reader hides by now.
#[must_use]
pub fn read_again(message: &Message, reader: Privacy) -> Option<Outgoing> {
    let hidden = message.read_hidden || reader.hide_receipts;
    (!hidden).then(|| message_read(message.sender, message.id, None))
}

/// The `messageSeen` that the document promises each time the receiver looks, where it was seen before; with the same
/// exception.
#[must_use]
pub fn seen_again(message: &Message, viewer: Privacy) -> Option<Outgoing> {
    let seen_at = message.seen_at.filter(|_| !(message.seen_hidden || viewer.hide_receipts));
    seen_at.map(|seen_at| message_seen(message, seen_at, None))
}

fn sent(message: &Message, sender: &UserProfile, seqs: Seqs) -> Vec<Outgoing> {
    let news = message.to_wire_with(message.receiver, Some(sender.clone()), None);
    let confirmation = MessageSent {
        id: message.id,
        receiver: message.receiver,
        content: message.content.clone(),
        sent_at: message.sent_at,
        client_message_id: message.key,
        seq: seqs.sender,
    };
    vec![
        Outgoing {
            to: message.receiver,
            event: ServerEvent::NewMessage(Box::new(NewMessage { message: news, seq: Some(seqs.receiver) })),
        },
        Outgoing { to: message.sender, event: ServerEvent::MessageSent(confirmation) },
    ]
}

fn changed(message: &Message, change: &Change, seqs: Seqs) -> Vec<Outgoing> {
    let both = |event: &dyn Fn(Option<u64>) -> ServerEvent| {
        vec![
            Outgoing { to: message.sender, event: event(seqs.sender) },
            Outgoing { to: message.receiver, event: event(Some(seqs.receiver)) },
        ]
    };
    let told = seqs.sender.is_some();
    match change {
        Change::Content(content) => both(&|seq| {
            ServerEvent::MessageUpdated(MessageUpdated {
                message_id: message.id,
                content: content.clone(),
                updated_at: message.updated_at,
                seq,
            })
        }),
        Change::Deleted => both(&|seq| {
            ServerEvent::MessageDeleted(MessageDeleted {
                message_id: message.id,
                deleted_at: message.deleted_at.unwrap_or(message.updated_at),
                seq,
            })
        }),
        Change::Read => {
            let sender = told.then(|| message_read(message.sender, message.id, seqs.sender));
            let read_at = message.read_at.unwrap_or(message.updated_at);
            let reader = conversation_read(message.receiver, message.sender, seqs.receiver, read_at);
            sender.into_iter().chain([reader]).collect()
        }
        Change::Seen => {
            let seen_at = message.seen_at.unwrap_or(message.updated_at);
            told.then(|| message_seen(message, seen_at, seqs.sender)).into_iter().collect()
        }
        Change::Delivered => vec![Outgoing {
            to: message.sender,
            event: ServerEvent::MessageDelivered(MessageDelivered {
                message_id: message.id,
                delivered_at: message.delivered_at.unwrap_or(message.updated_at),
                seq: seqs.sender,
            }),
        }],
    }
}

/// To the reader's own devices, whatever its writer is told.
fn conversation_read(reader: UserId, peer: UserId, seq: u64, at: Timestamp) -> Outgoing {
    let read = ConversationRead { peer_id: peer, read_at: at, seq: Some(seq) };
    Outgoing { to: reader, event: ServerEvent::ConversationRead(read) }
}

fn conversation_read_by_peer(
    reader: UserId,
    peer: UserId,
    messages: &[(MessageId, u64)],
    at: Timestamp,
) -> Vec<Outgoing> {
    let each = messages.iter().map(|(id, seq)| message_read(peer, *id, Some(*seq)));
    let whole = messages.last().map(|(up_to, seq)| {
        let read = ConversationReadByPeer { peer_id: reader, up_to: *up_to, read_at: at, seq: Some(*seq) };
        Outgoing { to: peer, event: ServerEvent::ConversationReadByPeer(read) }
    });
    each.chain(whole).collect()
}

fn message_read(to: UserId, message_id: MessageId, seq: Option<u64>) -> Outgoing {
    Outgoing { to, event: ServerEvent::MessageRead(MessageRead { message_id, is_read: true, seq }) }
}

fn message_seen(message: &Message, seen_at: Timestamp, seq: Option<u64>) -> Outgoing {
    let seen = MessageSeen { message_id: message.id, seen_by: message.receiver, seen_at, seq };
    Outgoing { to: message.sender, event: ServerEvent::MessageSeen(seen) }
}
