//! What the database takes of the disk, and giving it back.

use rusqlite::Connection;

use crate::domain::Storage;

use super::search;

/// The figures, but for those of files.
pub(super) fn figures(connection: &Connection) -> rusqlite::Result<Storage> {
    connection.query_row(
        "SELECT freelist_count * page_size,
                (SELECT count(*) FROM message), (SELECT count(*) FROM conversation),
                (SELECT count(*) FROM outbox WHERE kind <> 'read'), (SELECT count(*) FROM draft)
         FROM pragma_freelist_count, pragma_page_size",
        [],
        |row| {
            let count = |at| row.get::<_, i64>(at).map(|count| u64::try_from(count).unwrap_or(0));
            Ok(Storage {
                bytes: 0,
                free: count(0)?,
                aside: 0,
                messages: count(1)?,
                conversations: count(2)?,
                waiting: count(3)?,
                drafts: count(4)?,
            })
        },
    )
}

/// Removes every message that the server has and that nothing waiting is about, and lets everything be fetched anew. What
/// waits, what the server lost, drafts, people and what was read up to where stay.
pub(crate) fn clear(connection: &Connection) -> rusqlite::Result<()> {
    // What stays is little, and is put aside and back: taking every other message out of the index by itself would take
    // minutes, in which nothing could be written.
    connection.execute_batch(
        "CREATE TEMP TABLE kept AS SELECT * FROM message
             WHERE lost = 1 OR id IN (SELECT target FROM outbox) OR client_key IN (SELECT target FROM outbox);",
    )?;
    search::clear(connection)?;
    connection.execute_batch(
        "DELETE FROM message;
         INSERT INTO message SELECT * FROM kept;
         DROP TABLE kept;
         UPDATE conversation SET floor_at = NULL, floor_id = NULL, fill_before = NULL, fill_done = 1,
             unread_unfilled = 0;
         UPDATE feed SET cursor = NULL;",
    )?;
    // What is fetched anew gets new numbers, and must not be taken for what a try has made.
    connection.execute("UPDATE outbox SET after = ?1 WHERE state IN ('in_flight', 'unknown')", [i64::MAX])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        apply::Stored,
        domain::Search,
        machine::{
            Tables,
            fixture::{Device, ben, from_ana, from_ben},
        },
    };

    #[test]
    fn clearing_leaves_what_the_server_lost_because_it_is_nowhere_else() {
        let device = Device::new();
        device.snapshot(from_ben(10), 0, "c1");
        device.feed("c1", vec![(from_ben(20), 1)], "c2");
        let kept = device.rows().message(&"m020".into()).unwrap().unwrap();
        device.rows().put_message(&Stored { lost: true, ..kept }).unwrap();
        device.change(|db| clear(db).unwrap());
        assert_eq!(device.contents(), ["text 20"]);
        let search = Search { query: "text".to_owned(), limit: 9, ..Search::default() };
        assert_eq!(search::page(&device.db(), &search).unwrap().hits.len(), 1, "and is found");
        let whole = "INSERT INTO message_text (message_text, rank) VALUES ('integrity-check', 0)";
        device.db().execute(whole, []).unwrap();
    }

    #[test]
    fn clearing_leaves_what_waits_and_what_it_is_about_and_everything_comes_again() {
        let device = Device::new();
        device.snapshot(from_ben(10), 0, "c1");
        let sent = device.send("one");
        device.feed("c1", vec![(from_ana(20, &sent), 1), (from_ben(30), 2)], "c2");
        device.edit(&sent, "two");
        device.send("three");
        let before = figures(&device.db()).unwrap();
        assert_eq!((before.messages, before.conversations, before.waiting), (3, 1, 2));

        device.change(|db| clear(db).unwrap());
        let after = figures(&device.db()).unwrap();
        assert_eq!((after.messages, after.conversations, after.waiting), (1, 1, 2));
        assert_eq!(device.outbox(), [format!("Edit {sent}"), "Send key-three".to_owned()]);
        assert_eq!(device.contents(), ["two", "three"]);
        assert_eq!(device.cursor(), None);

        device.snapshot(from_ben(30), 0, "c9");
        device.history("m030", vec![from_ben(10), from_ana(20, &sent)], true);
        assert_eq!(device.contents(), ["text 10", "two", "text 30", "three"]);
        assert_eq!(device.page(&crate::Anchor::Newest, 10).items[0].key, "m010".into());
        assert_eq!(ben(), "ben".into());
    }
}
