//! What an import tells: how many it took, and what it skipped, where and why.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
};

use protocol::ObjectId;

use super::Place;

/// How many of a file's documents had which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were read.
    pub read: u64,
    /// How many were taken.
    pub taken: u64,
    /// How many were here already.
    pub present: u64,
    /// How many could not be taken.
    pub skipped: u64,
}

/// A document that was not taken as it was, and why. It holds nothing that people wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    file: String,
    line: u64,
    number: u64,
    id: Option<ObjectId>,
    reason: &'static str,
}

/// Collects what an import tells of one file.
pub struct Report {
    file: String,
    tally: Tally,
    reasons: BTreeMap<&'static str, u64>,
    first: Vec<Skipped>,
    all: Option<Box<dyn Write>>,
}

/// How many are told one by one.
const FIRST: usize = 20;

impl Report {
    /// A report on this file; each document that was not taken as it was is also written to `all`, a line each.
    #[must_use]
    pub fn new(file: String, all: Option<Box<dyn Write>>) -> Self {
        Self { file, tally: Tally::default(), reasons: BTreeMap::new(), first: Vec::new(), all }
    }

    /// How many had which fate until now.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How many documents there were for each reason.
    #[must_use]
    pub fn reasons(&self) -> &BTreeMap<&'static str, u64> {
        &self.reasons
    }

    pub(super) fn read(&mut self) {
        self.tally.read += 1;
    }

    pub(super) fn taken(&mut self) {
        self.tally.taken += 1;
    }

    pub(super) fn present(&mut self) {
        self.tally.present += 1;
    }

    pub(super) fn skip(&mut self, place: Place, reason: &'static str) -> io::Result<()> {
        self.tally.skipped += 1;
        self.note(place, reason)
    }

    /// Tells of a document that is taken otherwise than it was.
    pub(super) fn note(&mut self, Place { line, number, id }: Place, reason: &'static str) -> io::Result<()> {
        *self.reasons.entry(reason).or_default() += 1;
        let skipped = Skipped { file: self.file.clone(), line, number, id, reason };
        if let Some(all) = &mut self.all {
            writeln!(all, "{skipped}")?;
        }
        if self.first.len() < FIRST {
            self.first.push(skipped);
        }
        Ok(())
    }

    /// Ends the list of all: whoever asked for it is told where a line could not be written.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.all.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: document {}", self.file, self.line, self.number)?;
        if let Some(id) = self.id {
            write!(f, ", _id {id}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { read, taken, present, skipped } = self.tally;
        writeln!(f, "{}: {read} read, {taken} taken, {present} here already, {skipped} skipped", self.file)?;
        for (reason, count) in &self.reasons {
            writeln!(f, "  {count} × {reason}")?;
        }
        for skipped in &self.first {
            writeln!(f, "    {skipped}")?;
        }
        let told: u64 = self.reasons.values().sum();
        let more = told - u64::try_from(self.first.len()).unwrap_or(told);
        if more > 0 {
            writeln!(f, "    and {more} more; --report FILE lists all")?;
        }
        Ok(())
    }
}
