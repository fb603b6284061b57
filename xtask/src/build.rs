//! Building the chat and the programs.

use std::{fs, path::Path, time::SystemTime};

use anyhow::Context;

use crate::{
    command::Cmd,
    console::{Console, say},
    debian::{self, Purpose},
    node,
    workspace::Workspace,
};

/// Installs what a build needs.
pub(crate) fn set_up(console: &mut Console) -> anyhow::Result<()> {
    console.step("System packages", || debian::install(Purpose::Build))?;
    console.step("Node.js", node::check)
}

/// Builds the chat, unless nothing changed since the last time.
pub(crate) fn interface(workspace: &Workspace) -> anyhow::Result<()> {
    pages(workspace, "build", "dist/index.html")
}

/// Builds the pages that show every screen of the chat, unless nothing changed since the last time.
fn gallery(workspace: &Workspace) -> anyhow::Result<()> {
    pages(workspace, "gallery", "dist-gallery/gallery/sheet.html")
}

/// Runs this script of the chat, unless what it makes is newer than every source.
fn pages(workspace: &Workspace, script: &str, made: &str) -> anyhow::Result<()> {
    let dir = workspace.interface();
    node::install(&dir)?;
    let built = modified(&dir.join(made));
    // What Vite writes, and what npm installs, is no source.
    let sources = newest(&dir, &["dist", "dist-gallery", "node_modules", "coverage"])?;
    if built.is_some_and(|built| built > sources) {
        say(&format!("{made} is up to date."));
        return Ok(());
    }
    node::script(&dir, script).run()
}

/// Builds the chat, the programs, and what the tests need beside them.
pub(crate) fn all(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    console.step("The chat", || interface(workspace))?;
    console.step("The chat's gallery", || gallery(workspace))?;
    console.step("The server with failpoints", || server_with_failpoints(workspace))?;
    console.step("Programs", programs)
}

/// The crates in two halves, each compiled, tested and linted by an invocation of Cargo of its own.
///
/// Within one invocation Cargo gives a dependency the features that any crate asks for. The engine's SQLite is
/// `SQLCipher`, the server's is plain; together the server would get the engine's, and what is tested would not be what
/// ships.
pub(crate) const HALVES: [&[&str]; 2] =
    [&["--package", "companion-server"], &["--workspace", "--exclude", "companion-server"]];

/// One target with the dependencies of tests makes Cargo choose features as `cargo test` does, so that nothing is built
/// twice.
const SERVER: [&str; 6] = ["--package", "companion-server", "--bin", "companion-server", "--test", "threats"];

/// Builds every program that people start.
pub(crate) fn programs() -> anyhow::Result<()> {
    let [_, others] = HALVES;
    Cmd::cargo().args(["build"]).args(SERVER).run()?;
    Cmd::cargo().args(["build", "--bins", "--examples"]).args(others).run()
}

/// Builds the server once more with its failpoints, and puts it beside the real one. To be followed by
/// [`programs`], which puts the real one back in its place.
pub(crate) fn server_with_failpoints(workspace: &Workspace) -> anyhow::Result<()> {
    Cmd::cargo().args(["build", "--features", "failpoints"]).args(SERVER).run()?;
    let to = workspace.program("companion-server-failpoints");
    // A copy onto a program that still runs fails; a new file in its place does not.
    let fresh = to.with_extension("new");
    fs::copy(workspace.program("companion-server"), &fresh)
        .and_then(|_| fs::rename(&fresh, &to))
        .with_context(|| format!("{} could not be written", to.display()))
}

/// Builds the server as people run it, and becomes the benchmark.
pub(crate) fn benchmark(
    workspace: &Workspace,
    console: &mut Console,
    arguments: &[String],
) -> anyhow::Result<()> {
    set_up(console)?;
    let programs = [["companion-server", "--bin", "companion-server"], ["roost-tests", "--bin", "bench"]];
    console.step("Programs, optimised", || optimised(&programs))?;
    become_optimised(workspace, console, "bench", arguments)
}

/// Builds the app as people run it and an empty window like it, and becomes the benchmark of the app.
pub(crate) fn app_benchmark(
    workspace: &Workspace,
    console: &mut Console,
    arguments: &[String],
) -> anyhow::Result<()> {
    console.step("System packages", || debian::install(Purpose::VirtualDisplay))?;
    console.step("Node.js", node::check)?;
    console.step("The chat", || interface(workspace))?;
    let programs = [
        ["companion-server", "--bin", "companion-server"],
        ["roost", "--bin", "roost"],
        ["roost", "--example", "empty_window"],
        ["roost-tests", "--bin", "bench_app"],
    ];
    console.step("Programs, optimised", || optimised(&programs))?;
    become_optimised(workspace, console, "bench_app", arguments)
}

/// Builds programs as people run them: each alone, so that it has the features that it ships with and no others.
fn optimised(programs: &[[&str; 3]]) -> anyhow::Result<()> {
    programs.iter().try_for_each(|[package, kind, name]| {
        Cmd::cargo().args(["build", "--release", "--package", package, kind, name]).run()
    })
}

fn become_optimised(
    workspace: &Workspace,
    console: &mut Console,
    program: &str,
    arguments: &[String],
) -> anyhow::Result<()> {
    let program = workspace.target.join("release").join(program);
    console.step("Benchmark", || Cmd::new(&program.to_string_lossy()).args(arguments).replace())
}

/// Writes the TypeScript bindings again.
pub(crate) fn bindings(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    set_up(console)?;
    console.step("The chat", || interface(workspace))?;
    console.step("Bindings", || {
        Cmd::cargo()
            .env("ROOST_UPDATE_BINDINGS", "1")
            .args(["test", "--package", "roost", "--lib", "bindings"])
            .run()
    })
}

/// When the newest file below `dir` was written, without those right in `dir` that are named in `except`.
fn newest(dir: &Path, except: &[&str]) -> anyhow::Result<SystemTime> {
    let mut latest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(dir).with_context(|| format!("{} could not be listed", dir.display()))? {
        let entry = entry?;
        if except.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let written = if entry.file_type()?.is_dir() {
            newest(&entry.path(), &[])?
        } else {
            entry.metadata()?.modified()?
        };
        latest = latest.max(written);
    }
    Ok(latest)
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}
