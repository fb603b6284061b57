//! A passphrase in place of the keyring.
//!
//! The profile's key stays the same; it is *wrapped*: encrypted (AES key wrap, RFC 3394) with a key that Argon2id derives
//! from the passphrase and a random salt. So a passphrase is changed by replacing one small file, and the database is not
//! written again. Whoever kept a copy of the old file can still open it with the old passphrase.

use aes_kw::{KeyInit as _, KwAes256};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{error::OpenError, limits};

use super::key::{self, Key};

const SALT: usize = 16;
/// A wrapped key is eight bytes longer than the key: they tell whether the passphrase was right.
const WRAPPED: usize = 40;

/// A key that only a passphrase opens, with what its derivation took. Of no use without the passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WrappedKey {
    salt: String,
    memory_kib: u32,
    passes: u32,
    wrapped: String,
}

/// Wraps a key.
///
/// # Errors
/// Where the passphrase is too short or too long, or there is too little memory to derive a key from it.
pub(crate) fn wrap(key: &Key, passphrase: &str) -> Result<WrappedKey, OpenError> {
    if passphrase.chars().count() < limits::PASSPHRASE_CHARS_MIN {
        return Err(OpenError::PassphraseTooShort { least: limits::PASSPHRASE_CHARS_MIN });
    }
    let salt: [u8; SALT] = rand::random();
    let (memory_kib, passes) = (limits::PASSPHRASE_MEMORY_KIB, limits::PASSPHRASE_PASSES);
    let wrapping = derive(passphrase, &salt, memory_kib, passes).ok_or(OpenError::WrongPassphrase)?;
    let mut wrapped = [0; WRAPPED];
    wrapping.wrap_key(key.bytes(), &mut wrapped).map_err(|_| OpenError::WrongPassphrase)?;
    Ok(WrappedKey { salt: key::to_hex(&salt), memory_kib, passes, wrapped: key::to_hex(&wrapped) })
}

/// Opens a wrapped key; `None` where the passphrase is another one.
pub(crate) fn unwrap(wrapped: &WrappedKey, passphrase: &str) -> Option<Key> {
    // What the file says is bounded, so that a file that somebody changed can't take all memory.
    if wrapped.memory_kib > limits::PASSPHRASE_MEMORY_KIB_MAX
        || wrapped.passes > limits::PASSPHRASE_PASSES_MAX
    {
        return None;
    }
    let salt = key::from_hex(&wrapped.salt)?;
    let wrapping = derive(passphrase, &salt, wrapped.memory_kib, wrapped.passes)?;
    let mut bytes = Zeroizing::new([0; WRAPPED]);
    let opened = wrapping.unwrap_key(&key::from_hex(&wrapped.wrapped)?, bytes.as_mut_slice()).ok()?;
    Key::from_bytes(opened)
}

fn derive(passphrase: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Option<KwAes256> {
    if passphrase.len() > limits::PASSPHRASE_BYTES {
        return None;
    }
    let mut derived = Zeroizing::new([0; 32]);
    let params = Params::new(memory_kib, passes, 1, Some(derived.len())).ok()?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, derived.as_mut_slice())
        .ok()?;
    KwAes256::new_from_slice(derived.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_with_its_passphrase_alone() {
        let key = Key::random();
        let wrapped = wrap(&key, "mango tree 42").unwrap();
        assert_eq!(unwrap(&wrapped, "mango tree 42").unwrap().bytes(), key.bytes());
        for wrong in ["mango tree 43", "", &"x".repeat(limits::PASSPHRASE_BYTES + 1)] {
            assert!(unwrap(&wrapped, wrong).is_none());
        }
        assert_ne!(wrap(&key, "mango tree 42").unwrap(), wrapped, "each wrapping has a salt of its own");
        let text = serde_json::to_string(&wrapped).unwrap();
        assert!(!text.contains("mango") && !text.contains(key.to_hex().as_str()));
    }

    #[test]
    fn what_was_changed_by_somebody_opens_nothing_and_takes_no_memory() {
        let wrapped = wrap(&Key::random(), "mango tree 42").unwrap();
        let changes: [fn(&mut WrappedKey); 4] = [
            |wrapped| wrapped.memory_kib = u32::MAX,
            |wrapped| wrapped.passes = u32::MAX,
            |wrapped| wrapped.salt = "zz".to_owned(),
            |wrapped| wrapped.wrapped.truncate(16),
        ];
        for change in changes {
            let mut forged = wrapped.clone();
            change(&mut forged);
            assert!(unwrap(&forged, "mango tree 42").is_none());
        }
    }

    #[test]
    fn a_short_passphrase_is_refused() {
        assert!(matches!(wrap(&Key::random(), "seven 7"), Err(OpenError::PassphraseTooShort { least: 8 })));
    }
}
