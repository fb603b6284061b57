//! Formatting, lints and types.

use anyhow::Context;

use crate::{
    build,
    command::Cmd,
    console::{Console, Done},
    node,
    workspace::Workspace,
};

/// Formatting and lints of all crates.
pub(crate) fn rust(console: &mut Console) {
    console.check("Rust formatting", || {
        if let Some(skipped) = absent("fmt", "rustfmt") {
            return Ok(skipped);
        }
        Cmd::cargo()
            .args(["fmt", "--all", "--", "--check"])
            .run()
            .context("some files are not formatted: run `cargo fmt --all`")?;
        Ok(Done::Well)
    });
    console.check("Rust lints", || {
        if let Some(skipped) = absent("clippy", "clippy") {
            return Ok(skipped);
        }
        for crates in build::HALVES {
            Cmd::cargo()
                .args(["clippy", "--all-targets"])
                .args(crates)
                .args(["--", "--deny", "warnings"])
                .run()?;
        }
        Ok(Done::Well)
    });
}

/// Types and lints of the chat.
pub(crate) fn interface(workspace: &Workspace, console: &mut Console) {
    let dir = workspace.interface();
    for (name, script) in [("Chat: types", "check"), ("Chat: lints", "lint")] {
        console.check(name, || {
            node::script(&dir, script).run()?;
            Ok(Done::Well)
        });
    }
}

/// Why a check by one of the toolchain's optional components is left out, where the component is missing.
fn absent(subcommand: &str, component: &str) -> Option<Done> {
    let there = Cmd::cargo().args([subcommand, "--version"]).succeeds();
    (!there).then(|| {
        Done::Skipped(format!(
            "this toolchain has no {component}; `rustup component add {component}` adds it"
        ))
    })
}
