//! A message of the documented model.

use protocol::{MessageId, Timestamp, UserId, limits};
use serde_json::Value;

use super::{extended, id, made};
use crate::store::ImportedMessage;

/// Reads a message. Where it has no `sentAt`, it was sent when it was made.
pub(super) fn read(document: &Value, now: Timestamp) -> Result<ImportedMessage, &'static str> {
    let id = MessageId(id(document, now)?);
    let person = |field: &str| document.get(field).and_then(extended::id).map(UserId);
    let sender = person("sender").ok_or("its sender is not an id of 24 hex digits")?;
    let receiver = person("receiver").ok_or("its receiver is not an id of 24 hex digits")?;
    if sender == receiver {
        return Err("its sender is its receiver");
    }
    let content = document.get("content").and_then(Value::as_str).unwrap_or_default();
    if content.trim().is_empty() {
        return Err("it has no content");
    }
    if content.chars().count() > limits::CONTENT_CHARS {
        return Err("its content is longer than 10,000 characters");
    }
    let sent_at = time(document, &["sentAt", "createdAt"])?.unwrap_or_else(|| made(id.0));
    if sent_at.millis() < 0 {
        return Err("it was sent before 1970");
    }
    if sent_at > now {
        return Err("it was sent in the future");
    }
    let updated_at = time(document, &["updatedAt"])?.unwrap_or(sent_at).clamp(sent_at, now);
    let is_read = match document.get("isRead") {
        None | Some(Value::Null) => false,
        Some(value) => extended::flag(value).ok_or("its isRead is not true or false")?,
    };
    Ok(ImportedMessage { id, sender, receiver, content: content.to_owned(), is_read, sent_at, updated_at })
}

/// The first of the fields that is there.
fn time(document: &Value, fields: &[&str]) -> Result<Option<Timestamp>, &'static str> {
    let value = fields.iter().filter_map(|field| document.get(*field)).find(|value| !value.is_null());
    value.map(|value| extended::time(value).ok_or("one of its times is not a time")).transpose()
}
