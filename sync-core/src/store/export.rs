//! All messages on this device, as lines of JSON, a page at a time.

use std::collections::HashMap;

use protocol::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;

use crate::{
    domain::{MessageId, UserId},
    limits,
};

use super::{
    account,
    messages::{self, columns},
    people,
};

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Behind this message of what the server has or had, by conversation and place.
    Taken(UserId, Timestamp, MessageId),
    /// Behind this row of what waits.
    Waiting(i64),
}

impl Next {
    /// Before everything.
    pub(crate) fn first() -> Self {
        Self::Taken("".into(), Timestamp::clamped(i64::MIN), "".into())
    }
}

/// Some lines.
pub(crate) struct Page {
    /// The lines, each with its end.
    pub(crate) lines: Vec<u8>,
    /// How many they are.
    pub(crate) count: u64,
    /// Where the next page begins; `None` at the end.
    pub(crate) next: Option<Next>,
}

/// One message. Its form is documented in `docs/export.md`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    from: Named<'a>,
    to: Named<'a>,
    content: &'a str,
    sent_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<Timestamp>,
    state: &'static str,
}

#[derive(Clone, Copy, Serialize)]
struct Named<'a> {
    id: &'a str,
    name: &'a str,
}

/// The messages of all conversations in their order, deleted ones left out.
pub(super) const TAKEN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message INDEXED BY message_in_order WHERE (peer, sent_at, id) > (?1, ?2, ?3) AND deleted_at IS NULL
      ORDER BY peer, sent_at, id LIMIT ?4"
);

/// The page that begins there.
pub(crate) fn page(connection: &Connection, next: &Next) -> rusqlite::Result<Page> {
    let mut names = Names { connection, known: HashMap::new() };
    let me = account::holder(connection)?.map(|(account, _)| account.user.id);
    let mut page = Page { lines: Vec::new(), count: 0, next: None };
    // Without an account there is no message either.
    let Some(me) = me else { return Ok(page) };
    let me = (me.clone(), names.of(&me)?);
    match next {
        Next::Taken(peer, at, id) => {
            let mut statement = connection.prepare_cached(TAKEN)?;
            let mut rows =
                statement.query(params![peer.as_str(), at.millis(), id.as_str(), limits::EXPORT_PAGE])?;
            while let Some(row) = rows.next()? {
                let stored = messages::from_row(row)?;
                let message = stored.message;
                let peer = (message.peer.clone(), names.of(&message.peer)?);
                let (from, to) = if message.mine { (&me, &peer) } else { (&peer, &me) };
                page.push(&Line {
                    id: Some(message.id.as_str()),
                    from: named(from),
                    to: named(to),
                    content: &message.content,
                    sent_at: message.sent_at,
                    edited_at: message.edited_at,
                    delivered_at: message.delivered_at,
                    read_at: message.read_at,
                    state: if stored.lost { "lost" } else { "sent" },
                })?;
                page.next = Some(Next::Taken(message.peer, message.sent_at, message.id));
            }
            page.next = page.next.or(Some(Next::Waiting(0)));
        }
        Next::Waiting(after) => {
            let mut statement = connection.prepare_cached(
                "SELECT seq, peer, content, written_at, state = 'refused' FROM outbox
                 WHERE kind = 'send' AND seq > ?1 ORDER BY seq LIMIT ?2",
            )?;
            let mut rows = statement.query(params![after, limits::EXPORT_PAGE])?;
            while let Some(row) = rows.next()? {
                let (peer, content): (String, String) = (row.get(1)?, row.get(2)?);
                let peer = UserId(peer);
                let peer = (peer.clone(), names.of(&peer)?);
                page.push(&Line {
                    id: None,
                    from: named(&me),
                    to: named(&peer),
                    content: &content,
                    sent_at: Timestamp::clamped(row.get(3)?),
                    edited_at: None,
                    delivered_at: None,
                    read_at: None,
                    state: if row.get(4)? { "refused" } else { "waiting" },
                })?;
                page.next = Some(Next::Waiting(row.get(0)?));
            }
        }
    }
    Ok(page)
}

impl Page {
    fn push(&mut self, line: &Line<'_>) -> rusqlite::Result<()> {
        serde_json::to_writer(&mut self.lines, line)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        self.lines.push(b'\n');
        self.count += 1;
        Ok(())
    }
}

fn named((id, name): &(UserId, String)) -> Named<'_> {
    Named { id: id.as_str(), name }
}

/// The names of the people on a page.
struct Names<'a> {
    connection: &'a Connection,
    known: HashMap<UserId, String>,
}

impl Names<'_> {
    fn of(&mut self, id: &UserId) -> rusqlite::Result<String> {
        if let Some(name) = self.known.get(id) {
            return Ok(name.clone());
        }
        let person = people::person(self.connection, id)?;
        let name = person.map(|person| format!("{} {}", person.first_name, person.last_name));
        let name = name.map(|name| name.trim().to_owned()).unwrap_or_default();
        self.known.insert(id.clone(), name.clone());
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{
        apply::{Message, Stored},
        domain::Person,
        machine::{
            Tables as _,
            fixture::{Device, at, ben, from_ana, from_ben},
        },
    };

    /// All lines, page by page.
    fn export(device: &Device) -> Vec<Value> {
        let (mut next, mut lines) = (Some(Next::first()), Vec::new());
        while let Some(here) = next {
            let page = page(&device.db(), &here).unwrap();
            let text = String::from_utf8(page.lines).unwrap();
            assert_eq!(text.lines().count() as u64, page.count);
            lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            next = page.next;
        }
        lines
    }

    #[test]
    fn every_message_is_a_line_of_its_own_and_what_waits_stands_behind() {
        let device = Device::new();
        device.snapshot(from_ben(10), 0, "c1");
        let sent = device.send("one\ntwo");
        let deleted = Message { deleted_at: Some(at(50)), content: String::new(), ..from_ben(40) };
        let edited = Message { edited_at: Some(at(60)), ..from_ana(20, &sent) };
        device.feed("c1", vec![(edited, 1), (from_ben(30), 2), (deleted, 3)], "c2");
        let stored = device.rows().message(&"m030".into()).unwrap().unwrap();
        device.rows().put_message(&Stored { lost: true, ..stored }).unwrap();
        let person = Person {
            id: ben(),
            first_name: "Ben".to_owned(),
            last_name: String::new(),
            role: None,
            avatar: None,
        };
        device.change(|db| assert!(people::put(db, &person).unwrap()));
        device.send("later");
        let lines = export(&device);
        let told: Vec<_> =
            lines.iter().map(|line| (line["content"].as_str(), line["state"].as_str())).collect();
        let expected = [("text 10", "sent"), ("text 20", "sent"), ("text 30", "lost"), ("later", "waiting")];
        assert_eq!(told, expected.map(|(content, state)| (Some(content), Some(state))));
        assert_eq!((&lines[0]["from"]["name"], &lines[0]["to"]["id"]), (&"Ben".into(), &"ana".into()));
        assert_eq!((&lines[1]["from"]["id"], &lines[1]["to"]["name"]), (&"ana".into(), &"Ben".into()));
        assert!(lines[1]["editedAt"].is_string() && lines[0].get("editedAt").is_none());
        assert_eq!((lines[0]["id"].as_str(), lines[3].get("id")), (Some("m010"), None));
    }

    #[test]
    fn nothing_is_missing_or_twice_at_the_edges_of_pages() {
        let device = Device::new();
        device.snapshot(from_ben(1), 0, "c1");
        let most = i64::from(limits::EXPORT_PAGE);
        device.feed("c1", (2..=2 * most).map(|n| (from_ben(n), n)).collect(), "c2");
        for n in 0..most {
            device.send(&format!("waits {n}"));
        }
        let lines = export(&device);
        let contents: std::collections::BTreeSet<_> =
            lines.iter().map(|line| line["content"].as_str().unwrap()).collect();
        let all = usize::try_from(3 * most).unwrap();
        assert_eq!((lines.len(), contents.len()), (all, all));
        let empty = Device::new();
        assert_eq!(export(&empty), Vec::<Value>::new());
    }
}
