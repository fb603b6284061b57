//! `companion-server config show`.

use std::io::Write as _;

use clap::{ArgMatches, Command};

use super::{Failure, settings};
use crate::config::{Config, ConfigError, Sources, settings::TABLE};

const EXAMPLES: &str = "\
Examples:
  companion-server config show
  companion-server config show --config /etc/roost.toml --listen 0.0.0.0:3000

Takes the flags of `serve`. Prints each setting with its value and where it came from, checks all of them, and fails
where one can't be used. Secrets are not printed.";

pub(super) fn show_command() -> Command {
    Command::new("show")
        .about("Print every setting, its value and where it came from; fail where one can't be used")
        .after_help(EXAMPLES)
        .args(settings::all())
}

pub(super) fn show(matches: &ArgMatches) -> Result<(), Failure> {
    let sources = Sources::open(matches, &settings::variable)?;
    let mut config = Config::default();
    let mut refused: Vec<ConfigError> = Vec::new();
    let mut out = std::io::stdout().lock();
    for setting in TABLE {
        let origin = match setting.take(&sources, &mut config) {
            Ok(given) => given.map_or_else(|| "the default".to_owned(), |given| given.origin.to_string()),
            Err(error) => {
                refused.push(error);
                continue;
            }
        };
        let value = setting.shown(&config);
        let value = if value.is_empty() { "(none)" } else { &value };
        writeln!(out, "{} = {value} ({origin})", setting.name)?;
    }
    refused.extend(config.tls().err());
    if refused.is_empty() {
        return Ok(());
    }
    Err(refused.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n").into())
}
