//! What every proof with chance in it needs: a seed that can be given again, and a folder that stays where it failed.

use std::path::Path;

use anyhow::Context;
use tempfile::TempDir;

/// Names the seed of a run, to have it again.
const SEED: &str = "ROOST_SEED";

/// The seed of this run: a fresh one, or that of `ROOST_SEED`.
///
/// # Errors
/// Where that is no number.
pub fn seed() -> anyhow::Result<u64> {
    match std::env::var(SEED) {
        Ok(text) => text.parse().with_context(|| format!("{SEED} is no number: {text:?}")),
        Err(_) => Ok(rand::random()),
    }
}

/// How many times to do something: `default`, or as often as the variable of this name says.
///
/// # Errors
/// Where that is no number.
pub fn times(variable: &str, default: u32) -> anyhow::Result<u32> {
    match std::env::var(variable) {
        Ok(text) => text.parse().with_context(|| format!("{variable} is no number: {text:?}")),
        Err(_) => Ok(default),
    }
}

/// Runs a proof in a folder of its own. Where it fails, the folder with its profiles and journals is kept, and the
/// failure tells where it is and by which seed it comes again.
///
/// # Errors
/// Where the proof fails.
pub async fn with_seed(
    name: &str,
    seed: u64,
    proof: impl AsyncFnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut folder = Folder(tempfile::Builder::new().prefix(&format!("roost-{name}-")).tempdir()?);
    let outcome = proof(folder.0.path()).await;
    if outcome.is_err() {
        folder.keep();
    }
    outcome.with_context(|| format!("{SEED}={seed}, and what was kept is in {}", folder.0.path().display()))
}

struct Folder(TempDir);

impl Folder {
    fn keep(&mut self) {
        self.0.disable_cleanup(true);
    }
}

impl Drop for Folder {
    #[expect(clippy::print_stderr, reason = "a failing test says where its files are")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep();
            eprintln!("what was kept is in {}", self.0.path().display());
        }
    }
}
