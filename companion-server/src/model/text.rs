//! What it means that a text contains another (C9).
//!
//! Both are folded: each character is put into lower case by itself, and the two forms of the small sigma are one. As
//! no character depends on its neighbours, whatever stands in a text literally is found in it.

/// The text without its case. It may be longer than the text: `İ` becomes two characters.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.map(|character| if character == 'ς' { 'σ' } else { character }).collect()
}

/// Whether the text contains the part, which is folded.
#[must_use]
pub fn contains(text: &str, part: &str) -> bool {
    fold(text).contains(part)
}

/// How many characters the index looks at together.
const GRAM: usize = 3;

/// How many trigrams of one part are asked for. What has these is looked at itself, so more would not help much.
const GRAMS: usize = 8;

/// What is indexed of a text: folded, and without the character NUL, which ends a text in some programs.
#[must_use]
pub fn indexed(text: &str) -> String {
    without_nul(fold(text))
}

/// Some of the trigrams that every indexed text has in which this folded part occurs, spread over it; none where it
/// is too short to have any.
#[must_use]
pub fn trigrams(part: &str) -> Vec<String> {
    let part: Vec<char> = without_nul(part.to_owned()).chars().collect();
    let windows = part.len().saturating_sub(GRAM - 1);
    let mut trigrams: Vec<String> = (0..windows)
        .step_by(windows.div_ceil(GRAMS).max(1))
        .map(|at| part[at..at + GRAM].iter().collect())
        .collect();
    trigrams.sort_unstable();
    trigrams.dedup();
    trigrams
}

fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_nothing_in_any_alphabet_and_whatever_stands_there_is_found() {
        for (text, part) in [
            ("OJT starts", "ojt"),
            ("ÉTÉ", "été"),
            ("ΟΔΟΣ", "Σ"),
            ("ΟΔΟΣ ΕΙΝΑΙ", "οδος"),
            ("οδός", "Σ"),
            ("İstanbul", "İST"),
            ("İstanbul", "i"),
            ("STRAẞE", "straße"),
            ("100% 😀", "% 😀"),
            ("a\0b", "\0"),
            ("", ""),
        ] {
            assert!(contains(text, &fold(part)), "{text} {part}");
        }
        for (text, part) in [("strasse", "ß"), ("ojt", "o.t"), ("a b", "ab"), ("", "a")] {
            assert!(!contains(text, &fold(part)), "{text} {part}");
        }
    }

    #[test]
    fn trigrams_are_spread_over_the_part_and_few() {
        assert_eq!(trigrams("ab"), [] as [&str; 0]);
        assert_eq!(trigrams("a\0b"), [] as [&str; 0]);
        assert_eq!(trigrams("a\0bc"), ["abc"]);
        assert_eq!(trigrams("aaaaa"), ["aaa"]);
        assert_eq!(trigrams("été!"), ["té!", "été"]);
        let long: String = ('a'..='z').cycle().take(10_000).collect();
        assert!(trigrams(&long).len() <= GRAMS);
    }
}
