//! Mounts and networks that belong to one test: the test runs again as a process in namespaces of its own.
//!
//! Whatever it mounts, and whatever rules its network has, are gone with that process, also when it is killed. Root may
//! do so, and where user namespaces are allowed anybody may. Where neither is, the test is skipped and says so.

use std::{
    io::Write,
    process::{Command, Output},
};

use anyhow::{Context, bail, ensure};

use crate::programs::installed;

/// Tells the process within which test it is.
const INSIDE: &str = "ROOST_SANDBOX";

/// Runs `body` with mounts and a network of its own. `test` is the full name of the test that calls it, and that does
/// nothing else.
///
/// # Errors
/// What the body says, or where the process could not be started.
pub fn run(test: &str, body: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    if std::env::var(INSIDE).is_ok_and(|inside| inside == test) {
        system("ip", &["link", "set", "lo", "up"])?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(body);
    }
    let Some(flags) = permitted()? else {
        // Past the test runner, which shows nothing of a test that passes.
        writeln!(std::io::stderr(), "SKIPPED {test}: this system permits no namespaces, not even to root")?;
        return Ok(());
    };
    let output = Command::new(installed("unshare")?)
        .args(flags)
        .arg(std::env::current_exe()?)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, test)
        .output()?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("in its own namespaces:\n{said}");
    }
    ensure!(said.contains("1 passed"), "there is no test called {test}:\n{said}");
    Ok(())
}

/// A file system in memory of this size, for as long as the sandbox stands.
///
/// # Errors
/// Where it cannot be mounted.
pub fn mount_memory(at: &std::path::Path, bytes: u64) -> anyhow::Result<()> {
    std::fs::create_dir_all(at)?;
    let at = at.to_str().context("the path is text")?;
    system("mount", &["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs", at])?;
    Ok(())
}

/// Runs a program of the system that must succeed. What it printed.
///
/// # Errors
/// What it says where it does not.
pub fn system(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let Output { status, stdout, stderr } = Command::new(installed(program)?).args(arguments).output()?;
    ensure!(status.success(), "{program} {}: {}", arguments.join(" "), String::from_utf8_lossy(&stderr));
    Ok(String::from_utf8(stdout)?)
}

/// How namespaces can be had here, if they can.
fn permitted() -> anyhow::Result<Option<&'static [&'static str]>> {
    let unshare = installed("unshare")?;
    let ways: [&[&str]; 2] = [&["--mount", "--net"], &["--map-root-user", "--mount", "--net"]];
    for flags in ways {
        // To have the namespaces is not yet to be allowed to use them.
        let tried = ["sh", "-c", "mount -t tmpfs tmpfs /tmp && ip link set lo up"];
        let output = Command::new(&unshare).args(flags).args(tried).output()?;
        if output.status.success() {
            return Ok(Some(flags));
        }
    }
    Ok(None)
}
