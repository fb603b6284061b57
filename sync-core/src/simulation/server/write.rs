//! What people do to messages: the rules of C5, C8 and C13, as far as a schedule comes to meet them.

use protocol::Timestamp;

use crate::{
    apply::Message,
    domain::{MessageId, UserId},
    machine::Dialect,
    transport::http::HttpError,
};

use super::{Change, Kept, Server, status};

/// What a content begins with that the server does not take.
pub(in super::super) const FORBIDDEN: char = '!';

impl Server {
    /// Takes a message, or answers again what it made of this key.
    pub(in super::super) fn send(
        &mut self,
        caller: usize,
        peer: &UserId,
        content: &str,
        key: Option<&str>,
        clock: Timestamp,
    ) -> Result<Message, HttpError> {
        if let Some(kept) = self.replayed(key) {
            if kept.from != caller || self.people[kept.to] != *peer || kept.contents[0] != content {
                return Err(status(409, "Idempotency-Key was used for a different message"));
            }
            return Ok(Message { content: kept.content().to_owned(), ..self.told(caller, kept) });
        }
        let Some(to) = self.person_of(peer).filter(|to| !self.disabled[*to]) else {
            return Err(status(404, "User not found"));
        };
        check(content)?;
        let number = self.next_number;
        self.next_number += 1;
        let sent_at = self.stamp(clock);
        let kept = Kept {
            number,
            id: MessageId(format!("m{number:05}")),
            from: caller,
            to,
            contents: vec![content.to_owned()],
            key: key.map(str::to_owned),
            sent_at,
            edited_at: None,
            delivered_at: None,
            read_at: None,
            deleted_at: None,
            positions: [Vec::new(), Vec::new()],
        };
        if let Some(key) = key {
            self.keys.insert(key.to_owned(), number);
        }
        let message = self.told(caller, &kept);
        self.data.messages.push(kept);
        self.changed(self.data.messages.len() - 1);
        Ok(message)
    }

    /// `PATCH /message` with a content.
    pub(in super::super) fn edit(
        &mut self,
        caller: usize,
        id: &MessageId,
        content: &str,
        clock: Timestamp,
    ) -> Result<Message, HttpError> {
        let at = self.live(caller, id)?;
        check(content)?;
        if self.data.messages[at].from != caller {
            return Err(status(403, "You can only update your own messages"));
        }
        if self.data.messages[at].content() != content {
            let now = self.stamp(clock);
            let kept = &mut self.data.messages[at];
            kept.contents.push(content.to_owned());
            kept.edited_at = Some(now);
            self.changed(at);
        }
        Ok(self.told(caller, &self.data.messages[at]))
    }

    /// `DELETE /message/:id`.
    pub(in super::super) fn delete(
        &mut self,
        caller: usize,
        id: &MessageId,
        clock: Timestamp,
    ) -> Result<(), HttpError> {
        let at = self.live(caller, id)?;
        if self.data.messages[at].from != caller {
            return Err(status(403, "You can only delete your own messages"));
        }
        if self.dialect == Dialect::Plain {
            let kept = self.data.messages.remove(at);
            (self.news[kept.from], self.news[kept.to]) = (true, true);
            self.gone.push(Kept { deleted_at: Some(clock), ..kept });
            return Ok(());
        }
        self.data.messages[at].deleted_at = Some(self.stamp(clock));
        self.changed(at);
        Ok(())
    }

    /// `PATCH /message` with `isRead`.
    pub(in super::super) fn read_one(
        &mut self,
        caller: usize,
        id: &MessageId,
        clock: Timestamp,
    ) -> Result<(), HttpError> {
        let at = self.live(caller, id)?;
        if self.data.messages[at].to != caller {
            return Err(status(403, "Only the receiver can mark a message as read"));
        }
        self.mark_read(at, clock);
        Ok(())
    }

    /// `PATCH /api/message/conversation/:userId/read`; a tombstone serves as well as a message.
    pub(in super::super) fn read_conversation(
        &mut self,
        caller: usize,
        peer: &UserId,
        up_to: &MessageId,
        clock: Timestamp,
    ) -> Result<(), HttpError> {
        let peer = self.person_of(peer).ok_or_else(|| status(404, "User not found"))?;
        let last = self
            .place_of(up_to)
            .filter(|at| {
                let kept = &self.data.messages[*at];
                kept.concerns(caller) && kept.concerns(peer)
            })
            .ok_or_else(|| status(404, "Message not found"))?;
        for at in 0..=last {
            let kept = &self.data.messages[at];
            if kept.from == peer && kept.to == caller && kept.deleted_at.is_none() {
                self.mark_read(at, clock);
            }
        }
        Ok(())
    }

    /// A device of the receiver has these (extension `delivery`). What is not the caller's to say is passed over.
    pub(in super::super) fn delivered<'a>(
        &mut self,
        caller: usize,
        ids: impl IntoIterator<Item = &'a MessageId>,
        clock: Timestamp,
    ) {
        for id in ids {
            let Some(at) = self.place_of(id) else { continue };
            let kept = &self.data.messages[at];
            if kept.to == caller && kept.delivered_at.is_none() && kept.deleted_at.is_none() {
                self.data.messages[at].delivered_at = Some(self.stamp(clock));
                self.changed(at);
            }
        }
    }

    fn mark_read(&mut self, at: usize, clock: Timestamp) {
        if self.data.messages[at].read_at.is_none() {
            let now = self.stamp(clock);
            let kept = &mut self.data.messages[at];
            kept.read_at = Some(now);
            kept.delivered_at.get_or_insert(now);
            self.changed(at);
        }
    }

    /// Where the message is, if this person takes part in it and it was not deleted.
    fn live(&self, caller: usize, id: &MessageId) -> Result<usize, HttpError> {
        self.place_of(id)
            .filter(|at| {
                let kept = &self.data.messages[*at];
                kept.concerns(caller) && kept.deleted_at.is_none()
            })
            .ok_or_else(|| status(404, "Message not found"))
    }

    fn replayed(&self, key: Option<&str>) -> Option<&Kept> {
        if self.dialect == Dialect::Plain {
            return None;
        }
        let number = self.keys.get(key?)?;
        let at = self.data.messages.binary_search_by_key(number, |kept| kept.number).ok()?;
        self.data.messages.get(at)
    }

    fn stamp(&mut self, clock: Timestamp) -> Timestamp {
        self.data.stamp = match self.dialect {
            // Its one writer never lets time go back (ADR 3).
            Dialect::Extended => self.data.stamp.max(clock),
            Dialect::Plain => clock,
        };
        self.data.stamp
    }

    /// Appends the message as it is now to the feeds of both.
    fn changed(&mut self, at: usize) {
        let kept = &mut self.data.messages[at];
        let change = Change {
            number: kept.number,
            content: kept.contents.len() - 1,
            read: kept.read_at.is_some(),
            deleted: kept.deleted_at.is_some(),
        };
        for (side, person) in [kept.from, kept.to].into_iter().enumerate() {
            let feed = &mut self.data.feeds[person];
            feed.push(change);
            kept.positions[side].push(u32::try_from(feed.len()).unwrap_or(u32::MAX));
            self.news[person] = true;
        }
    }
}

fn check(content: &str) -> Result<(), HttpError> {
    if content.starts_with(FORBIDDEN) {
        return Err(status(400, "Content is not acceptable"));
    }
    Ok(())
}
