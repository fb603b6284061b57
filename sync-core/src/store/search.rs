//! Searching messages by their words.
//!
//! Found is what a timeline can show: what the server has, from each conversation's floor on, and what waits behind
//! it. Where a new content waits to be sent, that one is searched in place of the old. The index answers in the order
//! of time ([the migration](../migrations/0002.sql) says how), so a page costs as much as its hits and not as much as
//! there are matches.
//!
//! What somebody types is never read as a query of the index: each word is handed over as a quoted string.

use std::{cmp::Reverse, collections::HashSet};

use protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};

use crate::{
    domain::{Hit, ItemKey, MessageId, Search, SearchPage, UserId},
    limits,
};

use super::{
    messages,
    position::Place,
    snippet::{self, CLOSE, OPEN},
};

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;

/// Messages of one millisecond have this many places in the index; the migration says so too.
const PLACES: i64 = 32_768;

/// Finds a page of messages.
pub(crate) fn page(connection: &Connection, search: &Search) -> rusqlite::Result<SearchPage> {
    let Some(words) = words(&search.query) else { return Ok(SearchPage::default()) };
    let room = usize::try_from(search.limit.clamp(1, limits::SEARCH_PAGE)).unwrap_or(1);
    let before = match search.before.as_ref().map(Place::parse) {
        None => None,
        Some(Some(place)) => Some(rank(connection, &place)?),
        // No hit has ever stood there.
        Some(None) => return Ok(SearchPage::default()),
    };
    let reader = Reader { connection, search, words, before };
    let mut found = reader.waiting()?;
    found.extend(reader.taken(room + 1)?);
    found.sort_by_key(|found| Reverse(found.rank));
    let more = found.len() > room;
    found.truncate(room);
    Ok(SearchPage { hits: found.into_iter().map(Found::hit).collect(), more })
}

/// Empties the index of messages and the summaries, for whoever removes all messages next: each of them would be taken
/// out by itself otherwise.
pub(crate) fn clear(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO message_text (message_text) VALUES ('delete-all'); DELETE FROM text_place; DELETE FROM summary;",
    )
}

/// The words of a query in the index's own language; `None` where there is nothing to look for.
///
/// A word that consists of signs alone stands for nothing, and the index leaves it out.
fn words(query: &str) -> Option<String> {
    let query: String = query.chars().take(limits::SEARCH_CHARS).collect();
    // The index's parser ends at a NUL, in the middle of a string.
    let separated = |character: char| character.is_whitespace() || character.is_control();
    let words: Vec<_> =
        query.split(separated).filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    let (last, whole) = words.split_last()?;
    let quoted = |word: &str| format!("\"{}\"", word.replace('"', "\"\""));
    let mut line = whole.iter().map(|word| quoted(word) + " ").collect::<String>();
    line.push_str(&quoted(last));
    // One letter begins too many words: it has to be one. Scripts that put whole words into a letter are different.
    let letters = last.chars().filter(|character| character.is_alphanumeric());
    let letter = letters.count() == 1 && last.is_ascii();
    if !letter {
        line.push('*');
    }
    Some(line)
}

struct Reader<'a> {
    connection: &'a Connection,
    search: &'a Search,
    words: String,
    before: Option<Rank>,
}

/// The order of hits: that of the index, and behind it that of the outbox.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Taken(i64),
    Waiting(i64),
}

/// Where in the order of hits this place is.
fn rank(connection: &Connection, place: &Place) -> rusqlite::Result<Rank> {
    let (at, id) = match place {
        Place::Waiting(seq) => return Ok(Rank::Waiting(*seq)),
        Place::Taken { at, id } => (at, id),
    };
    let first = at.millis().saturating_mul(PLACES);
    let exact: Option<i64> = connection
        .prepare_cached(
            "SELECT place FROM message JOIN text_place USING (number)
             WHERE id = ?1 AND place BETWEEN ?2 AND ?2 + ?3 - 1",
        )?
        .query_row(params![id.as_str(), first, PLACES], |row| row.get(0))
        .optional()?;
    // Where its text was deleted meanwhile, all of its millisecond is left out rather than answered again.
    Ok(Rank::Taken(exact.unwrap_or(first)))
}

/// A message that was found.
struct Found {
    rank: Rank,
    place: Place,
    peer: UserId,
    key: ItemKey,
    sent_at: Timestamp,
    mine: bool,
    /// What it says,
    content: String,
    /// and the same with marks around what was found.
    marked: String,
}

impl Found {
    fn hit(self) -> Hit {
        let (snippet, highlights) = snippet::of(&self.content, &self.marked);
        Hit {
            position: (&self.place).into(),
            peer: self.peer,
            key: self.key,
            sent_at: self.sent_at,
            mine: self.mine,
            snippet,
            highlights,
        }
    }
}

impl Reader<'_> {
    /// Everything in the outbox that matches: sends, and new contents of messages. It is bounded, so it is read whole.
    fn waiting(&self) -> rusqlite::Result<Vec<Found>> {
        let edited: HashSet<String> = self
            .connection
            .prepare_cached("SELECT target FROM outbox WHERE kind = 'edit'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let rows: Vec<(bool, Found)> = self
            .connection
            .prepare_cached(
                "SELECT kind, seq, peer, target, written_at, outbox.content,
                     highlight(outbox_text, 0, ?2, ?3)
                 FROM outbox_text CROSS JOIN outbox ON seq = outbox_text.rowid
                 WHERE outbox_text MATCH ?1",
            )?
            .query_map(params![self.words, OPEN.to_string(), CLOSE.to_string()], |row| {
                let seq = row.get(1)?;
                let found = Found {
                    rank: Rank::Waiting(seq),
                    place: Place::Waiting(seq),
                    peer: UserId(row.get(2)?),
                    key: ItemKey(row.get(3)?),
                    sent_at: Timestamp::clamped(row.get(4)?),
                    mine: true,
                    content: row.get(5)?,
                    marked: row.get(6)?,
                };
                Ok((row.get::<_, String>(0)? == "edit", found))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut found = Vec::new();
        for (is_edit, mut one) in rows {
            if is_edit {
                if !self.move_to_its_message(&mut one)? {
                    continue;
                }
            } else if edited.contains(one.key.as_str()) {
                continue;
            }
            if self.wanted(&one) {
                found.push(one);
            }
        }
        Ok(found)
    }

    /// Gives a new content that waits the place of the message that it belongs to. Says whether there is one.
    fn move_to_its_message(&self, edit: &mut Found) -> rusqlite::Result<bool> {
        let send = self
            .connection
            .prepare_cached(
                "SELECT seq, written_at FROM outbox WHERE target = ?1 AND kind = 'send' AND kind <> 'read'",
            )?
            .query_row([edit.key.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        (edit.place, edit.sent_at) = match (send, messages::by_key(self.connection, &edit.key)?) {
            (Some((seq, written_at)), _) => (Place::Waiting(seq), Timestamp::clamped(written_at)),
            (None, Some(stored)) => {
                let at = stored.message.sent_at;
                (Place::Taken { at, id: stored.message.id }, at)
            }
            (None, None) => return Ok(false),
        };
        edit.rank = rank(self.connection, &edit.place)?;
        Ok(true)
    }

    /// Whether what waits is among what was asked for.
    fn wanted(&self, found: &Found) -> bool {
        let Search { peer, from, to, .. } = self.search;
        peer.as_ref().is_none_or(|peer| *peer == found.peer)
            && from.is_none_or(|from| from <= found.sent_at)
            && to.is_none_or(|to| found.sent_at < to)
            && self.before.is_none_or(|before| found.rank < before)
    }

    /// Up to `count` messages that the server has, newest first.
    fn taken(&self, count: usize) -> rusqlite::Result<Vec<Found>> {
        let words = &self.words;
        let query = match &self.search.peer {
            Some(peer) => format!("peer : \"{}\" AND content : ({words})", hex(peer)),
            None => format!("content : ({words})"),
        };
        let places = |time: Timestamp| time.millis().saturating_mul(PLACES);
        let from = self.search.from.map_or(i64::MIN, places);
        let before = match self.before {
            Some(Rank::Taken(place)) => place,
            Some(Rank::Waiting(_)) | None => i64::MAX,
        };
        let to = self.search.to.map_or(i64::MAX, places).min(before);
        self.connection
            .prepare_cached(
                "SELECT m.id, m.peer, m.client_key, m.sent_at, m.mine, m.content,
                     highlight(message_text, 0, :open, :close), p.place
                 FROM message_text CROSS JOIN text_place p ON p.place = message_text.rowid
                     CROSS JOIN message m ON m.number = p.number
                     CROSS JOIN conversation c ON c.peer = m.peer
                 WHERE message_text MATCH :query AND message_text.rowid >= :from AND message_text.rowid < :to
                     AND (c.floor_at IS NULL OR (m.sent_at, m.id) >= (c.floor_at, c.floor_id))
                     AND NOT EXISTS (SELECT 1 FROM outbox
                                     WHERE target IN (m.id, m.client_key) AND kind = 'edit' AND kind <> 'read')
                 ORDER BY message_text.rowid DESC LIMIT :count",
            )?
            .query_map(
                named_params! {
                    ":open": OPEN.to_string(), ":close": CLOSE.to_string(), ":query": query,
                    ":from": from, ":to": to, ":count": i64::try_from(count).unwrap_or(i64::MAX),
                },
                |row| {
                    let id = MessageId(row.get(0)?);
                    let sent_at = Timestamp::clamped(row.get(3)?);
                    Ok(Found {
                        rank: Rank::Taken(row.get(7)?),
                        peer: UserId(row.get(1)?),
                        key: ItemKey(row.get::<_, Option<String>>(2)?.unwrap_or_else(|| id.0.clone())),
                        place: Place::Taken { at: sent_at, id },
                        sent_at,
                        mine: row.get(4)?,
                        content: row.get(5)?,
                        marked: row.get(6)?,
                    })
                },
            )?
            .collect()
    }
}

/// Who it is, as the one word that stands in the index.
fn hex(peer: &UserId) -> String {
    use std::fmt::Write as _;
    peer.as_str().bytes().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02X}");
        hex
    })
}
