//! Time as a parameter: whatever needs the time of day takes a [`Clock`], so that tests own it.

use protocol::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time now. May go back, because people set clocks; the store sees to it that `sentAt` does not.
    fn now(&self) -> Timestamp;
}

/// The time of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::clamped(chrono::Utc::now().timestamp_millis())
    }
}
