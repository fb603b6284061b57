//! The fuzzer of the API, which is written in Python: in a virtual environment of its own below the target directory.

use std::fs;

use anyhow::Context;

use crate::{command::Cmd, console::say, workspace::Workspace};

/// Installs what `tests/schemathesis/requirements.txt` names, each by its hash, unless that is what is installed already.
pub(crate) fn install(workspace: &Workspace) -> anyhow::Result<()> {
    let requirements = workspace.root.join("tests/schemathesis/requirements.txt");
    let wanted =
        fs::read(&requirements).with_context(|| format!("{} could not be read", requirements.display()))?;
    let home = workspace.target.join("tools/schemathesis");
    let stamp = home.join("installed-requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        say("The fuzzer of the API is there.");
        return Ok(());
    }
    Cmd::new("python3").args(["-m", "venv", "--clear"]).args([&home]).run().context(
        "A virtual environment for Python could not be made; Debian has what it takes in python3-venv.",
    )?;
    Cmd::new(&home.join("bin/pip").to_string_lossy())
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--only-binary",
            ":all:",
        ])
        .args(["--requirement".as_ref(), requirements.as_os_str()])
        .run()
        .context(
            "The Python packages could not be fetched. Is this machine connected to a Python package index?",
        )?;
    fs::write(&stamp, wanted).context("what was installed could not be noted")
}
