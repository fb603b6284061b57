//! `cargo xtask sim`: the engine among seeded adversaries.

use crate::{command::Cmd, console::Done, workspace::Workspace};

/// How many schedules a run of all tests takes, and how many of them on `SQLite`.
const SCHEDULES: &str = "10000";
const SCHEDULES_ON_SQLITE: &str = "300";

/// Builds the simulator, optimised or not, and becomes it. What it takes is told by `--help` after `--`.
pub(crate) fn run(workspace: &Workspace, optimised: bool, arguments: &[String]) -> anyhow::Result<()> {
    build(optimised)?;
    program(workspace, optimised).args(arguments).replace()
}

/// The tests of the simulator itself.
pub(crate) fn tests() -> anyhow::Result<Done> {
    let tests = Cmd::cargo().args(["test", "--package", "sync-core", "--features", "mutations", "--lib"]);
    Ok(Done::Tested(tests.args(["simulation::"]).tests()?))
}

/// The schedules of every run of all tests, and the deliberate bugs.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Done> {
    build(false)?;
    for arguments in [
        ["--seeds", SCHEDULES, "--store", "memory"].as_slice(),
        &["--seeds", SCHEDULES_ON_SQLITE, "--store", "sqlite"],
        &["--seeds", "1000", "--mutations"],
    ] {
        program(workspace, false).args(arguments).run()?;
    }
    Ok(Done::Well)
}

/// One build holds the deliberate bugs as well: each is off unless it is chosen.
fn build(optimised: bool) -> anyhow::Result<()> {
    let profile = if optimised { ["--profile", "release"] } else { ["--profile", "dev"] };
    let cargo = Cmd::cargo().args(["build", "--package", "sync-core", "--bin", "simulator"]);
    cargo.args(["--features", "mutations"]).args(profile).run()
}

fn program(workspace: &Workspace, optimised: bool) -> Cmd {
    let folder = if optimised { "release" } else { "debug" };
    Cmd::new(&workspace.target.join(folder).join("simulator").to_string_lossy())
}
