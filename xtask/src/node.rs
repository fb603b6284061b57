//! Node.js and what npm installs.

use std::{fs, path::Path};

use anyhow::{Context, bail};

use crate::{command::Cmd, console::say};

/// The oldest Node.js that the chat's tools run on.
const NODE_MIN: (u32, u32) = (20, 19);

/// Checks that Node.js and npm are there, and new enough.
pub(crate) fn check() -> anyhow::Result<()> {
    let (major, minor) = NODE_MIN;
    let needed = format!("Node.js {major}.{minor} or newer is needed, with npm");
    let Ok(version) = Cmd::new("node").args(["--version"]).read() else {
        bail!("{needed}; no `node` was found. Install it from your system's packages or from nodejs.org.");
    };
    if parse(&version).is_none_or(|found| found < NODE_MIN) {
        bail!("{needed}; this is {version}.");
    }
    let npm =
        Cmd::new("npm").args(["--version"]).read().with_context(|| format!("{needed}; npm did not run"))?;
    say(&format!("Node.js {version}, npm {npm}."));
    Ok(())
}

/// Installs what the lock file in `dir` names, unless that is what is installed already.
pub(crate) fn install(dir: &Path) -> anyhow::Result<()> {
    let lock = fs::read(dir.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", dir.display()))?;
    // The stamp lies inside node_modules, so that it goes when node_modules goes.
    let stamp = dir.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    Cmd::new("npm").args(["ci", "--no-audit", "--no-fund", "--no-progress"]).dir(dir).run()?;
    // A project without dependencies gets no node_modules.
    fs::create_dir_all(dir.join("node_modules"))?;
    fs::write(&stamp, lock).context("what was installed could not be noted")
}

/// One of the package's scripts.
pub(crate) fn script(dir: &Path, name: &str) -> Cmd {
    Cmd::new("npm").args(["run", "--silent", name]).dir(dir)
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(parse("v20.9.0") < Some(NODE_MIN));
        assert!(parse("v20.19.0") >= Some(NODE_MIN));
        assert!(parse("v101.0.0") > Some(NODE_MIN));
        assert_eq!(parse("something"), None);
    }
}
