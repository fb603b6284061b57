//! Passwords: Argon2id with OWASP's parameters, off the async threads, so many at a time as there are processors.
//!
//! The threads are their own and stay: the allocator keeps the 19 MiB that a hash takes for each thread that ever made
//! one, and the runtime's own threads for blocking work can be hundreds.
//!
//! A wrong password takes as long whether or not its user exists. As long as there are hashes of bcrypt
//! ([`super::imported`]), each check works on both, as long as on the costliest of them, so that it is not told which users
//! have one. This ends at a cost of 12: every sign-in would take seconds, were one user's hash of 15. Whose hash is costlier
//! can be told by the time that a wrong password takes, until it is replaced at their next sign-in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{Semaphore, TryAcquireError},
};

use super::imported;

/// Hashes and checks passwords.
pub struct Passwords {
    threads: Threads,
    waiting: Arc<Semaphore>,
    /// The hash of a password that nobody has: checking against it takes as long as against a real one.
    nobody: String,
    /// The greatest cost of the bcrypt hashes that there are, up to [`PADDED_MAX`]; 0 where there are none.
    imported: AtomicU32,
}

/// The threads that hash.
struct Threads(Option<Runtime>);

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many others wait; try again shortly (503).
    #[error("too many sign-ins are in progress")]
    Busy,
    /// The hash function failed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// How many wait for a slot before more are turned away.
const WAITING: usize = 64;

/// The greatest cost of bcrypt that every check takes as long as, about a quarter of a second.
const PADDED_MAX: u32 = 12;

impl Passwords {
    /// Hashes up to `at_once` passwords at the same time.
    ///
    /// # Errors
    /// Where hashing does not work at all.
    pub fn new(at_once: usize) -> Result<Self, PasswordError> {
        let nobody = hash(&rand::random::<u128>().to_string())?;
        let waiting = Arc::new(Semaphore::new(WAITING));
        Ok(Self { threads: Threads::start(at_once.max(1))?, waiting, nobody, imported: AtomicU32::new(0) })
    }

    /// The hash of a password in PHC form, with a fresh salt.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.run(move || hash(&password)).await?
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no, after as long a time.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let nobody = self.nobody.clone();
        let hash = hash.unwrap_or_else(|| nobody.clone());
        let cost = imported::cost(&hash);
        if let Some(cost) = cost {
            self.imported.fetch_max(cost.min(PADDED_MAX), Ordering::Relaxed);
        }
        let padding = self.padding();
        let check = move || {
            if cost.is_some() {
                verify(&password, &nobody);
                return imported::verify(&password, &hash, padding);
            }
            imported::work(&password, None, padding);
            verify(&password, &hash)
        };
        Ok(self.run(check).await? && known)
    }

    /// Says of what cost the costliest hash of bcrypt is; `None` where there are none any more.
    pub fn expect_imported(&self, cost: Option<u32>) {
        self.imported.store(cost.map_or(0, |cost| cost.min(PADDED_MAX)), Ordering::Relaxed);
    }

    /// The cost of bcrypt that every check takes as long as; 0 where there are no such hashes.
    pub(crate) fn padding(&self) -> u32 {
        self.imported.load(Ordering::Relaxed)
    }

    /// How many passwords are hashed or wait for it.
    pub(crate) fn at_work(&self) -> usize {
        WAITING.saturating_sub(self.waiting.available_permits())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.waiting).try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits | TryAcquireError::Closed => PasswordError::Busy,
        })?;
        let threads = self.threads.0.as_ref().ok_or(PasswordError::Busy)?;
        let run = move || {
            let result = work();
            drop(place);
            result
        };
        threads.spawn_blocking(run).await.map_err(|error| PasswordError::Hash(error.to_string()))
    }
}

impl Threads {
    fn start(count: usize) -> Result<Self, PasswordError> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(count)
            .thread_keep_alive(Duration::from_hours(24))
            .thread_name("passwords")
            .build()
            .map_err(|error| PasswordError::Hash(error.to_string()))?;
        Ok(Self(Some(runtime)))
    }
}

/// A runtime must not be dropped by async code unless it is told not to wait for its threads.
impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The hash of a password in PHC form. Takes tens of milliseconds: [`Passwords`] is for async code.
///
/// # Errors
/// [`PasswordError::Hash`].
pub fn hash(password: &str) -> Result<String, PasswordError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| PasswordError::Hash(error.to_string()))?.to_string())
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_belongs_to_its_password_alone() {
        let passwords = Passwords::new(1).unwrap();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse".into()).await.unwrap());
        for (password, hash, expected) in [
            ("correct horse", Some(hash.clone()), true),
            ("wrong horse", Some(hash.clone()), false),
            ("correct horse", None, false),
            ("correct horse", Some("not a hash".into()), false),
        ] {
            assert_eq!(passwords.verify(password.into(), hash).await.unwrap(), expected, "{password}");
        }
    }
}
