//! What a task tells the person who started it: a heading and the time for each step, and a summary at the end.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to a person is what this module is for"
)]

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use anyhow::bail;

use crate::tally::Tally;

/// How a step ended.
enum Outcome {
    Done,
    Failed,
    Skipped(String),
}

struct Step {
    name: String,
    outcome: Outcome,
    took: Duration,
    tally: Tally,
}

/// What came of a step that is allowed to fail.
pub(crate) enum Done {
    /// It went well.
    Well,
    /// Tests ran; some may have failed.
    Tested(Tally),
    /// It could not be done here, and this says why.
    Skipped(String),
}

/// The steps of one task.
pub(crate) struct Console {
    started: Instant,
    colours: bool,
    steps: Vec<Step>,
}

impl Console {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            colours: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            steps: Vec::new(),
        }
    }

    /// Carries out a step that the following ones build on. A failure ends the task.
    pub(crate) fn step<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.heading(name);
        let started = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { Outcome::Done } else { Outcome::Failed };
        self.close(name, outcome, started.elapsed(), Tally::default());
        result
    }

    /// Carries out a step that nothing builds on. A failure is told, counted, and the task goes on.
    pub(crate) fn check(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<Done>) {
        self.heading(name);
        let started = Instant::now();
        let (outcome, tally) = match work() {
            Ok(Done::Well) => (Outcome::Done, Tally::default()),
            Ok(Done::Tested(tally)) if tally.failed > 0 => (Outcome::Failed, tally),
            Ok(Done::Tested(tally)) => (Outcome::Done, tally),
            Ok(Done::Skipped(reason)) => {
                println!("Skipped: {reason}");
                (Outcome::Skipped(reason), Tally::default())
            }
            Err(error) => {
                println!("{error:#}");
                // A runner that died has not counted its own failure.
                (Outcome::Failed, Tally { passed: 0, failed: 1 })
            }
        };
        self.close(name, outcome, started.elapsed(), tally);
    }

    /// Why the task ended early.
    pub(crate) fn failure(&self, error: &anyhow::Error) {
        let _ = std::io::stdout().flush();
        eprintln!("{}", self.paint("1;31", &format!("\nxtask: {error:#}")));
    }

    /// What was done and how long it took, with the number of tests alone on the last line; an error where a step
    /// failed.
    pub(crate) fn summary(&self) -> anyhow::Result<()> {
        println!("{}", self.paint("1", "\n== Summary"));
        let mut total = Tally::default();
        let mut failed = Vec::new();
        for step in &self.steps {
            let outcome = match &step.outcome {
                Outcome::Done => "ok".to_owned(),
                Outcome::Failed => "FAILED".to_owned(),
                Outcome::Skipped(reason) => format!("skipped: {reason}"),
            };
            let tests =
                if step.tally == Tally::default() { String::new() } else { format!(" ({})", step.tally) };
            println!("{:>8}  {:<28} {outcome}{tests}", seconds(step.took), step.name);
            total += step.tally;
            if matches!(step.outcome, Outcome::Failed) {
                failed.push(step.name.as_str());
            }
        }
        println!("{:>8}  in all", seconds(self.started.elapsed()));
        if total != Tally::default() {
            println!("{total}");
        }
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }

    fn heading(&self, name: &str) {
        println!("{}", self.paint("1;36", &format!("\n== {name}")));
        let _ = std::io::stdout().flush();
    }

    fn close(&mut self, name: &str, outcome: Outcome, took: Duration, tally: Tally) {
        if took > Duration::from_secs(1) {
            println!("   {} after {}", name, seconds(took));
        }
        self.steps.push(Step { name: name.to_owned(), outcome, took, tally });
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// One line for the person, within a step.
pub(crate) fn say(text: &str) {
    println!("{text}");
}

fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{}m{:02}s", whole / 60, whole % 60)
    }
}
