//! What happened, for people to read, and in a number by which two runs can be compared.

use super::random::mix;

/// The record of a run.
#[derive(Debug, Default)]
pub(super) struct Trace {
    lines: Option<Vec<String>>,
    hash: u64,
}

impl Trace {
    /// A record of the number alone, or of the lines as well.
    pub(super) fn new(lines: bool) -> Self {
        Self { lines: lines.then(Vec::new), hash: 0 }
    }

    /// Something happened at this millisecond.
    pub(super) fn line(&mut self, at: u64, words: impl FnOnce() -> String) {
        self.mark(at);
        if let Some(lines) = &mut self.lines {
            let line = words();
            for byte in line.bytes() {
                self.hash = mix(self.hash ^ u64::from(byte));
            }
            lines.push(format!("{:>9}.{:03} s  {line}", at / 1_000, at % 1_000));
        }
    }

    /// Something happened that no line tells of.
    pub(super) const fn mark(&mut self, what: u64) {
        self.hash = mix(self.hash.rotate_left(5) ^ what);
    }

    /// The lines, where they were kept.
    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }

    /// The number.
    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }
}
