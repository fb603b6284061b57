//! What people do with their devices, and what befalls these: the steps of a schedule, carried out.

use crate::{
    domain::{ItemKey, MessageId},
    error::WriteError,
    machine::{Dialect, Input, Tables, compose},
    outbox::{Kind, State},
    store::{Changed, account::Session},
};

use super::{
    checks::{Promise, Violation, broken, look},
    faults::Fault,
    schedule::{Act, Elsewhere, Words},
    server::FORBIDDEN,
    watched::Watched,
    world::{Cause, Event, World},
};

/// How long nothing happens in [`Act::Wait`], in milliseconds.
const LONG: u64 = 10 * 60_000;

impl World {
    /// Carries a step of the schedule out.
    pub(super) fn act(&mut self, act: &Act) -> Result<(), Violation> {
        match *act {
            Act::Send { device, peer, words } => self.write(device, peer, words),
            Act::Edit { device, back } => self.edit(device, back),
            Act::Delete { device, back } => self.delete(device, back),
            Act::Read { device, peer, back } => self.read(device, peer, back),
            Act::Retry { device, back } => self.retry(device, back),
            Act::Hurry { device } => {
                self.devices[device].rest_until = 0;
                self.step(device, Input::RetryNow)
            }
            Act::Look { device, peer } => {
                let peer = self.server.id_of(peer).clone();
                self.step(device, Input::Wanted(peer))
            }
            Act::Offline { device, during } => {
                self.faults.count(Fault::Offline);
                self.go_offline(device, during)
            }
            Act::Crash { device, during } => {
                self.faults.count(Fault::Crash);
                self.crash(device, during, "as it is killed");
                Ok(())
            }
            Act::Upgrade { device, peer, rows } => self.upgrade(device, peer, rows),
            Act::SignOut { device, during } => self.sign_out(device, during),
            Act::Jump { device, by } => {
                self.faults.count(Fault::ClockJump);
                self.devices[device].clock = by;
                Ok(())
            }
            Act::DiskFull { device, during } => {
                self.faults.count(Fault::DiskFullSpell);
                self.devices[device].full_until = self.now + during;
                Ok(())
            }
            Act::Deafen { device } => {
                if let Some(socket) = &mut self.devices[device].socket {
                    self.faults.count(Fault::SocketSilent);
                    socket.silent = true;
                }
                Ok(())
            }
            Act::Wait => {
                let until = self.now + LONG;
                while self.advance(until)? {}
                Ok(())
            }
            Act::JumpServer { .. }
            | Act::ServerAway { .. }
            | Act::BackUp
            | Act::Restore
            | Act::Prune { .. }
            | Act::Disable { .. }
            | Act::Elsewhere { .. } => {
                self.befall(act);
                self.tell_news();
                Ok(())
            }
        }
    }

    /// What happens at the server.
    fn befall(&mut self, act: &Act) {
        match *act {
            Act::JumpServer { by } => {
                self.faults.count(Fault::ServerClockJump);
                self.server_clock = by;
            }
            Act::ServerAway { during } => {
                self.faults.count(Fault::ServerAway);
                self.server_away_until = self.now + during;
            }
            Act::BackUp => self.server.back_up(),
            Act::Restore if self.server.has_copy() => {
                self.faults.count(Fault::Restored);
                self.server.restore();
                let keys = self.server.messages().iter().filter_map(|kept| kept.key.as_deref());
                self.ledger.restored(keys);
            }
            Act::Prune { person, but } => {
                self.faults.count(Fault::FeedExpired);
                self.server.prune(person, but);
            }
            Act::Disable { person, during } => {
                self.faults.count(Fault::ReceiverDisabled);
                self.server.disabled[person] = true;
                self.after(during, Event::Enable { person });
            }
            Act::Elsewhere { person, peer, what } => self.elsewhere(person, peer, what),
            _ => {}
        }
    }

    /// Lets a user write: within one transaction, which may fail. Says whether it was accepted.
    fn compose(
        &mut self,
        device: usize,
        work: impl FnOnce(&mut Watched<'_>, protocol::Timestamp, &mut Changed) -> Result<(), WriteError>,
    ) -> Result<bool, Violation> {
        let now = self.now_of(device);
        let (fate, dice) = self.faults.write(device);
        let it = &mut self.devices[device];
        if it.session == Session::SignedOut {
            return Ok(false);
        }
        let full = self.now < it.full_until;
        let fails_at = match fate {
            _ if full => Some(0),
            Some(Fault::DiskFull) => Some(u32::try_from(dice % 4).unwrap_or(0)),
            _ => None,
        };
        let keep = full || !matches!(fate, Some(Fault::CrashBeforeCommit | Fault::DiskFull));
        let (mut changed, mut outcome) = (Changed::default(), Ok(()));
        let notes =
            it.disk.transact(keep, fails_at, |tables| outcome = work(tables, now.time, &mut changed))?;
        if keep && outcome.is_err() && notes.count > 0 {
            return broken(Promise::Shown, "a write that was not accepted has written");
        }
        let committed = keep && outcome.is_ok();
        if committed {
            self.check_written(device, &notes.written, Cause::User)?;
        }
        if matches!(fate, Some(Fault::CrashBeforeCommit | Fault::CrashAfterCommit | Fault::CrashAfterRequest))
        {
            self.crash(device, dice % 5_000, "while its user writes");
        } else if committed {
            self.step(device, Input::Written)?;
        }
        Ok(committed)
    }

    fn write(&mut self, device: usize, peer: usize, words: Words) -> Result<(), Violation> {
        let last = self.ledger.of(device).last().filter(|intent| intent.peer == peer);
        let again = last.and_then(|intent| intent.words.first()).filter(|_| words == Words::Again).cloned();
        let content = again.unwrap_or_else(|| self.new_text(device, words == Words::Forbidden));
        let key = self.ledger.next_key(device);
        // Written down first: within the step that follows it may already be sent.
        self.ledger.wrote(device, key.clone(), peer, content.clone());
        let to = self.server.id_of(peer).clone();
        let accepted = self.compose(device, |tables, now, changed| {
            compose::send(tables, &to, &content, &key, now, changed)
        })?;
        if !accepted {
            if let Some(intent) = self.ledger.get_mut(key.as_str()) {
                intent.unwanted = true;
            }
            return Ok(());
        }
        let here = look(&self.devices[device].disk, |tables| {
            let waits = tables.entry_of(&key, Kind::Send)?.is_some();
            Ok(waits || tables.message_by_client_key(key.as_str())?.is_some())
        })?;
        if here {
            Ok(())
        } else {
            broken(Promise::Shown, format!("{key} was accepted, and is not in the rows"))
        }
    }

    fn new_text(&mut self, device: usize, forbidden: bool) -> String {
        let it = &mut self.devices[device];
        it.texts += 1;
        let text = format!("text {device}.{}", it.texts);
        if forbidden { format!("{FORBIDDEN}{text}") } else { text }
    }

    /// The key by which a device knows one of its user's own messages, counted backwards from the newest.
    fn own(&self, device: usize, back: usize) -> Option<ItemKey> {
        // Mostly what was written here; sometimes what the same person wrote on another device or elsewhere.
        let here = self.ledger.of(device);
        if back < 4 && !here.is_empty() {
            return here.iter().rev().nth(back % here.len()).map(|intent| intent.key.clone());
        }
        let person = self.devices[device].person;
        let theirs = self.server.messages().iter().rev().filter(|kept| kept.from == person && kept.is_live());
        let kept = theirs.take(back + 1).last()?;
        let extended = self.server.dialect == Dialect::Extended;
        Some(ItemKey(kept.key.clone().filter(|_| extended).unwrap_or_else(|| kept.id.0.clone())))
    }

    fn edit(&mut self, device: usize, back: usize) -> Result<(), Violation> {
        let Some(key) = self.own(device, back) else { return Ok(()) };
        let content = self.new_text(device, back == 5);
        // Where it waits, this is what it will be sent with.
        let known =
            self.ledger.get_mut(key.as_str()).map(|intent| intent.words.push(content.clone())).is_some();
        let accepted =
            self.compose(device, |tables, now, changed| compose::edit(tables, &key, &content, now, changed))?;
        if known
            && !accepted
            && let Some(intent) = self.ledger.get_mut(key.as_str())
        {
            intent.words.retain(|words| *words != content);
        }
        Ok(())
    }

    fn delete(&mut self, device: usize, back: usize) -> Result<(), Violation> {
        let Some(key) = self.own(device, back) else { return Ok(()) };
        let was = self.ledger.get(key.as_str()).map(|intent| intent.unwanted);
        let lost = look(&self.devices[device].disk, |tables| lost_words(tables, &key))?.is_some();
        if lost && let Some(intent) = self.ledger.get_mut(key.as_str()) {
            // It is removed here alone, and comes back where the server has it after all.
            intent.late = true;
        }
        self.mark_unwanted(&key, true);
        let accepted =
            self.compose(device, |tables, now, changed| compose::delete(tables, &key, now, changed))?;
        if !accepted && was == Some(false) {
            self.mark_unwanted(&key, false);
        }
        Ok(())
    }

    fn mark_unwanted(&mut self, key: &ItemKey, unwanted: bool) {
        if let Some(intent) = self.ledger.get_mut(key.as_str()) {
            intent.unwanted = unwanted;
        }
    }

    fn read(&mut self, device: usize, peer: usize, back: usize) -> Result<(), Violation> {
        let person = self.devices[device].person;
        let between = |kept: &&super::server::Kept| kept.concerns(person) && kept.concerns(peer);
        let Some(kept) = self.server.messages().iter().rev().filter(between).nth(back) else { return Ok(()) };
        let mine = kept.from == person && self.server.dialect == Dialect::Extended;
        let key = ItemKey(kept.key.clone().filter(|_| mine).unwrap_or_else(|| kept.id.0.clone()));
        let peer = self.server.id_of(peer).clone();
        self.compose(device, |tables, now, changed| compose::mark_read(tables, &peer, &key, now, changed))?;
        Ok(())
    }

    /// Tries the n-th again of what was refused, and where nothing was, sends again what the server lost.
    fn retry(&mut self, device: usize, back: usize) -> Result<(), Violation> {
        let found = look(&self.devices[device].disk, |tables| {
            let refused: Vec<_> = tables
                .entries()?
                .into_iter()
                .filter(|entry| matches!(entry.state, State::Refused { .. }))
                .map(|entry| entry.target)
                .collect();
            match refused.get(back % refused.len().max(1)) {
                Some(key) => {
                    // Of another device's message a plain server tells no key, so the ledger could not know it again.
                    let foreign = tables.message(&MessageId(key.0.clone()))?.is_some_and(|row| row.lost);
                    Ok(Some((key.clone(), lost_words(tables, key)?)).filter(|_| !foreign))
                }
                None => self.lost(device, tables),
            }
        })?;
        let Some((key, lost)) = found else { return Ok(()) };
        if let (Some(words), Some(intent)) = (lost, self.ledger.get_mut(key.as_str())) {
            intent.again = true;
            intent.words.push(words);
            // A plain server that has it all the same gets it twice, by the user's decision.
            intent.late |= self.server.dialect == Dialect::Plain;
        }
        self.compose(device, |tables, now, changed| compose::retry(tables, &key, now, changed))?;
        Ok(())
    }

    /// A message of the user's own that the server lost, and what it said.
    fn lost(
        &self,
        device: usize,
        tables: &dyn Tables,
    ) -> Result<Option<(ItemKey, Option<String>)>, Violation> {
        for kept in self.server.gone().iter().filter(|kept| kept.from == self.devices[device].person) {
            let Some(key) = kept.key.clone().map(ItemKey) else { continue };
            if let Some(words) = lost_words(tables, &key)? {
                return Ok(Some((key, Some(words))));
            }
        }
        Ok(None)
    }

    fn go_offline(&mut self, device: usize, during: u64) -> Result<(), Violation> {
        self.devices[device].online = false;
        self.after(during, Event::Online { device });
        let it = &self.devices[device];
        match it.socket {
            // The network of the device tells of its own end, or does not.
            Some(socket) if during.is_multiple_of(2) => {
                self.heard(device, it.life, socket.id, crate::machine::Heard::Ended)
            }
            _ => Ok(()),
        }
    }

    fn upgrade(&mut self, device: usize, peer: usize, rows: usize) -> Result<(), Violation> {
        self.faults.count(Fault::Upgrade);
        self.go_offline(device, 1_000)?;
        for _ in 0..rows {
            self.write(device, peer, Words::New)?;
        }
        self.crash(device, 500, "to be replaced by a newer version");
        Ok(())
    }

    fn sign_out(&mut self, device: usize, during: u64) -> Result<(), Violation> {
        self.faults.count(Fault::SignOut);
        self.trace.line(self.now, || format!("device {device} signs out"));
        self.stop(device);
        self.set_session(device, Session::SignedOut)?;
        self.after(during, Event::SignIn { device });
        Ok(())
    }

    /// Somebody does something with a client that knows the document alone.
    fn elsewhere(&mut self, person: usize, peer: usize, what: Elsewhere) {
        let clock = self.server_time();
        let nth = |back: usize, mine: bool| -> Option<MessageId> {
            let fits = |kept: &&super::server::Kept| {
                kept.is_live()
                    && if mine { kept.from == person } else { kept.to == person && kept.from == peer }
            };
            self.server.messages().iter().rev().filter(fits).nth(back).map(|kept| kept.id.clone())
        };
        let text = format!("elsewhere {}", self.now);
        // Whatever the server says to it is between the two.
        match what {
            Elsewhere::Send => {
                let to = self.server.id_of(peer).clone();
                let _ = self.server.send(person, &to, &text, None, clock);
            }
            Elsewhere::Edit { back } => {
                if let Some(id) = nth(back, true) {
                    let _ = self.server.edit(person, &id, &text, clock);
                }
            }
            Elsewhere::Delete { back } => {
                if let Some(id) = nth(back, true) {
                    let _ = self.server.delete(person, &id, clock);
                }
            }
            Elsewhere::Read { back } => {
                if let Some(id) = nth(back, false) {
                    let _ = self.server.read_one(person, &id, clock);
                }
            }
        }
    }
}

/// What a message said that the server lost, where it did.
fn lost_words(tables: &dyn Tables, key: &ItemKey) -> Result<Option<String>, Violation> {
    let row = tables.message_by_client_key(key.as_str())?.filter(|row| row.lost);
    Ok(row.map(|row| row.message.content))
}
