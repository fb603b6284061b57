//! Where a reader stands in its feed, bound to the history that it read (DESIGN “Feed order”).
//!
//! A cursor names the epoch of the database, a position, and the random number that the change at that position was
//! stored with. A database that was restored from an older copy and went on differently has other numbers, so it
//! answers 410 instead of skipping silently. To clients a cursor is opaque.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A position in one user's feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Which database it is; drawn when the database is made.
    pub epoch: [u8; 16],
    /// The last change that is covered; 0 before the first.
    pub seq: u64,
    /// The random number of that change; 0 before the first.
    pub nonce: u64,
}

/// A text that is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("since is not a cursor of this server")]
pub struct MalformedCursor;

const VERSION: u8 = 1;
const BYTES: usize = 33;

impl Cursor {
    /// The cursor as clients get it.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = [0; BYTES];
        bytes[0] = VERSION;
        bytes[1..17].copy_from_slice(&self.epoch);
        bytes[17..25].copy_from_slice(&self.seq.to_be_bytes());
        bytes[25..].copy_from_slice(&self.nonce.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What clients are told the history is called; it says no more than that it is this one.
    #[must_use]
    pub fn history(epoch: [u8; 16]) -> String {
        URL_SAFE_NO_PAD.encode(epoch)
    }

    /// Reads what [`Cursor::encode`] made.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn decode(text: &str) -> Result<Self, MalformedCursor> {
        let mut bytes = [0; BYTES];
        let read = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).map_err(|_| MalformedCursor)?;
        if read != BYTES || bytes[0] != VERSION {
            return Err(MalformedCursor);
        }
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[at..at + 8]);
            u64::from_be_bytes(number)
        };
        let mut epoch = [0; 16];
        epoch.copy_from_slice(&bytes[1..17]);
        Ok(Self { epoch, seq: number(17), nonce: number(25) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        let cursor = Cursor { epoch: [7; 16], seq: 1 << 40, nonce: u64::MAX };
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn refuses_what_it_did_not_write() {
        let good = Cursor { epoch: [7; 16], seq: 1, nonce: 2 }.encode();
        let long = format!("{good}AAAA");
        let other_version = format!("B{}", &good[1..]);
        for text in ["", "0", "!!!", &good[1..], &good[..40], &long, &other_version, "{\"$gt\":\"\"}"] {
            assert_eq!(Cursor::decode(text), Err(MalformedCursor), "{text}");
        }
    }
}
