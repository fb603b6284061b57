//! What a profile says of itself: what protects it, what was recovered, what it takes of the disk.

use protocol::Timestamp;

/// What protects the key that a profile's messages are encrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// The keyring of the operating system keeps it.
    Keyring,
    /// A passphrase opens it.
    Passphrase,
}

/// What came of a database that was damaged. Its file was put aside, what only this device had was taken over into a new
/// one, and everything else is fetched again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// When it was found.
    pub at: Timestamp,
    /// How many messages, and changes of messages, that wait for the server were taken over.
    pub waiting: u32,
    /// How many drafts were taken over.
    pub drafts: u32,
    /// Whether all of the file could be read, so that certainly nothing is missing.
    pub complete: bool,
}

/// What a profile takes of the disk, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// The size of the database with its log, in bytes.
    pub bytes: u64,
    /// How much of that is free and will be used again, in bytes.
    pub free: u64,
    /// The size of damaged databases that were put aside, in bytes.
    pub aside: u64,
    /// How many messages are here that the server has, too.
    pub messages: u64,
    /// How many conversations.
    pub conversations: u64,
    /// How many messages, and changes of messages, wait for the server or were refused by it.
    pub waiting: u64,
    /// How many drafts.
    pub drafts: u64,
}
