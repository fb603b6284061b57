//! The world of one schedule: virtual time, the server, the devices, and everything that is under way between them.
//!
//! What happens next is the earliest event of a queue; what happens at one instant happens in the order in which it
//! was put there. Nothing else decides, so a seed is one run.

use std::collections::BTreeMap;

use protocol::Timestamp;

use crate::{
    error::StoreError,
    machine::{Ask, AskId, Effect, Failed, Heard, Input, Machine, Now, Reply, SocketId, Tables, recover},
    store::{Changed, account::Session},
    transport::http::HttpError,
};

use super::{
    checks::{Promise, Violation, broken},
    device::Device,
    disk::{Disk, Store},
    faults::{Fault, Faults, Only},
    ledger::Ledger,
    random::Random,
    schedule::{Schedule, Step},
    server::Server,
    trace::Trace,
};

/// The time of day at which every schedule begins: in November 2026.
const BEGINNING: i64 = 1_795_000_000_000;
/// How many steps a device may take at one instant: more is a loop.
const AT_ONCE: u32 = 2_000;

/// What makes a device write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Its user.
    User,
    /// The answer to a request.
    Answer,
    /// Time, a socket, or its start.
    Itself,
}

/// What is to happen.
pub(super) enum Event {
    /// The next step of the schedule.
    Step(usize),
    /// The app of a device is started.
    Start {
        device: usize,
    },
    /// The user of a device signs in.
    SignIn {
        device: usize,
    },
    /// A machine asked for this moment.
    Tick {
        device: usize,
        life: u32,
    },
    /// A request reaches the server.
    Arrive(Arrival),
    /// An answer reaches the device.
    Answer {
        device: usize,
        life: u32,
        id: AskId,
        outcome: Result<Reply, Failed>,
    },
    /// A socket says something.
    Heard {
        device: usize,
        life: u32,
        socket: SocketId,
        heard: Heard,
    },
    /// A spell of something is over.
    Online {
        device: usize,
    },
    Enable {
        person: usize,
    },
}

/// A request on its way.
pub(super) struct Arrival {
    pub(super) device: usize,
    pub(super) life: u32,
    pub(super) person: usize,
    pub(super) id: AskId,
    pub(super) ask: Ask,
    pub(super) fault: Option<Fault>,
    pub(super) back: u64,
    pub(super) dice: u64,
}

/// The world.
pub(super) struct World {
    pub(super) now: u64,
    order: u64,
    /// Boxed, because what a tree of events would move about is large.
    queue: BTreeMap<(u64, u64), Box<Event>>,
    steps: Vec<Step>,
    /// Whether the last step was carried out.
    played: bool,
    only: Only,
    pub(super) people: usize,
    pub(super) server: Server,
    pub(super) server_clock: i64,
    pub(super) server_away_until: u64,
    pub(super) devices: Vec<Device>,
    pub(super) ledger: Ledger,
    pub(super) faults: Faults,
    pub(super) trace: Trace,
    pub(super) checks: u64,
    pub(super) operations: u32,
    busy: (u64, u32),
}

impl World {
    /// The world of a schedule before its first step.
    pub(super) fn new(
        seed: u64,
        schedule: Schedule,
        only: Only,
        store: Store,
        trace: Trace,
    ) -> Result<Self, StoreError> {
        let Schedule { dialect, people, devices, weather, steps } = schedule;
        let server = Server::new(dialect, people);
        let device = |(nth, person): (usize, &usize)| {
            let purpose = (1 << 62) | u64::try_from(nth).unwrap_or(0);
            let random = Random::new(seed, purpose);
            Ok(Device::new(*person, Disk::new(store, server.id_of(*person))?, random))
        };
        let devices: Vec<_> = devices.iter().enumerate().map(device).collect::<Result<_, StoreError>>()?;
        let mut world = Self {
            now: 0,
            order: 0,
            queue: BTreeMap::new(),
            steps,
            played: false,
            people,
            server,
            server_clock: 0,
            server_away_until: 0,
            ledger: Ledger::new(devices.len()),
            faults: Faults::new(seed, weather, devices.len(), only.places.clone()),
            only,
            devices,
            trace,
            checks: 0,
            operations: 0,
            busy: (0, 0),
        };
        for device in 0..world.devices.len() {
            world.after(0, Event::Start { device });
        }
        world.after(0, Event::Step(0));
        Ok(world)
    }

    /// Puts an event so many milliseconds ahead.
    pub(super) fn after(&mut self, wait: u64, event: Event) {
        self.order += 1;
        self.queue.insert((self.now + wait, self.order), Box::new(event));
    }

    /// The time of day at the server.
    pub(super) fn server_time(&self) -> Timestamp {
        self.time(self.server_clock)
    }

    fn time(&self, off: i64) -> Timestamp {
        let elapsed = i64::try_from(self.now).unwrap_or(i64::MAX);
        Timestamp::clamped(BEGINNING.saturating_add(elapsed).saturating_add(off))
    }

    /// The moment by the clocks of a device.
    pub(super) fn now_of(&self, device: usize) -> Now {
        let it = &self.devices[device];
        let elapsed = std::time::Duration::from_millis(self.now - it.began);
        Now { elapsed, time: self.time(it.clock) }
    }

    /// Lets the next event happen, unless it is later than this.
    pub(super) fn advance(&mut self, until: u64) -> Result<bool, Violation> {
        match self.queue.first_key_value() {
            Some(((at, _), _)) if *at <= until => {}
            _ => {
                self.now = until;
                return Ok(false);
            }
        }
        let Some(((at, _), event)) = self.queue.pop_first() else { return Ok(false) };
        if at > self.busy.0 {
            self.busy = (at, 0);
        }
        self.busy.1 += 1;
        if self.busy.1 > AT_ONCE {
            return broken(Promise::Rests, "a device does something over and over at one instant");
        }
        self.now = at;
        self.happen(*event)?;
        Ok(true)
    }

    /// Lets the whole schedule happen.
    pub(super) fn play(&mut self) -> Result<(), Violation> {
        while !self.played {
            self.advance(u64::MAX)?;
        }
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Step(nth) => self.next_step(nth),
            Event::Start { device } => self.start(device),
            Event::SignIn { device } => self.sign_in(device),
            Event::Tick { device, life } => {
                let it = &mut self.devices[device];
                if it.life != life || it.tick != Some(self.now) {
                    return Ok(());
                }
                it.tick = None;
                self.step(device, Input::Tick)
            }
            Event::Arrive(arrival) => self.arrive(arrival),
            Event::Answer { device, life, id, outcome } => self.answered(device, life, id, outcome),
            Event::Heard { device, life, socket, heard } => self.heard(device, life, socket, heard),
            Event::Online { device } => {
                self.devices[device].online = true;
                self.trace.line(self.now, || format!("device {device} is online again"));
                Ok(())
            }
            Event::Enable { person } => {
                self.server.disabled[person] = false;
                Ok(())
            }
        }
    }

    fn next_step(&mut self, nth: usize) -> Result<(), Violation> {
        let Some(step) = self.steps.get(nth).cloned() else {
            self.played = true;
            return Ok(());
        };
        let number = u32::try_from(nth).unwrap_or(u32::MAX);
        let kept = self.only.steps.as_ref().is_none_or(|only| only.contains(&number));
        let after = self.steps.get(nth + 1).map(|next| next.after);
        if kept {
            self.operations += 1;
            self.trace.line(self.now, || format!("── step {nth}: {}", step.act));
            self.act(&step.act)?;
        }
        match after {
            Some(after) => self.after(after, Event::Step(nth + 1)),
            None => self.played = true,
        }
        Ok(())
    }

    /// Starts the app of a device where somebody is signed in.
    pub(super) fn start(&mut self, device: usize) -> Result<(), Violation> {
        let it = &mut self.devices[device];
        if it.machine.is_some() || it.session != Session::SignedIn {
            return Ok(());
        }
        it.began = self.now;
        let mut changed = Changed::default();
        let mut recovered = Ok(());
        it.disk.transact(true, None, |tables| recovered = recover(tables, &mut changed))?;
        recovered?;
        it.machine = Some(Machine::new());
        self.trace.line(self.now, || format!("device {device} starts"));
        self.step(device, Input::Tick)
    }

    fn sign_in(&mut self, device: usize) -> Result<(), Violation> {
        let it = &mut self.devices[device];
        if it.session == Session::SignedIn {
            return Ok(());
        }
        self.set_session(device, Session::SignedIn)?;
        self.trace.line(self.now, || format!("device {device} signs in"));
        self.start(device)
    }

    /// Stores how the session stands, as the shell does.
    pub(super) fn set_session(&mut self, device: usize, session: Session) -> Result<(), Violation> {
        let it = &mut self.devices[device];
        it.session = session;
        let mut stored = Ok(());
        it.disk.transact(true, None, |tables| stored = tables.set_session(session))?;
        Ok(stored?)
    }

    /// Tells a device's machine something, stores what follows, and carries it out; or lets that fail.
    pub(super) fn step(&mut self, device: usize, input: Input) -> Result<(), Violation> {
        let now = self.now_of(device);
        let (mut fate, dice) = self.faults.write(device);
        let it = &mut self.devices[device];
        let Some(machine) = &mut it.machine else { return Ok(()) };
        let full = self.now < it.full_until;
        if full {
            fate = Some(Fault::DiskFull);
        }
        let answered = match &input {
            Input::Answer(id, _) => Some(*id),
            _ => None,
        };
        let cause = if matches!(input, Input::Answer(..)) { Cause::Answer } else { Cause::Itself };
        let fails = matches!(fate, Some(Fault::DiskFull | Fault::CommitUnclear));
        let before = fails.then(|| machine.clone());
        let fails_at = match fate {
            Some(Fault::DiskFull) if full => Some(0),
            Some(Fault::DiskFull) => Some(u32::try_from(dice % 6).unwrap_or(0)),
            _ => None,
        };
        let keep = !matches!(fate, Some(Fault::CrashBeforeCommit | Fault::DiskFull));
        let (mut changed, mut outcome) = (Changed::default(), Ok(Vec::new()));
        let notes = it.disk.transact(keep || full, fails_at, |tables| {
            outcome = machine.step(tables, &mut changed, input, now, &mut || it.random.unit());
        })?;
        it.stored = keep && outcome.is_ok();
        self.trace.mark(u64::from(notes.count));
        let wrote = notes.count > 0 || outcome.is_err();
        it.failed = fails && wrote;
        if fails && wrote {
            self.trace.line(self.now, || format!("device {device}: the store fails ({fate:?})"));
            let it = &mut self.devices[device];
            // That it was asked to wait may be what could not be stored.
            it.rest_until = 0;
            if let Some(mut before) = before {
                before.store_failed(answered, now, &mut || it.random.unit());
                it.machine = Some(before);
            }
            if fate == Some(Fault::CommitUnclear) {
                self.check_written(device, &notes.written, cause)?;
            }
            self.schedule_tick(device);
            return Ok(());
        }
        let effects = outcome?;
        if fate == Some(Fault::CrashBeforeCommit) {
            self.crash(device, dice % 5_000, "before the commit");
            return Ok(());
        }
        self.check_written(device, &notes.written, cause)?;
        if fate == Some(Fault::CrashAfterCommit) {
            self.crash(device, dice % 5_000, "after the commit");
            return Ok(());
        }
        for effect in effects {
            self.carry_out(device, effect)?;
        }
        if fate == Some(Fault::CrashAfterRequest) {
            self.crash(device, dice % 5_000, "after its requests left");
        }
        self.schedule_tick(device);
        Ok(())
    }

    fn carry_out(&mut self, device: usize, effect: Effect) -> Result<(), Violation> {
        match effect {
            Effect::Ask(id, ask) => self.request(device, id, ask),
            Effect::Open(id) => {
                self.open(device, id);
                Ok(())
            }
            Effect::Say(id, say) => {
                self.say(device, id, say);
                Ok(())
            }
            Effect::Close(id) => {
                let socket = &mut self.devices[device].socket;
                if socket.is_some_and(|socket| socket.id == id) {
                    *socket = None;
                }
                Ok(())
            }
            Effect::SessionOver => {
                self.trace.line(self.now, || format!("device {device}: the session is over"));
                self.stop(device);
                let it = &mut self.devices[device];
                it.session = Session::Expired;
                let wait = it.random.below(20_000);
                self.after(wait, Event::SignIn { device });
                Ok(())
            }
        }
    }

    fn schedule_tick(&mut self, device: usize) {
        let it = &mut self.devices[device];
        let Some(due) = it.machine.as_ref().and_then(Machine::wake_at) else { return };
        let due = it.began + u64::try_from(due.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX / 2);
        let due = due.max(self.now);
        if it.tick != Some(due) {
            it.tick = Some(due);
            let life = it.life;
            self.after(due - self.now, Event::Tick { device, life });
        }
    }

    /// The app ends without warning, and is started again after so many milliseconds.
    pub(super) fn crash(&mut self, device: usize, during: u64, when: &str) {
        self.trace.line(self.now, || format!("device {device} crashes {when}"));
        self.stop(device);
        self.after(during, Event::Start { device });
    }

    /// The app ends: what it waited for is given up.
    pub(super) fn stop(&mut self, device: usize) {
        let waiting = std::mem::take(&mut self.devices[device].waiting);
        for waiting in waiting.values() {
            self.give_up(&waiting.ask);
        }
        self.devices[device].stop();
    }

    /// Nobody knows what came of this request.
    pub(super) fn give_up(&mut self, ask: &Ask) {
        let now = self.now;
        if let Ask::Send { key, .. } = ask
            && let Some(intent) = self.ledger.get_mut(key)
        {
            intent.given_up = Some(now);
        }
    }

    fn answered(
        &mut self,
        device: usize,
        life: u32,
        id: AskId,
        outcome: Result<Reply, Failed>,
    ) -> Result<(), Violation> {
        let it = &mut self.devices[device];
        if it.life != life {
            return Ok(());
        }
        // Who is offline when the answer comes does not get it.
        let outcome = if it.online { outcome } else { Err(super::network::no_answer()) };
        if let Ok(Reply::Batch(_)) = outcome {
            if !it.waiting.contains_key(&id) {
                return Ok(());
            }
            self.step(device, Input::Answer(id, outcome))?;
            self.devices[device].spoil_lists();
            return Ok(());
        }
        let Some(waiting) = it.waiting.remove(&id) else { return Ok(()) };
        self.trace.line(self.now, || {
            let told = match &outcome {
                Ok(_) => "answered".to_owned(),
                Err(Failed::SessionOver) => "session over".to_owned(),
                Err(Failed::Http(error)) => error.to_string(),
            };
            format!("device {device} ← {:?}: {told}", waiting.ask)
        });
        let listed = waiting.answered.filter(|_| matches!(outcome, Ok(Reply::Done)) && !waiting.spoilt);
        if let Some((newest, _)) = listed {
            it.listed = Some(super::device::Listed { asked: waiting.asked, newest });
        }
        if let Err(Failed::Http(HttpError::Status { status: 429 | 503, retry_after: Some(wait), .. })) =
            &outcome
            && waiting.ask.is_operation()
        {
            let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            it.rest_until = it.rest_until.max(self.now + wait);
        }
        if let Err(Failed::Http(error)) = &outcome
            && super::network::leaves_open(error)
        {
            self.give_up(&waiting.ask);
        }
        self.step(device, Input::Answer(id, outcome))?;
        let it = &mut self.devices[device];
        it.lied_to &= !(it.stored && listed.is_some_and(|(_, whole)| whole));
        if !it.stored {
            self.give_up(&waiting.ask);
        }
        if waiting.ask.is_operation() {
            self.devices[device].spoil_lists();
        }
        self.check_caught_up(device)
    }
}
