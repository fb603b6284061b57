//! The code of an invitation: random, shown once, stored hashed.

use protocol::paths;
use sha2::{Digest as _, Sha256};

use crate::store::CodeHash;

/// A code. No `Debug`: whoever has it gets in.
pub struct InviteCode {
    /// What is shown: groups of four, such as `7k3m-w2qa-…`.
    pub text: String,
    /// What the store keeps.
    pub hash: CodeHash,
}

/// Digits and letters without those that are taken for each other (Crockford's base 32): five bits each.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many characters: 140 bits.
const LENGTH: usize = 28;

/// How many stand together.
const GROUP: usize = 4;

/// The longest text that is looked at: a code with room for spaces and hyphens.
const LONGEST: usize = 4 * LENGTH;

impl InviteCode {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (index, byte) in rand::random::<[u8; LENGTH]>().into_iter().enumerate() {
            if index > 0 && index % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(byte & 31)]));
        }
        let hash = digest(&text);
        Self { text, hash }
    }

    /// The page on which it is used, on the server at this address. The code is a fragment, which no log of any proxy
    /// sees.
    #[must_use]
    pub fn link(&self, server: &str) -> String {
        format!("{server}{}#{}", paths::JOIN, self.text)
    }

    /// The hash of a code that somebody presents, as it was copied or typed: without regard to case, hyphens and
    /// spaces, and with `o`, `i` and `l` taken for the digits that they look like. `None` where it can't be one.
    #[must_use]
    pub fn hash(presented: &str) -> Option<CodeHash> {
        if presented.len() > LONGEST {
            return None;
        }
        Some(digest(presented))
    }
}

/// The code is random enough that one round of SHA-256 protects it.
fn digest(text: &str) -> CodeHash {
    let mut canonical = String::with_capacity(LENGTH);
    for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        canonical.push(match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        });
    }
    Sha256::digest(canonical.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_again_however_it_was_copied() {
        let code = InviteCode::random();
        assert_eq!(code.text.len(), LENGTH + LENGTH / GROUP - 1, "{}", code.text);
        let shouted = format!(" {} ", code.text.to_uppercase().replace('-', " "));
        let mistaken = code.text.replace('0', "O").replace('1', "l").replace('-', "");
        for presented in [&code.text, &shouted, &mistaken] {
            assert!(InviteCode::hash(presented) == Some(code.hash), "{presented}");
        }
        assert!(InviteCode::hash(&InviteCode::random().text) != Some(code.hash));
        assert!(InviteCode::hash(&"0".repeat(1_000)).is_none());
    }
}
