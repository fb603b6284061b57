//! How far the feed was followed, as a row.

use rusqlite::{Connection, params};

use crate::machine::tables::Feed;

/// How far the feed was followed.
pub(crate) fn feed(connection: &Connection) -> rusqlite::Result<Feed> {
    connection.prepare_cached("SELECT cursor, name, generation, history, history_began FROM feed")?.query_row(
        [],
        |row| {
            Ok(Feed {
                cursor: row.get(0)?,
                name: row.get(1)?,
                generation: row.get(2)?,
                history: row.get(3)?,
                history_began: row.get(4)?,
            })
        },
    )
}

/// Stores how far the feed was followed.
pub(super) fn set_feed(connection: &Connection, feed: &Feed) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE feed SET cursor = ?1, name = ?2, generation = ?3, history = ?4, history_began = ?5",
        )?
        .execute(params![feed.cursor, feed.name, feed.generation, feed.history, feed.history_began])?;
    Ok(())
}
