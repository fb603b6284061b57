//! Who is known on this device.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::{Person, UserId};

/// Someone of whom nothing but the id is known.
pub(crate) fn nameless(id: UserId) -> Person {
    Person { id, first_name: String::new(), last_name: String::new(), role: None, avatar: None }
}

/// A person from five columns that begin at `at`: id, first name, last name, role, avatar. What is not known is
/// NULL and comes out empty.
pub(super) fn from_row(row: &Row<'_>, at: usize) -> rusqlite::Result<Person> {
    let role: Option<String> = row.get(at + 3)?;
    Ok(Person {
        id: UserId(row.get(at)?),
        first_name: row.get::<_, Option<String>>(at + 1)?.unwrap_or_default(),
        last_name: row.get::<_, Option<String>>(at + 2)?.unwrap_or_default(),
        role: role.and_then(|role| role.parse().ok()),
        avatar: row.get(at + 4)?,
    })
}

/// Stores what is known of a person. Says whether that is news.
pub(crate) fn put(connection: &Connection, person: &Person) -> rusqlite::Result<bool> {
    if self::person(connection, &person.id)?.as_ref() == Some(person) {
        return Ok(false);
    }
    connection.execute(
        "INSERT OR REPLACE INTO person (id, first_name, last_name, role, avatar) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            person.id.as_str(),
            person.first_name,
            person.last_name,
            person.role.map(protocol::Role::as_str),
            person.avatar
        ],
    )?;
    Ok(true)
}

/// What is known of this person.
pub(crate) fn person(connection: &Connection, id: &UserId) -> rusqlite::Result<Option<Person>> {
    connection
        .prepare_cached("SELECT id, first_name, last_name, role, avatar FROM person WHERE id = ?1")?
        .query_row([id.as_str()], |row| from_row(row, 0))
        .optional()
}

/// Up to `limit` people, other than `except`, each word of whose `query` begins or continues a name, by name.
pub(crate) fn search(
    connection: &Connection,
    query: &str,
    except: &UserId,
    limit: u32,
) -> rusqlite::Result<Vec<Person>> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut statement = connection
        .prepare_cached("SELECT id, first_name, last_name, role, avatar FROM person WHERE id <> ?1")?;
    let mut rows = statement.query([except.as_str()])?;
    let mut found = Vec::new();
    // The names are compared here, because SQLite knows upper and lower case of ASCII only.
    while let Some(row) = rows.next()? {
        let person = from_row(row, 0)?;
        let name = format!("{} {}", person.first_name, person.last_name).to_lowercase();
        if words.iter().all(|word| name.contains(word.as_str())) {
            found.push((name, person));
        }
    }
    found.sort_by(|(a, p), (b, q)| a.cmp(b).then_with(|| p.id.cmp(&q.id)));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found.into_iter().map(|(_, person)| person).collect())
}

/// Up to `limit` people with whom there is a conversation and of whom nothing is known.
pub(crate) fn unknown(connection: &Connection, limit: u32) -> rusqlite::Result<Vec<UserId>> {
    connection
        .prepare_cached(
            "SELECT peer FROM conversation WHERE NOT EXISTS (SELECT 1 FROM person WHERE id = peer)
             ORDER BY peer LIMIT ?1",
        )?
        .query_map([limit], |row| row.get(0).map(UserId))?
        .collect()
}
