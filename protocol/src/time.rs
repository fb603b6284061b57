//! Instants: RFC 3339 in UTC with milliseconds and `Z`, as JavaScript's `Date#toISOString` prints them.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// An instant in whole milliseconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// A text or number that is no instant which RFC 3339 can write (years 0 to 9999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time is written as 2025-10-08T10:30:00.000Z")]
pub struct InvalidTimestamp;

/// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of a year can hold.
const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

impl Timestamp {
    /// The instant this many milliseconds after 1970.
    ///
    /// # Errors
    /// Where the year would not have four digits.
    pub fn from_millis(millis: i64) -> Result<Self, InvalidTimestamp> {
        if RANGE.contains(&millis) { Ok(Self(millis)) } else { Err(InvalidTimestamp) }
    }

    /// The instant this many milliseconds after 1970, moved to the nearest one that can be written.
    #[must_use]
    pub fn clamped(millis: i64) -> Self {
        Self(millis.clamp(*RANGE.start(), *RANGE.end()))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let instant = DateTime::parse_from_rfc3339(text).map_err(|_| InvalidTimestamp)?;
        Self::from_millis(instant.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        f.write_str(&instant.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

#[cfg(feature = "schema")]
crate::schema::text_of!(Timestamp, crate::schema::time());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_milliseconds_and_z() {
        assert_eq!(
            Timestamp::from_millis(1_759_919_400_000).unwrap().to_string(),
            "2025-10-08T10:30:00.000Z"
        );
        assert_eq!(Timestamp::from_millis(-1).unwrap().to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn reads_any_offset_and_precision() {
        for text in ["2025-10-08T10:30:00Z", "2025-10-08T12:30:00.000+02:00", "2025-10-08T10:30:00.000999Z"] {
            assert_eq!(text.parse::<Timestamp>().unwrap().millis(), 1_759_919_400_000, "{text}");
        }
    }

    #[test]
    fn refuses_what_it_could_not_print() {
        for text in ["", "yesterday", "2025-10-08", "2025-13-08T10:30:00Z"] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp), "{text}");
        }
        assert_eq!(Timestamp::from_millis(i64::MAX), Err(InvalidTimestamp));
        for end in [i64::MIN, i64::MAX] {
            let time = Timestamp::clamped(end);
            assert_eq!(time.to_string().parse(), Ok(time));
        }
    }
}
