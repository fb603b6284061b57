//! How far this device's clock is off.

use std::fmt;

use crate::limits;

/// How far this device's clock is from its server's; at least [`limits::CLOCK_SKEW`], because less does no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSkew {
    /// In seconds; below zero where this device is behind.
    pub seconds: i64,
}

impl ClockSkew {
    /// Where this device is ahead by as many milliseconds.
    pub(crate) fn of_millis(ahead: i64) -> Option<Self> {
        let least = i64::try_from(limits::CLOCK_SKEW.as_millis()).unwrap_or(i64::MAX);
        // Rounded, because the middle of what an answer allows is half a second beside the truth.
        (ahead.abs() >= least).then(|| Self { seconds: (ahead + 500 * ahead.signum()) / 1_000 })
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.seconds > 0 { "fast" } else { "slow" };
        write!(f, "{} minutes {direction}", (self.seconds.abs() + 30) / 60)
    }
}
