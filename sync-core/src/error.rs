//! What can go wrong, in words for the person at the screen.
//!
//! Each error's `Display` is a plain sentence. What only an expert can use is behind `details`.

use std::path::PathBuf;

use protocol::limits::CONTENT_CHARS;

use crate::{
    domain::ClockSkew,
    transport::trust::{Distrust, TrustedCertificate},
};

/// Reading or writing the profile's database failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full: free some space and try again")]
    Full,
    /// The client was closed.
    #[error("this profile is closed")]
    Closed,
    /// The database's file is damaged. It is repaired at once, or when the profile is opened next.
    #[error("the message store on this device is damaged: it is being repaired")]
    Damaged {
        /// The words of `SQLite`.
        details: String,
    },
    /// Anything else that `SQLite` reports.
    #[error("the message store on this device could not be used")]
    Database {
        /// The words of `SQLite`.
        details: String,
    },
}

impl StoreError {
    /// What an expert would want to know.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        match self {
            Self::Full | Self::Closed => None,
            Self::Damaged { details } | Self::Database { details } => Some(details),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase};
        let details = error.to_string();
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::Full,
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged { details },
            _ => Self::Database { details },
        }
    }
}

/// An error of work in the database, which may be the database's own.
pub(crate) trait MayBeStore: From<StoreError> {
    /// The database's own error, if it is that.
    fn store(&self) -> Option<&StoreError>;
}

impl MayBeStore for StoreError {
    fn store(&self) -> Option<&Self> {
        Some(self)
    }
}

impl MayBeStore for WriteError {
    fn store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// A profile could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program, or another window, works with it.
    #[error("this profile is already open in another window or program")]
    InUse,
    /// A newer version of the program wrote it.
    #[error("this profile was written by a newer version: update the program to open it")]
    Newer {
        /// The schema that the profile has.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// The profile's folder cannot be made, read or written.
    #[error("the profile's folder {path} cannot be used: {source}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The keyring has no key for this profile, or another one. What is encrypted stays as it is until the key is back,
    /// or until [`crate::Client::start_over`].
    #[error(
        "the key to the messages on this device is no longer in its keyring: they stay locked until it is back, or until you start over without them"
    )]
    KeyLost,
    /// The keyring could not be asked; trying again may help.
    #[error("the keyring of this device can't be read at the moment: unlock it and try again")]
    KeyringLocked {
        /// What the keyring says.
        details: String,
    },
    /// There is no keyring that could keep the key of a profile that is to be encrypted.
    #[error("this device has no keyring to keep the key to your messages in: choose a passphrase instead")]
    NoKeyring {
        /// What the keyring says.
        details: String,
    },
    /// A passphrase protects the profile.
    #[error("a passphrase protects the messages on this device: enter it to open them")]
    PassphraseNeeded,
    /// The passphrase is another one.
    #[error("this is not the passphrase")]
    WrongPassphrase,
    /// The passphrase is too easy to guess.
    #[error("this passphrase is too short: use at least {least} characters")]
    PassphraseTooShort {
        /// How many characters it needs.
        least: usize,
    },
    /// The TLS library cannot start.
    #[error("secure connections can't be made on this device")]
    Network {
        /// The library's words.
        details: String,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Something that was written could not be stored; nothing of it is lost by the caller.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Nobody is signed in.
    #[error("sign in first")]
    SignedOut,
    /// White space alone.
    #[error("write something first")]
    Blank,
    /// Over the contract's bound.
    #[error(
        "this message is too long: at most {CONTENT_CHARS} characters can be sent, this one has {characters}"
    )]
    TooLong {
        /// How long it is, in characters.
        characters: usize,
    },
    /// A message to oneself.
    #[error("you can't send a message to yourself")]
    ToOneself,
    /// Too much waits already.
    #[error("too many messages are waiting to be sent")]
    OutboxFull,
    /// What is being written is longer than [`crate::limits::DRAFT_CHARS`].
    #[error("this text is too long to be kept: it has {characters} characters")]
    DraftTooLong {
        /// How long it is, in characters.
        characters: usize,
    },
    /// Something is being written in [`crate::limits::DRAFTS`] conversations already.
    #[error("too many messages are being written: send some of them first, or remove their texts")]
    TooManyDrafts,
    /// The message is not there, or is deleted.
    #[error("this message is no longer there")]
    NoSuchMessage,
    /// Only one's own messages can be changed.
    #[error("only your own messages can be changed")]
    NotYours,
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A server could not be reached or does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// What was typed is not an address.
    #[error("“{address}” is not a server's address: it looks like chat.example.org")]
    InvalidAddress {
        /// What was typed.
        address: String,
    },
    /// The name leads nowhere.
    #[error("there is no server called {host}, or this device is offline")]
    NoSuchHost {
        /// The name.
        host: String,
    },
    /// Nothing listens there.
    #[error("{host} refuses connections: is the server running?")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// No answer in time.
    #[error("{host} did not answer in time")]
    TimedOut {
        /// Host and port.
        host: String,
    },
    /// The certificate is not trusted.
    #[error("the certificate of {host} isn't trusted: {reason}")]
    Untrusted {
        /// Host and port.
        host: String,
        /// Why not.
        reason: Distrust,
        /// The certificate that was shown. Somebody who has compared its [`TrustedCertificate::fingerprint`] can trust
        /// it explicitly, which helps where the reason is [`Distrust::SelfSigned`] or [`Distrust::Changed`].
        certificate: TrustedCertificate,
        /// The words of the TLS library.
        details: String,
    },
    /// The certificate is of another time than this device's clock shows, and not of another time than the server's.
    #[error(
        "this device's clock is {skew}, so the certificate of {host} can't be trusted: set the clock right"
    )]
    ClockOff {
        /// Host and port.
        host: String,
        /// How far, by what the server says. Nobody vouches for that: it is for people to compare.
        skew: ClockSkew,
        /// The words of the TLS library.
        details: String,
    },
    /// Something answers that does not speak the contract.
    #[error("{host} isn't a compatible server")]
    Incompatible {
        /// Host and port.
        host: String,
        /// What was odd about the answer.
        details: String,
    },
    /// The server has a problem of its own.
    #[error("{host} has a problem at the moment: try again later")]
    Failing {
        /// Host and port.
        host: String,
        /// What the server said.
        details: String,
    },
    /// Anything else on the way.
    #[error("{host} can't be reached")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What the system said.
        details: String,
    },
}

impl ServerError {
    /// What an expert would want to know.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        match self {
            Self::Untrusted { details, .. }
            | Self::ClockOff { details, .. }
            | Self::Incompatible { details, .. }
            | Self::Failing { details, .. }
            | Self::Unreachable { details, .. } => Some(details),
            Self::InvalidAddress { .. }
            | Self::NoSuchHost { .. }
            | Self::Refused { .. }
            | Self::TimedOut { .. } => None,
        }
    }
}

/// Signing in or registering failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The server cannot be reached or does not fit.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The server does not speak the contract.
    #[error("This server doesn't offer what Roost needs to keep messages in step.")]
    Unsupported,
    /// Unknown user and wrong password alike.
    #[error("wrong user name or password")]
    WrongCredentials,
    /// What was pasted is no access token, or does not say whose it is.
    #[error("this is not an access token")]
    NoToken,
    /// The server does not take the access token.
    #[error("the server does not take this access token: it may have expired")]
    WrongToken,
    /// Too many tries.
    #[error("too many tries: wait {seconds} s and try again")]
    TooMany {
        /// How long to wait, in seconds.
        seconds: u64,
    },
    /// The server says no, in its own words.
    #[error("{reason}")]
    Refused {
        /// The server's words.
        reason: String,
    },
    /// The profile holds another account's messages.
    #[error(
        "this device still holds the messages of {user_name} on {server}: sign in as {user_name}, or remove them from this device first"
    )]
    OtherAccount {
        /// Whose they are.
        user_name: String,
        /// On which server.
        server: String,
    },
    /// Somebody is signed in already.
    #[error("{user_name} is signed in: sign out first")]
    SignedIn {
        /// Who is.
        user_name: String,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something about one's own account could not be done. All of it needs the server.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The server cannot be reached or has a problem.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Nobody is signed in, or the server ended the session.
    #[error("sign in first")]
    SignedOut,
    /// The server offers no such thing.
    #[error("this server doesn't offer that")]
    NotOffered,
    /// The current password is another one.
    #[error("this is not your current password")]
    WrongPassword,
    /// Too many tries.
    #[error("too many tries: wait {seconds} s and try again")]
    TooMany {
        /// How long to wait, in seconds.
        seconds: u64,
    },
    /// The server says no, in its own words.
    #[error("{reason}")]
    Refused {
        /// The server's words.
        reason: String,
    },
    /// The keyring that holds the session's tokens cannot be read at the moment.
    #[error("the keyring of this device can't be read at the moment: unlock it and try again")]
    KeyringLocked {
        /// What the keyring says.
        details: String,
    },
    /// The database cannot be used. What was asked of the server was done.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The messages could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written. Nothing is left of it.
    #[error("the file {path} can't be written: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}
