//! Searches (C9): a filter becomes SQL. Every value is a parameter; nothing that a client wrote becomes SQL text.
//!
//! Whoever searches has few messages or many, and what they search for is rare or common, with them or with others. A
//! search looks at the searcher's newest messages first ([`LOOK`]), which answers most searches. Where that does not
//! fill the answer, it looks at those messages that the index names ([`texts`]), or at the rest of the searcher's own,
//! whichever are fewer. So nobody's search is slow because of other people's messages, and a rare word is found at
//! once in a long history. Either way each message is checked against the whole filter.

use protocol::{
    UserId,
    filter::{Comparison, Condition},
};
use rusqlite::{Connection, ToSql, types::Value};

use super::{rows, texts};
use crate::{
    model::{Message, text},
    store::StoreError,
};

/// How many of the searcher's newest messages are looked at before anything else, and how many more for each message
/// that the answer may hold.
const LOOK: u32 = 2_000;
const LOOK_FOR_EACH: u32 = 10;

/// The most messages that the index may name; where there are more, the searcher's own are looked at.
const NAMED: u32 = 200_000;

/// The user's newest messages that fulfil the condition, newest first.
pub(super) fn search(
    db: &Connection,
    user: UserId,
    condition: &Condition,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    search_from(db, user, condition, limit, LOOK + LOOK_FOR_EACH * limit)
}

/// The same, with a look at so many of the newest messages before the index is asked.
fn search_from(
    db: &Connection,
    user: UserId,
    condition: &Condition,
    limit: u32,
    look: u32,
) -> Result<Vec<Message>, StoreError> {
    let query = Query { db, user, condition, limit };
    let mut parameters = query.parameters();
    let plausible = compile(condition, Content::Any, &mut parameters);
    let fits = compile(condition, Content::Checked, &mut parameters);
    let own = newest_first(&format!("{}, {fits}", rows::MESSAGE), &plausible);
    let mut own = db.prepare(&own)?;
    let mut own = own.query(&values(&parameters)[..])?;

    let named = named_by(condition);
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut found, mut looked) = (Vec::new(), 0);
    while found.len() < wanted
        && let Some(row) = own.next()?
    {
        if looked == look
            && let Some(named) = &named
            && query.is_shorter_with(named)?
        {
            return query.among(named);
        }
        looked += 1;
        if row.get(rows::MESSAGE_WIDTH)? {
            found.push(rows::message(row, 0)?);
        }
    }
    Ok(found)
}

struct Query<'a> {
    db: &'a Connection,
    user: UserId,
    condition: &'a Condition,
    limit: u32,
}

impl Query<'_> {
    /// The user is `?1` in every query.
    fn parameters(&self) -> Vec<Value> {
        vec![user(&self.user)]
    }

    /// Whether the index names fewer messages than the user has.
    fn is_shorter_with(&self, named: &str) -> Result<bool, StoreError> {
        let count = texts::count(self.db, named, NAMED)?;
        if count == NAMED {
            return Ok(false);
        }
        let mut parameters = self.parameters();
        let plausible = compile(self.condition, Content::Any, &mut parameters);
        let enough = bind(Value::Integer(i64::from(count) + 1), &mut parameters);
        let own = newest_first("sent_at, id", &plausible);
        let mut select = self.db.prepare(&format!("SELECT count(*) FROM ({own} LIMIT {enough})"))?;
        let own: u32 = select.query_row(&values(&parameters)[..], |row| row.get(0))?;
        Ok(count < own)
    }

    /// What fulfils the condition among the messages that the index names and those that it does not hold yet.
    fn among(&self, named: &str) -> Result<Vec<Message>, StoreError> {
        let mut parameters = self.parameters();
        let named = bind(Value::Text(named.to_owned()), &mut parameters);
        let limit = bind(Value::Integer(self.limit.into()), &mut parameters);
        let fits = compile(self.condition, Content::Checked, &mut parameters);
        let mut select = self.db.prepare(&format!(
            "WITH named (n) AS ({})
             SELECT {} FROM named CROSS JOIN messages USING (n)
             WHERE deleted_at = 0 AND ?1 IN (sender, receiver) AND {fits}
             ORDER BY sent_at DESC, id DESC LIMIT {limit}",
            texts::named(&named),
            rows::MESSAGE
        ))?;
        let messages = select.query_map(&values(&parameters)[..], |row| rows::message(row, 0))?;
        Ok(messages.collect::<rusqlite::Result<_>>()?)
    }
}

/// The messages of `?1`, newest first. SQLite follows two indexes and merges them as it is asked for rows.
fn newest_first(columns: &str, condition: &str) -> String {
    let half = |side: &str| {
        format!(
            "SELECT {columns} FROM messages INDEXED BY messages_by_{side}
             WHERE deleted_at = 0 AND {side} = ?1 AND {condition}"
        )
    };
    format!("{} UNION ALL {} ORDER BY sent_at DESC, id DESC", half("sender"), half("receiver"))
}

/// What the index is asked for, so that it names every message that can fulfil the condition; `None` where it can't
/// tell, because some text is too short for it or any text would do.
fn named_by(condition: &Condition) -> Option<String> {
    match condition {
        Condition::Content(parts) => {
            let each = parts.iter().map(|part| texts::having(&text::fold(part)));
            Some(texts::any(&each.collect::<Option<Vec<_>>>()?))
        }
        Condition::All(all) => {
            let known: Vec<String> = all.iter().filter_map(named_by).collect();
            (!known.is_empty()).then(|| texts::all(&known))
        }
        Condition::Any(any) => Some(texts::any(&any.iter().map(named_by).collect::<Option<Vec<_>>>()?)),
        _ => None,
    }
}

fn values(parameters: &[Value]) -> Vec<&dyn ToSql> {
    parameters.iter().map(|value| value as &dyn ToSql).collect()
}

/// Whether conditions on the content are checked, or taken for fulfilled: no condition of the language is negative,
/// so whatever fulfils the filter fulfils it then too.
#[derive(Clone, Copy)]
enum Content {
    Checked,
    Any,
}

/// An SQL expression in parentheses; its values are appended to `parameters`.
fn compile(condition: &Condition, content: Content, parameters: &mut Vec<Value>) -> String {
    match condition {
        Condition::All(all) => join(all, content, " AND ", "TRUE", parameters),
        Condition::Any(any) => join(any, content, " OR ", "FALSE", parameters),
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
        Condition::Content(_) if matches!(content, Content::Any) => "TRUE".to_owned(),
        Condition::Content(parts) => {
            let any: Vec<String> = parts
                .iter()
                .map(|part| {
                    let part = bind(Value::Text(text::fold(part)), parameters);
                    format!("roost_contains(content, {part})")
                })
                .collect();
            format!("({})", any.join(" OR "))
        }
    }
}

/// Whether a message was read, as far as the user (`?1`) is told; see `Message::is_read_to`.
const READ: &str = "(is_read AND NOT (read_hidden AND sender = ?1))";

fn join(
    conditions: &[Condition],
    content: Content,
    with: &str,
    none: &str,
    parameters: &mut Vec<Value>,
) -> String {
    if conditions.is_empty() {
        return none.to_owned();
    }
    let each: Vec<String> =
        conditions.iter().map(|condition| compile(condition, content, parameters)).collect();
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

#[cfg(test)]
mod tests;
