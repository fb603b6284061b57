//! A local-first engine for the messaging contract: everything is read from and written to a database on this
//! device, and kept in step with a server whenever one can be reached.
//!
//! The example `hello`, whole; the tests run it against a real server. `examples/chat.rs` is a chat in a terminal.
//!
//! ```no_run
#![doc = include_str!("../examples/hello.rs")]
//! ```
//!
//! # Promises
//!
//! - What [`Client::send`] and its like return from is on the disk. It is sent once, in the order of its
//!   conversation, through crashes of either side; it leaves the outbox only with its confirmation or by the user's
//!   decision (I2, I3, I8).
//! - What is shown is what the database holds (I9), and two devices that have followed the server equally far hold
//!   the same (I4). Read stays read (I5), deleted stays deleted (I6).
//! - Events only make it faster: without a single one, everything still arrives (I7).
//! - A hostile server can waste its own answers. What is read from it is bounded ([`limits`]), and no redirect takes
//!   a token elsewhere. Tokens are in the [`SecretStore`] and in memory; nothing is logged of them or of messages.
//!
//! # Inside
//!
//! What decides is pure: `machine` (one state machine for everything that happens, over rows that it is handed),
//! `plan`, `apply` and `outbox` have neither I/O nor clock nor randomness, and their module docs are the specification.
//! What acts is thin: `store` (`SQLite`), `transport` (REST, Socket.IO, tokens) and `engine`, which takes each step of the
//! machine in one transaction. `convert` alone reads a server's JSON. The feature `simulation` has the simulator that
//! runs the machine among seeded adversaries.
//!
//! A client needs a tokio runtime to be opened on. One client at a time works on a profile; a second one is turned
//! away. Any server of the published document will do; one with [`limits::REQUIRED_EXTENSIONS`] is followed by its
//! feed, is told of each send by a key, and so can promise more.

mod apply;
mod backoff;
mod client;
mod clock;
mod company;
mod convert;
mod domain;
mod engine;
mod error;
pub mod limits;
mod machine;
#[cfg(feature = "mutations")]
pub mod mutation;
#[cfg(not(feature = "mutations"))]
#[expect(unreachable_pub, reason = "they are public where they can be chosen")]
mod mutation;
mod outbox;
mod picture;
mod plan;
mod profile;
mod secrets;
#[cfg(feature = "simulation")]
pub mod simulation;
mod store;
mod transport;
mod updates;

pub use client::{Client, Options};
pub use domain::{
    Account, Anchor, ClockSkew, Connection, Conversation, Device, DeviceId, History, Hit, Invitation,
    ItemKey, LastMessage, MessageId, NewInvitation, Offers, OfflineCause, OwnProfile, Pending, People,
    Person, Position, Presence, ProfileChange, Progress, Protection, Reach, Recovery, Registration,
    RegistrationMode, Role, Search, SearchPage, ServerInfo, ServerKind, SessionState, Site, Status, Storage,
    TimelineItem, TimelinePage, Timestamp, Update, UserId,
};
pub use error::{AccountError, ExportError, OpenError, ServerError, SignInError, StoreError, WriteError};
pub use profile::{Profile, Profiles};
pub use secrets::{KeyringSecrets, MemorySecrets, SecretError, SecretStore};
pub use transport::trust::{Distrust, InvalidCertificate, TrustedCertificate};
pub use updates::Updates;
pub use url::Url;
