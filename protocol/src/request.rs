//! What a client sends with a message route, checked in the order that fixes which error it gets (C13).
//!
//! The server reads a body as JSON first and passes it on as a [`Value`], because the contract asks for its own
//! error texts: a number, an object or a search operator in place of an id is a 400 with a sentence, never a
//! failure of deserialisation. Fields that are not the client's to say (`_id`, `sender`, `sentAt`, …) are
//! ignored.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{
    MessageId, UserId, error, limits,
    message::{MessagePatch, NewMessage},
};

/// A request that is answered by 400 with this text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub Cow<'static, str>);

impl From<&'static str> for Invalid {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl NewMessage {
    /// Reads the body of `POST /message`. `None` stands for a request without a body.
    ///
    /// # Errors
    /// In this order: no data, no receiver, a receiver that is no id, no content, content over
    /// [`limits::CONTENT_CHARS`], an `isRead` that is not a boolean, a message to oneself.
    pub fn parse(body: Option<&Value>, caller: UserId) -> Result<Self, Invalid> {
        let fields = object(body).ok_or(error::MESSAGE_DATA_REQUIRED)?;
        let receiver = present(fields, "receiver").ok_or(error::RECEIVER_REQUIRED)?;
        let receiver: UserId = id(receiver).ok_or(error::USER_ID_INVALID)?;
        let content = content(present(fields, "content").ok_or(error::CONTENT_REQUIRED)?)?;
        let is_read = is_read(fields)?;
        if receiver == caller {
            return Err(error::MESSAGE_TO_SELF.into());
        }
        Ok(Self { receiver, content, is_read })
    }
}

impl MessagePatch {
    /// Reads the body of `PATCH /message`. `None` stands for a request without a body.
    ///
    /// # Errors
    /// In this order: no `_id`, an `_id` that is no id, content that is blank or too long, an `isRead` that is
    /// not a boolean, nothing to change.
    pub fn parse(body: Option<&Value>) -> Result<Self, Invalid> {
        let fields = object(body).ok_or(error::MESSAGE_ID_REQUIRED)?;
        let id =
            id(present(fields, "_id").ok_or(error::MESSAGE_ID_REQUIRED)?).ok_or(error::MESSAGE_ID_INVALID)?;
        let content = match fields.get("content") {
            None | Some(Value::Null) => None,
            Some(value) => Some(content(value)?),
        };
        let is_read = is_read(fields)?;
        if content.is_none() && is_read.is_none() {
            return Err(error::MESSAGE_DATA_REQUIRED.into());
        }
        Ok(Self { id, content, is_read })
    }
}

/// Reads a message's id from a path.
///
/// # Errors
/// Where it is not 24 hex digits.
pub fn message_id(text: &str) -> Result<MessageId, Invalid> {
    text.parse().map_err(|_| error::MESSAGE_ID_INVALID.into())
}

/// Reads a user's id from a path.
///
/// # Errors
/// Where it is not 24 hex digits.
pub fn user_id(text: &str) -> Result<UserId, Invalid> {
    text.parse().map_err(|_| error::USER_ID_INVALID.into())
}

/// The fields of a body that is an object and not empty.
fn object(body: Option<&Value>) -> Option<&Map<String, Value>> {
    body.and_then(Value::as_object).filter(|fields| !fields.is_empty())
}

/// A field that is there, not null and not the empty string.
fn present<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
}

fn id<T: std::str::FromStr>(value: &Value) -> Option<T> {
    value.as_str()?.parse().ok()
}

fn content(value: &Value) -> Result<String, Invalid> {
    let text = value.as_str().ok_or("Content must be a string")?;
    if text.trim().is_empty() {
        return Err(error::CONTENT_REQUIRED.into());
    }
    if text.chars().nth(limits::CONTENT_CHARS).is_some() {
        let most = limits::CONTENT_CHARS;
        return Err(Invalid(format!("Content is too long: at most {most} characters").into()));
    }
    Ok(text.to_owned())
}

fn is_read(fields: &Map<String, Value>) -> Result<Option<bool>, Invalid> {
    match fields.get("isRead") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(_) => Err("isRead must be true or false".into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ME: &str = "507f1f77bcf86cd799439011";
    const OTHER: &str = "507f1f77bcf86cd799439012";

    fn post(body: &Value) -> Result<NewMessage, String> {
        NewMessage::parse(Some(body), ME.parse().unwrap()).map_err(|invalid| invalid.to_string())
    }

    fn patch(body: &Value) -> Result<MessagePatch, String> {
        MessagePatch::parse(Some(body)).map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn a_new_message_needs_data_then_a_receiver_then_content() {
        assert_eq!(
            NewMessage::parse(None, ME.parse().unwrap()).unwrap_err().to_string(),
            "Message data are required"
        );
        for (body, text) in [
            (json!({}), "Message data are required"),
            (json!([]), "Message data are required"),
            (json!("hello"), "Message data are required"),
            (json!({"content": "hi"}), "Receiver is required"),
            (json!({"receiver": "", "content": ""}), "Receiver is required"),
            (json!({"receiver": null}), "Receiver is required"),
            (json!({"receiver": {"$ne": null}}), "User ID is invalid"),
            (json!({"receiver": 7, "content": "hi"}), "User ID is invalid"),
            (json!({"receiver": "user-456", "content": "hi"}), "User ID is invalid"),
            (json!({"receiver": OTHER}), "Content is required"),
            (json!({"receiver": OTHER, "content": " \n\t\u{a0}"}), "Content is required"),
            (json!({"receiver": OTHER, "content": ["hi"]}), "Content must be a string"),
            (
                json!({"receiver": OTHER, "content": "é".repeat(10_001)}),
                "Content is too long: at most 10000 characters",
            ),
            (json!({"receiver": OTHER, "content": "hi", "isRead": "no"}), "isRead must be true or false"),
            (json!({"receiver": ME, "content": "hi"}), "Cannot send message to yourself"),
        ] {
            assert_eq!(post(&body), Err(text.to_owned()), "{body}");
        }
    }

    #[test]
    fn content_is_kept_verbatim_up_to_its_bound() {
        for content in [" <b>hi</b>\r\n".to_owned(), "é".repeat(10_000)] {
            let message =
                post(&json!({"receiver": OTHER, "content": content, "sentAt": 1, "sender": 2})).unwrap();
            assert_eq!(message.content, content);
        }
    }

    #[test]
    fn a_patch_needs_an_id_then_something_to_change() {
        assert_eq!(MessagePatch::parse(None).unwrap_err().to_string(), "Message ID is required");
        for (body, text) in [
            (json!({}), "Message ID is required"),
            (json!({"content": "hi"}), "Message ID is required"),
            (json!({"_id": {"$gt": ""}}), "Message ID is invalid"),
            (json!({"_id": OTHER}), "Message data are required"),
            (json!({"_id": OTHER, "content": null}), "Message data are required"),
            (json!({"_id": OTHER, "content": "  "}), "Content is required"),
            (json!({"_id": OTHER, "isRead": 1}), "isRead must be true or false"),
        ] {
            assert_eq!(patch(&body), Err(text.to_owned()), "{body}");
        }
        let read = patch(&json!({"_id": OTHER, "isRead": true})).unwrap();
        assert_eq!((read.content, read.is_read), (None, Some(true)));
    }
}
