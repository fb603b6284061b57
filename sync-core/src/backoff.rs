//! How long to wait before the next try: full jitter over a doubling bound.

use std::time::Duration;

use crate::limits;

/// Counts failures in a row. The wait is anywhere between next to nothing and a bound that doubles each time, so that
/// clients that lost a server together do not come back together. It is never nothing
/// ([`limits::BACKOFF_SHORTEST`]), because what fails at once would then be tried in a tight loop.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    /// The bound is `first` after the first failure and never more than `most`.
    pub(crate) const fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, failures: 0 }
    }

    /// It failed again: how long to wait. `random` lies in 0..1.
    pub(crate) fn failed(&mut self, random: f64) -> Duration {
        let bound = self.first.saturating_mul(1_u32 << self.failures.min(16)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        bound.mul_f64(random.clamp(0.0, 1.0)).max(limits::BACKOFF_SHORTEST)
    }

    /// It worked.
    pub(crate) const fn worked(&mut self) {
        self.failures = 0;
    }
}

/// A period, made up to a quarter longer or shorter. `random` lies in 0..1.
pub(crate) fn jittered(period: Duration, random: f64) -> Duration {
    period.mul_f64(0.75 + random.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_bound_doubles_up_to_the_most_and_starts_over() {
        let mut backoff = Backoff::new(SECOND, 30 * SECOND);
        let bounds: Vec<_> = (0..7).map(|_| backoff.failed(1.0).as_secs()).collect();
        assert_eq!(bounds, [1, 2, 4, 8, 16, 30, 30]);
        backoff.worked();
        assert_eq!(backoff.failed(0.5), SECOND / 2);
        assert_eq!(backoff.failed(0.0), limits::BACKOFF_SHORTEST);
    }

    #[test]
    fn a_million_failures_do_not_overflow() {
        let mut backoff = Backoff { failures: u32::MAX - 1, ..Backoff::new(SECOND, 60 * SECOND) };
        assert_eq!([backoff.failed(1.0), backoff.failed(1.0)], [60 * SECOND; 2]);
    }

    #[test]
    fn jitter_stays_within_a_quarter() {
        assert_eq!(jittered(40 * SECOND, 0.0), 30 * SECOND);
        assert_eq!(jittered(40 * SECOND, 1.0), 50 * SECOND);
    }
}
