//! The OpenAPI document: served to anyone, complete, and valid in itself.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{contract, harness::Server};

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

#[tokio::test]
async fn the_page_shows_every_operation_and_loads_nothing_from_elsewhere() {
    let server = Server::start().await;
    let page = server.ask("GET", "/api/docs", None, None).await;
    assert_eq!(
        (page.status.as_u16(), page.headers["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    for item in contract::DOCUMENT["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap().trim_end_matches("AtRoot");
            assert!(page.text.contains(&format!("<h3 id=\"{id}\">")), "{id} is not on the page");
        }
    }
    for element in ["<script", "<iframe", "http://", "https://", " style=", " on"] {
        let found =
            page.text.split('<').any(|tag| format!("<{}", tag.split('>').next().unwrap()).contains(element));
        assert!(!found, "the page has {element}");
    }
    // Every link within the page leads somewhere.
    for target in page.text.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(page.text.contains(&format!("id=\"{target}\"")), "#{target} leads nowhere");
    }
    let style = server.ask("GET", "/api/docs/style.css", None, None).await;
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
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
