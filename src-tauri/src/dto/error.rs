//! What a command fails with: a problem that the chat words, a plain sentence, and details for experts.

use std::io;

use serde::Serialize;
use specta::Type;
use sync_core::{
    AccountError, Distrust, ExportError, OpenError, ServerError, SignInError, StoreError, WriteError,
};

use super::Certificate;
use crate::settings::SaveError;

/// Why a command failed.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommandError {
    problem: Problem,
    /// The engine's own sentence.
    message: String,
    /// The raw error, where there is more to say.
    details: Option<String>,
}

/// What the chat tells failures apart by.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum Problem {
    // The profile.
    ProfileInUse,
    ProfileNewer,
    ProfileFolder { path: String },
    KeyLost,
    KeyringLocked,
    NoKeyring,
    PassphraseNeeded,
    WrongPassphrase,
    PassphraseTooShort { least: u32 },
    NoTls,
    DiskFull,
    Damaged,
    Storage,
    // The server.
    Address,
    NoSuchHost { host: String },
    Refused { host: String },
    TimedOut { host: String },
    // `helps` says whether trusting this very certificate would make it work.
    Untrusted { host: String, fingerprint: String, certificate: Certificate, helps: bool },
    // `seconds` is below zero where this device is behind.
    ClockOff { host: String, seconds: i32 },
    Incompatible { host: String },
    Failing { host: String },
    Unreachable { host: String },
    // Signing in.
    Unsupported,
    Credentials,
    NoToken,
    WrongToken,
    TooMany { seconds: u32 },
    Rejected { reason: String },
    OtherAccount { user_name: String, server: String },
    SignedIn { user_name: String },
    // Links and the system.
    NoLink,
    NotOpened,
    Autostart,
    // Writing.
    SignedOut,
    Blank,
    TooLong { characters: u32 },
    ToOneself,
    OutboxFull,
    DraftTooLong { characters: u32 },
    TooManyDrafts,
    NoSuchMessage,
    NotYours,
    // The account.
    NotOffered,
    WrongPassword,
    // A file for the user.
    ExportFile { path: String },
}

impl CommandError {
    /// What shall be opened is no address of a page or a mailbox.
    pub(crate) fn no_link() -> Self {
        let message = "only web pages and e-mail addresses can be opened".to_owned();
        Self { problem: Problem::NoLink, message, details: None }
    }

    /// The system has no program for a link.
    pub(crate) fn not_opened(details: String) -> Self {
        let message = "the system could not open the link".to_owned();
        Self { problem: Problem::NotOpened, message, details: Some(details) }
    }

    /// The system does not let the app start by itself.
    #[cfg(desktop)]
    pub(crate) fn no_autostart(details: String) -> Self {
        let message = "the system did not take the app into what it starts".to_owned();
        Self { problem: Problem::Autostart, message, details: Some(details) }
    }

    /// What the chat handed back as a certificate is none.
    pub(super) fn no_certificate() -> Self {
        let error = sync_core::InvalidCertificate;
        Self { problem: Problem::Address, message: error.to_string(), details: None }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::DiskFull,
            StoreError::Damaged { .. } => Self::Damaged,
            StoreError::Closed | StoreError::Database { .. } => Self::Storage,
        }
    }
}

impl From<ServerError> for Problem {
    fn from(error: ServerError) -> Self {
        match error {
            ServerError::InvalidAddress { .. } => Self::Address,
            ServerError::NoSuchHost { host } => Self::NoSuchHost { host },
            ServerError::Refused { host } => Self::Refused { host },
            ServerError::TimedOut { host } => Self::TimedOut { host },
            ServerError::Untrusted { host, reason, certificate, .. } => Self::Untrusted {
                host,
                fingerprint: certificate.fingerprint(),
                certificate: (&certificate).into(),
                helps: matches!(reason, Distrust::SelfSigned | Distrust::Changed),
            },
            ServerError::ClockOff { host, skew, .. } => {
                Self::ClockOff { host, seconds: super::seconds(skew) }
            }
            ServerError::Incompatible { host, .. } => Self::Incompatible { host },
            ServerError::Failing { host, .. } => Self::Failing { host },
            ServerError::Unreachable { host, .. } => Self::Unreachable { host },
        }
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let details = error.details().map(str::to_owned);
        Self { problem: error.into(), message, details }
    }
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> Self {
        let message = error.to_string();
        match error {
            OpenError::InUse => Self { problem: Problem::ProfileInUse, message, details: None },
            OpenError::Newer { found, known } => Self {
                problem: Problem::ProfileNewer,
                message,
                details: Some(format!("schema {found}, this version knows up to {known}")),
            },
            OpenError::Folder { path, source } => Self {
                problem: Problem::ProfileFolder { path: path.display().to_string() },
                message,
                details: Some(source.to_string()),
            },
            OpenError::KeyLost => Self { problem: Problem::KeyLost, message, details: None },
            OpenError::KeyringLocked { details } => {
                Self { problem: Problem::KeyringLocked, message, details: Some(details) }
            }
            OpenError::NoKeyring { details } => {
                Self { problem: Problem::NoKeyring, message, details: Some(details) }
            }
            OpenError::PassphraseNeeded => {
                Self { problem: Problem::PassphraseNeeded, message, details: None }
            }
            OpenError::WrongPassphrase => Self { problem: Problem::WrongPassphrase, message, details: None },
            OpenError::PassphraseTooShort { least } => Self {
                problem: Problem::PassphraseTooShort { least: bounded(least) },
                message,
                details: None,
            },
            OpenError::Network { details } => {
                Self { problem: Problem::NoTls, message, details: Some(details) }
            }
            OpenError::Store(error) => error.into(),
        }
    }
}

impl From<SaveError> for CommandError {
    fn from(error: SaveError) -> Self {
        let problem = match error.0.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Problem::DiskFull,
            _ => Problem::Storage,
        };
        Self {
            problem,
            message: "the settings could not be stored".to_owned(),
            details: Some(error.0.to_string()),
        }
    }
}

impl From<ServerError> for CommandError {
    fn from(error: ServerError) -> Self {
        let message = error.to_string();
        let details = error.details().map(str::to_owned);
        Self { problem: error.into(), message, details }
    }
}

impl From<SignInError> for CommandError {
    fn from(error: SignInError) -> Self {
        let message = error.to_string();
        let problem = match error {
            SignInError::Server(error) => return error.into(),
            SignInError::Store(error) => return error.into(),
            SignInError::Unsupported => Problem::Unsupported,
            SignInError::WrongCredentials => Problem::Credentials,
            SignInError::NoToken => Problem::NoToken,
            SignInError::WrongToken => Problem::WrongToken,
            SignInError::TooMany { seconds } => Problem::TooMany { seconds: bounded(seconds) },
            SignInError::Refused { reason } => Problem::Rejected { reason },
            SignInError::OtherAccount { user_name, server } => Problem::OtherAccount { user_name, server },
            SignInError::SignedIn { user_name } => Problem::SignedIn { user_name },
        };
        Self { problem, message, details: None }
    }
}

impl From<WriteError> for CommandError {
    fn from(error: WriteError) -> Self {
        let message = error.to_string();
        let problem = match error {
            WriteError::Store(error) => return error.into(),
            WriteError::SignedOut => Problem::SignedOut,
            WriteError::Blank => Problem::Blank,
            WriteError::TooLong { characters } => Problem::TooLong { characters: bounded(characters) },
            WriteError::ToOneself => Problem::ToOneself,
            WriteError::OutboxFull => Problem::OutboxFull,
            WriteError::DraftTooLong { characters } => {
                Problem::DraftTooLong { characters: bounded(characters) }
            }
            WriteError::TooManyDrafts => Problem::TooManyDrafts,
            WriteError::NoSuchMessage => Problem::NoSuchMessage,
            WriteError::NotYours => Problem::NotYours,
        };
        Self { problem, message, details: None }
    }
}

impl From<AccountError> for CommandError {
    fn from(error: AccountError) -> Self {
        let message = error.to_string();
        let (problem, details) = match error {
            AccountError::Server(error) => return error.into(),
            AccountError::Store(error) => return error.into(),
            AccountError::SignedOut => (Problem::SignedOut, None),
            AccountError::NotOffered => (Problem::NotOffered, None),
            AccountError::WrongPassword => (Problem::WrongPassword, None),
            AccountError::TooMany { seconds } => (Problem::TooMany { seconds: bounded(seconds) }, None),
            AccountError::Refused { reason } => (Problem::Rejected { reason }, None),
            AccountError::KeyringLocked { details } => (Problem::KeyringLocked, Some(details)),
        };
        Self { problem, message, details }
    }
}

impl From<ExportError> for CommandError {
    fn from(error: ExportError) -> Self {
        let message = error.to_string();
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::File { path, source } => {
                let problem = match source.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Problem::DiskFull,
                    _ => Problem::ExportFile { path: path.display().to_string() },
                };
                Self { problem, message, details: Some(source.to_string()) }
            }
        }
    }
}

/// JavaScript's numbers are exact up to here and far beyond.
fn bounded<N: TryInto<u32>>(number: N) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}
