//! Holds every answer that the tests get to the OpenAPI document: route, method, status, headers, media type and
//! body. So the document is true of whatever the tests see.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use protocol::paths;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::Answer;

/// The document of the server under test.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(companion_server::rest::document);

/// The schemas that were compiled already, by their text.
static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Checks an answer. Sockets, preflight requests and pages for people have no place in the document. The document has
/// a 500 on every route; whatever a client does, one is a fault of the server.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let told = format!("{method} {path} answered {}: {}", answer.status, answer.text);
    assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "the server failed. {told}");
    if *method == Method::OPTIONS || path.starts_with("/socket.io") {
        return;
    }
    assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{told}");
    assert!(
        answer.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"),
        "{told}"
    );
    if path.starts_with(paths::JOIN) || path.starts_with(paths::DOCS) {
        return;
    }
    let Some((template, item)) = route(path) else {
        assert!(
            matches!(answer.status.as_u16(), 403 | 404 | 429),
            "this route is not in the document. {told}"
        );
        return;
    };
    let asked = if *method == Method::HEAD { "get".to_owned() } else { method.as_str().to_ascii_lowercase() };
    let Some(operation) = item.get(&asked) else {
        assert!(
            matches!(answer.status.as_u16(), 405 | 429),
            "the document has no {method} {template}. {told}"
        );
        return;
    };
    let response = &operation["responses"][answer.status.as_str()];
    assert!(response.is_object(), "this status is not in the document. {told}");
    for header in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
        assert!(header == "Link" || answer.headers.contains_key(header), "{header} is missing. {told}");
    }
    if *method != Method::HEAD {
        check_body(response, answer, &told);
    }
}

/// The template of the document that a path belongs to, one without parameters before one with.
pub(crate) fn route(path: &str) -> Option<(&'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let mut parts = (template.split('/'), path.split('/'));
        parts.0.clone().count() == parts.1.clone().count()
            && parts
                .0
                .by_ref()
                .zip(parts.1.by_ref())
                .all(|(wanted, given)| wanted == given || (wanted.starts_with('{') && !given.is_empty()))
    };
    let fitting = paths.iter().filter(|(template, _)| fits(template));
    fitting
        .min_by_key(|(template, _)| template.matches('{').count())
        .map(|(template, item)| (&**template, item))
}

#[track_caller]
fn check_body(response: &Value, answer: &Answer, told: &str) {
    let Some(content) = response["content"].as_object() else {
        assert_eq!(answer.text, "", "the document has no body here. {told}");
        return;
    };
    let media = answer.headers["content-type"].to_str().unwrap();
    let schema = content.get(media).unwrap_or_else(|| panic!("the document has no {media} here. {told}"));
    if !media.starts_with("application/json") {
        return;
    }
    let body: Value = serde_json::from_str(&answer.text).unwrap();
    if let Err(error) = compiled(&schema["schema"]).validate(&body) {
        panic!("the body is not as the document says, at {}: {error}. {told}", error.instance_path());
    }
}

/// A schema of the document, with what it refers to.
pub(crate) fn compiled(schema: &Value) -> Arc<Validator> {
    let mut compiled = COMPILED.lock().unwrap();
    let validator = compiled.entry(schema.to_string()).or_insert_with(|| {
        let whole = json!({"allOf": [schema], "components": DOCUMENT["components"]});
        Arc::new(jsonschema::options().should_validate_formats(true).build(&whole).unwrap())
    });
    Arc::clone(validator)
}

#[test]
#[should_panic = "the server failed"]
fn no_test_passes_where_the_server_fails() {
    let body = json!({"error": "Internal server error", "statusCode": 500});
    let answer = Answer {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        headers: reqwest::header::HeaderMap::default(),
        text: body.to_string(),
    };
    check(&Method::GET, paths::SYNC, &answer);
}
