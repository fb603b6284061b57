//! Licences, sources and known vulnerabilities of the dependencies, by cargo-deny (`deny.toml`).

use crate::{
    command::Cmd,
    console::{Done, say},
    workspace::Workspace,
};

const VERSION: &str = "0.20.2";

/// Installs cargo-deny into the target directory, unless the system or an earlier run has it.
pub(crate) fn install(workspace: &Workspace) -> anyhow::Result<()> {
    if Cmd::cargo().args(["deny", "--version"]).succeeds() || installed(workspace) {
        return Ok(());
    }
    // Without optimisation: it takes half the time to build and runs for seconds.
    Cmd::cargo()
        .args(["install", "cargo-deny", "--locked", "--debug", "--version", VERSION, "--root"])
        .args([workspace.target.join("tools")])
        .run()
}

/// Checks licences, bans and sources.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Done> {
    deny(workspace).args(["check", "licenses", "bans", "sources"]).run()?;
    Ok(Done::Well)
}

/// Checks for known vulnerabilities, where the database of them can be had.
pub(crate) fn advisories(workspace: &Workspace) -> anyhow::Result<Done> {
    say("Fetching the advisory database…");
    let fetch = deny(workspace).args(["fetch", "db"]).within(60);
    if !fetch.succeeds() {
        return Ok(Done::Skipped("the advisory database cannot be fetched from here".to_owned()));
    }
    deny(workspace).args(["check", "--disable-fetch", "advisories"]).run()?;
    Ok(Done::Well)
}

fn deny(workspace: &Workspace) -> Cmd {
    if installed(workspace) {
        Cmd::new(&path(workspace).to_string_lossy()).dir(&workspace.root)
    } else {
        Cmd::cargo().args(["deny"]).dir(&workspace.root)
    }
}

fn installed(workspace: &Workspace) -> bool {
    path(workspace).is_file()
}

fn path(workspace: &Workspace) -> std::path::PathBuf {
    workspace.target.join("tools/bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX))
}
