//! Time as a parameter: whatever needs the time of day takes a [`Clock`], so that tests own it.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use protocol::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time now. May go back, because people set clocks; the store sees to it that `sentAt` does not.
    fn now(&self) -> Timestamp;

    /// The time since some moment in the past, for what lapses after a while. Never goes back.
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.now().millis().max(0).unsigned_abs())
    }
}

/// The time of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::clamped(chrono::Utc::now().timestamp_millis())
    }

    fn elapsed(&self) -> Duration {
        static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGIN.elapsed()
    }
}
