//! A deterministic simulator of the engine among adversaries (DESIGN §6.2).
//!
//! The machine that the app runs is run here, on up to three devices of two or three people, against a model of a
//! server, in virtual time. What people do and what goes wrong is a schedule that follows from a seed: messages, edits,
//! deletions, reads; devices offline, killed, replaced, signed out, with full disks and wrong clocks; requests and
//! answers lost, late, repeated, halved; events lost, repeated, late or never told; servers away, restored from an older
//! copy, with clocks of their own. After every step the promises of the engine ([`Promise`]) are checked, and when faults stop, everything
//! must come to rest as it was promised.
//!
//! ```text
//!   seed ──► schedule ──► world ──► checks ──► report
//!                          │  ▲
//!          users ──► device┤  ├ network ──► model server
//!          (compose) (machine and rows)
//! ```
//!
//! `cargo xtask sim` runs it. A failing seed is shrunk to the steps and faults that it needs, and printed with the
//! command that runs these again.

mod checks;
mod device;
mod disk;
mod faults;
mod ledger;
#[cfg(feature = "mutations")]
mod mutants;
mod network;
mod random;
mod report;
mod run;
mod schedule;
mod server;
mod shrink;
mod trace;
mod user;
mod watched;
mod world;

#[cfg(test)]
mod tests;

pub use checks::{Promise, Violation};
pub use disk::Store;
pub use faults::Only;
#[cfg(feature = "mutations")]
pub use mutants::{Hunt, hunt_all};
pub use report::{Failure, Report, Runs, minimal, run_all};
pub use run::{Order, Outcome, fault_words, run};
