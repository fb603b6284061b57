//! A time of the day, to the minute.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A minute of the day, written as `HH:MM` with 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(try_from = "String", into = "String")]
#[specta(type = String)]
pub(crate) struct TimeOfDay {
    minutes: u16,
}

/// A text is not a time of the day.
#[derive(Debug, thiserror::Error)]
#[error("a time of the day is written as 07:30")]
pub(crate) struct NotATime;

impl TimeOfDay {
    /// A time of the day; `None` where there is no such.
    pub(crate) fn new(hour: u32, minute: u32) -> Option<Self> {
        if hour > 23 || minute > 59 {
            return None;
        }
        Some(Self { minutes: u16::try_from(hour * 60 + minute).ok()? })
    }

    /// The time of the day that a clock shows: a leap second and what no clock shows count as the last minute.
    pub(crate) fn of(hour: u32, minute: u32) -> Self {
        Self::new(hour, minute).unwrap_or(Self { minutes: 24 * 60 - 1 })
    }

    /// Whether it is from `from` on and before `until`, which is on the next day where it is not after `from`.
    /// Nothing is between a time and itself.
    pub(crate) fn is_between(self, from: Self, until: Self) -> bool {
        if from <= until { from <= self && self < until } else { from <= self || self < until }
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        let two_digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
        };
        let (hour, minute) = text.split_once(':').ok_or(NotATime)?;
        let (hour, minute) = two_digits(hour).zip(two_digits(minute)).ok_or(NotATime)?;
        Self::new(hour, minute).ok_or(NotATime)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        format!("{:02}:{:02}", time.minutes / 60, time.minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> TimeOfDay {
        text.to_owned().try_into().unwrap()
    }

    #[test]
    fn a_time_is_two_digits_a_colon_and_two_digits() {
        for text in ["00:00", "07:30", "23:59"] {
            assert_eq!(String::from(at(text)), text);
        }
        for text in ["", "7:30", "24:00", "12:60", "12:5", "+1:00", "1200", "12:00:00", "ab:cd", "١٢:٠٠"]
        {
            assert!(TimeOfDay::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
