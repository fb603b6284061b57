//! A person of the documented model.

use protocol::{Role, Timestamp, UserId, limits};
use serde_json::Value;

use super::{Read, extended, id};
use crate::{auth::imported, model::form, store::ImportedPerson};

const NO_PASSWORD: &str =
    "taken without a password, because its password is no bcrypt hash that is accepted here";
const ROLE: &str = "taken as a student, because its role is none of admin, coordinator and student";

/// Reads a person. What the rules here do not allow in a name is left out of it; a missing user name is made from the
/// e-mail address.
pub(super) fn read(document: &Value, now: Timestamp) -> Read<ImportedPerson> {
    let id = UserId(id(document, now)?);
    let text = |field| extended::text(document, field).trim();
    let email = form::email(text("email")).map_err(|_| "its email is not an e-mail address")?;
    let local = email.split('@').next().unwrap_or_default();
    let user_name = [text("userName"), local].into_iter().map(user_name).find(|name| !name.is_empty());
    let user_name = user_name.unwrap_or_else(|| id.to_string());
    let first_name = [text("firstName"), &user_name].into_iter().map(name).find(|name| !name.is_empty());
    let role = text("role").to_lowercase().parse::<Role>();
    let hash = text("password");
    let known = imported::is_accepted(hash);
    let note = match (&role, hash.is_empty() || known) {
        (_, false) => Some(NO_PASSWORD),
        (Err(_), true) => Some(ROLE),
        (Ok(_), true) => None,
    };
    let created_at = document.get("createdAt").and_then(extended::time).unwrap_or_else(|| super::made(id.0));
    let new = ImportedPerson {
        id,
        first_name: first_name.unwrap_or_default(),
        last_name: name(text("lastName")),
        user_name,
        email,
        role: role.unwrap_or(Role::Student),
        avatar: form::avatar(text("avatar")).unwrap_or_default(),
        password_hash: if known { hash.to_owned() } else { String::new() },
        created_at: created_at.min(now),
    };
    Ok((new, note))
}

/// As much of a name as may stand in one.
fn name(text: &str) -> String {
    let allowed = |character: &char| form::last_name(&character.to_string()).is_ok();
    text.chars().filter(allowed).take(limits::NAME_CHARS).collect::<String>().trim().to_owned()
}

/// As much of a user name as may stand in one; room is left for a number behind it.
fn user_name(text: &str) -> String {
    let allowed = |character: &char| form::user_name(&character.to_string()).is_ok();
    text.chars().filter(allowed).take(limits::USER_NAME_CHARS - 4).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hash_is_taken_if_passwords_are_checked_against_it() {
        for (cost, taken) in [("10", true), ("15", true), ("16", false), ("03", false)] {
            let hash = format!("$2b${cost}$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy");
            let document = json!({
                "_id": "507f1f77bcf86cd799439011", "email": "ana@example.org", "role": "student", "password": hash
            });
            let (person, note) = read(&document, Timestamp::clamped(1_759_919_400_000)).unwrap();
            assert_eq!(
                (person.password_hash == hash, note),
                (taken, (!taken).then_some(NO_PASSWORD)),
                "{cost}"
            );
        }
    }
}
