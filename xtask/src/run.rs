//! `cargo xtask run`: two people, one server, two windows.

use anyhow::Context;

use crate::{
    build,
    command::Cmd,
    console::{Console, say},
    debian::{self, Purpose},
    node,
    workspace::Workspace,
};

/// How to run the demo.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Go on with the people and messages of the last run instead of starting afresh.
    #[arg(long)]
    keep: bool,
    /// Show nothing: use a virtual display and leave screenshots, even where there is a display.
    #[arg(long)]
    headless: bool,
}

/// Builds everything and becomes the demo.
pub(crate) fn run(workspace: &Workspace, console: &mut Console, options: &Options) -> anyhow::Result<()> {
    let headless = options.headless || !has_display();
    let purpose = if headless { Purpose::VirtualDisplay } else { Purpose::Windows };
    console.step("System packages", || debian::install(purpose))?;
    console.step("Node.js", node::check)?;
    console.step("The chat", || build::interface(workspace))?;
    say("\nThe first build takes some minutes; later ones take seconds.");
    console.step("Programs", build::programs)?;

    let data = workspace.target.join("demo");
    if data.exists() && !options.keep {
        std::fs::remove_dir_all(&data)
            .with_context(|| format!("the last demo's folder, {}, could not be removed", data.display()))?;
    }
    let mut demo = Cmd::new(&workspace.program("demo").to_string_lossy()).args(["--data-dir"]).args([&data]);
    if headless {
        let screenshots = workspace.root.join("artifacts/demo");
        demo = demo.args(["--screenshots"]).args([screenshots]);
    }
    console.step("Demo", || demo.replace())
}

fn has_display() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
}
