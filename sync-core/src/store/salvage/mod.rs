//! What can be saved from a damaged database: that which only this device has.
//!
//! The server has the messages; the outbox, the drafts, the flags of conversations, the account and the messages that the server lost are here alone.
//! They are looked for page by page, because the pages that lead to theirs may be damaged: a row is recognised by its
//! shape. Each page has a checksum, so what is found is what was written.
//!
//! Where the newest version of a page is damaged and an older one is whole, the older one is taken. A send on it may have
//! left since, so it counts as tried: it is sent again with its key, which a server takes once.

mod log;
mod pages;
mod records;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

use rusqlite::{Connection, params, params_from_iter, types::ToSqlOutput};

use crate::{limits, profile::key::Key};

use self::{
    pages::Pages,
    records::{Record, Value},
};

/// What was found.
#[derive(Default)]
pub(super) struct Salvaged {
    /// By their numbers.
    outbox: BTreeMap<i64, Operation>,
    /// By the peer.
    drafts: BTreeMap<String, Draft>,
    /// Pinned, muted and marked as unread, by the peer.
    flags: BTreeMap<String, [bool; 3]>,
    account: Option<Account>,
    /// The messages that what waits is about, and those that the server lost, as their columns.
    messages: Vec<Vec<Value>>,
    /// Whether all of the file could be read.
    pub(super) complete: bool,
}

struct Operation {
    kind: String,
    peer: String,
    target: String,
    content: String,
    state: String,
    attempts: i64,
    reason: Option<String>,
    written_at: i64,
    stale: bool,
}

struct Draft {
    content: String,
    updated_at: i64,
}

/// Whose profile it is.
pub(super) struct Account {
    pub(super) user_id: String,
    pub(super) user_name: String,
    pub(super) server: String,
    pub(super) server_name: String,
    pub(super) session: String,
    pub(super) trusted_certificate: Option<Vec<u8>>,
}

/// Whether the log beside a database holds commits that `SQLite` would not see.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn log_hides_commits(log: &Path) -> io::Result<bool> {
    log::hides_commits(log)
}

/// Reads what there is. Without a key, from a database that is not encrypted.
///
/// # Errors
/// Where the file cannot be read at all.
pub(super) fn read(database: &Path, log: &Path, key: Option<&Key>) -> io::Result<Salvaged> {
    let mut pages = Pages::open(database, log, key)?;
    let mut salvaged = Salvaged { complete: true, ..Salvaged::default() };
    for number in 1..=pages.count() {
        let Some(page) = pages.page(number) else { continue };
        let (records, complete) = records::records(&mut pages, number, &page.bytes);
        salvaged.complete &= complete;
        for record in records {
            salvaged.take(&record, page.stale);
        }
    }
    salvaged.find_messages(&mut pages);
    salvaged.complete &= pages.complete();
    Ok(salvaged)
}

/// The columns of a message, and which of them are its id and its sender's key.
const MESSAGE: &str = "number, id, peer, mine, content, sent_at, is_read, told_read, edited_at, delivered_at, seen_at, \
     read_at, deleted_at, client_key, seq, generation, absences, lost";
const COLUMNS: usize = 18;
const ID: usize = 1;
const CLIENT_KEY: usize = 13;
const LOST: usize = COLUMNS - 1;
/// What a change that waits is kept with where its message could not be read: it is shown once the message is here again.
const UNREADABLE: &str = "The message could not be read on this device. Try again.";

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Null => rusqlite::types::Null.to_sql(),
            Self::Int(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
            Self::Blob(bytes) => bytes.to_sql(),
        }
    }
}

impl Salvaged {
    /// How many messages, and changes of messages, wait for the server.
    pub(super) fn waiting(&self) -> u32 {
        let waiting =
            self.outbox.values().filter(|operation| operation.kind != "read" && operation.state != "refused");
        u32::try_from(waiting.count()).unwrap_or(u32::MAX)
    }

    /// How many drafts there are.
    pub(super) fn drafts(&self) -> u32 {
        u32::try_from(self.drafts.len()).unwrap_or(u32::MAX)
    }

    /// Whose profile it is, where that could be read; otherwise what is given.
    pub(super) fn account_or(&mut self, other: impl FnOnce() -> Option<Account>) {
        if self.account.is_none() {
            self.account = other();
        }
    }

    /// Looks for the messages that the server lost, which are nowhere else, and for those that changes and readings are
    /// about: without them there is nothing to change. A change whose message cannot be read waits for the user.
    fn find_messages(&mut self, pages: &mut Pages) {
        let mut targets: BTreeSet<String> = BTreeSet::new();
        let (sends, changes): (Vec<_>, Vec<_>) = self.outbox.values().partition(|it| it.kind == "send");
        let sends: BTreeSet<String> = sends.into_iter().map(|it| it.target.clone()).collect();
        // A change of a send that was tried waits behind it, and needs nothing else.
        targets.extend(changes.into_iter().map(|it| it.target.clone()).filter(|key| !sends.contains(key)));
        let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for number in 1..=pages.count() {
            let Some(page) = pages.page(number) else { continue };
            for Record { rowid, values } in records::records(pages, number, &page.bytes).0 {
                let (Some(_), COLUMNS) = (rowid, values.len()) else { continue };
                let lost = values[LOST] == Value::Int(1);
                let keys = [&values[CLIENT_KEY], &values[ID]];
                let target = keys.into_iter().find_map(|key| match key {
                    Value::Text(key) if lost || targets.contains(key) => Some(key.clone()),
                    _ => None,
                });
                if let Some(target) = target
                    && (!page.stale || !found.contains_key(&target))
                {
                    found.insert(target, values);
                }
            }
        }
        self.outbox.retain(|_, it| it.kind != "read" || found.contains_key(&it.target));
        for it in self.outbox.values_mut() {
            if targets.contains(&it.target) && !found.contains_key(&it.target) && it.state != "refused" {
                (it.state, it.reason) = ("refused".to_owned(), Some(UNREADABLE.to_owned()));
            }
        }
        self.messages = found.into_values().collect();
    }

    /// Keeps a row of which the shape is that of one of the tables.
    fn take(&mut self, record: &Record, old: bool) {
        match (record.rowid, record.values.as_slice()) {
            (
                Some(seq),
                [
                    Value::Null,
                    Value::Text(kind),
                    Value::Text(peer),
                    Value::Text(target),
                    Value::Text(content),
                    Value::Text(state),
                    Value::Int(attempts),
                    reason @ (Value::Null | Value::Text(_)),
                    Value::Int(written_at),
                    ..,
                ],
            ) if ["send", "edit", "delete", "read"].contains(&kind.as_str())
                && ["queued", "in_flight", "unknown", "refused"].contains(&state.as_str()) =>
            {
                let operation = Operation {
                    kind: kind.clone(),
                    peer: peer.clone(),
                    target: target.clone(),
                    content: content.clone(),
                    state: state.clone(),
                    attempts: *attempts,
                    reason: if let Value::Text(reason) = reason { Some(reason.clone()) } else { None },
                    written_at: *written_at,
                    stale: old,
                };
                self.keep(seq, operation);
            }
            (
                Some(1),
                [
                    Value::Null,
                    Value::Text(user_id),
                    Value::Text(user_name),
                    Value::Text(server),
                    Value::Text(server_name),
                    Value::Text(session),
                    more @ ..,
                ],
            ) if ["signed_in", "expired", "signed_out"].contains(&session.as_str()) => {
                self.account = Some(Account {
                    user_id: user_id.clone(),
                    user_name: user_name.clone(),
                    server: server.clone(),
                    server_name: server_name.clone(),
                    session: session.clone(),
                    trusted_certificate: match more.first() {
                        Some(Value::Blob(certificate)) => Some(certificate.clone()),
                        _ => None,
                    },
                });
            }
            // A draft has a time of our days; the rows of an index that look alike have the number of a row.
            (None, [Value::Text(peer), Value::Text(content), Value::Int(updated_at)])
                if *updated_at > 1_000_000_000_000 =>
            {
                let draft = Draft { content: content.clone(), updated_at: *updated_at };
                self.drafts.insert(peer.clone(), draft);
            }
            // No other table has rows without a number of this length, and the rows of an index have at most three.
            (
                None,
                [
                    Value::Text(peer),
                    Value::Int(pinned @ 0..=1),
                    Value::Int(muted @ 0..=1),
                    Value::Int(marked @ 0..=1),
                ],
            ) => {
                self.flags.insert(peer.clone(), [*pinned == 1, *muted == 1, *marked == 1]);
            }
            _ => {}
        }
    }

    /// Of two rows with a number, the one from a page that is not stale is right.
    fn keep(&mut self, seq: i64, operation: Operation) {
        let full = self.outbox.len() >= usize::try_from(limits::OUTBOX_ROWS).unwrap_or(usize::MAX);
        let better = self.outbox.get(&seq).map_or(!full, |found| found.stale && !operation.stale);
        if better {
            self.outbox.insert(seq, operation);
        }
    }

    /// Stores it in a new database.
    pub(super) fn put(&self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(account) = &self.account {
            connection.execute(
                "INSERT INTO account (id, user_id, user_name, server, server_name, session, trusted_certificate)
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    account.user_id,
                    account.user_name,
                    account.server,
                    account.server_name,
                    account.session,
                    account.trusted_certificate
                ],
            )?;
        }
        for message in &self.messages {
            let places = vec!["?"; COLUMNS].join(", ");
            let mut message = message.clone();
            // Where it stands in the feed, and in how many lists it was missed, begins anew.
            message[0] = Value::Null;
            message[CLIENT_KEY + 1..LOST].fill(Value::Int(0));
            let insert = format!("INSERT OR IGNORE INTO message ({MESSAGE}) VALUES ({places})");
            connection.execute(&insert, params_from_iter(&message))?;
            connection.execute("INSERT OR IGNORE INTO conversation (peer) VALUES (?1)", [&message[2]])?;
        }
        // A message has one change of each kind; what a stale page adds to that was replaced since.
        let mut insert = connection.prepare(
            "INSERT OR IGNORE INTO outbox
                 (seq, kind, peer, target, content, state, attempts, reason, written_at, after)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        let (old, sure): (Vec<_>, Vec<_>) = self.outbox.iter().partition(|(_, operation)| operation.stale);
        for (seq, operation) in sure.into_iter().chain(old) {
            let maybe_left = operation.stale && operation.state == "queued";
            let state = if maybe_left { "unknown" } else { operation.state.as_str() };
            insert.execute(params![
                seq,
                operation.kind,
                operation.peer,
                operation.target,
                operation.content,
                state,
                operation.attempts,
                operation.reason,
                operation.written_at,
                // Messages are numbered anew here, so none of them can be told to have come after it was tried: where a
                // server knows no keys, it is sent again rather than taken for an older message with the same text.
                if state == "queued" { 0 } else { i64::MAX }
            ])?;
        }
        for (peer, draft) in &self.drafts {
            connection.execute(
                "INSERT OR REPLACE INTO draft (peer, content, updated_at) VALUES (?1, ?2, ?3)",
                params![peer, draft.content, draft.updated_at],
            )?;
        }
        for (peer, [pinned, muted, marked_unread]) in &self.flags {
            connection.execute(
                "INSERT OR REPLACE INTO flags (peer, pinned, muted, marked_unread) VALUES (?1, ?2, ?3, ?4)",
                params![peer, pinned, muted, marked_unread],
            )?;
        }
        Ok(())
    }
}
