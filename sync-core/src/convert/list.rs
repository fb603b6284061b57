//! A plain server's list, `[{…},{…},…]`, cut into its entries while it arrives. However long the list is, only the
//! entry under way is held, and of one that is too long only its end is looked for.

use crate::limits;

use super::Malformed;

/// Where in the list the next byte stands.
///
/// ```text
///   start ──[──► first ──► entry ──,──► next ──► entry ──]──► end
///                  └──────────────────]───────────────────────▲
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    First,
    Next,
    Entry,
    End,
}

/// Finds the entries.
pub(crate) struct Splitter {
    place: Place,
    entry: Vec<u8>,
    /// How many brackets of the entry are open.
    depth: u64,
    in_text: bool,
    escaped: bool,
    entries: u64,
    too_long: bool,
}

/// An entry, or that there was one which is too long to be kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Entry(Vec<u8>),
    TooLong,
}

impl Splitter {
    pub(crate) const fn new() -> Self {
        Self {
            place: Place::Start,
            entry: Vec::new(),
            depth: 0,
            in_text: false,
            escaped: false,
            entries: 0,
            too_long: false,
        }
    }

    /// Takes what arrived, and tells which entries ended in it.
    pub(crate) fn take(&mut self, bytes: &[u8], mut tell: impl FnMut(Cut)) -> Result<(), Malformed> {
        for &byte in bytes {
            match self.place {
                Place::Entry => self.within(byte, &mut tell)?,
                _ if byte.is_ascii_whitespace() => {}
                Place::Start if byte == b'[' => self.place = Place::First,
                Place::First if byte == b']' => self.place = Place::End,
                Place::First | Place::Next if !matches!(byte, b',' | b']' | b'}') => self.begin(byte)?,
                Place::Start | Place::First | Place::Next | Place::End => {
                    return Err(Malformed("not a list".to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Whether the list has come to its end. One that has not is not the whole.
    pub(crate) fn is_whole(&self) -> bool {
        self.place == Place::End
    }

    fn begin(&mut self, byte: u8) -> Result<(), Malformed> {
        self.entries += 1;
        if self.entries > limits::LIST_ENTRIES {
            return Err(Malformed(format!("a list of more than {} messages", limits::LIST_ENTRIES)));
        }
        self.place = Place::Entry;
        self.in_text = byte == b'"';
        self.depth = u64::from(matches!(byte, b'{' | b'['));
        self.entry.push(byte);
        Ok(())
    }

    /// The next byte of an entry, or the first one after it.
    fn within(&mut self, byte: u8, tell: &mut impl FnMut(Cut)) -> Result<(), Malformed> {
        if self.in_text {
            self.in_text = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
        } else {
            match byte {
                b',' | b']' if self.depth == 0 => {
                    let entry = std::mem::take(&mut self.entry);
                    tell(if std::mem::take(&mut self.too_long) { Cut::TooLong } else { Cut::Entry(entry) });
                    self.place = if byte == b',' { Place::Next } else { Place::End };
                    return Ok(());
                }
                b'}' if self.depth == 0 => return Err(Malformed("not a list".to_owned())),
                b'"' => self.in_text = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        if self.too_long {
            // Only its end is looked for.
        } else if self.entry.len() < limits::LIST_ENTRY_BYTES {
            self.entry.push(byte);
        } else {
            self.too_long = true;
            self.entry = Vec::new();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// The entries of a list that arrives in pieces of this size, and whether it was whole.
    fn split(list: &[u8], size: usize) -> Result<(Vec<Cut>, bool), Malformed> {
        let (mut splitter, mut cuts) = (Splitter::new(), Vec::new());
        for piece in list.chunks(size) {
            splitter.take(piece, |cut| cuts.push(cut))?;
        }
        Ok((cuts, splitter.is_whole()))
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_a_list_holds_comes_out_of_it_however_it_arrives(
            list in prop::collection::vec(json(), 0..8), size in 1_usize..50, pretty: bool,
        ) {
            let text = if pretty { serde_json::to_vec_pretty(&list) } else { serde_json::to_vec(&list) }.unwrap();
            let (cuts, whole) = split(&text, size).unwrap();
            prop_assert!(whole);
            let entries: Vec<Value> = cuts.into_iter().map(|cut| match cut {
                Cut::Entry(entry) => serde_json::from_slice(&entry).unwrap(),
                Cut::TooLong => panic!("nothing is that long"),
            }).collect();
            prop_assert_eq!(entries, list);
        }

        #[test]
        fn half_a_list_is_never_the_whole(list in prop::collection::vec(json(), 0..8), cut: prop::sample::Index) {
            let text = serde_json::to_vec(&list).unwrap();
            let (_, whole) = split(&text[..cut.index(text.len())], 7).unwrap();
            prop_assert!(!whole);
        }

        #[test]
        fn garbage_is_told_or_refused_and_never_more_than_arrived(bytes: Vec<u8>, size in 1_usize..9) {
            if let Ok((cuts, _)) = split(&bytes, size) {
                let told: usize = cuts.iter().map(|cut| match cut {
                    Cut::Entry(entry) => entry.len(),
                    Cut::TooLong => 0,
                }).sum();
                prop_assert!(told <= bytes.len());
            }
        }
    }

    #[test]
    fn an_entry_that_is_too_long_is_skipped_without_being_held() {
        let long = format!("[1,\"{}\",2]", "x".repeat(3 * limits::LIST_ENTRY_BYTES));
        let mut splitter = Splitter::new();
        let mut cuts = Vec::new();
        for piece in long.as_bytes().chunks(10_000) {
            splitter.take(piece, |cut| cuts.push(cut)).unwrap();
            assert!(splitter.entry.capacity() <= 2 * limits::LIST_ENTRY_BYTES);
        }
        assert_eq!(cuts, [Cut::Entry(b"1".to_vec()), Cut::TooLong, Cut::Entry(b"2".to_vec())]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["{}", "[1,]", "[,1]", "[1]x", "<html>", "null", "[1}", "[}"] {
            assert!(split(text.as_bytes(), 1).is_err(), "{text}");
        }
        assert_eq!(split(b" [ ] ", 1), Ok((Vec::new(), true)));
        assert_eq!(split(b"", 1), Ok((Vec::new(), false)));
    }
}
