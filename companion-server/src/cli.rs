//! The command line. It reads flags and passwords, calls the library, and prints; an unknown command starts nothing.

mod password;
mod serve;
mod user;

use std::{io::Write as _, process::ExitCode};

use clap::{Arg, ArgAction, ArgMatches, Command, builder::BoolishValueParser, value_parser};

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
        Some(("user", matches)) => match matches.subcommand() {
            Some(("add", matches)) => user::add(matches),
            _ => Err("say what to do with the user: add".into()),
        },
        _ => Err("say what to do: serve, or user add".into()),
    }
}

fn command() -> Command {
    Command::new("companion-server")
        .about("The whole server side of Roost in one binary")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(serve::command())
        .subcommand(
            Command::new("user")
                .about("Look after accounts, also while the server runs")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(user::add_command()),
        )
}

fn data_dir() -> Arg {
    Arg::new("data_dir")
        .long("data-dir")
        .value_name("DIR")
        .env("ROOST_DATA_DIR")
        .default_value("./roost-data")
        .value_parser(value_parser!(std::path::PathBuf))
        .help("Where the database and the token secret are kept; made if missing, private to its owner")
}

fn flag(id: &'static str, name: &'static str, variable: &'static str, help: &'static str) -> Arg {
    Arg::new(id)
        .long(name)
        .env(variable)
        .action(ArgAction::SetTrue)
        .value_parser(BoolishValueParser::new())
        .help(help)
}

/// A runtime for a command.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
