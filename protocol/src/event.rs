//! Every Socket.IO event of the contract and of its extensions, by name and payload.
//!
//! Each event carries exactly one JSON value, and none relies on an acknowledgement. Live events that tell of a
//! change also carry `seq`, the position of that change in the feed of the user who receives the event (extension
//! `sync-1`): a client that sees a gap knows that it missed something. Events are hints, the feed is the truth.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Message, MessageId, Timestamp, UserId};

/// Declares an enum of events together with the name that each has on the wire.
macro_rules! events {
    (
        $(#[$doc:meta])* $enum:ident {
            $( $(#[doc = $text:literal])+ $name:literal => $variant:ident($payload:ident $(<$inner:ident>)?), )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $enum {
            $( $(#[doc = $text])+ $variant($payload $(<$inner>)?), )+
        }

        impl $enum {
            /// The names of all events of this direction.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// What the server's OpenAPI document says of each event.
            #[cfg(feature = "schema")]
            #[must_use]
            pub fn described() -> Vec<crate::schema::Event> {
                vec![$( crate::schema::Event::of::<unboxed!($payload $($inner)?)>($name, concat!($($text),+)), )+]
            }

            /// The name that the event has on the wire.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $( Self::$variant(_) => $name, )+ }
            }

            /// The event's one argument.
            ///
            /// # Errors
            /// Never for the types of this crate; serde's signature allows for it.
            pub fn payload(&self) -> serde_json::Result<Value> {
                match self { $( Self::$variant(payload) => serde_json::to_value(payload), )+ }
            }

            /// Reads an event from its name and its one argument. `None` for a name that the contract does not
            /// know, which a reader passes over.
            ///
            /// # Errors
            /// Where the argument does not have the documented form.
            pub fn parse(name: &str, payload: Value) -> serde_json::Result<Option<Self>> {
                match name {
                    $( $name => serde_json::from_value(payload).map(|payload| Some(Self::$variant(payload))), )+
                    _ => Ok(None),
                }
            }
        }
    };
}

/// The type of a payload, without the box that keeps the enum small.
#[cfg(feature = "schema")]
macro_rules! unboxed {
    (Box $inner:ident) => {
        $inner
    };
    ($payload:ident) => {
        $payload
    };
}

events! {
    /// What a server tells its clients.
    ServerEvent {
        /// To the receiver: a new message; `sender` is a profile, `receiver` an id.
        "newMessage" => NewMessage(Box<NewMessage>),
        /// To the sender, on all devices: the message was taken.
        "messageSent" => MessageSent(MessageSent),
        /// To the sender: the receiver marked the message as read.
        "messageRead" => MessageRead(MessageRead),
        /// To the sender: the receiver fetched the message by its id.
        "messageSeen" => MessageSeen(MessageSeen),
        /// To whoever fetched a message by its id.
        "messageViewed" => MessageViewed(MessageViewed),
        /// To whoever listed messages.
        "messagesFetched" => MessagesFetched(MessagesFetched),
        /// To whoever searched messages.
        "messageSearched" => MessageSearched(MessageSearched),
        /// Extension `delivery`, to the sender: the receiver's device has the message.
        "messageDelivered" => MessageDelivered(MessageDelivered),
        /// Extension `edits`, to both participants.
        "messageUpdated" => MessageUpdated(MessageUpdated),
        /// Extension `edits`, to both participants.
        "messageDeleted" => MessageDeleted(MessageDeleted),
        /// Extension `bulk-read`, to the sender of the messages.
        "conversationReadByPeer" => ConversationReadByPeer(ConversationReadByPeer),
        /// Extension `bulk-read`, to the reader, on all devices: messages of a conversation were read, one or many.
        "conversationRead" => ConversationRead(ConversationRead),
        /// Extension `heartbeat`: the answer to a client's own.
        "heartbeat" => Heartbeat(Heartbeat),
        /// Extension `typing`, to the receiver.
        "typing" => Typing(Typing),
        /// Extension `presence`, to whoever shares a conversation with the user.
        "presence" => Presence(Presence),
        /// The answer to `join` with one's own id (C12).
        "joined" => Joined(Joined),
        /// Something that the client asked for over the socket was refused.
        "error" => Error(SocketError),
    }
}

events! {
    /// What a client tells its server.
    ClientEvent {
        /// Enter one's own room; the server has done so already (C12).
        "join" => Join(String),
        /// Extension `delivery`: these messages are stored on this device.
        "delivered" => Delivered(Delivered),
        /// Extension `heartbeat`: is the connection alive?
        "heartbeat" => Heartbeat(Heartbeat),
        /// Extension `typing`: a message to somebody is being written, or not any more. Lapses after six seconds.
        "typing" => Typing(SetTyping),
    }
}

/// Payload of `newMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = NewMessageEvent))]
pub struct NewMessage {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// Position in the receiver's feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `messageSent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageSent {
    /// The message that was taken.
    #[serde(rename = "_id")]
    pub id: MessageId,
    /// Whom it is for.
    pub receiver: UserId,
    /// What was written.
    pub content: String,
    /// When the server took it.
    pub sent_at: Timestamp,
    /// The key it was sent with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<uuid::Uuid>,
    /// Position in the sender's feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `messageRead`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageRead {
    /// The message that was read.
    pub message_id: MessageId,
    /// Always true.
    pub is_read: bool,
    /// Position in the feed of the user who gets the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `messageSeen`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageSeen {
    /// The message that was seen.
    pub message_id: MessageId,
    /// Its receiver.
    pub seen_by: UserId,
    /// When it was seen first.
    pub seen_at: Timestamp,
    /// Position in the feed of the user who gets the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `messageViewed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageViewed {
    /// The message that was fetched.
    pub message_id: MessageId,
    /// When.
    pub viewed_at: Timestamp,
}

/// Payload of `messagesFetched`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessagesFetched {
    /// Who listed messages.
    pub user_id: UserId,
    /// How many the answer held.
    pub messages_count: u64,
    /// When.
    pub fetched_at: Timestamp,
}

/// Payload of `messageSearched`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageSearched {
    /// Who searched.
    pub user_id: UserId,
    /// The filter as it was sent.
    pub search_query: Value,
    /// Whether anything matched.
    pub result_found: bool,
    /// When.
    pub searched_at: Timestamp,
}

/// Payload of `messageDelivered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageDelivered {
    /// The message that arrived.
    pub message_id: MessageId,
    /// When the server learnt of it first.
    pub delivered_at: Timestamp,
    /// Position in the feed of the user who gets the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `messageUpdated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageUpdated {
    /// The message that was edited.
    pub message_id: MessageId,
    /// Its content now.
    pub content: String,
    /// When it was edited.
    pub updated_at: Timestamp,
    /// Position in the feed of the user who gets the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `messageDeleted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageDeleted {
    /// The message that is gone.
    pub message_id: MessageId,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// Position in the feed of the user who gets the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `conversationReadByPeer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConversationReadByPeer {
    /// Who read.
    pub peer_id: UserId,
    /// The newest message that is now read.
    pub up_to: MessageId,
    /// When.
    pub read_at: Timestamp,
    /// The last position that the read takes in the feed of the user who gets the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `conversationRead`. Which messages were read is told by the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ConversationReadEvent))]
#[serde(rename_all = "camelCase")]
pub struct ConversationRead {
    /// Who wrote the messages.
    pub peer_id: UserId,
    /// When they were read.
    pub read_at: Timestamp,
    /// The last position that the read takes in the feed of the user who gets the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Payload of `heartbeat`, both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Heartbeat {
    /// A number of the client's choice, which the server repeats.
    pub n: u64,
}

/// Payload of `joined`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// Whose room the socket is in.
    pub user_id: UserId,
}

/// Payload of `error`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SocketError {
    /// What was wrong, in words for people.
    pub message: String,
}

/// Payload of `delivered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Delivered {
    /// The messages that this device has stored.
    pub message_ids: Vec<MessageId>,
}

/// Payload of `typing` to the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    /// Who is writing to whoever gets the event.
    pub sender: UserId,
    /// Whether they are, or have stopped.
    pub is_typing: bool,
}

/// Payload of `typing` from the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SetTyping {
    /// Whom the message will be for.
    pub receiver: UserId,
    /// Whether it is being written, or not any more.
    pub is_typing: bool,
}

/// Payload of `presence`, and what `GET /api/user/presence` answers of each user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// Who.
    pub user_id: UserId,
    /// Whether they are connected.
    pub online: bool,
    /// When they last were, where that is known; absent while they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}
