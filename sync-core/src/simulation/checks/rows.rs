//! What a committed transaction wrote.

use crate::{
    apply::Stored,
    domain::MessageId,
    machine::{Dialect, Tables, tables::Feed},
    outbox::{Entry, Kind, State},
};

use super::{
    super::{
        server::{Cursor, Kept, Server},
        watched::Written,
        world::{Cause, World},
    },
    Promise, Violation, broken, look,
};

/// Of whose rows, by what, and where the feed stands.
struct Scene<'a> {
    world: &'a World,
    tables: &'a dyn Tables,
    device: usize,
    cause: Cause,
    feed: Feed,
    /// The place in the server's present feed; `None` where the device follows another history, or none.
    cursor: Option<Cursor>,
}

impl World {
    /// Checks what a device has just written.
    pub(in super::super) fn check_written(
        &mut self,
        device: usize,
        written: &[Written],
        cause: Cause,
    ) -> Result<(), Violation> {
        if written.is_empty() {
            return Ok(());
        }
        self.checks += u64::try_from(written.len()).unwrap_or(u64::MAX);
        let confirmed = look(&self.devices[device].disk, |tables| {
            let feed = tables.feed()?;
            let cursor = feed.cursor.as_deref().and_then(Cursor::parse);
            let cursor = cursor.filter(|cursor| cursor.history == self.server.history());
            let scene = Scene { world: self, tables, device, cause, feed, cursor };
            let mut confirmed = Vec::new();
            for written in written {
                match written {
                    Written::Message { before, after: Some(after) } => {
                        scene.stored(before.as_deref(), after)?;
                    }
                    Written::Message { before, after: None } => scene.removed_message(before.as_deref())?,
                    Written::Feed { before, after } => scene.moved(before, after)?,
                    Written::Removed { entry, content } => confirmed.extend(scene.left(entry, content)?),
                    Written::Moved { before, after, attempts } => counted(before, after, *attempts)?,
                }
            }
            Ok(confirmed)
        })?;
        for (key, id) in confirmed {
            // What its user sent again, because a plain server's lists did not name it, gave up the message that it was.
            let taken = |other: &super::super::ledger::Intent| {
                other.key.as_str() != key && other.confirmed.as_ref() == Some(&id) && !other.again
            };
            if let Some(other) = self.ledger.of(device).iter().find(|other| taken(other)) {
                return broken(
                    Promise::Accepted,
                    format!("{key} was taken for {id}, which is {}", other.key),
                );
            }
            if let Some(intent) = self.ledger.get_mut(&key) {
                intent.confirmed = Some(id);
                intent.given_up = None;
            }
        }
        Ok(())
    }
}

fn counted(before: &Entry, after: &State, attempts: u32) -> Result<(), Violation> {
    if *after == State::InFlight && attempts != before.attempts + 1 {
        return broken(Promise::Counted, format!("{} started with {attempts} attempts", before.target));
    }
    Ok(())
}

impl Scene<'_> {
    fn server(&self) -> &Server {
        &self.world.server
    }

    fn person(&self) -> usize {
        self.world.devices[self.device].person
    }

    fn plain(&self) -> bool {
        self.server().dialect == Dialect::Plain
    }

    /// Whether the row is of the history that the server has now.
    fn is_present(&self, stored: &Stored) -> bool {
        if self.plain() {
            return self.server().history() == 1;
        }
        self.cursor.is_some() && stored.generation >= self.feed.history_began
    }

    fn stored(&self, before: Option<&Stored>, after: &Stored) -> Result<(), Violation> {
        let message = &after.message;
        let id = &message.id;
        let Some(kept) = self.server().ever(id) else {
            return broken(Promise::Honest, format!("{id} was stored, and no server ever had it"));
        };
        let person = self.person();
        let peer = self.server().id_of(kept.peer_of(person));
        if !kept.concerns(person) || message.mine != (kept.from == person) || message.peer != *peer {
            return broken(Promise::Honest, format!("{id} was stored for the wrong people"));
        }
        if let Some(before) = before {
            self.stays(before, after)?;
        }
        if !self.is_present(after) || after.lost {
            return Ok(());
        }
        if message.deleted_at.is_some() {
            if kept.is_live() && self.server().find(id).is_some() && !self.may_be_late() {
                return broken(Promise::DeletedStays, format!("{id} is deleted here, and the server has it"));
            }
            return Ok(());
        }
        if message.mine && message.is_read && kept.read_at.is_none() {
            return broken(Promise::ReadStays, format!("{id} is read, and its receiver did not read it"));
        }
        if !kept.contents.contains(&message.content) {
            return broken(Promise::Honest, format!("{id} says what the server never said"));
        }
        match self.cursor.and_then(|cursor| self.server().as_of(person, kept, cursor.seq)) {
            Some(change) => covers(kept, after, change, "stored"),
            None => Ok(()),
        }
    }

    /// Whether this device may have been told by a server that has since gone back.
    fn may_be_late(&self) -> bool {
        self.server().history() > 1
    }

    /// What is read stays so, and what is deleted.
    fn stays(&self, before: &Stored, after: &Stored) -> Result<(), Violation> {
        if before.generation < self.feed.history_began {
            return Ok(());
        }
        let id = &before.message.id;
        if before.message.is_read && !after.message.is_read {
            return broken(Promise::ReadStays, format!("{id} was read, and is unread"));
        }
        let named = self.plain() && (self.server().find(id).is_some() || self.may_be_late());
        if before.message.deleted_at.is_some() && after.message.deleted_at.is_none() && !named {
            return broken(Promise::DeletedStays, format!("{id} was deleted, and is back"));
        }
        if before.seq > after.seq && before.generation == after.generation {
            return broken(Promise::CursorCovers, format!("{id} went back in the feed"));
        }
        Ok(())
    }

    fn removed_message(&self, before: Option<&Stored>) -> Result<(), Violation> {
        let Some(before) = before else { return Ok(()) };
        if before.lost || before.generation < self.feed.history_began {
            return Ok(());
        }
        broken(
            Promise::Accepted,
            format!("{} was removed, and the server did not lose it", before.message.id),
        )
    }

    /// The cursor moved: what it covers now is in the rows.
    fn moved(&self, before: &Feed, after: &Feed) -> Result<(), Violation> {
        if after.cursor.is_some() && after.cursor != before.cursor && self.cause != Cause::Answer {
            return broken(Promise::CursorCovers, "the cursor moved, and no answer had come");
        }
        let Some(to) = self.cursor else { return Ok(()) };
        let from = before.cursor.as_deref().and_then(Cursor::parse);
        let Some(from) = from.filter(|from| from.history == to.history) else { return Ok(()) };
        let person = self.person();
        let changes = self.server().feed(person);
        for change in &changes[from.seq.min(to.seq)..to.seq] {
            let Some(kept) = self.server().numbered(change.number) else { continue };
            match self.tables.message(&kept.id)? {
                Some(row) => covers(kept, &row, *change, "covered by the cursor")?,
                None if change.deleted => {}
                None => {
                    let how = format!("the cursor went over {}, which is not here", kept.id);
                    return broken(Promise::CursorCovers, how);
                }
            }
        }
        Ok(())
    }

    /// A row left the outbox. Answers the send that was confirmed, and by which message.
    fn left(&self, entry: &Entry, content: &str) -> Result<Option<(String, MessageId)>, Violation> {
        match entry.kind {
            Kind::Send => self.send_left(entry),
            Kind::Edit => self.edit_left(entry, content).map(|()| None),
            Kind::Delete => self.delete_left(entry).map(|()| None),
            Kind::Read => Ok(None),
        }
    }

    fn send_left(&self, entry: &Entry) -> Result<Option<(String, MessageId)>, Violation> {
        let key = entry.target.as_str();
        let Some(intent) = self.world.ledger.get(key) else {
            return broken(Promise::Honest, format!("the outbox held {key}, which nobody wrote"));
        };
        if let Some(stored) = self.tables.message_by_client_key(key)? {
            let id = stored.message.id;
            let kept = self.server().ever(&id);
            let fits = |kept: &Kept| {
                let own = kept.from == self.person() && kept.to == intent.peer;
                let same = if self.plain() {
                    intent.words.contains(&kept.contents[0])
                } else {
                    kept.key.as_deref() == Some(key)
                };
                own && same
            };
            if !kept.is_some_and(fits) {
                return broken(
                    Promise::Honest,
                    format!("{key} was confirmed by {id}, which is another message"),
                );
            }
            return Ok(Some((key.to_owned(), id)));
        }
        if self.cause == Cause::User && !entry.state.is_here_alone(entry.attempts) {
            return broken(Promise::Accepted, format!("{key} was cancelled, and may be on the server"));
        }
        if intent.unwanted {
            return Ok(None);
        }
        broken(Promise::Accepted, format!("{key} left the outbox and is nowhere"))
    }

    fn edit_left(&self, entry: &Entry, content: &str) -> Result<(), Violation> {
        if self.cause == Cause::User || self.may_be_late() {
            return Ok(());
        }
        let key = entry.target.as_str();
        let unwanted = self.world.ledger.get(key).is_some_and(|intent| intent.unwanted);
        let Some(stored) = self.by_key(key)? else {
            let send = self.tables.entry_of(&entry.target, Kind::Send)?;
            let folded = match send {
                Some(send) => self.tables.operation(send.seq)?.is_some_and(|send| send.content == content),
                None => unwanted,
            };
            return if folded {
                Ok(())
            } else {
                broken(
                    Promise::Accepted,
                    format!("an edit of {key} left the outbox, and its message is nowhere"),
                )
            };
        };
        let had = |kept: &Kept| kept.contents.iter().any(|had| had == content) || !kept.is_live();
        if stored.lost
            || stored.message.deleted_at.is_some()
            || self.server().ever(&stored.message.id).is_some_and(had)
        {
            return Ok(());
        }
        broken(Promise::Accepted, format!("an edit of {key} left the outbox, and the server never had it"))
    }

    fn delete_left(&self, entry: &Entry) -> Result<(), Violation> {
        if self.cause == Cause::User || self.may_be_late() {
            return Ok(());
        }
        let key = entry.target.as_str();
        match self.by_key(key)? {
            Some(stored) if self.server().find(&stored.message.id).is_some_and(Kept::is_live) => broken(
                Promise::Accepted,
                format!("a deletion of {key} left the outbox, and it is on the server"),
            ),
            _ => Ok(()),
        }
    }

    fn by_key(&self, key: &str) -> Result<Option<Stored>, Violation> {
        Ok(match self.tables.message_by_client_key(key)? {
            Some(stored) => Some(stored),
            None => self.tables.message(&MessageId(key.to_owned()))?,
        })
    }
}

/// Whether a row is at least what somebody's feed told.
fn covers(
    kept: &Kept,
    row: &Stored,
    change: super::super::server::Change,
    how: &str,
) -> Result<(), Violation> {
    let message = &row.message;
    if row.lost || message.deleted_at.is_some() {
        return Ok(());
    }
    let content = kept.contents.iter().rposition(|content| *content == message.content);
    let behind = if change.deleted {
        "and is not deleted"
    } else if change.read && !message.is_read {
        "and is not read"
    } else if content.is_none_or(|content| content < change.content) {
        "and has an older content"
    } else {
        return Ok(());
    };
    broken(Promise::CursorCovers, format!("{} is {how}, {behind}", message.id))
}
