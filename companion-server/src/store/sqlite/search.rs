//! Compiles a search filter to SQL (C9). Every value is a parameter; nothing that a client wrote becomes SQL text.

use protocol::{
    UserId,
    filter::{Comparison, Condition},
};
use rusqlite::{Connection, ToSql, types::Value};

use super::rows;
use crate::{model::Message, store::StoreError};

/// The user's newest messages that fulfil the condition, newest first.
pub(super) fn search(
    db: &Connection,
    user: UserId,
    condition: &Condition,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let mut parameters = vec![Value::Blob(user.0.to_bytes().to_vec()), Value::Integer(limit.into())];
    let condition = compile(condition, &mut parameters);
    let half = |side: &str| {
        format!(
            "SELECT {} FROM messages INDEXED BY messages_by_{side}
             WHERE deleted_at = 0 AND {side} = ?1 AND {condition}",
            rows::MESSAGE
        )
    };
    let (sent, received) = (half("sender"), half("receiver"));
    let mut select =
        db.prepare(&format!("{sent} UNION ALL {received} ORDER BY sent_at DESC, id DESC LIMIT ?2"))?;
    let values: Vec<&dyn ToSql> = parameters.iter().map(|value| value as &dyn ToSql).collect();
    let messages = select.query_map(&values[..], |row| rows::message(row, 0))?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// An SQL expression in parentheses; its values are appended to `parameters`.
fn compile(condition: &Condition, parameters: &mut Vec<Value>) -> String {
    match condition {
        Condition::All(all) => join(all, " AND ", "TRUE", parameters),
        Condition::Any(any) => join(any, " OR ", "FALSE", parameters),
        Condition::Id(comparison) => {
            compare("id", comparison, parameters, |id| Value::Blob(id.0.to_bytes().to_vec()))
        }
        Condition::SentAt(comparison) => {
            compare("sent_at", comparison, parameters, |time| Value::Integer(time.millis()))
        }
        Condition::Sender(users) => one_of("sender", users, parameters, user),
        Condition::Receiver(users) => one_of("receiver", users, parameters, user),
        Condition::IsRead(states) => {
            one_of(READ, states, parameters, |state| Value::Integer((*state).into()))
        }
        Condition::Content(parts) => {
            let any: Vec<String> = parts
                .iter()
                .map(|part| {
                    let part = bind(Value::Text(part.to_lowercase()), parameters);
                    format!("roost_contains(content, {part})")
                })
                .collect();
            format!("({})", any.join(" OR "))
        }
    }
}

/// Whether a message was read, as far as the user (`?1`) is told; see `Message::is_read_to`.
const READ: &str = "(is_read AND NOT (read_hidden AND sender = ?1))";

fn join(conditions: &[Condition], with: &str, none: &str, parameters: &mut Vec<Value>) -> String {
    if conditions.is_empty() {
        return none.to_owned();
    }
    let each: Vec<String> = conditions.iter().map(|condition| compile(condition, parameters)).collect();
    format!("({})", each.join(with))
}

fn compare<T>(
    column: &str,
    comparison: &Comparison<T>,
    parameters: &mut Vec<Value>,
    value: impl Fn(&T) -> Value,
) -> String {
    let (operator, bound) = match comparison {
        Comparison::In(values) => return one_of(column, values, parameters, value),
        Comparison::Gt(bound) => (">", bound),
        Comparison::Gte(bound) => (">=", bound),
        Comparison::Lt(bound) => ("<", bound),
        Comparison::Lte(bound) => ("<=", bound),
    };
    format!("({column} {operator} {})", bind(value(bound), parameters))
}

fn one_of<T>(column: &str, values: &[T], parameters: &mut Vec<Value>, value: impl Fn(&T) -> Value) -> String {
    let each: Vec<String> = values.iter().map(|one| bind(value(one), parameters)).collect();
    format!("({column} IN ({}))", each.join(", "))
}

fn user(id: &UserId) -> Value {
    Value::Blob(id.0.to_bytes().to_vec())
}

fn bind(value: Value, parameters: &mut Vec<Value>) -> String {
    parameters.push(value);
    format!("?{}", parameters.len())
}
