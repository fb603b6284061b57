//! Making a failing schedule small: what can be left out without the failure going away is left out.
//!
//! Steps and faults are tried in halves, quarters and so on down to single ones (delta debugging), until nothing more
//! can go or the re-runs are used up. Another failure than the first counts as well: it is as wrong, and smaller.

use std::collections::BTreeSet;

/// The most re-runs.
const RUNS: u32 = 4_000;

/// The smallest part of `all` that is found to fail. `fails` runs a part.
pub(super) fn shrink<T: Clone + Ord>(
    all: Vec<T>,
    mut fails: impl FnMut(&BTreeSet<T>) -> bool,
) -> BTreeSet<T> {
    let mut kept = all;
    let mut runs = 0;
    let mut size = kept.len().div_ceil(2).max(1);
    loop {
        let mut shrunk = false;
        let mut from = 0;
        while from < kept.len() && runs < RUNS {
            let without: BTreeSet<T> =
                kept[..from].iter().chain(&kept[(from + size).min(kept.len())..]).cloned().collect();
            runs += 1;
            if fails(&without) {
                kept = without.into_iter().collect();
                shrunk = true;
            } else {
                from += size;
            }
        }
        if runs >= RUNS || (size == 1 && !shrunk) {
            return kept.into_iter().collect();
        }
        if !shrunk {
            size = size.div_ceil(2).max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_left() {
        let needed = BTreeSet::from([3, 4, 150]);
        let small = shrink((0..200).collect(), |part| part.is_superset(&needed));
        assert_eq!(small, needed);
    }

    #[test]
    fn nothing_is_left_where_nothing_is_needed() {
        assert_eq!(shrink((0..9).collect(), |_| true), BTreeSet::new());
        assert_eq!(shrink(Vec::<u8>::new(), |_| true), BTreeSet::new());
    }

    #[test]
    fn the_runs_are_bounded() {
        let mut runs = 0;
        let all: Vec<_> = (0..3_000).collect();
        let small = shrink(all.clone(), |_| {
            runs += 1;
            false
        });
        assert_eq!((small.len(), runs), (all.len(), RUNS));
    }
}
