//! The promises, each as a check with its sentence (DESIGN §4, I1–I9).
//!
//! What a transaction wrote is checked when it is committed, a request when it is made and when the server carries it
//! out, a device as a whole whenever it has followed the server to the end, and everything when all is quiet.

mod agree;
mod requests;
mod rows;
mod whole;

use std::fmt;

use crate::{error::StoreError, machine::Tables};

use super::disk::Disk;

pub(super) use agree::Agreed;

/// What the engine promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// I1 and I8.
    Accepted,
    /// I8.
    Counted,
    /// I2.
    Once,
    /// I3.
    Order,
    /// I3.
    OneInFlight,
    /// I4.
    Agree,
    /// I5.
    ReadStays,
    /// I6.
    DeletedStays,
    /// I7.
    CursorCovers,
    /// I9.
    Shown,
    /// DESIGN §4, a plain server.
    Looks,
    /// DESIGN §4, outbox.
    Obeys,
    /// Nothing is invented.
    Honest,
    /// It comes to rest.
    Rests,
}

impl Promise {
    /// The promise as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Accepted => {
                "I1, I8: what was accepted is in the outbox, confirmed, or taken back by its user's decision"
            }
            Self::Counted => "I8: an attempt is counted and stored before it is made",
            Self::Once => "I2: the server has at most one message of each send",
            Self::Order => {
                "I3: a device's messages reach a conversation in the order in which they were written"
            }
            Self::OneInFlight => "I3: one send is under way in a conversation",
            Self::Agree => "I4: who has followed the server to the end holds what it holds",
            Self::ReadStays => "I5: what is read stays read, and only the receiver reads",
            Self::DeletedStays => "I6: what is deleted stays deleted, and only that is",
            Self::CursorCovers => {
                "I7: what the cursor covers is in the rows, and nothing but an answer moves it"
            }
            Self::Shown => "I9: what was written is in the rows before it is called accepted",
            Self::Looks => "at a plain server an unclear send is looked for before it is repeated",
            Self::Obeys => "who is asked to wait waits",
            Self::Honest => "nothing is sent that nobody wrote, and nothing shown that the server never said",
            Self::Rests => "when faults stop, everything is delivered and comes to rest",
        }
    }
}

/// A promise was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub promise: Promise,
    /// How.
    pub how: String,
}

impl Violation {
    pub(super) fn new(promise: Promise, how: impl Into<String>) -> Self {
        Self { promise, how: how.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.how, self.promise.sentence())
    }
}

impl From<StoreError> for Violation {
    fn from(error: StoreError) -> Self {
        Self::new(Promise::Rests, format!("the rows cannot be read: {error}"))
    }
}

/// Breaks a promise.
pub(super) fn broken<T>(promise: Promise, how: impl Into<String>) -> Result<T, Violation> {
    Err(Violation::new(promise, how))
}

/// Looks at the rows of a disk.
pub(super) fn look<T>(
    disk: &Disk,
    work: impl FnOnce(&dyn Tables) -> Result<T, Violation>,
) -> Result<T, Violation> {
    let (mut work, mut found) = (Some(work), None);
    disk.look(&mut |tables| {
        if let Some(work) = work.take() {
            found = Some(work(tables));
        }
    });
    found.unwrap_or_else(|| broken(Promise::Rests, "the disk showed no rows"))
}
