//! Where a running server tells what it does: standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::config::{Config, LogFormat};

/// Libraries that tell what they carry when they are asked for details: tokens and messages. They may not, whatever
/// the filter says.
const DISCREET: [&str; 6] =
    ["engineioxide", "engineioxide_core", "hyper", "socketioxide", "socketioxide_core", "tungstenite"];

/// Starts the log of this process.
pub(super) fn start(config: &Config) -> Result<(), Failure> {
    let mut filter = EnvFilter::builder().parse(&config.log)?;
    for library in DISCREET {
        filter = filter.add_directive(format!("{library}=warn").parse()?);
    }
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).try_init(),
    }
}
