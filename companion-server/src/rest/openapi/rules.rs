//! What holds of every route alike, so that no handler repeats it.

use protocol::limits;
use serde_json::{Map, Value, json};

/// The methods that routes have.
const METHODS: [&str; 4] = ["get", "post", "patch", "delete"];

/// Completes every operation of the document.
pub(super) fn apply(document: &mut Value) {
    let everywhere = document["security"].take();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for item in paths.values_mut() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                complete(operation, &everywhere);
            }
        }
    }
    document["security"] = everywhere;
}

fn complete(operation: &mut Map<String, Value>, everywhere: &Value) {
    let security = operation.entry("security").or_insert_with(|| everywhere.clone());
    let needs_token = security.as_array().is_some_and(|ways| ways.iter().all(|way| *way != json!({})));
    let has_body = operation.contains_key("requestBody");
    let has_parameters = operation.contains_key("parameters");
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        // What is optional may be absent; there is no null in a path, a query or a header.
        if let Some(Value::Array(kinds)) = parameter.pointer("/schema/type") {
            let kind = kinds.iter().find(|kind| *kind != "null").cloned();
            parameter["schema"]["type"] = kind.unwrap_or_default();
        }
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    let mut common = |status: &str, description: String| {
        responses.entry(status).or_insert_with(|| json!({"description": description}));
    };
    if needs_token {
        common("401", "Authentication required, Invalid token, or Token expired".to_owned());
    }
    if has_body || has_parameters {
        common("400", "Something is missing or malformed; the text names it".to_owned());
    }
    if has_body {
        common("408", "The body took too long to arrive".to_owned());
        common("413", format!("The body is larger than {} bytes", limits::BODY_BYTES));
        common("415", "The body's Content-Type is not application/json".to_owned());
    }
    common("403", "The page that asks is of an origin that the server does not allow".to_owned());
    common("429", "Too many requests".to_owned());
    common("500", "Internal server error; the cause is in the server's log alone".to_owned());
    common("503", "The server is busy, or has no space left".to_owned());
    for (status, response) in responses {
        if status.starts_with(['4', '5']) {
            response["content"] =
                json!({"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}});
        }
        if matches!(status.as_str(), "429" | "503") {
            response["headers"] = json!({"Retry-After": {
                "description": "How many seconds to wait",
                "schema": {"type": "integer", "minimum": 1}
            }});
        }
    }
}
