//! Waiting for what is to come true, instead of sleeping for as long as it might take.

use std::time::{Duration, Instant};

use anyhow::bail;
use fantoccini::error::CmdError;

/// How long anything may take before the test that waits for it gives up.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// How often a condition that nobody announces is looked at.
pub(crate) const INTERVAL: Duration = Duration::from_millis(50);

/// Looks until there is something to see, at most [`DEADLINE`].
///
/// # Errors
/// What was waited for, and what the last look saw, where the time ran out.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    within(DEADLINE, what, look).await
}

/// Looks until there is something to see, for what takes its time.
///
/// # Errors
/// What was waited for, and what the last look saw, where the time ran out.
pub async fn within<T>(
    deadline: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let started = Instant::now();
    loop {
        match tokio::time::timeout(deadline, look()).await {
            Ok(Ok(seen)) => return Ok(seen),
            Ok(Err(error)) if started.elapsed() > deadline => {
                return Err(told(error).context(format!("waited {} s for {what}", deadline.as_secs())));
            }
            Ok(Err(_)) => tokio::time::sleep(INTERVAL).await,
            Err(_) => bail!("looking for {what} took more than {} s", deadline.as_secs()),
        }
    }
}

/// The error with what a driver said of it: its words are often none, its code is there always.
fn told(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<CmdError>() {
        Some(CmdError::Standard(driver)) => {
            let code = format!("{:?}", driver.error);
            error.context(code)
        }
        _ => error,
    }
}
