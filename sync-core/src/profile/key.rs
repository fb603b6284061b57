//! The key of a profile: 32 random bytes, from which everything that encrypts its database is derived.
//!
//! `SQLCipher` is given all that it would otherwise derive or read from the file: the key of its cipher, the key of its
//! checksums and its salt. So a page can be read while any other is damaged, the first one included.

use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

const BYTES: usize = 32;

/// The key of a profile; gone from memory when dropped. It has no `Debug`, because it must not be printed.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; BYTES]>);

impl Key {
    /// A new key.
    pub(crate) fn random() -> Self {
        Self(Zeroizing::new(rand::random()))
    }

    /// The key with these bytes, where their number is right.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// Reads what [`Key::to_hex`] wrote.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        Self::from_bytes(&Zeroizing::new(from_hex(text)?))
    }

    /// The key as text, for a keyring.
    pub(crate) fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(to_hex(self.bytes()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// What is kept beside the database to tell a wrong key from damage, and says nothing of the key.
    pub(crate) fn check(&self) -> String {
        to_hex(&self.derive("check")[..16])
    }

    /// The statement that gives the key to a connection, before any other one.
    pub(crate) fn statement(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("PRAGMA key = \"{}\"", *self.specification()))
    }

    /// The key in `SQLCipher`'s notation: of the cipher, of the checksums, and the salt.
    pub(crate) fn specification(&self) -> Zeroizing<String> {
        let keys = self.page_keys();
        let salt = to_hex(&self.derive("salt")[..16]);
        let (cipher, checksum) =
            (Zeroizing::new(to_hex(&keys.cipher[..])), Zeroizing::new(to_hex(&keys.checksum[..])));
        Zeroizing::new(format!("x'{}{}{salt}'", *cipher, *checksum))
    }

    /// The keys that each page is encrypted and checked with.
    pub(crate) fn page_keys(&self) -> PageKeys {
        let derived = self.derive("pages");
        let (mut cipher, mut checksum) = (Zeroizing::new([0; BYTES]), Zeroizing::new([0; BYTES]));
        cipher.copy_from_slice(&derived[..BYTES]);
        checksum.copy_from_slice(&derived[BYTES..]);
        PageKeys { cipher, checksum }
    }

    /// The key is as long as it is random, so that a plain hash of it serves.
    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 64]> {
        let hash =
            Sha512::new().chain_update("roost profile 1 ").chain_update(purpose).chain_update(self.bytes());
        Zeroizing::new(hash.finalize().into())
    }
}

/// What encrypts a page, and what its checksum is made with.
pub(crate) struct PageKeys {
    pub(crate) cipher: Zeroizing<[u8; BYTES]>,
    pub(crate) checksum: Zeroizing<[u8; BYTES]>,
}

/// Bytes as text.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What [`to_hex`] wrote; `None` for any other text.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is_a_key() {
        let key = Key::random();
        let text = key.to_hex();
        assert_eq!(Key::from_hex(&text).unwrap().bytes(), key.bytes());
        for wrong in ["", "00", &text[1..], &format!("{}00", *text), &format!("{}zz", &text[2..])] {
            assert!(Key::from_hex(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_check_is_a_keys_own_and_says_nothing_of_what_encrypts() {
        let (one, other) = (Key::random(), Key::random());
        assert_ne!(one.check(), other.check());
        assert!(!one.specification().contains(&one.check()));
        assert!(!one.specification().contains(one.to_hex().as_str()));
    }
}
