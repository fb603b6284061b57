//! The OpenAPI document: served to anyone, complete, and valid in itself.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::Server;

#[tokio::test]
async fn the_document_needs_no_token_and_names_both_roots() {
    let server = Server::start().await;
    let document = server.ask("GET", "/api/openapi.json", None, None).await;
    assert_eq!(
        (document.status.as_u16(), &document.headers["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    for path in paths.keys().filter(|path| path.starts_with("/api/message")) {
        assert!(paths.contains_key(path.strip_prefix("/api").unwrap()), "{path} stands under one root");
    }
    let events = &document["x-socket-events"];
    for (direction, name) in [("fromServer", "newMessage"), ("fromClient", "join")] {
        let mut told = events[direction].as_array().unwrap().iter();
        assert!(told.any(|event| event["name"] == name), "{name} is missing");
    }
    server.stop().await;
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_operation_has_an_id() {
    let server = Server::start().await;
    let document = server.ask("GET", "/api/openapi.json", None, None).await.json();
    assert!(
        !document.to_string().contains("crate::"),
        "a link of the code's documentation leads nowhere here"
    );
    let mut references = Vec::new();
    gather(&document, &mut references);
    for reference in references {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{method} {path}: {id} is there twice");
            assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{method} {path}");
        }
    }
    server.stop().await;
}

fn gather<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| gather(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, references)),
        _ => {}
    }
}
