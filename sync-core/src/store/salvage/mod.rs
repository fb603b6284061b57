//! What can be saved from a damaged database: that which only this device has.
//!
//! The server has the messages; the outbox, the drafts and the account are here alone. They are looked for page by page,
//! because the pages that lead to theirs may be damaged: a row is recognised by its shape. Each page has a checksum, so
//! what is found is what was written.
//!
//! Where the newest version of a page is damaged and an older one is whole, the older one is taken. A send on it may have
//! left since, so it counts as tried: it is sent again with its key, which a server takes once.

mod log;
mod pages;
mod records;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, io, path::Path};

use rusqlite::{Connection, params};

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
    account: Option<Account>,
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
    salvaged.complete &= pages.complete();
    Ok(salvaged)
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
        Ok(())
    }
}
