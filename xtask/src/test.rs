//! `cargo xtask test`: every check and every test.

use anyhow::Context;

use crate::{
    build, checks,
    command::{self, Cmd},
    console::{Console, Done, say},
    debian::{self, Purpose},
    deny, node, python, sim,
    workspace::Workspace,
};

/// Installs what building, running and testing need.
pub(crate) fn set_up(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    console.step("System packages", || debian::install(Purpose::VirtualDisplay))?;
    console.step("Node.js", node::check)?;
    console.step("npm packages", || {
        node::install(&workspace.interface())?;
        node::install(&workspace.javascript())?;
        say("The npm packages are those of the lock files.");
        Ok(())
    })?;
    console.step("Fuzzer of the API", || python::install(workspace))
}

/// Runs everything. Set-up and builds stop the run when they fail; checks and tests are all carried out, and the
/// summary tells which failed.
pub(crate) fn test(workspace: &Workspace, console: &mut Console, ci: bool) -> anyhow::Result<()> {
    if ci {
        command::plain();
    }
    set_up(workspace, console)?;
    build::all(workspace, console)?;

    checks::rust(console);
    checks::interface(workspace, console);
    console.check("Chat: tests", || Ok(Done::Tested(node::script(&workspace.interface(), "test").tests()?)));
    for (name, crates) in ["Rust tests: the server", "Rust tests: all else"].into_iter().zip(build::HALVES) {
        console.check(name, || {
            let tests = Cmd::cargo()
                .args(["test", "--no-fail-fast"])
                .args(crates)
                // Tests bring their own display and their own secret service, or none; never those of the person.
                .without_env("DISPLAY")
                .without_env("WAYLAND_DISPLAY")
                .without_env("DBUS_SESSION_BUS_ADDRESS")
                // An error of a test is told in words; its stack is that of the test runner.
                .env("RUST_LIB_BACKTRACE", "0");
            Ok(Done::Tested(tests.tests()?))
        });
    }
    console.check("Simulator: its own tests", sim::tests);
    console.check("Simulator: schedules and deliberate bugs", || sim::check(workspace));
    console.check("Dependencies", || {
        deny::install(workspace).context("cargo-deny could not be installed")?;
        deny::check(workspace)
    });
    console.check("Known vulnerabilities", || deny::advisories(workspace));
    let artifacts = workspace.root.join("artifacts");
    if artifacts.is_dir() {
        say(&format!("\nScreenshots of this run: {}", artifacts.display()));
    }
    console.summary()
}
