//! The documents of a file that `mongoexport` wrote: one a line, pretty over several lines, or in one array.
//!
//! One document is in memory at a time. What is not a document is told with its line, and reading goes on behind it.

use std::io::{self, BufRead};

use serde_json::Value;

/// Reads documents one after another.
pub(super) struct Documents<R> {
    reader: R,
    line: u64,
    number: u64,
    text: Vec<u8>,
}

/// A document, or what stood in its place.
pub(super) struct Document {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// Which document of the file it is, from 1.
    pub(super) number: u64,
    /// How many bytes it has.
    pub(super) bytes: usize,
    /// What it holds, or why it can't be read.
    pub(super) value: Result<Value, &'static str>,
}

/// The longest document; longer ones are passed over. A message of ours is at most a hundredth of that.
const LONGEST: usize = 4 * 1024 * 1024;

const NO_DOCUMENT: &str = "it is not a document of mongoexport";
const NO_JSON: &str = "it is not JSON";
const TOO_LONG: &str = "it is longer than 4 MiB";
const CUT: &str = "the file ends within it";

impl<R: BufRead> Documents<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: 1, number: 0, text: Vec::new() }
    }

    /// The next document; `None` at the end of the file.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Document>> {
        let Some(first) = self.skip_between()? else { return Ok(None) };
        let line = self.line;
        self.number += 1;
        self.text.clear();
        let problem = if first == b'{' { self.take_object()? } else { self.skip_line()? };
        let value = match problem {
            Some(problem) => Err(problem),
            None => serde_json::from_slice(&self.text).map_err(|_| NO_JSON),
        };
        Ok(Some(Document { line, number: self.number, bytes: self.text.len(), value }))
    }

    /// Passes over what stands between documents, and tells the first byte that does not; it is not taken.
    fn skip_between(&mut self) -> io::Result<Option<u8>> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            // The byte order mark of UTF-8 may stand at the beginning; elsewhere nobody would write it.
            let between = |byte: &u8| b" \t\r\n,[]\xef\xbb\xbf".contains(byte);
            let length = buffer.iter().take_while(|byte| between(byte)).count();
            self.line += lines(&buffer[..length]);
            let first = buffer.get(length).copied();
            self.reader.consume(length);
            if first.is_some() {
                return Ok(first);
            }
        }
    }

    /// Takes an object whole, up to the brace that closes it. Braces in strings are text.
    ///
    /// One that was cut must not take with it what follows. No string of JSON holds a line's end, and within a document
    /// `mongoexport` indents its lines: a string that goes on, and a brace at the beginning of a line, end one that is
    /// broken.
    fn take_object(&mut self) -> io::Result<Option<&'static str>> {
        let (mut depth, mut in_string, mut escaped, mut too_long) = (0_u64, false, false, false);
        let mut begins_line = false;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(Some(CUT));
            }
            let mut length = 0;
            let (mut closed, mut broken) = (false, false);
            for byte in buffer {
                broken = match byte {
                    b'\n' => in_string,
                    b'{' => begins_line && !in_string && depth > 0,
                    _ => false,
                };
                if broken {
                    break;
                }
                length += 1;
                begins_line = *byte == b'\n';
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if in_string => escaped = true,
                    b'"' => in_string = !in_string,
                    b'{' if !in_string => depth += 1,
                    b'}' if !in_string => depth -= 1,
                    _ => {}
                }
                closed = depth == 0;
                if closed {
                    break;
                }
            }
            too_long |= self.text.len() + length > LONGEST;
            if !too_long {
                self.text.extend_from_slice(&buffer[..length]);
            }
            self.line += lines(&buffer[..length]);
            self.reader.consume(length);
            if closed || broken {
                return Ok(too_long.then_some(TOO_LONG).or(broken.then_some(NO_JSON)));
            }
        }
    }

    fn skip_line(&mut self) -> io::Result<Option<&'static str>> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let (length, ended) = (end.unwrap_or(buffer.len()), end.is_some() || buffer.is_empty());
            self.reader.consume(length);
            if ended {
                return Ok(Some(NO_DOCUMENT));
            }
        }
    }
}

fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line, number and content of each, read through a buffer of a few bytes.
    fn read(text: &[u8]) -> Vec<(u64, u64, Result<String, &'static str>)> {
        let mut documents = Documents::new(io::BufReader::with_capacity(3, text));
        let mut all = Vec::new();
        while let Some(document) = documents.next().unwrap() {
            all.push((document.line, document.number, document.value.map(|value| value.to_string())));
        }
        all
    }

    #[test]
    fn lines_arrays_and_pretty_documents_are_the_same() {
        let lines = b"{\"a\":1}\n\n{\"b\":\"} \\\" {\"}\r\n";
        let array = b"\xef\xbb\xbf[{\"a\":1},\n\n{\"b\":\"} \\\" {\"}]";
        let pretty = b"{\n\"a\":\n1}\n{\"b\":\n\"} \\\" {\"\n}";
        let wanted = [r#"{"a":1}"#, r#"{"b":"} \" {"}"#];
        for text in [&lines[..], array, pretty] {
            let read = read(text);
            let values: Vec<&str> = read.iter().map(|(.., value)| value.as_deref().unwrap()).collect();
            assert_eq!(values, wanted);
        }
        assert_eq!(read(lines).iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(read(pretty).iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(read(b"[]\n"), []);
        assert_eq!(read(b""), []);
    }

    #[test]
    fn what_is_no_document_is_told_and_reading_goes_on() {
        let good = Ok("{}".to_owned());
        let long = format!("{{\"a\":\"{}\"}}{{}}", "x".repeat(LONGEST));
        for (text, all) in [
            ("oops {}\n{}", vec![(1, 1, Err(NO_DOCUMENT)), (2, 2, good.clone())]),
            ("{]}\n{}", vec![(1, 1, Err(NO_JSON)), (2, 2, good.clone())]),
            ("{}\n{\"a\":", vec![(1, 1, good.clone()), (2, 2, Err(CUT))]),
            (
                "{}\n{\"a\":\"cut\n{}\n{}",
                vec![(1, 1, good.clone()), (2, 2, Err(NO_JSON)), (3, 3, good.clone()), (4, 4, good.clone())],
            ),
            ("{\"a\":\"cut\\\r\n{}", vec![(1, 1, Err(NO_JSON)), (2, 2, good.clone())]),
            ("{\"a\":\"cut\\\n{}", vec![(1, 1, Err(NO_JSON)), (2, 2, good.clone())]),
            (
                "{\"a\":{\"b\":\n{}\n{}",
                vec![(1, 1, Err(NO_JSON)), (2, 2, good.clone()), (3, 3, good.clone())],
            ),
            (&long, vec![(1, 1, Err(TOO_LONG)), (1, 2, good)]),
        ] {
            assert_eq!(read(text.as_bytes()), all);
        }
    }
}
