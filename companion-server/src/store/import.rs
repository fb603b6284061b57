//! Taking over people and messages of another system, with their ids and times.

use protocol::{MessageId, Role, Timestamp, UserId};

use super::StoreError;

/// Somebody to take over. No `Debug`: it holds what is private.
pub struct ImportedPerson {
    /// The id, which stays.
    pub id: UserId,
    /// The name to sign in with; one that is taken gets a number behind it.
    pub user_name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// What the user is in the programme.
    pub role: Role,
    /// Address of a picture; empty for none.
    pub avatar: String,
    /// The password's hash as it was; empty where there is none, so that the password has to be reset.
    pub password_hash: String,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// A message to take over. No `Debug`: it holds what was written.
pub struct ImportedMessage {
    /// The id, which stays.
    pub id: MessageId,
    /// Who wrote it.
    pub sender: UserId,
    /// Whom it is for; not the sender.
    pub receiver: UserId,
    /// What was written.
    pub content: String,
    /// Whether the receiver has read it.
    pub is_read: bool,
    /// When it was sent; not in the future.
    pub sent_at: Timestamp,
    /// When it last changed; not before it was sent.
    pub updated_at: Timestamp,
}

/// What became of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonImported {
    /// The account was made, with this user name.
    New {
        /// The user name that it got.
        user_name: String,
    },
    /// An account with this id is here already; it stays as it is.
    Present,
    /// Another account has the e-mail address.
    EmailTaken,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageImported {
    /// It was taken.
    New,
    /// A message with this id is here already; it stays as it is, also where it was changed or deleted here.
    Present,
    /// Nobody here has the sender's id.
    SenderUnknown,
    /// Nobody here has the receiver's id.
    ReceiverUnknown,
}

/// Takes over. Each call is one transaction: all of it is stored, or nothing.
#[async_trait::async_trait]
pub trait ImportStore: Send + Sync {
    /// Takes people over; says of each what became of it, in their order.
    ///
    /// # Errors
    /// Where the store fails.
    async fn import_people(&self, people: Vec<ImportedPerson>) -> Result<Vec<PersonImported>, StoreError>;

    /// Takes messages over; says of each what became of it, in their order. They stand in the conversations by their
    /// own times, and in the feeds by that of the import (I4). Nobody is sent an event.
    ///
    /// # Errors
    /// Where the store fails.
    async fn import_messages(
        &self,
        messages: Vec<ImportedMessage>,
    ) -> Result<Vec<MessageImported>, StoreError>;
}
