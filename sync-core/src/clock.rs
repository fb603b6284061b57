//! The time of day, as a parameter.

use protocol::Timestamp;

/// Where the time of day comes from. Waiting is not its business: that is the runtime's monotonic clock.
pub(crate) trait Clock: Send + Sync + 'static {
    /// What time it is.
    fn now(&self) -> Timestamp;
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the engine's time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::clamped(chrono::Utc::now().timestamp_millis())
    }
}
