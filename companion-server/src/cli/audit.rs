//! `companion-server audit`: what administrators did.

use std::io::Write as _;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::{Failure, settings, store};
use crate::{model::audit::Actor, store::AdminStore as _};

pub(super) fn command() -> Command {
    Command::new("audit")
        .about("Print what administrators did, newest first")
        .after_help("Examples:\n  companion-server audit\n  companion-server audit --limit 1000")
        .args(settings::of_data_dir())
        .arg(
            Arg::new("limit")
                .long("limit")
                .value_name("NUMBER")
                .value_parser(value_parser!(u32).range(1..=100_000))
                .default_value("100")
                .help("How many at most"),
        )
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let limit = matches.get_one::<u32>("limit").copied().unwrap_or(1);
    let entries = store::with(&settings::data_dir(matches)?, async |store| store.audit(None, limit).await)??;
    let mut out = std::io::stdout().lock();
    for entry in entries {
        let actor = match entry.actor {
            Actor::Console => "console".to_owned(),
            Actor::Person(id) => id.to_string(),
            Actor::Issuer => "token".to_owned(),
        };
        let subject = entry.subject.map(|subject| subject.to_string()).unwrap_or_default();
        writeln!(out, "{}  {actor:<24}  {:<14}  {subject}  {}", entry.at, entry.action, entry.detail)?;
    }
    Ok(())
}
