//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Roost: messages that are kept on this device and work offline.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Where messages and settings are kept; the system's place for app data where it is left out.
    #[arg(long, env = "ROOST_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}
