//! The flags of the settings, made from their table, and how a command reads them.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use crate::config::{
    Config, ConfigError, Sources,
    settings::{Kind, Setting, TABLE},
    sources::CONFIG_FLAG,
};

/// The flags of every setting, and `--config`.
pub(super) fn all() -> Vec<Arg> {
    let defaults = Config::default();
    TABLE
        .iter()
        .filter(|setting| setting.kind != Kind::Secret)
        .map(|setting| flag(setting, &defaults))
        .chain([config()])
        .collect()
}

/// What a command needs that only works on the data: `--data-dir` and `--config`.
pub(super) fn of_data_dir() -> Vec<Arg> {
    let defaults = Config::default();
    Setting::named(DATA_DIR).map(|setting| flag(setting, &defaults)).into_iter().chain([config()]).collect()
}

/// Every setting, checked.
pub(super) fn read(matches: &ArgMatches) -> Result<Config, ConfigError> {
    Config::read(&Sources::open(matches, &variable)?)
}

/// The data directory alone: other settings may be wrong.
pub(super) fn data_dir(matches: &ArgMatches) -> Result<PathBuf, ConfigError> {
    let sources = Sources::open(matches, &variable)?;
    let mut config = Config::default();
    if let Some(setting) = Setting::named(DATA_DIR) {
        setting.take(&sources, &mut config)?;
    }
    Ok(config.data_dir)
}

/// A variable of the environment. One that is empty counts as not set, because it often can't be unset.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

const DATA_DIR: &str = "data-dir";

fn config() -> Arg {
    Arg::new(CONFIG_FLAG)
        .long(CONFIG_FLAG)
        .value_name("FILE")
        .help("A TOML file of settings, each under its flag's name [env: ROOST_CONFIG]")
}

fn flag(setting: &Setting, defaults: &Config) -> Arg {
    let default = match setting.shown(defaults) {
        default if default.is_empty() => String::new(),
        default => format!(" [default: {default}]"),
    };
    let arg = Arg::new(setting.name).long(setting.name).value_name(setting.value_name).help(format!(
        "{}{default} [env: {}]",
        setting.help,
        setting.variable()
    ));
    match setting.kind {
        Kind::List => arg.action(ArgAction::Append),
        Kind::Switch => arg.num_args(0..=1).default_missing_value("on"),
        Kind::Text | Kind::Number | Kind::Path | Kind::Secret => arg,
    }
}
