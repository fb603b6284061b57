//! A place in a conversation, and how it is written as an opaque [`Position`].

use protocol::Timestamp;

use crate::domain::{MessageId, Position};

/// Where a message stands: with the server's order, or in this device's queue behind it (I3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Taken by the server.
    Taken {
        /// By when it is ordered first,
        at: Timestamp,
        /// and by what among those of the same millisecond.
        id: MessageId,
    },
    /// Waiting, at this number of the outbox.
    Waiting(i64),
}

impl From<&Place> for Position {
    fn from(place: &Place) -> Self {
        Self(match place {
            Place::Taken { at, id } => format!("t{}:{id}", at.millis()),
            Place::Waiting(seq) => format!("w{seq}"),
        })
    }
}

impl Place {
    /// Reads a position that [`Position::from`] wrote; `None` for any other text.
    pub(crate) fn parse(position: &Position) -> Option<Self> {
        let text = position.as_str();
        if let Some(seq) = text.strip_prefix('w') {
            return Some(Self::Waiting(seq.parse().ok()?));
        }
        let (at, id) = text.strip_prefix('t')?.split_once(':')?;
        Some(Self::Taken { at: Timestamp::from_millis(at.parse().ok()?).ok()?, id: id.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(at: i64, id: &str) -> Place {
        Place::Taken { at: Timestamp::clamped(at), id: id.into() }
    }

    #[test]
    fn a_position_is_read_as_it_was_written() {
        for place in [taken(5, "b"), taken(-7, "a:b"), Place::Waiting(12)] {
            assert_eq!(Place::parse(&Position::from(&place)), Some(place));
        }
        for text in ["", "t", "t5", "w", "wx", "x1:a", "t99999999999999999:a"] {
            assert_eq!(Place::parse(&text.into()), None, "{text}");
        }
    }

    #[test]
    fn what_waits_stands_behind_what_is_taken() {
        assert!(
            [taken(-1, "z"), taken(5, "a"), taken(5, "b"), Place::Waiting(1), Place::Waiting(2)].is_sorted()
        );
    }
}
