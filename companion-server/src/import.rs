//! Moving in: takes over the people and the messages that `mongoexport` wrote from a deployment of the documented
//! models.
//!
//! Ids, times, read states and password hashes stay. Files of any size are read one document at a time and stored in
//! batches, each a transaction. What is here already stays as it is, so an import that was interrupted is simply
//! run again, and so is one after which more was written in the old system. What can't be taken is told with its
//! place and the reason, and the rest goes on.

mod documents;
mod extended;
mod message;
mod person;
mod report;

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use protocol::{ObjectId, Timestamp};
use serde_json::Value;

use self::documents::{Document, Documents};
pub use self::report::{Report, Skipped, Tally};
use crate::store::{ImportStore, MessageImported, PersonImported, StoreError};

/// Why an import ended early. Whatever was stored until then stays, and running it again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file can't be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The list of what was skipped can't be written.
    #[error("cannot write the report: {0}")]
    Report(#[source] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many documents share a transaction, and how many bytes of them.
const BATCH: usize = 2_000;
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Takes people over from a file; `progress` is told after each batch.
///
/// # Errors
/// [`ImportError`].
pub async fn people(
    store: &dyn ImportStore,
    path: &Path,
    now: Timestamp,
    report: &mut Report,
    mut progress: impl FnMut(&Tally),
) -> Result<(), ImportError> {
    let mut batches = Batches::open(path)?;
    while let Some(batch) = batches.next(|value| person::read(value, now), report)? {
        let (places, people): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let outcomes = store.import_people(people).await?;
        for (place, outcome) in places.into_iter().zip(outcomes) {
            match outcome {
                PersonImported::New { .. } => report.taken(),
                PersonImported::Present => report.present(),
                PersonImported::EmailTaken => {
                    report
                        .skip(place, "another account has this e-mail address")
                        .map_err(ImportError::Report)?;
                }
            }
        }
        progress(report.tally());
    }
    report.end().map_err(ImportError::Report)
}

/// Takes messages over from a file, whose people are here already; `progress` is told after each batch.
///
/// # Errors
/// [`ImportError`].
pub async fn messages(
    store: &dyn ImportStore,
    path: &Path,
    now: Timestamp,
    report: &mut Report,
    mut progress: impl FnMut(&Tally),
) -> Result<(), ImportError> {
    let mut batches = Batches::open(path)?;
    let read = |value: &Value| message::read(value, now).map(|message| (message, None));
    while let Some(batch) = batches.next(read, report)? {
        let (places, messages): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let outcomes = store.import_messages(messages).await?;
        for (place, outcome) in places.into_iter().zip(outcomes) {
            let reason = match outcome {
                MessageImported::New => {
                    report.taken();
                    continue;
                }
                MessageImported::Present => {
                    report.present();
                    continue;
                }
                MessageImported::SenderUnknown => "its sender is not among the accounts",
                MessageImported::ReceiverUnknown => "its receiver is not among the accounts",
            };
            report.skip(place, reason).map_err(ImportError::Report)?;
        }
        progress(report.tally());
    }
    report.end().map_err(ImportError::Report)
}

/// Where in its file a document stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    line: u64,
    number: u64,
    id: Option<ObjectId>,
}

/// The documents of a file that can be taken, in batches.
struct Batches {
    path: PathBuf,
    documents: Documents<BufReader<File>>,
}

/// What is read from a document, and what is not as it was in it; or why it can't be taken.
type Read<T> = Result<(T, Option<&'static str>), &'static str>;

impl Batches {
    fn open(path: &Path) -> Result<Self, ImportError> {
        let file = File::open(path).map_err(|source| ImportError::File { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), documents: Documents::new(BufReader::new(file)) })
    }

    /// The next batch; `None` at the end. What can't be taken goes to the report.
    fn next<T>(
        &mut self,
        read: impl Fn(&Value) -> Read<T>,
        report: &mut Report,
    ) -> Result<Option<Vec<(Place, T)>>, ImportError> {
        let (mut batch, mut count, mut length) = (Vec::new(), 0, 0);
        while count < BATCH && length < BATCH_BYTES {
            let next = self.documents.next();
            let next = next.map_err(|source| ImportError::File { path: self.path.clone(), source })?;
            let Some(Document { line, number, bytes, value }) = next else { break };
            (count, length) = (count + 1, length + bytes);
            report.read();
            let id = value.as_ref().ok().and_then(|value| extended::id(value.get("_id")?));
            let place = Place { line, number, id };
            match value.and_then(|value| read(&value)) {
                Ok((new, note)) => {
                    if let Some(note) = note {
                        report.note(place, note).map_err(ImportError::Report)?;
                    }
                    batch.push((place, new));
                }
                Err(reason) => report.skip(place, reason).map_err(ImportError::Report)?,
            }
        }
        Ok((count > 0).then_some(batch))
    }
}

/// An id of the other system. One from the future would put every id that is made here after it.
fn id(document: &Value, now: Timestamp) -> Result<ObjectId, &'static str> {
    let id = document.get("_id").and_then(extended::id).ok_or("its _id is not an id of 24 hex digits")?;
    if made(id) > now { Err("its _id is from the future") } else { Ok(id) }
}

/// When an id was made: it begins with seconds.
fn made(id: ObjectId) -> Timestamp {
    let [a, b, c, d, ..] = id.to_bytes();
    Timestamp::clamped(i64::from(u32::from_be_bytes([a, b, c, d])) * 1000)
}
