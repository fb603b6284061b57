//! Many seeds on all cores, and what came of them.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use super::{
    disk::Store,
    faults::Only,
    run::{Order, Outcome, fault_words, run},
    shrink::shrink,
};

/// Which seeds to run.
#[derive(Debug, Clone)]
pub struct Runs {
    /// The first seed.
    pub first: u64,
    /// How many there are.
    pub count: u64,
    /// How many steps each schedule has.
    pub operations: u32,
    /// What the rows are kept in.
    pub store: Store,
    /// How many threads run.
    pub jobs: usize,
}

/// What came of many seeds.
#[derive(Debug, Default)]
pub struct Report {
    /// How many seeds were run.
    pub seeds: u64,
    /// How many steps of schedules were carried out.
    pub operations: u64,
    /// How many checks were made.
    pub checks: u64,
    /// How often each fault came about, in the order of [`fault_words`].
    pub faults: Vec<u64>,
    /// The lowest seed found that fails.
    pub failed: Option<u64>,
}

impl Report {
    fn add(&mut self, outcome: &Outcome) {
        self.seeds += 1;
        self.operations += outcome.operations;
        self.checks += outcome.checks;
        self.faults.resize(outcome.faults.len(), 0);
        for (sum, count) in self.faults.iter_mut().zip(&outcome.faults) {
            *sum += count;
        }
    }

    fn join(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.operations += other.operations;
        self.checks += other.checks;
        self.faults.resize(other.faults.len().max(self.faults.len()), 0);
        for (sum, count) in self.faults.iter_mut().zip(&other.faults) {
            *sum += count;
        }
        self.failed = [self.failed, other.failed].into_iter().flatten().min();
    }

    /// The faults with their numbers, in words.
    pub fn faults_in_words(&self) -> impl Iterator<Item = (&'static str, u64)> {
        fault_words().zip(self.faults.iter().copied())
    }
}

/// Runs the seeds, and stops soon after the first that fails. `progress` is told how many are done, now and then.
pub fn run_all(runs: &Runs, progress: &(dyn Fn(u64) + Sync)) -> Report {
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let total = Mutex::new(Report::default());
    thread::scope(|scope| {
        for _ in 0..runs.jobs.max(1) {
            scope.spawn(|| {
                let mut report = Report::default();
                while !stop.load(Ordering::Relaxed) {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= runs.count {
                        break;
                    }
                    let seed = runs.first.wrapping_add(nth);
                    let order =
                        Order { seed, operations: runs.operations, store: runs.store, only: Only::default() };
                    let outcome = run(&order, false);
                    report.add(&outcome);
                    if outcome.violation.is_some() {
                        report.failed = Some(report.failed.map_or(seed, |other| other.min(seed)));
                        stop.store(true, Ordering::Relaxed);
                    }
                    if nth % 1_024 == 1_023 {
                        progress(nth + 1);
                    }
                }
                total.lock().unwrap_or_else(PoisonError::into_inner).join(&report);
            });
        }
    });
    total.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// A failing schedule, made small.
#[derive(Debug)]
pub struct Failure {
    /// What is left of it.
    pub order: Order,
    /// What came of that, with its lines.
    pub outcome: Outcome,
}

/// Makes a failing schedule as small as can be found; `None` where it does not fail.
#[must_use]
pub fn minimal(order: &Order) -> Option<Failure> {
    let first = run(order, false);
    first.violation.as_ref()?;
    let mut best = order.only.clone();
    let fails = |only: &Only| run(&Order { only: only.clone(), ..order.clone() }, false).violation.is_some();
    // Steps go first: with fewer of them there are fewer faults to try. Then faults, then both once more.
    for _ in 0..2 {
        let steps: Vec<u32> = match &best.steps {
            Some(steps) => steps.iter().copied().collect(),
            None => (0..order.operations).collect(),
        };
        let rest = best.places.clone();
        let steps = shrink(steps, |part| fails(&Only { steps: Some(part.clone()), places: rest.clone() }));
        best.steps = Some(steps);
        let happened = run(&Order { only: best.clone(), ..order.clone() }, false).places;
        let happened: BTreeSet<_> = happened.into_iter().collect();
        let steps = best.steps.clone();
        let places = shrink(happened.into_iter().collect(), |part| {
            fails(&Only { steps: steps.clone(), places: Some(part.clone()) })
        });
        best.places = Some(places);
    }
    let order = Order { only: best, ..order.clone() };
    let outcome = run(&order, true);
    Some(Failure { order, outcome })
}
