//! Whether the simulator finds what it is there to find: each deliberate bug of [`crate::mutation`], within so many
//! seeds.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    sync::{Mutex, PoisonError},
    thread,
};

use crate::mutation::{Mutation, choose};

use super::{
    checks::Violation,
    disk::Store,
    faults::Only,
    run::{Order, run},
};

/// What came of one mutation.
#[derive(Debug)]
pub struct Hunt {
    /// Which one.
    pub mutation: Mutation,
    /// The seed that found it, and the promise that it breaks; `None` where none did.
    pub found: Option<(u64, Violation)>,
}

/// Looks for every mutation with the seeds from `first` on, `count` at most. `told` is told of each as it is done.
pub fn hunt_all(
    first: u64,
    count: u64,
    operations: u32,
    jobs: usize,
    told: &(dyn Fn(&Hunt) + Sync),
) -> Vec<Hunt> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some(mutation) = Mutation::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let hunt = hunt(*mutation, first, count, operations);
                    told(&hunt);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(hunt);
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|hunt| hunt.mutation as usize);
    done
}

fn hunt(mutation: Mutation, first: u64, count: u64, operations: u32) -> Hunt {
    choose(Some(mutation));
    let found = (first..first.saturating_add(count)).find_map(|seed| {
        let order = Order { seed, operations, store: Store::Memory, only: Only::default() };
        run(&order, false).violation.map(|violation| (seed, violation))
    });
    choose(None);
    Hunt { mutation, found }
}
