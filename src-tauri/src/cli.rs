//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Roost: messages that are kept on this device and work offline.
#[derive(Debug, Default, Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Where messages and settings are kept; the system's place for app data where it is left out.
    #[arg(long, env = "ROOST_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Start without showing the window.
    #[arg(long, alias = "minimized")]
    pub(crate) minimised: bool,

    /// A link of the app to open, such as `roost://open?peer=ID`.
    #[arg(value_name = "LINK")]
    pub(crate) link: Option<String>,
}
