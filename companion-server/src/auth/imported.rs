//! Passwords that another system hashed with bcrypt. They are checked as they are, and replaced by Argon2id at the first
//! sign-in.
//!
//! bcrypt takes in the first 72 bytes of a password and no more, and so did whoever made the hash. A longer password is
//! checked by those; what stands after them can't be, so such a hash is not replaced at signing in.

use std::ops::{Range, RangeInclusive};

/// How many bytes of a password bcrypt takes in.
const BYTES: usize = 72;

/// The costs that are calculated; the greatest is some seconds' work.
const COSTS: RangeInclusive<u32> = 4..=15;

/// A salt and a hash, for work whose outcome nobody wants.
const REST: &str = "L6Bc/AlTQHyd9liGgGEZyOFLPHNgyxeEPfgYfBCVxJ7JIlwxyVU3u";

/// The cost of a bcrypt hash; `None` where it is anything else.
#[must_use]
pub fn cost(hash: &str) -> Option<u32> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| hash.strip_prefix(prefix))?;
    rest.split_once('$')?.0.parse().ok()
}

/// Whether this is a bcrypt hash that passwords are checked against. One that would take minutes is none.
#[must_use]
pub fn is_accepted(hash: &str) -> bool {
    cost(hash).is_some_and(|cost| COSTS.contains(&cost))
        && hash.len() == 60
        && hash.as_bytes()[4..6].iter().all(u8::is_ascii_digit)
        && hash.as_bytes()[6] == b'$'
        && hash.bytes().skip(7).all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'))
}

/// Whether the password is the whole of what the hash was made of, as far as that can be told.
#[must_use]
pub fn is_whole(password: &str) -> bool {
    password.len() <= BYTES
}

/// Whether the password belongs to the hash. Works as long as with a hash of the cost `at_least`, where its own is less.
pub(super) fn verify(password: &str, hash: &str, at_least: u32) -> bool {
    let cost = cost(hash).filter(|_| is_accepted(hash));
    work(password, cost, at_least);
    cost.is_some() && bcrypt::verify(password, hash).unwrap_or(false)
}

/// Works as long as it takes to check a hash of the cost `at_least`, less what is done for one of the cost `done`.
pub(super) fn work(password: &str, done: Option<u32>, at_least: u32) {
    for cost in missing(done, at_least) {
        // Nobody wants to know.
        bcrypt::verify(password, &format!("$2b${cost:02}${REST}")).ok();
    }
}

/// The costs whose work, together with that of `done`, is the work of `at_least`: each is twice that of the one below.
fn missing(done: Option<u32>, at_least: u32) -> Range<u32> {
    if at_least < *COSTS.start() {
        return 0..0;
    }
    done.unwrap_or(at_least)..at_least + u32::from(done.is_none())
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
            assert_eq!((cost(&hash), is_accepted(&hash)), (Some(4), true));
            assert!(verify("correct horse", &hash, 5) && !verify("wrong horse", &hash, 5), "{hash}");
        }
    }

    #[test]
    fn a_published_hash_is_checked() {
        // From the test vectors of the original implementation.
        assert!(verify("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", 0));
        assert!(!verify("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", 0));
    }

    #[test]
    fn what_is_no_bcrypt_or_too_costly_belongs_to_no_password() {
        for hash in ["", "$argon2id$v=19$m=19456", "$2b$", "$2b$xx$", "$2b$31$abc", "$1$05$abc"] {
            assert!(!is_accepted(hash) && !verify("correct horse", hash, 0), "{hash}");
        }
        for (cost, accepted) in [(3, false), (4, true), (15, true), (16, false), (31, false)] {
            assert_eq!(is_accepted(&format!("$2b${cost:02}${REST}")), accepted, "{cost}");
        }
        assert!(!verify("correct horse", &format!("$2b$31${REST}"), 0), "it would take days");
    }

    #[test]
    fn a_cheap_hash_takes_as_much_work_as_a_costly_one_and_as_none() {
        let work = |done: Option<u32>, at_least| {
            done.map_or(0, |cost| 1 << cost) + missing(done, at_least).map(|cost| 1 << cost).sum::<u32>()
        };
        for at_least in 4..=12 {
            assert_eq!(work(None, at_least), 1 << at_least);
            for done in 4..=at_least {
                assert_eq!(work(Some(done), at_least), 1 << at_least, "{done} of {at_least}");
            }
        }
        assert_eq!((work(None, 0), work(Some(5), 0), work(Some(14), 12)), (0, 1 << 5, 1 << 14));
    }

    #[test]
    fn a_long_password_is_checked_by_what_bcrypt_took_in() {
        let long = "x".repeat(100);
        let hash = bcrypt::hash(&long, 4).unwrap();
        assert!(verify(&long, &hash, 0) && verify(&"x".repeat(72), &hash, 0));
        assert!(!verify(&"x".repeat(71), &hash, 0));
        assert!(is_whole(&"x".repeat(72)) && !is_whole(&long));
    }
}
