//! The twins of sync-core's types that cross to the webview. Times are RFC 3339 texts, ids are opaque texts.

mod account;
mod company;
mod error;
mod profile;
mod search;
mod site;
mod timeline;

use serde::{Deserialize, Serialize};
use specta::Type;
use sync_core::ClockSkew;
use tauri_specta::Event;

pub(crate) use self::{
    account::{Device, Invitation, NewInvitation, OwnProfile, ProfileChange},
    company::{Offers, Presence},
    error::CommandError,
    profile::{Recovery, Storage},
    search::{Progress, Reach, Search, SearchPage},
    site::{Certificate, OwnedSite, Site},
    timeline::{Anchor, Status, TimelinePage},
};

/// Somebody to write to.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    id: String,
    first_name: String,
    last_name: String,
    role: Option<Role>,
    avatar: Option<String>,
}

impl From<sync_core::Person> for Person {
    fn from(person: sync_core::Person) -> Self {
        let sync_core::Person { id, first_name, last_name, role, avatar } = person;
        Self { id: id.0, first_name, last_name, role: role.map(Into::into), avatar }
    }
}

/// What somebody is in the programme.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Role {
    Admin,
    Coordinator,
    Student,
}

impl From<sync_core::Role> for Role {
    fn from(role: sync_core::Role) -> Self {
        match role {
            sync_core::Role::Admin => Self::Admin,
            sync_core::Role::Coordinator => Self::Coordinator,
            sync_core::Role::Student => Self::Student,
        }
    }
}

impl From<Role> for sync_core::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::Coordinator => Self::Coordinator,
            Role::Student => Self::Student,
        }
    }
}

/// Who is signed in, and where.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    user: Person,
    user_name: String,
    server: String,
    server_name: String,
    /// The only certificate that is trusted there, where somebody has said so.
    certificate: Option<Certificate>,
}

impl From<sync_core::Account> for Account {
    fn from(account: sync_core::Account) -> Self {
        let sync_core::Account { user, user_name, server, server_name, trusted } = account;
        let certificate = trusted.as_ref().map(Certificate::from);
        Self { user: user.into(), user_name, server: server.into(), server_name, certificate }
    }
}

/// Whether somebody is signed in.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "state")]
pub(crate) enum SessionState {
    SignedOut,
    SignedIn { account: Account },
    Expired { account: Account },
}

impl From<sync_core::SessionState> for SessionState {
    fn from(state: sync_core::SessionState) -> Self {
        match state {
            sync_core::SessionState::SignedOut => Self::SignedOut,
            sync_core::SessionState::SignedIn(account) => Self::SignedIn { account: account.into() },
            sync_core::SessionState::Expired(account) => Self::Expired { account: account.into() },
        }
    }
}

/// How far this device's clock is off, in seconds; below zero where it is behind.
pub(crate) fn seconds(skew: ClockSkew) -> i32 {
    let most = i64::from(i32::MAX);
    i32::try_from(skew.seconds.clamp(-most, most)).unwrap_or(i32::MAX)
}

/// How the engine stands with its server.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "state")]
pub(crate) enum Connection {
    Offline { host: String, retry_at: Option<String>, cause: OfflineCause },
    Connecting,
    CatchingUp,
    Online { as_of: String },
}

impl From<sync_core::Connection> for Connection {
    fn from(connection: sync_core::Connection) -> Self {
        match connection {
            sync_core::Connection::Offline { host, retry_at, cause } => {
                Self::Offline { host, retry_at: retry_at.map(|at| at.to_string()), cause: cause.into() }
            }
            sync_core::Connection::Connecting => Self::Connecting,
            sync_core::Connection::CatchingUp => Self::CatchingUp,
            sync_core::Connection::Online { as_of } => Self::Online { as_of: as_of.to_string() },
        }
    }
}

/// Why the server cannot be reached.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OfflineCause {
    NoNetwork,
    ServerUnreachable,
    ServerError,
    Insecure,
    KeyringLocked,
}

impl From<sync_core::OfflineCause> for OfflineCause {
    fn from(cause: sync_core::OfflineCause) -> Self {
        match cause {
            sync_core::OfflineCause::NoNetwork => Self::NoNetwork,
            sync_core::OfflineCause::ServerUnreachable => Self::ServerUnreachable,
            sync_core::OfflineCause::ServerError => Self::ServerError,
            sync_core::OfflineCause::Insecure => Self::Insecure,
            sync_core::OfflineCause::KeyringLocked => Self::KeyringLocked,
        }
    }
}

/// Says what changed, for the chat to read anew.
#[derive(Debug, Clone, Serialize, Type, Event)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum Update {
    Session,
    Connection,
    Conversations,
    Timeline { peer: String },
    People,
    Outbox,
    Progress,
    Recovered,
    // Somebody has begun to write to this account, or has stopped.
    Typing { peer: String, is_typing: bool },
    Presence,
    Everything,
}

impl From<sync_core::Update> for Update {
    fn from(update: sync_core::Update) -> Self {
        match update {
            sync_core::Update::Session => Self::Session,
            sync_core::Update::Connection => Self::Connection,
            sync_core::Update::Conversations => Self::Conversations,
            sync_core::Update::Timeline(peer) => Self::Timeline { peer: peer.0 },
            sync_core::Update::People => Self::People,
            sync_core::Update::Outbox => Self::Outbox,
            sync_core::Update::Progress => Self::Progress,
            sync_core::Update::Recovered => Self::Recovered,
            sync_core::Update::Typing { peer, is_typing } => Self::Typing { peer: peer.0, is_typing },
            sync_core::Update::Presence => Self::Presence,
            sync_core::Update::Everything => Self::Everything,
        }
    }
}

// No `Debug` from here to the newest message, because they hold content.

/// One line of the conversation list.
#[derive(Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Conversation {
    peer: Person,
    last: Option<LastMessage>,
    unread: u32,
    draft: Option<String>,
    /// Stands above the others.
    pinned: bool,
    /// Nobody is to be told of its messages.
    muted: bool,
    /// The user wants to come back to it, whatever `unread` says.
    marked_unread: bool,
}

impl From<sync_core::Conversation> for Conversation {
    fn from(conversation: sync_core::Conversation) -> Self {
        let sync_core::Conversation { peer, last, unread, draft, pinned, muted, marked_unread } =
            conversation;
        Self { peer: peer.into(), last: last.map(Into::into), unread, draft, pinned, muted, marked_unread }
    }
}

/// The newest message of a conversation.
#[derive(Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastMessage {
    preview: String,
    at: String,
    mine: bool,
    status: Option<Status>,
    deleted: bool,
}

impl From<sync_core::LastMessage> for LastMessage {
    fn from(last: sync_core::LastMessage) -> Self {
        let sync_core::LastMessage { preview, at, mine, status, deleted } = last;
        Self { preview, at: at.to_string(), mine, status: status.map(Into::into), deleted }
    }
}

/// What a search for people found.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct People {
    people: Vec<Person>,
    asked_server: bool,
}

impl From<sync_core::People> for People {
    fn from(found: sync_core::People) -> Self {
        let sync_core::People { people, asked_server } = found;
        Self { people: people.into_iter().map(Into::into).collect(), asked_server }
    }
}

/// What a server says of itself before anybody signs in.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerInfo {
    url: String,
    name: Option<String>,
    version: Option<String>,
    registration: RegistrationMode,
    supported: bool,
    /// Whether one can sign in with a password. Where not, the server takes an access token from elsewhere.
    has_login: bool,
}

impl From<sync_core::ServerInfo> for ServerInfo {
    fn from(info: sync_core::ServerInfo) -> Self {
        let sync_core::ServerInfo { url, name, version, registration, supported, kind: _, has_login } = info;
        Self { url: url.into(), name, version, registration: registration.into(), supported, has_login }
    }
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RegistrationMode {
    Open,
    Invite,
    Closed,
    Unknown,
}

impl From<sync_core::RegistrationMode> for RegistrationMode {
    fn from(mode: sync_core::RegistrationMode) -> Self {
        match mode {
            sync_core::RegistrationMode::Open => Self::Open,
            sync_core::RegistrationMode::Invite => Self::Invite,
            sync_core::RegistrationMode::Closed => Self::Closed,
            sync_core::RegistrationMode::Unknown => Self::Unknown,
        }
    }
}

/// What an account is made from.
// No `Debug`, because it holds a password.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registration {
    user_name: String,
    first_name: String,
    last_name: String,
    email: String,
    password: String,
    invitation: Option<String>,
}

impl From<Registration> for sync_core::Registration {
    fn from(form: Registration) -> Self {
        let Registration { user_name, first_name, last_name, email, password, invitation } = form;
        Self { user_name, first_name, last_name, email, password, invitation }
    }
}
