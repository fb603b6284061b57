//! Passwords that another system hashed with bcrypt. They are checked as they are, and replaced by Argon2id at the first
//! sign-in.
//!
//! bcrypt takes in the first 72 bytes of a password and no more, and so did whoever made the hash. A longer password is
//! checked by those; what stands after them can't be, so such a hash is not replaced at signing in.

/// How many bytes of a password bcrypt takes in.
const BYTES: usize = 72;

/// The greatest cost that is calculated, some seconds' work; a hash of a greater one belongs to no password.
const COST_MAX: u32 = 15;

/// A salt and a hash, for work whose outcome nobody wants.
const REST: &str = "L6Bc/AlTQHyd9liGgGEZyOFLPHNgyxeEPfgYfBCVxJ7JIlwxyVU3u";

/// The cost of a bcrypt hash; `None` where it is anything else.
#[must_use]
pub fn cost(hash: &str) -> Option<u32> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| hash.strip_prefix(prefix))?;
    rest.split_once('$')?.0.parse().ok()
}

/// Whether the password is the whole of what the hash was made of, as far as that can be told.
#[must_use]
pub fn is_whole(password: &str) -> bool {
    password.len() <= BYTES
}

/// Whether the password belongs to the hash.
pub(super) fn verify(password: &str, hash: &str) -> bool {
    cost(hash).is_some_and(|cost| cost <= COST_MAX) && bcrypt::verify(password, hash).unwrap_or(false)
}

/// Works as long as [`verify`] with a hash of this cost.
pub(super) fn work(password: &str, cost: u32) {
    verify(password, &format!("$2b${cost:02}${REST}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// “correct horse”, hashed by other implementations' three spellings.
    fn hashes() -> [String; 3] {
        let made = bcrypt::hash("correct horse", 4).unwrap();
        ["$2a$", "$2b$", "$2y$"].map(|prefix| format!("{prefix}{}", &made[4..]))
    }

    #[test]
    fn each_spelling_is_checked() {
        for hash in hashes() {
            assert_eq!(cost(&hash), Some(4));
            assert!(verify("correct horse", &hash) && !verify("wrong horse", &hash), "{hash}");
        }
    }

    #[test]
    fn a_published_hash_is_checked() {
        // From the test vectors of the original implementation.
        assert!(verify("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
        assert!(!verify("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
    }

    #[test]
    fn what_is_no_bcrypt_or_too_costly_belongs_to_no_password() {
        for hash in ["", "$argon2id$v=19$m=19456", "$2b$", "$2b$xx$", "$2b$31$abc", "$1$05$abc"] {
            assert!(!verify("correct horse", hash), "{hash}");
        }
        let costly = format!("$2b$31${REST}");
        assert!(!verify("correct horse", &costly), "it would take days");
    }

    #[test]
    fn a_long_password_is_checked_by_what_bcrypt_took_in() {
        let long = "x".repeat(100);
        let hash = bcrypt::hash(&long, 4).unwrap();
        assert!(verify(&long, &hash) && verify(&"x".repeat(72), &hash) && !verify(&"x".repeat(71), &hash));
        assert!(is_whole(&"x".repeat(72)) && !is_whole(&long));
    }
}
