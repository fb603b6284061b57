//! The simulator itself: it is deterministic, finds what is wrong, and makes it small.

use super::*;

fn order(seed: u64) -> Order {
    Order { seed, operations: 200, store: Store::Memory, only: Only::default() }
}

#[test]
fn the_same_seed_is_the_same_run_to_the_last_word() {
    for seed in 0..12 {
        let (one, other) = (run(&order(seed), true), run(&order(seed), true));
        assert_eq!(one.lines, other.lines, "seed {seed}");
        assert_eq!(one.hash, other.hash, "seed {seed}");
    }
}

#[test]
fn a_hundred_schedules_keep_every_promise() {
    let runs = Runs { first: 0, count: 100, operations: 200, store: Store::Memory, jobs: 2 };
    let report = run_all(&runs, &|_| {});
    if let Some(seed) = report.failed {
        let failure = minimal(&order(seed)).unwrap();
        panic!("seed {seed}, only {}:\n{}", failure.order.only, failure.outcome.lines.join("\n"));
    }
    assert_eq!((report.seeds, report.operations), (100, 20_000));
    assert!(report.checks > 100_000, "{} checks", report.checks);
}
