//! Every JSON example of the document, and one of each extension, parses and prints again unchanged.
//!
//! `document/` holds the document's examples word for word; nothing in it is ours to change. `extensions/` freezes
//! what our own extensions look like on the wire: a change there breaks clients that are already out.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't read its fixture has failed")]

use std::{collections::BTreeSet, fs, path::Path};

use protocol::{
    ErrorBody, Message,
    auth::{
        Answer, ChangePassword, Login, Profile, Refresh, Register, Session, TokenPayload, UserPatch,
        UserSearch,
    },
    event::{ClientEvent, Presence, ServerEvent, SetTyping},
    filter::Filter,
    message::{DELETED, MessagePatch, NewMessage},
    sync::{Capabilities, ConversationRead, ReadConversation, SyncPage},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn fixture(folder_name: &str, name: &str) -> Value {
    let path = folder(folder_name).join(name).with_extension("json");
    serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap()
}

/// Parses a fixture as `T` and prints it again.
fn again<T: Serialize + DeserializeOwned>(example: &Value) -> Value {
    serde_json::to_value(serde_json::from_value::<T>(example.clone()).unwrap()).unwrap()
}

/// The same for an event, whose type hangs on its name and, for some, on its direction.
fn event_again(name: &str, example: &Value) -> Value {
    let server = ServerEvent::parse(name, example.clone()).ok().flatten();
    let client = ClientEvent::parse(name, example.clone()).ok().flatten();
    let server = server.map(|event| event.payload().unwrap());
    let client = client.map(|event| event.payload().unwrap());
    server.or(client).unwrap_or_else(|| panic!("{name} is an event of neither direction"))
}

fn print_again(name: &str, example: &Value) -> Value {
    if let Some(event) = name.strip_prefix("event-") {
        return event_again(event, example);
    }
    match name {
        "create-request" => again::<NewMessage>(example),
        "update-request" => again::<MessagePatch>(example),
        "create-response" | "get-response" | "update-response" | "mark-read-response" | "search-response" => {
            again::<Message>(example)
        }
        "list-response" => again::<Vec<Message>>(example),
        "delete-response" => Value::from(DELETED),
        "error" => again::<ErrorBody>(example),
        "search-request" => {
            assert!(!Filter::parse(Some(example)).unwrap().many);
            example.clone()
        }
        "capabilities" => again::<Capabilities>(example),
        "sync-page" | "sync-snapshot" => again::<SyncPage>(example),
        "read-conversation-request" => again::<ReadConversation>(example),
        "read-conversation-response" => again::<ConversationRead>(example),
        "register-request" => again::<Register>(example),
        "login-request" | "login-by-email-request" => again::<Login>(example),
        "session-response" => again::<Answer<Session>>(example),
        "profile-response" => again::<Answer<Profile>>(example),
        "refresh-request" => again::<Refresh>(example),
        "change-password-request" => again::<ChangePassword>(example),
        "token-payload" => again::<TokenPayload>(example),
        "user-search-request" => again::<UserSearch>(example),
        "set-typing" => again::<SetTyping>(example),
        "presence-response" => again::<Vec<Presence>>(example),
        "user-patch-request" => again::<UserPatch>(example),
        _ => panic!("{name}.json has no type"),
    }
}

fn names(folder_name: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(folder_name)).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn all_print_again(folder_name: &str) {
    for name in names(folder_name) {
        let example = fixture(folder_name, &name);
        assert_eq!(print_again(&name, &example), example, "{folder_name}/{name}.json");
    }
}

#[test]
fn every_example_of_the_document_prints_again() {
    assert_eq!(names("document").len(), 18);
    all_print_again("document");
}

#[test]
fn every_extension_prints_again() {
    all_print_again("extensions");
}

#[test]
fn every_event_has_an_example() {
    let examples = &names("document") | &names("extensions");
    for name in ServerEvent::NAMES.iter().chain(ClientEvent::NAMES) {
        assert!(examples.contains(&format!("event-{name}")), "{name} has no example");
    }
}

#[test]
fn requests_of_the_document_are_valid_as_the_server_reads_them() {
    let ana = "507f1f77bcf86cd799439011".parse().unwrap();
    NewMessage::parse(Some(&fixture("document", "create-request")), ana).unwrap();
    MessagePatch::parse(Some(&fixture("document", "update-request"))).unwrap();
}

#[test]
fn an_unknown_event_is_passed_over_and_a_broken_one_is_an_error() {
    assert_eq!(ServerEvent::parse("confetti", Value::Null).unwrap(), None);
    assert!(ServerEvent::parse("newMessage", Value::Null).is_err());
}

#[test]
fn unknown_fields_are_ignored_and_unknown_roles_refused() {
    let mut message = fixture("document", "get-response");
    message["mood"] = Value::from("fine");
    assert!(serde_json::from_value::<Message>(message.clone()).is_ok());
    message["sender"]["role"] = Value::from("emperor");
    assert!(serde_json::from_value::<Message>(message).is_err());
}
