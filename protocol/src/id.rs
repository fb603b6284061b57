//! Identifiers: 24 hex digits in the layout of a MongoDB `ObjectId`.
//!
//! Twelve bytes: four of seconds since 1970, five that are random for each process, three that count.
//! Within one process ids therefore sort in the order in which they were made.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An identifier of twelve bytes, written as 24 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectId([u8; 12]);

/// A text that is not 24 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 24 hex digits")]
pub struct InvalidId;

impl ObjectId {
    /// Puts an id together from seconds since 1970, the five bytes that mark the process, and a counter, of
    /// which the low 24 bits are used.
    #[must_use]
    pub const fn from_parts(seconds: u32, process: [u8; 5], counter: u32) -> Self {
        let time = seconds.to_be_bytes();
        let mark = process;
        let count = counter.to_be_bytes();
        Self([
            time[0], time[1], time[2], time[3], mark[0], mark[1], mark[2], mark[3], mark[4], count[1],
            count[2], count[3],
        ])
    }

    /// The id as its twelve bytes, the form in which it is stored.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 12] {
        self.0
    }

    /// The id whose twelve bytes these are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }
}

impl FromStr for ObjectId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digits = text.as_bytes();
        if digits.len() != 24 {
            return Err(InvalidId);
        }
        let mut bytes = [0; 12];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

const fn nibble(digit: u8) -> Result<u8, InvalidId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(InvalidId),
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for ObjectId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ObjectId> for String {
    fn from(id: ObjectId) -> Self {
        id.to_string()
    }
}

/// Makes a newtype of [`ObjectId`], so that a user's id is never taken for a message's.
macro_rules! id_of {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub ObjectId);

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        #[cfg(feature = "schema")]
        crate::schema::text_of!($name, crate::schema::id());
    };
}

id_of!(
    /// The id of a user; also the name of that user's private Socket.IO room.
    UserId
);
id_of!(
    /// The id of a message.
    MessageId
);
id_of!(
    /// The id of an invitation; it is not the code, and lets nobody in.
    InviteId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_24_hex_digits() {
        let id: ObjectId = "507F1f77bcf86cd799439011".parse().unwrap();
        assert_eq!(id.to_string(), "507f1f77bcf86cd799439011");
        assert_eq!(ObjectId::from_bytes(id.to_bytes()), id);
    }

    #[test]
    fn refuses_anything_else() {
        for text in [
            "",
            "507f1f77bcf86cd79943901",
            "507f1f77bcf86cd7994390111",
            "507f1f77bcf86cd79943901g",
            "é07f1f77bcf86cd79943901",
        ] {
            assert_eq!(text.parse::<ObjectId>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn ids_of_one_process_sort_by_time_and_then_by_counter() {
        let process = [1, 2, 3, 4, 5];
        let ids = [(1, 0), (1, 1), (1, 0xff_ffff), (2, 0)].map(|(s, c)| ObjectId::from_parts(s, process, c));
        assert!(ids.is_sorted());
        assert_eq!(ids[1].to_string(), "000000010102030405000001");
    }
}
