//! The wire contract of Roost as types.
//!
//! The contract is the document “Real-Time Messaging System” (REST under `/message` and
//! `/api/message`, live events over Socket.IO) and the extensions that a server announces at
//! [`paths::CAPABILITIES`]. This crate holds what both sides must agree on and nothing else: ids, times, bodies,
//! events, error texts and limits. It does no I/O, reads no clock and draws no random numbers.
//!
//! Where to look:
//! - [`id`], [`time`]: identifiers (24 hex digits) and instants (RFC 3339, UTC, milliseconds);
//! - [`user`], [`message`]: the documented data models;
//! - [`request`]: what a client may send, checked in the order that fixes which error it gets;
//! - [`filter`]: the search filter of `POST /message/search`;
//! - [`event`]: every Socket.IO event, by name and payload;
//! - [`admin`], [`auth`], [`invite`], [`sync`]: administration and activity, accounts, invitations, the change feed,
//!   capabilities (extensions);
//! - [`error`], [`limits`], [`paths`]: texts, bounds and routes.
//!
//! The feature `schema` gives the types JSON schemas, of which the server makes its OpenAPI document.

pub mod admin;
pub mod auth;
pub mod error;
pub mod event;
pub mod filter;
pub mod id;
pub mod invite;
pub mod limits;
pub mod message;
pub mod paths;
pub mod request;
#[cfg(feature = "schema")]
pub mod schema;
pub mod sync;
pub mod time;
pub mod user;

pub use error::ErrorBody;
pub use id::{InviteId, MessageId, ObjectId, UserId};
pub use message::Message;
pub use time::Timestamp;
pub use user::{Role, User, UserProfile, UserRef};
