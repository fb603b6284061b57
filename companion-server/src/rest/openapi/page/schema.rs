//! Schemas in words, with links to the types that they name.

use serde_json::Value;

use super::{list, object, text, text::escape};

/// A field of a type.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'a Value,
    pub(super) description: &'a str,
    pub(super) required: bool,
}

/// What a schema asks for, such as “list of `Message`”.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = text(&schema["$ref"]).strip_prefix("#/components/schemas/") {
        return format!("<a href=\"#type-{0}\">{0}</a>", escape(name));
    }
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().map(|value| format!("<code>{}</code>", escape(text(value))));
        return values.collect::<Vec<_>>().join(", ");
    }
    for (key, between) in [("oneOf", " or "), ("allOf", " with ")] {
        let parts: Vec<String> =
            list(&schema[key]).iter().map(kind).filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            return parts.join(between);
        }
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect(),
        Value::String(kind) => vec![kind.as_str()],
        _ => Vec::new(),
    };
    let words = kinds.iter().map(|kind| match *kind {
        "array" => format!("list of {}", self::kind(&schema["items"])),
        "object" if !object(&schema["properties"]).is_empty() => operators(schema),
        kind => kind.to_owned(),
    });
    let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" or ");
    if words.is_empty() { "anything".to_owned() } else { words + &bounds(schema) }
}

/// The fields of a type, with those that it shares with others.
pub(super) fn fields(schema: &Value) -> Vec<Field<'_>> {
    let required = list(&schema["required"]);
    let own = object(&schema["properties"]).iter().map(|(name, schema)| Field {
        name,
        schema,
        description: description(schema),
        required: required.iter().any(|required| required == name),
    });
    let shared = list(&schema["allOf"]).iter().flat_map(fields);
    let mut all: Vec<_> = shared.chain(own).collect();
    // A part that is a type of its own is a row that leads there.
    if !all.is_empty() {
        all.extend(list(&schema["allOf"]).iter().filter(|part| part["$ref"].is_string()).map(|part| Field {
            name: "…",
            schema: part,
            description: "all of its fields",
            required: true,
        }));
    }
    all
}

/// A field's description stands beside the reference to its type, wherever that is.
fn description(schema: &Value) -> &str {
    let inner = list(&schema["oneOf"]).iter().find_map(|part| part["description"].as_str());
    schema["description"].as_str().or(inner).unwrap_or_default()
}

fn operators(schema: &Value) -> String {
    let names = object(&schema["properties"]).keys().map(|name| format!("<code>{}</code>", escape(name)));
    format!("an object of {}", names.collect::<Vec<_>>().join(", "))
}

fn bounds(schema: &Value) -> String {
    let range = |least: &str, most: &str, unit: &str| match (schema[least].as_u64(), schema[most].as_u64()) {
        (Some(least), Some(most)) => format!(", {least} to {most}{unit}"),
        (None, Some(most)) => format!(", at most {most}{unit}"),
        (Some(least), None) if least > 0 => format!(", at least {least}{unit}"),
        _ => String::new(),
    };
    let mut bounds = range("minLength", "maxLength", " characters");
    bounds += &range("minimum", "maximum", "");
    bounds += &range("minItems", "maxItems", " items");
    if let Some(format) = schema["format"].as_str().filter(|format| !format.starts_with("int")) {
        bounds = bounds + " (" + &escape(format) + ")";
    }
    bounds
}
