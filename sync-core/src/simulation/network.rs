//! What is between a device and the server: requests, answers and sockets, each with its fate.

use std::time::Duration;

use crate::{
    machine::{Ask, AskId, Failed, Heard, Input, Reply, SocketId},
    transport::{
        http::{HttpError, NoAnswer},
        socket::Say,
    },
};

use super::{
    checks::Violation,
    device::{Socket, Waiting},
    faults::Fault,
    server::status,
    world::{Arrival, Event, World},
};

/// After how many milliseconds a device gives an answer up.
const TIME_OUT: u64 = 15_000;

/// What a device makes of it when no answer comes.
pub(super) fn no_answer() -> Failed {
    Failed::Http(HttpError::NoAnswer { cause: NoAnswer::TimedOut, details: "no answer".to_owned() })
}

/// Whether such an answer leaves open what came of the request.
pub(super) const fn leaves_open(error: &HttpError) -> bool {
    match error {
        HttpError::NoAnswer { .. } | HttpError::Unreadable(_) => true,
        HttpError::Status { status, .. } => matches!(*status, 300..=399 | 408 | 500..),
        HttpError::Expired => false,
    }
}

impl World {
    /// A device makes a request.
    pub(super) fn request(&mut self, device: usize, id: AskId, ask: Ask) -> Result<(), Violation> {
        self.check_asked(device, &ask)?;
        let fate = self.faults.request(device, ask == Ask::List);
        self.trace.line(self.now, || match fate.fault {
            Some(fault) => format!("device {device} → {ask:?} ({})", fault.words()),
            None => format!("device {device} → {ask:?}"),
        });
        let now = self.now;
        let it = &mut self.devices[device];
        let (life, person) = (it.life, it.person);
        it.waiting.insert(id, Waiting { ask: ask.clone(), asked: now, answered: None, spoilt: false });
        if !it.online {
            let cause = NoAnswer::NoNetwork;
            let error = HttpError::NoAnswer { cause, details: "offline".to_owned() };
            self.after(2, Event::Answer { device, life, id, outcome: Err(Failed::Http(error)) });
            return Ok(());
        }
        let arrival =
            |ask, fault| Arrival { device, life, person, id, ask, fault, back: fate.back, dice: fate.dice };
        match fate.fault {
            Some(Fault::RequestLost) => self.answer(device, life, id, TIME_OUT, Err(no_answer())),
            Some(Fault::RequestLate) => {
                self.answer(device, life, id, TIME_OUT, Err(no_answer()));
                let late = TIME_OUT / 2 + fate.dice % (4 * TIME_OUT);
                self.after(late, Event::Arrive(arrival(ask, Some(Fault::AnswerLost))));
            }
            Some(Fault::RequestTwice) => {
                let again = fate.there + 1 + fate.dice % 20_000;
                self.after(fate.there, Event::Arrive(arrival(ask.clone(), None)));
                self.after(again, Event::Arrive(arrival(ask, Some(Fault::RequestTwice))));
            }
            fault => self.after(fate.there, Event::Arrive(arrival(ask, fault))),
        }
        Ok(())
    }

    fn answer(&mut self, device: usize, life: u32, id: AskId, wait: u64, outcome: Result<Reply, Failed>) {
        self.after(wait, Event::Answer { device, life, id, outcome });
    }

    /// A request reaches the server.
    pub(super) fn arrive(&mut self, arrival: Arrival) -> Result<(), Violation> {
        let Arrival { device, life, person, id, ask, fault, back, dice } = arrival;
        let http = |error| Err(Failed::Http(error));
        let waits = self.devices[device].life == life && self.devices[device].waiting.contains_key(&id);
        if self.now < self.server_away_until {
            let outcome = if dice.is_multiple_of(2) { http(status(503, "closed")) } else { Err(no_answer()) };
            self.answer(device, life, id, back, outcome);
            return Ok(());
        }
        let asked_to_wait =
            Some(Duration::from_millis(200 + dice % 30_000)).filter(|_| !dice.is_multiple_of(3));
        let turned_away = match fault {
            Some(Fault::FailingBefore) => Some(http(HttpError::Status {
                status: [500, 502, 503, 408][usize::try_from(dice % 4).unwrap_or(0)],
                reason: "failing".to_owned(),
                retry_after: asked_to_wait.filter(|_| dice.is_multiple_of(5)),
            })),
            Some(Fault::TooMany) => Some(http(HttpError::Status {
                status: 429,
                reason: "too many requests".to_owned(),
                retry_after: asked_to_wait,
            })),
            Some(Fault::Unauthorized) => Some(http(status(401, "Invalid token"))),
            Some(Fault::SessionOver) => Some(Err(Failed::SessionOver)),
            _ => None,
        };
        if let Some(outcome) = turned_away {
            self.answer(device, life, id, back, outcome);
            return Ok(());
        }
        let outcome = self.carry_out_at_server(person, &ask, !waits || fault == Some(Fault::RequestTwice))?;
        self.tell_news();
        self.trace.line(self.now, || match &outcome {
            Ok(_) => format!("          server: {ask:?} of {person} carried out"),
            Err(error) => format!("          server: {ask:?} of {person}: {error}"),
        });
        match (fault, outcome) {
            (Some(Fault::RequestTwice), _) => {}
            (Some(Fault::AnswerLost), _) => self.answer(device, life, id, TIME_OUT, Err(no_answer())),
            (Some(Fault::FailingAfter), _) => {
                self.answer(device, life, id, back, http(status(502, "bad gateway")));
            }
            (Some(Fault::AnswerUnreadable), Ok(_)) => {
                let error = HttpError::Unreadable("not of the documented form".to_owned());
                self.answer(device, life, id, back, http(error));
            }
            (_, Err(error)) => self.answer(device, life, id, back, http(error)),
            (fault, Ok(mut replies)) => {
                if ask == Ask::List {
                    let whole = !self.lie(device, fault, dice, &mut replies);
                    let newest = self.server.messages().last().map_or(0, |kept| kept.number);
                    if let Some(waiting) = self.devices[device].waiting.get_mut(&id) {
                        waiting.answered = Some((newest, whole));
                    }
                }
                let mut wait = back;
                if fault == Some(Fault::AnswerCut) {
                    replies.truncate(replies.len() / 2);
                }
                for reply in replies {
                    self.answer(device, life, id, wait, Ok(reply));
                    wait += 1 + dice % 40;
                }
                if fault == Some(Fault::AnswerCut) {
                    self.answer(device, life, id, wait, Err(no_answer()));
                }
            }
        }
        Ok(())
    }

    /// A plain server whose list is not of everything: it reads from a copy that lags, or from one that is being made.
    /// It leaves one message out, never twice in a row; or all, up to some times in a row. Says whether it did.
    fn lie(&mut self, device: usize, fault: Option<Fault>, dice: u64, replies: &mut Vec<Reply>) -> bool {
        let it = &mut self.devices[device];
        if fault == Some(Fault::ListHollow) {
            it.hollow = 1 + dice % 3;
        }
        if self.faults.over {
            return false;
        }
        let mut lies = false;
        if it.hollow > 0 {
            it.hollow -= 1;
            lies = true;
            replies.drain(..replies.len() - 1);
        } else if fault == Some(Fault::ListShort) && !it.lied_to {
            let parts = replies.len().saturating_sub(1).max(1);
            if let Some(Reply::Batch(part)) = replies.get_mut(usize::try_from(dice).unwrap_or(0) % parts) {
                part.remove(usize::try_from(dice >> 8).unwrap_or(0) % part.len());
                lies = true;
            }
        }
        it.lied_to |= lies;
        if lies {
            // Nobody can find a message in a list that does not name it.
            self.ledger.excuse(device);
        }
        lies
    }

    /// The server does what it is asked. `late` is whether nobody waits for that any more.
    fn carry_out_at_server(
        &mut self,
        person: usize,
        ask: &Ask,
        late: bool,
    ) -> Result<Result<Vec<Reply>, HttpError>, Violation> {
        let before = self.server.messages().len();
        let clock = self.server_time();
        let outcome = self.server.ask(person, ask, clock);
        if let Ask::Send { key, .. } = ask
            && self.server.messages().len() > before
        {
            self.check_taken(key, late)?;
        }
        Ok(outcome)
    }

    /// Tells every socket of those for whom something happened.
    pub(super) fn tell_news(&mut self) {
        for person in self.server.take_news() {
            for device in 0..self.devices.len() {
                let it = &self.devices[device];
                let Some(Socket { id, joined: true, silent: false }) = it.socket else { continue };
                if it.person == person {
                    self.event(device, id, Heard::News);
                }
            }
        }
    }

    /// A socket says something, if it gets through.
    fn event(&mut self, device: usize, socket: SocketId, heard: Heard) {
        if self.faults.weather.silent && heard == Heard::News {
            return;
        }
        let life = self.devices[device].life;
        let (fault, wait) = self.faults.event(device);
        let said = |heard| Event::Heard { device, life, socket, heard };
        match fault {
            Some(Fault::EventLost | Fault::SocketSilent) => {
                if fault == Some(Fault::SocketSilent)
                    && let Some(open) = &mut self.devices[device].socket
                {
                    open.silent = true;
                }
            }
            Some(Fault::SocketEnds | Fault::SocketRefused) => self.after(wait, said(Heard::Ended)),
            Some(Fault::EventTwice) => {
                self.after(wait, said(heard.clone()));
                self.after(wait * 3, said(heard));
            }
            _ => self.after(wait, said(heard)),
        }
    }

    /// A device opens a socket.
    pub(super) fn open(&mut self, device: usize, id: SocketId) {
        self.devices[device].socket = Some(Socket { id, joined: false, silent: false });
        let away = self.now < self.server_away_until;
        let it = &self.devices[device];
        if !it.online || away {
            let life = it.life;
            self.after(3, Event::Heard { device, life, socket: id, heard: Heard::Ended });
            return;
        }
        self.event(device, id, Heard::Joined);
    }

    /// A device says something on its socket.
    pub(super) fn say(&mut self, device: usize, id: SocketId, say: Say) {
        let it = &self.devices[device];
        let alive = it.socket.is_some_and(|socket| socket.id == id && !socket.silent);
        if !alive || !it.online || self.now < self.server_away_until {
            return;
        }
        match say {
            // The machine never says it; the engine does, beside it.
            Say::Typing { .. } => {}
            Say::Heartbeat(_) => self.event(device, id, Heard::Alive),
            Say::Delivered(ids) => {
                let (person, clock) = (it.person, self.server_time());
                self.server.delivered(person, &ids, clock);
                self.tell_news();
            }
        }
    }

    /// A socket says something to a device.
    pub(super) fn heard(
        &mut self,
        device: usize,
        life: u32,
        id: SocketId,
        heard: Heard,
    ) -> Result<(), Violation> {
        let it = &mut self.devices[device];
        let Some(socket) = it.socket.as_mut().filter(|socket| socket.id == id && it.life == life) else {
            return Ok(());
        };
        if !it.online && heard != Heard::Ended {
            return Ok(());
        }
        match heard {
            Heard::Joined => socket.joined = true,
            Heard::Ended => it.socket = None,
            Heard::Alive | Heard::News | Heard::Person(_) => {}
        }
        self.trace.line(self.now, || format!("device {device} hears {heard:?}"));
        self.step(device, Input::Socket(id, heard))
    }
}
