//! What a program and everything that it started hold in memory.

use std::fs;

use anyhow::Context;

/// The proportional set size of a process and its descendants, in KiB: memory that several share counts in parts.
pub(crate) fn of(process: u32) -> anyhow::Result<Vec<(String, u64)>> {
    let mut found = vec![of_one(process)?];
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may end while its line is read.
        let Ok(children) = fs::read_to_string(thread?.path().join("children")) else { continue };
        for child in children.split_whitespace() {
            found.extend(of(child.parse()?)?);
        }
    }
    Ok(found)
}

fn of_one(process: u32) -> anyhow::Result<(String, u64)> {
    let name = fs::read_to_string(format!("/proc/{process}/comm"))?.trim().to_owned();
    let sums = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let line = sums.lines().find_map(|line| line.strip_prefix("Pss:")).context("a process has memory")?;
    Ok((name, line.trim().trim_end_matches(" kB").parse()?))
}
