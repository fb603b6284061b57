//! `cargo xtask …`: everything that one does with this repository, on a machine that has Rust and Node.
//!
//! Each task first looks at what it needs and installs only what is missing, prints each command that it runs,
//! and ends with one plain sentence when it cannot go on.

mod build;
mod checks;
mod command;
mod console;
mod debian;
mod deny;
mod node;
mod python;
mod run;
mod sim;
mod tally;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{console::Console, workspace::Workspace};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set up, run and test Roost", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything, start a server with two demo people, and open the app for both.
    ///
    /// Without a display the same happens under a virtual one: the two write to each other, and the paths of the
    /// screenshots are printed.
    Run(run::Options),
    /// Run every check and every test.
    Test {
        /// As CI runs it: never asks, no progress bars.
        #[arg(long)]
        ci: bool,
    },
    /// Build the chat and every program, as `run` and `test` do.
    Build,
    /// Install what `run` and `test` need, and nothing else.
    Setup,
    /// Measure how many messages a second the server takes.
    ///
    /// With `--peer DIR`, beside a Node implementation of the contract: a folder with `server.js` and its packages.
    Bench {
        /// Given to the benchmark; `cargo xtask bench -- --help` tells.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measure the app beside an empty window: its start, its memory, and how it holds out with 100,000 messages.
    BenchApp {
        /// Given to the benchmark; `cargo xtask bench-app -- --help` tells.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run the engine among seeded adversaries, in virtual time, and check every promise.
    ///
    /// `cargo xtask sim --seeds 10000`, or one seed again: `--seed S --only …`; `cargo xtask sim --help` tells.
    #[command(disable_help_flag = true)]
    Sim {
        /// Build it optimised first: worth it from some ten thousand seeds on.
        #[arg(long)]
        optimised: bool,
        /// Given to the simulator.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Formatting, lints and types, in Rust and in TypeScript.
    Lint,
    /// Write the TypeScript bindings of the app's commands again.
    Bindings,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut console = Console::new();
    match perform(&cli.task, &mut console) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.failure(&error);
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &Task, console: &mut Console) -> anyhow::Result<()> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Run(options) => run::run(&workspace, console, options),
        Task::Test { ci } => test::test(&workspace, console, *ci),
        Task::Build => {
            build::set_up(console)?;
            build::all(&workspace, console)
        }
        Task::Setup => test::set_up(&workspace, console),
        Task::Bench { arguments } => build::benchmark(&workspace, console, arguments),
        Task::BenchApp { arguments } => build::app_benchmark(&workspace, console, arguments),
        Task::Sim { optimised, arguments } => sim::run(&workspace, *optimised, arguments),
        Task::Lint => {
            build::set_up(console)?;
            // The linter compiles the app, and the app embeds the chat.
            console.step("The chat", || build::interface(&workspace))?;
            checks::rust(console);
            checks::interface(&workspace, console);
            console.summary()
        }
        Task::Bindings => build::bindings(&workspace, console),
    }
}
