//! People and messages, in memory.

use protocol::{ObjectId, Timestamp};
use serde_json::{Value, json};

use crate::people::Person;

/// A message as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// 24 hex digits.
    pub id: String,
    /// Who wrote it.
    pub sender: String,
    /// Whom it is for.
    pub receiver: String,
    /// What it says.
    pub content: String,
    /// Whether its receiver has read it.
    pub is_read: bool,
    /// When the server took it.
    pub sent_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

#[derive(Default)]
pub(super) struct Store {
    people: Vec<(String, Person)>,
    messages: Vec<Stored>,
    made: u32,
}

impl Store {
    pub(super) fn add_person(&mut self, person: &Person) {
        let id = self.id();
        self.people.push((id, *person));
    }

    pub(super) fn id_by_email(&self, email: &str) -> Option<String> {
        self.people.iter().find(|(_, person)| person.email == email).map(|(id, _)| id.clone())
    }

    /// Whose e-mail address and password these are.
    pub(super) fn by_credentials(&self, email: &str, password: &str) -> Option<(String, Person)> {
        self.people
            .iter()
            .find(|(_, person)| person.email == email && person.password == password)
            .map(|(id, person)| (id.clone(), *person))
    }

    /// How the document shows a person in a message.
    pub(super) fn shown(&self, id: &str) -> Value {
        let names = self.people.iter().find(|(known, _)| known == id);
        let (first, last) = names.map_or(("", ""), |(_, person)| (person.first_name, person.last_name));
        json!({"_id": id, "firstName": first, "lastName": last})
    }

    pub(super) fn add(&mut self, sender: &str, receiver: &str, content: &str, is_read: bool) -> Stored {
        let now = now();
        let message = Stored {
            id: self.id(),
            sender: sender.to_owned(),
            receiver: receiver.to_owned(),
            content: content.to_owned(),
            is_read,
            sent_at: now,
            updated_at: now,
        };
        self.messages.push(message.clone());
        message
    }

    pub(super) fn all(&self) -> &[Stored] {
        &self.messages
    }

    /// The messages to and from this person.
    pub(super) fn of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = &'a Stored> {
        self.messages.iter().filter(move |message| message.sender == user || message.receiver == user)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Stored> {
        self.messages.iter().find(|message| message.id == id)
    }

    pub(super) fn change(
        &mut self,
        id: &str,
        content: Option<&str>,
        is_read: Option<bool>,
    ) -> Option<Stored> {
        let message = self.messages.iter_mut().find(|message| message.id == id)?;
        if let Some(content) = content {
            content.clone_into(&mut message.content);
        }
        message.is_read = is_read.unwrap_or(message.is_read);
        message.updated_at = now();
        Some(message.clone())
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.messages.retain(|message| message.id != id);
    }

    fn id(&mut self) -> String {
        self.made += 1;
        let seconds = u32::try_from(now().millis() / 1_000).unwrap_or(u32::MAX);
        ObjectId::from_parts(seconds, *b"plain", self.made).to_string()
    }
}

impl Stored {
    /// As lists show it.
    pub(super) fn listed(&self) -> Value {
        json!({
            "_id": self.id, "sender": self.sender, "receiver": self.receiver, "content": self.content,
            "isRead": self.is_read, "sentAt": self.sent_at,
        })
    }

    /// As changes of it are answered.
    pub(super) fn updated(&self) -> Value {
        let mut shown = self.listed();
        shown["updatedAt"] = json!(self.updated_at);
        shown
    }

    /// As making it is answered.
    pub(super) fn created(&self) -> Value {
        let mut shown = self.updated();
        shown["createdAt"] = json!(self.sent_at);
        shown
    }
}

/// The server's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock of a server that tests reach over the network"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::clamped(chrono::Utc::now().timestamp_millis())
}
