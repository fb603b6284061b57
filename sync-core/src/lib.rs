//! A local-first engine for the messaging contract: everything is read from and written to a database on this
//! device, and kept in step with a server whenever one can be reached.
//!
//! ```no_run
//! use std::sync::Arc;
//! use sync_core::{Anchor, Client, KeyringSecrets, Options, SessionState, Update};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secrets = Arc::new(KeyringSecrets::new());
//! let client = Client::open(Options { profile_dir: "/home/ana/.local/share/chat".into(), secrets }).await?;
//! let mut updates = client.updates();
//! if client.session() == SessionState::SignedOut {
//!     let server = Client::probe("chat.example.org").await?;
//!     client.sign_in(&server.url, "ana", "mango-tree-42").await?;
//! }
//! if let Some(ben) = client.people("ben").await?.people.first() {
//!     // Stored when this returns, online or not, and sent when it can be.
//!     client.send(&ben.id, "Good morning").await?;
//! }
//! while let Some(update) = updates.next().await {
//!     // An update says what changed; what it is now is read from the database.
//!     if let Update::Timeline(peer) = update {
//!         for item in client.timeline(&peer, Anchor::Newest, 50).await?.items {
//!             println!("{} {}", item.sent_at, item.content);
//!         }
//!     }
//! }
//! # Ok(())
//! # }
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
//! What decides is pure: `plan`, `apply` and `outbox` have neither I/O nor clock nor randomness, and their module
//! docs are the specification. What acts is thin: `store` (`SQLite`), `transport` (REST, Socket.IO, tokens) and
//! `engine` (four tasks over these). `convert` alone reads a server's JSON.
//!
//! A client needs a tokio runtime to be opened on. One client at a time works on a profile; a second one is turned
//! away. The server has to offer [`limits::REQUIRED_EXTENSIONS`].

mod apply;
mod backoff;
mod client;
mod clock;
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
    Account, Anchor, Connection, Conversation, History, Hit, ItemKey, LastMessage, MessageId, OfflineCause,
    Pending, People, Person, Position, Progress, Protection, Recovery, Registration, RegistrationMode, Role,
    Search, SearchPage, ServerInfo, ServerKind, SessionState, Site, Status, Storage, TimelineItem,
    TimelinePage, Timestamp, Update, UserId,
};
pub use error::{OpenError, ServerError, SignInError, StoreError, WriteError};
pub use profile::{Profile, Profiles};
pub use secrets::{KeyringSecrets, MemorySecrets, SecretError, SecretStore};
pub use transport::trust::{Distrust, InvalidCertificate, TrustedCertificate};
pub use updates::Updates;
pub use url::Url;
