//! The command line. It reads flags and passwords, calls the library, and prints; an unknown command starts nothing.

mod audit;
mod backup;
mod config;
mod doctor;
mod healthcheck;
mod import;
mod invite;
mod log;
mod password;
mod serve;
mod settings;
mod store;
mod user;

use std::{io::Write as _, process::ExitCode};

use clap::{ArgMatches, Command};

/// Why a command failed, in words for whoever typed it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command of the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    match dispatch(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            writeln!(std::io::stderr(), "companion-server: {failure}").ok();
            ExitCode::FAILURE
        }
    }
}

fn dispatch(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("serve", matches)) => serve::serve(matches),
        Some(("user", matches)) => user::run(matches),
        Some(("audit", matches)) => audit::run(matches),
        Some(("invite", matches)) => invite::run(matches),
        Some(("backup", matches)) => backup::backup(matches),
        Some(("verify", matches)) => backup::verify(matches),
        Some(("restore", matches)) => backup::restore(matches),
        Some(("doctor", matches)) => doctor::doctor(matches),
        Some(("healthcheck", matches)) => healthcheck::healthcheck(matches),
        Some(("import", matches)) => import::import(matches),
        Some(("config", matches)) => match matches.subcommand() {
            Some(("show", matches)) => config::show(matches),
            _ => Err("say what to do with the settings: show".into()),
        },
        _ => Err("say what to do; see --help".into()),
    }
}

const EXAMPLES: &str = "\
Examples:
  companion-server serve
  companion-server invite create --role coordinator
  companion-server backup /backup/roost.tar
  companion-server doctor
  companion-server serve --help";

fn command() -> Command {
    Command::new("companion-server")
        .about("The whole server side of Roost in one binary")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(EXAMPLES)
        .subcommand(serve::command())
        .subcommand(user::command())
        .subcommand(audit::command())
        .subcommand(invite::command())
        .subcommand(backup::backup_command())
        .subcommand(backup::verify_command())
        .subcommand(backup::restore_command())
        .subcommand(doctor::command())
        .subcommand(healthcheck::command())
        .subcommand(import::command())
        .subcommand(
            Command::new("config")
                .about("Look at the settings")
                .after_help("Examples:\n  companion-server config show")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(config::show_command()),
        )
}

/// A runtime for a command.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a command and those below it.
    fn shows_examples(command: &Command, of: &str) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let own = help.starts_with("Examples:\n") && help.contains(of);
        assert!(own, "{}: {help}", command.get_name());
        for below in command.get_subcommands() {
            let name = if of.contains(' ') { of.to_owned() } else { format!("{of} {}", below.get_name()) };
            shows_examples(below, &name);
        }
    }

    #[test]
    fn every_command_shows_examples_of_itself() {
        command().debug_assert();
        shows_examples(&command(), "companion-server");
    }
}
