//! The lists of a plain documented server (DESIGN §4): the only way to learn what it has.
//!
//! ```text
//!   named by a list          ──► present
//!   present ──a complete list without it──► missing ──another one──► deleted,
//!                                                       or lost, where over a fifth vanish at once
//!   unknown send ──found in a list that began later──► confirmed
//!               └──────────── not in it ─────────────► queued
//! ```
//!
//! What this device changed while a list was under way is left out of it on both sides: the list may be older.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    apply::{Message, Source},
    domain::MessageId,
    error::StoreError,
    limits,
    mutation::{self, Mutation},
    store::Changed,
};

use super::{
    Now, Tables, feed,
    messages::{self, era},
    settle,
    tables::{Extent, Walked},
};

/// A list that is being read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Listing {
    /// What it named so far, part by part. Shared, because the machine is cloned at each step and a list may be long.
    named: Vec<Arc<Vec<MessageId>>>,
    /// What this device changed since it was asked for.
    touched: BTreeSet<MessageId>,
    /// The newest message here when it was asked for.
    last_number: i64,
    /// The sends of which nobody knew then whether the server has them.
    unknown: Vec<i64>,
}

impl Listing {
    /// A list is about to be asked for.
    pub(super) fn begin(tables: &impl Tables) -> Result<Self, StoreError> {
        let unknown = tables.unknown_sends(limits::OUTBOX_ROWS as usize)?;
        Ok(Self { last_number: tables.last_number()?, unknown, ..Self::default() })
    }

    /// This device has changed a message.
    pub(super) fn touch(&mut self, id: &MessageId) {
        self.touched.insert(id.clone());
    }

    /// A part of the list.
    pub(super) fn batch(
        &mut self,
        tables: &mut impl Tables,
        messages: Vec<Message>,
        now: Now,
        changed: &mut Changed,
    ) -> Result<(), StoreError> {
        let feed = tables.feed()?;
        self.named.push(Arc::new(messages.iter().map(|message| message.id.clone()).collect()));
        for message in messages {
            // At once, because the rest of the list may never come.
            tables.set_absences(&message.id, 0)?;
            if !self.touched.contains(&message.id) {
                messages::put(tables, message, Source::List, era(&feed), now, changed)?;
            }
        }
        Ok(())
    }

    /// The list is complete.
    pub(super) fn end(
        self,
        tables: &mut impl Tables,
        now: Now,
        changed: &mut Changed,
    ) -> Result<(), StoreError> {
        self.count_absences(tables, now, changed)?;
        for seq in &self.unknown {
            look_for(tables, *seq, changed)?;
        }
        for peer in tables.peers()? {
            let extent = messages::ensure(tables, &peer)?;
            if !extent.fill_done {
                let done =
                    Extent { floor: None, fill_before: None, fill_done: true, unread_unfilled: 0, ..extent };
                tables.put_extent(&peer, &done)?;
                changed.conversation(&peer);
            }
            feed::read_again(tables, &peer, now, changed)?;
        }
        Ok(())
    }

    fn count_absences(
        &self,
        tables: &mut impl Tables,
        now: Now,
        changed: &mut Changed,
    ) -> Result<(), StoreError> {
        let named: BTreeSet<&MessageId> = self.named.iter().flat_map(|part| part.iter()).collect();
        let mut known = 0_usize;
        let mut absent: Vec<Walked> = Vec::new();
        let mut after = 0;
        loop {
            let walked = tables.walk(after, limits::LIST_BATCH)?;
            let Some(last) = walked.last() else { break };
            after = last.number;
            for row in walked {
                if row.number > self.last_number {
                    continue;
                }
                known += 1;
                if named.contains(&row.id) {
                    continue;
                }
                // A change that the server took shows as well as the list that it has the message.
                if self.touched.contains(&row.id) {
                    tables.set_absences(&row.id, 0)?;
                } else {
                    absent.push(row);
                }
            }
        }
        let too_many =
            absent.len() * limits::VANISHING_SHARE > known && !mutation::on(Mutation::VanishedDeleted);
        for row in absent {
            let absences = row.absences + 1;
            tables.set_absences(&row.id, absences)?;
            let Some(stored) = tables
                .message(&row.id)?
                .filter(|_| absences >= limits::ABSENCES || mutation::on(Mutation::AbsentOnce))
            else {
                continue;
            };
            if too_many {
                feed::lose(tables, stored, changed)?;
            } else {
                feed::bury(tables, stored, now, changed)?;
            }
        }
        Ok(())
    }
}

/// The list was asked for after this send's outcome had become unknown, so it tells what came of it.
fn look_for(tables: &mut impl Tables, seq: i64, changed: &mut Changed) -> Result<(), StoreError> {
    let Some(operation) = tables.operation(seq)? else { return Ok(()) };
    let entry = operation.entry;
    let Ok(absent) = entry.state.absent() else { return Ok(()) };
    changed.conversation(&entry.peer);
    changed.outbox();
    match tables.unclaimed(&entry.peer, &operation.content, operation.after)? {
        Some(mut found) => {
            if !mutation::on(Mutation::ClaimUnmarked) {
                found.message.client_key = Some(entry.target.0.clone());
            }
            tables.put_message(&found)?;
            tables.remove(seq)
        }
        None if settle::fold_changes(tables, seq, &entry.target)? => Ok(()),
        None => tables.set_state(seq, &absent, 0),
    }
}

/// The message that a waiting reading tells a plain server of next, up to this one.
pub(super) fn next_read(
    tables: &impl Tables,
    up_to: &crate::apply::Stored,
) -> Result<Option<MessageId>, StoreError> {
    let message = &up_to.message;
    tables.oldest_untold_read(&message.peer, message.sent_at, &message.id)
}
