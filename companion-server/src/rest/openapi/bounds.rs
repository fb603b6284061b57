//! What a derive cannot say of the fields of requests: the bounds of [`protocol::limits`], the characters that
//! [`crate::model::form`] takes, and which fields need one another.

use protocol::limits;
use serde_json::{Map, Value, json};

/// White space and the characters that people cannot see, as in a class of a regular expression.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
const HIDDEN: &str = r"\u0000-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff";

/// Completes the schemas of request bodies.
pub(super) fn apply(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas") else { return };
    for (schema, field, bounds) in fields() {
        if let Some(properties) = schemas.pointer_mut(&format!("/{schema}/properties/{field}")) {
            extend(properties, bounds);
        }
    }
    for (schema, rules) in wholes() {
        extend(&mut schemas[schema], rules);
    }
}

/// The bounds of single fields.
fn fields() -> Vec<(&'static str, &'static str, Value)> {
    let visible = format!("[^{SPACE}]");
    let content = json!({"minLength": 1, "maxLength": limits::CONTENT_CHARS, "pattern": visible});
    let user_name = json!({
        "pattern": format!("^[{SPACE}]*[^@{SPACE}{HIDDEN}]{{1,{}}}[{SPACE}]*$", limits::USER_NAME_CHARS),
    });
    let email = json!({
        "minLength": 3, "maxLength": limits::EMAIL_BYTES,
        "pattern": format!("^[{SPACE}]*[^@{SPACE}{HIDDEN}]+@[^@{SPACE}{HIDDEN}]+[{SPACE}]*$"),
    });
    let first_name = json!({
        "minLength": 1, "maxLength": limits::NAME_CHARS,
        "pattern": format!("^[^{HIDDEN}]*[^{SPACE}{HIDDEN}][^{HIDDEN}]*$"),
    });
    let last_name = json!({"type": ["string", "null"], "maxLength": limits::NAME_CHARS, "pattern": format!("^[^{HIDDEN}]*$")});
    let password = json!({
        "minLength": limits::PASSWORD_MIN_CHARS, "maxLength": limits::PASSWORD_MAX_BYTES, "format": "password",
    });
    let known_password = json!({"minLength": 1, "format": "password"});
    let avatar = json!({
        "maxLength": limits::AVATAR_BYTES,
        "pattern": format!("^[{SPACE}]*([hH][tT][tT][pP][sS]?://[^{SPACE}{HIDDEN}]*[{SPACE}]*)?$"),
    });
    vec![
        ("NewMessage", "content", content.clone()),
        ("MessagePatch", "content", content),
        ("Register", "userName", user_name),
        ("Register", "email", email),
        ("Register", "firstName", first_name.clone()),
        ("Register", "lastName", last_name.clone()),
        ("Register", "password", password.clone()),
        ("Login", "password", known_password.clone()),
        ("Refresh", "refreshToken", json!({"minLength": 1})),
        ("ChangePassword", "currentPassword", known_password),
        ("ChangePassword", "newPassword", password),
        ("UserPatch", "firstName", first_name),
        ("UserPatch", "lastName", last_name),
        ("UserPatch", "avatar", avatar),
        ("UserSearch", "query", json!({"type": ["string", "null"], "maxLength": 2 * limits::NAME_CHARS})),
        ("UserSearch", "limit", json!({"minimum": 1, "maximum": limits::USERS_MAX})),
        ("NewInvite", "expiresInHours", json!({"minimum": 1, "maximum": limits::INVITE_HOURS_MAX})),
        ("NewInvite", "maxUses", json!({"minimum": 1, "maximum": limits::INVITE_USES_MAX})),
        ("NewInvite", "note", json!({"maxLength": limits::NOTE_CHARS, "pattern": format!("^[^{HIDDEN}]*$")})),
        ("CheckInvite", "inviteCode", json!({"minLength": 1})),
        ("Delivered", "messageIds", json!({"maxItems": limits::DELIVERED_IDS})),
    ]
}

/// What concerns several fields at once.
fn wholes() -> [(&'static str, Value); 3] {
    let named = |field: &str| json!({"required": [field], "properties": {field: {"type": "string", "pattern": format!("[^{SPACE}]")}}});
    let given = |field: &str| json!({"required": [field], "properties": {field: {"not": {"type": "null"}}}});
    [
        ("Login", json!({"anyOf": [named("userName"), named("email")]})),
        ("MessagePatch", json!({"anyOf": [given("content"), given("isRead")]})),
        ("UserPatch", json!({"minProperties": 1})),
    ]
}

fn extend(schema: &mut Value, with: Value) {
    if let (Some(schema), Value::Object(with)) = (schema.as_object_mut(), with) {
        schema.extend::<Map<String, Value>>(with);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_has_its_field() {
        let (_, described) = crate::rest::router::routes().split_for_parts();
        let mut document = serde_json::to_value(described).unwrap();
        super::super::events::describe(&mut document);
        for (schema, field, _) in fields() {
            let place = format!("/components/schemas/{schema}/properties/{field}/type");
            assert!(document.pointer(&place).is_some(), "{schema}.{field} is not in the document");
        }
        for (schema, _) in wholes() {
            assert!(document.pointer(&format!("/components/schemas/{schema}")).is_some(), "{schema}");
        }
    }
}
