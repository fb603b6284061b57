//! Runs the engine among adversaries: `cargo xtask sim` builds and starts this.

use std::{
    io::{Write as _, stdout},
    num::NonZero,
    process::ExitCode,
    thread,
    time::Instant,
};

use clap::{Parser, ValueEnum};
use sync_core::simulation::{self, Only, Order, Report, Runs};

/// A schedule is mostly small strings that are made and dropped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(
    name = "cargo xtask sim",
    about = "Run the engine among seeded adversaries, and check every promise"
)]
struct Cli {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed, or with --only the one to run again.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many steps each schedule has.
    #[arg(long, default_value_t = 200)]
    operations: u32,
    /// What the rows are kept in.
    #[arg(long, value_enum, default_value_t = Kept::Memory)]
    store: Kept,
    /// How many threads run; as many as there are cores where it is absent.
    #[arg(long)]
    jobs: Option<usize>,
    /// Run one seed with nothing but these steps and faults, and tell what happens.
    #[arg(long)]
    only: Option<Only>,
    /// Run one seed and tell what happens.
    #[arg(long)]
    trace: bool,
    /// Look for each deliberate bug with at most so many seeds, in a build with the feature `mutations`.
    #[cfg(feature = "mutations")]
    #[arg(long)]
    mutations: bool,
    /// Run with this deliberate bug.
    #[cfg(feature = "mutations")]
    #[arg(long)]
    mutation: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kept {
    Memory,
    Sqlite,
}

impl From<Kept> for simulation::Store {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Memory => Self::Memory,
            Kept::Sqlite => Self::Sqlite,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let jobs = cli.jobs.unwrap_or(cores);
    #[cfg(feature = "mutations")]
    if let Some(code) = mutate(&cli, jobs) {
        return code;
    }
    if cli.only.is_some() || cli.trace {
        return replay(&cli);
    }
    let runs =
        Runs { first: cli.seed, count: cli.seeds, operations: cli.operations, store: cli.store.into(), jobs };
    let began = Instant::now();
    let report = simulation::run_all(&runs, &|done| {
        say(&format!("{done} of {} seeds, {:.0} s", cli.seeds, began.elapsed().as_secs_f64()));
    });
    tell(&report, began);
    match report.failed {
        Some(seed) => {
            say(&format!("\nseed {seed} fails; making it small …"));
            let order = order(&cli, seed, Only::default());
            if let Some(failure) = simulation::minimal(&order) {
                show(&failure.outcome.lines);
                let only = &failure.order.only;
                let operations = cli.operations;
                say(&format!(
                    "\nagain: cargo xtask sim --seed {seed} --operations {operations} --only {only}"
                ));
            }
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

/// Looks for the deliberate bugs; or switches one on, and then the rest goes on with it.
#[cfg(feature = "mutations")]
fn mutate(cli: &Cli, jobs: usize) -> Option<ExitCode> {
    use sync_core::mutation::{Mutation, choose};

    if let Some(word) = &cli.mutation {
        let Some(chosen) = Mutation::ALL.iter().find(|mutation| mutation.word() == word) else {
            say(&format!("there is no mutation {word}; there are:"));
            for mutation in Mutation::ALL {
                say(mutation.word());
            }
            return Some(ExitCode::FAILURE);
        };
        choose(Some(*chosen));
    }
    if !cli.mutations {
        return None;
    }
    let hunts = simulation::hunt_all(cli.seed, cli.seeds, cli.operations, jobs, &|hunt| {
        let word = hunt.mutation.word();
        say(&match &hunt.found {
            Some((seed, violation)) => format!("{word:24} seed {seed:>5}: {violation}"),
            None => format!("{word:24} NOT FOUND in {} seeds", cli.seeds),
        });
    });
    let found = hunts.iter().filter(|hunt| hunt.found.is_some()).count();
    say(&format!("{found} of {} deliberate bugs were found", hunts.len()));
    Some(if found == hunts.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn order(cli: &Cli, seed: u64, only: Only) -> Order {
    Order { seed, operations: cli.operations, store: cli.store.into(), only }
}

fn replay(cli: &Cli) -> ExitCode {
    let outcome = simulation::run(&order(cli, cli.seed, cli.only.clone().unwrap_or_default()), true);
    show(&outcome.lines);
    say(&format!("hash {:016x}", outcome.hash));
    if outcome.violation.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn tell(report: &Report, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    say(&format!(
        "{} seeds, {} steps, {} checks in {seconds:.1} s; faults:",
        report.seeds, report.operations, report.checks
    ));
    for (words, count) in report.faults_in_words() {
        say(&format!("{count:>12}  {words}"));
    }
    if report.failed.is_none() {
        say("every promise was kept");
    }
}

fn show(lines: &[String]) {
    for line in lines {
        say(line);
    }
}

/// Whoever closed the pipe does not want to read on.
fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
