//! Chance that can be repeated: every draw follows from the seed and from what it is for.
//!
//! A [`Random`] is a stream of its own, so that leaving out a step of a schedule does not change the draws of others.

/// Spreads every bit of the input over the output (the finalizer of `SplitMix64`).
pub(super) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of draws.
#[derive(Debug, Clone)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The stream of this seed for this purpose.
    pub(super) const fn new(seed: u64, purpose: u64) -> Self {
        Self { state: mix(seed.wrapping_add(STEP) ^ mix(purpose.wrapping_mul(STEP).wrapping_add(1))) }
    }

    /// Any number.
    pub(super) const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number below this one; 0 below 0 and 1.
    pub(super) const fn below(&mut self, end: u64) -> u64 {
        if end <= 1 { 0 } else { self.next() % end }
    }

    /// An index of a list of this length.
    pub(super) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(u64::try_from(len).unwrap_or(u64::MAX))).unwrap_or(0)
    }

    /// A number from the first up to, and without, the second.
    pub(super) const fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from))
    }

    /// Whether something happens that happens so many times in a thousand.
    pub(super) const fn chance(&mut self, per_mille: u16) -> bool {
        per_mille > 0 && self.below(1_000) < per_mille as u64
    }

    /// A number in 0..1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
    pub(super) const fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_purpose_draw_the_same() {
        let draws = |seed, purpose| {
            let mut random = Random::new(seed, purpose);
            (0..5).map(|_| random.next()).collect::<Vec<_>>()
        };
        assert_eq!(draws(1, 2), draws(1, 2));
        assert_ne!(draws(1, 2), draws(2, 1));
        assert_ne!(draws(1, 2), draws(1, 3));
    }

    #[test]
    fn draws_lie_where_they_should_and_everywhere_there() {
        let mut random = Random::new(7, 7);
        let mut seen = [0; 6];
        for _ in 0..6_000 {
            seen[random.index(6)] += 1;
            assert!((0.0..1.0).contains(&random.unit()));
            assert!((3..9).contains(&random.between(3, 9)));
        }
        assert!(seen.iter().all(|count| (800..1_200).contains(count)), "{seen:?}");
        assert!(!random.chance(0) && random.chance(1_000));
        assert_eq!((random.below(0), random.between(4, 4)), (0, 4));
    }
}
