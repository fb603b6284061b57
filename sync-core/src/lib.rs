//! A local-first engine for the messaging contract.

#![doc(test(attr(deny(warnings))))]

mod apply;
mod backoff;
mod client;
mod clock;
mod convert;
mod domain;
mod engine;
mod error;
pub mod limits;
mod outbox;
mod plan;
mod secrets;
mod store;
mod transport;
mod updates;

pub use client::{Client, Options};
pub use domain::{
    Account, Anchor, Connection, Conversation, History, ItemKey, LastMessage, MessageId, OfflineCause,
    Pending, People, Person, Position, Registration, RegistrationMode, Role, ServerInfo, SessionState,
    Status, TimelineItem, TimelinePage, Timestamp, Update, UserId,
};
pub use error::{OpenError, ServerError, SignInError, StoreError, WriteError};
pub use secrets::{KeyringSecrets, MemorySecrets, SecretError, SecretStore};
pub use updates::Updates;
pub use url::Url;
