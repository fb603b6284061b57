//! One schedule from its first step until all is quiet.

use super::{
    checks::{Promise, Violation, broken},
    disk::Store,
    faults::{Fault, Only, Place},
    schedule::Schedule,
    trace::Trace,
    world::{Event, World},
};

use crate::{machine::Dialect, store::account::Session};

/// How long it may take until all is quiet, in milliseconds of virtual time.
const PATIENCE: u64 = 60 * 60_000;
/// How often it is looked whether all is quiet.
const LOOK: u64 = 15_000;
/// How long a plain server is followed on: two more polls, because an absence counts from the second list on.
const TWO_POLLS: u64 = 140_000;

/// What came of a schedule.
#[derive(Debug)]
pub struct Outcome {
    /// The promise that was broken, if one was.
    pub violation: Option<Violation>,
    /// A number that is the same for runs in which the same happened.
    pub hash: u64,
    /// How many steps of the schedule were carried out.
    pub operations: u64,
    /// How many checks were made.
    pub checks: u64,
    /// How often each fault came about, in the order of the report.
    pub faults: Vec<u64>,
    /// What happened, where it was asked for.
    pub lines: Vec<String>,
    /// Where faults came about.
    pub(super) places: Vec<Place>,
}

/// What to run.
#[derive(Debug, Clone)]
pub struct Order {
    /// The seed.
    pub seed: u64,
    /// How many steps the schedule has.
    pub operations: u32,
    /// What the rows are kept in.
    pub store: Store,
    /// What of it is left in.
    pub only: Only,
}

/// Runs a schedule. `lines` asks for what happened in words.
#[must_use]
pub fn run(order: &Order, lines: bool) -> Outcome {
    let schedule = Schedule::draw(order.seed, order.operations);
    let mut trace = Trace::new(lines);
    trace.line(0, || {
        let Schedule { dialect, people, devices, weather, .. } = &schedule;
        format!("{dialect:?} server, {people} people, devices of {devices:?}, {weather:?}")
    });
    let mut world = match World::new(order.seed, schedule, order.only.clone(), order.store, trace) {
        Ok(world) => world,
        Err(error) => return Outcome::never_began(error.into()),
    };
    let violation = world.play().and_then(|()| world.rest()).err();
    if let Some(violation) = &violation {
        world.trace.line(world.now, || format!("BROKEN: {violation}"));
    }
    Outcome {
        violation,
        hash: world.trace.hash(),
        operations: u64::from(world.operations),
        checks: world.checks,
        faults: world.faults.tally.to_vec(),
        places: std::mem::take(&mut world.faults.happened),
        lines: world.trace.into_lines(),
    }
}

impl Outcome {
    fn never_began(violation: Violation) -> Self {
        Self {
            violation: Some(violation),
            hash: 0,
            operations: 0,
            checks: 0,
            faults: Vec::new(),
            lines: Vec::new(),
            places: Vec::new(),
        }
    }
}

/// The faults of a report, in words, in the order of [`Outcome::faults`].
pub fn fault_words() -> impl Iterator<Item = &'static str> {
    Fault::ALL.iter().map(|fault| fault.words())
}

impl World {
    /// Faults stop, everybody comes online and signs in, and time runs on until all is quiet. Then everything that was
    /// promised must be so.
    fn rest(&mut self) -> Result<(), Violation> {
        self.trace.line(self.now, || "── faults stop".to_owned());
        self.faults.over = true;
        self.server_away_until = 0;
        for device in 0..self.devices.len() {
            let it = &mut self.devices[device];
            it.online = true;
            it.full_until = 0;
            if it.session == Session::SignedIn {
                self.after(0, Event::Start { device });
            } else {
                self.after(0, Event::SignIn { device });
            }
        }
        let until = self.now + PATIENCE;
        self.until_quiet(until)?;
        if self.server.dialect == Dialect::Plain {
            let later = self.now + TWO_POLLS;
            while self.advance(later)? {}
            self.until_quiet(until)?;
        }
        for device in 0..self.devices.len() {
            self.check_end(device)?;
        }
        Ok(())
    }

    fn until_quiet(&mut self, until: u64) -> Result<(), Violation> {
        loop {
            let next = self.now + LOOK;
            while self.advance(next)? {}
            let Some(why) = self.why_restless()? else { return Ok(()) };
            if self.now >= until {
                return broken(Promise::Rests, why);
            }
        }
    }

    fn why_restless(&self) -> Result<Option<String>, Violation> {
        for device in 0..self.devices.len() {
            if let Some(why) = self.restless(device)? {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }
}
