//! The part of a message that shows why it was found.

use std::ops::Range;

use crate::limits;

/// Marks where a word that was found begins. Like [`CLOSE`] it stands for nothing in Unicode, for ever.
pub(super) const OPEN: char = '\u{FFFFE}';
/// Marks where it ends.
pub(super) const CLOSE: char = '\u{FFFFF}';

/// How many characters stand before the first word that was found, where there are that many.
const LEAD: usize = 40;

/// The snippet of a message, and where in it, in characters, the words stand that were found.
///
/// `marked` is `content` with [`OPEN`] and [`CLOSE`] around these words. A message that holds these characters itself
/// is answered from its beginning, with nothing highlighted.
pub(super) fn of(content: &str, marked: &str) -> (String, Vec<Range<usize>>) {
    let characters: Vec<char> = content.chars().collect();
    let found = if content.contains([OPEN, CLOSE]) { Vec::new() } else { ranges(marked) };
    let first = found.first().map_or(0, |range| range.start);
    let begin = beginning(&characters, first);
    let end = characters.len().min(begin + limits::SNIPPET_CHARS);
    let mut snippet = String::new();
    if begin > 0 {
        snippet.push('…');
    }
    let shift = snippet.chars().count();
    let shown = characters.get(begin..end).unwrap_or_default();
    // One line, as in the list.
    snippet.extend(shown.iter().map(|character| if character.is_control() { ' ' } else { *character }));
    if end < characters.len() {
        snippet.push('…');
    }
    let within = |at: usize| at.clamp(begin, end) - begin + shift;
    let highlights =
        found.iter().map(|range| within(range.start)..within(range.end)).filter(|range| !range.is_empty());
    (snippet, highlights.collect())
}

/// Where the marked words stand, in characters of the text without the marks.
fn ranges(marked: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut at, mut start) = (0, 0);
    for character in marked.chars() {
        match character {
            OPEN => start = at,
            CLOSE => ranges.push(start..at),
            _ => at += 1,
        }
    }
    ranges
}

/// Where a snippet begins that shows the word at `first`: at the message's beginning, or with a whole word a little
/// before it.
fn beginning(characters: &[char], first: usize) -> usize {
    let Some(earliest) = first.checked_sub(LEAD).filter(|earliest| *earliest > 0) else { return 0 };
    let before = characters.get(earliest..first).unwrap_or_default();
    let space = before.iter().position(|character| character.is_whitespace());
    space.map_or(earliest, |space| earliest + space + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Marks `[` and `]` as the index would.
    fn shown(text: &str) -> (String, Vec<String>) {
        let content = text.replace(['[', ']'], "");
        let (snippet, highlights) =
            of(&content, &text.replace('[', &OPEN.to_string()).replace(']', &CLOSE.to_string()));
        let words = highlights
            .iter()
            .map(|range| snippet.chars().skip(range.start).take(range.len()).collect::<String>());
        let words = words.collect();
        (snippet, words)
    }

    #[test]
    fn a_short_message_is_shown_whole_with_its_words() {
        assert_eq!(
            shown("good [Morníng],\nsaid [Ben] 👍🏽"),
            ("good Morníng, said Ben 👍🏽".to_owned(), vec!["Morníng".to_owned(), "Ben".to_owned()])
        );
    }

    #[test]
    fn a_long_one_is_shown_around_the_first_word_that_was_found() {
        let filler = "lorem ipsum dolor sit amet ".repeat(20);
        let (snippet, words) = shown(&format!("{filler}[mango] {filler}[mango]"));
        assert!(snippet.starts_with('…') && snippet.ends_with('…'), "{snippet}");
        assert!(snippet.starts_with("…sit amet lorem ipsum dolor sit amet mango"), "{snippet}");
        assert_eq!((snippet.chars().count(), words), (limits::SNIPPET_CHARS + 2, vec!["mango".to_owned()]));
    }

    #[test]
    fn one_endless_word_is_cut() {
        let (snippet, words) = shown(&format!("[{}]", "x".repeat(5_000)));
        assert_eq!(
            (snippet.chars().count(), words[0].len()),
            (limits::SNIPPET_CHARS + 1, limits::SNIPPET_CHARS)
        );
    }

    #[test]
    fn a_message_of_marks_is_shown_without_highlights() {
        let odd = format!("a {OPEN}b{CLOSE} c");
        assert_eq!(of(&odd, &format!("{OPEN}a{CLOSE} {OPEN}b{CLOSE} c")), (odd.clone(), Vec::new()));
    }

    proptest! {
        #[test]
        fn highlights_are_within_the_snippet_in_order_and_apart(
            parts in prop::collection::vec(("\\PC{0,60}", any::<bool>()), 0..12)
        ) {
            let content: String = parts.iter().map(|(text, _)| text.as_str()).collect();
            let mark = |(text, found): &(String, bool)| {
                if *found { format!("{OPEN}{text}{CLOSE}") } else { text.clone() }
            };
            let (snippet, highlights) = of(&content, &parts.iter().map(mark).collect::<String>());
            let long = snippet.chars().count();
            prop_assert!(long <= limits::SNIPPET_CHARS + 2);
            let mut last = 0;
            for range in highlights {
                prop_assert!(last <= range.start && range.start < range.end && range.end <= long);
                last = range.end;
            }
        }
    }
}
