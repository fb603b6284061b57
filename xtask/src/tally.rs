//! Counting tests in what the runners print.

use std::{fmt, ops::AddAssign};

/// How many tests ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// What one line of a runner's output adds: `cargo test` closes each binary with a `test result:` line, Vitest
    /// closes with a `Tests` line.
    pub(crate) fn of_line(line: &str) -> Self {
        let plain = without_escapes(line);
        let text = plain.trim();
        if text.starts_with("test result:") {
            return Self { passed: number_before(text, " passed"), failed: number_before(text, " failed") };
        }
        match text.strip_prefix("Tests ") {
            Some(counts) => {
                Self { passed: number_before(counts, " passed"), failed: number_before(counts, " failed") }
            }
            None => Self::default(),
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The number that stands right before `word`, or 0.
fn number_before(text: &str, word: &str) -> u64 {
    text.find(word)
        .and_then(|end| text.get(..end))
        .and_then(|before| before.rsplit(|c: char| !c.is_ascii_digit()).next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// The line without terminal colours.
fn without_escapes(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            for c in rest.by_ref() {
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_are_counted() {
        for (line, passed, failed) in [
            ("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out", 12, 0),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured", 3, 2),
            (
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m40 passed\u{1b}[39m (41)",
                40,
                1,
            ),
            ("      Tests  7 passed (7)", 7, 0),
        ] {
            assert_eq!(Tally::of_line(line), Tally { passed, failed }, "{line}");
        }
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["test a_thing ... ok", " Test Files  3 passed (3)", "5 passed yesterday", ""] {
            assert_eq!(Tally::of_line(line), Tally::default(), "{line}");
        }
    }
}
