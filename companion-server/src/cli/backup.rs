//! `companion-server backup`, `verify` and `restore`.

use std::{io::Write as _, path::PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{Failure, settings};
use crate::{
    backup::{self, Manifest},
    clock::SystemClock,
};

const BACKUP_EXAMPLES: &str = "\
Examples:
  companion-server backup /backup/roost-monday.tar
  companion-server backup --data-dir /var/lib/roost --force /backup/roost.tar

Works while the server runs, and does not hold it up. The file holds every message and the token secret: keep it as
safe as the server. A secret that comes from the settings (jwt-secret) is not in it.";

const VERIFY_EXAMPLES: &str = "\
Examples:
  companion-server verify /backup/roost-monday.tar

Reads the backup whole, which needs as much free space as the backup takes, beside it or in the system's temporary
folder.";

const RESTORE_EXAMPLES: &str = "\
Examples:
  companion-server restore --data-dir /var/lib/roost /backup/roost-monday.tar

Stop the server first. The backup is verified before anything is changed; what the data directory holds is put into a
folder aside-… in it. Apps that saw more than the backup holds fetch everything anew.";

pub(super) fn backup_command() -> Command {
    Command::new("backup")
        .about("Write everything into one file, also while the server runs")
        .after_help(BACKUP_EXAMPLES)
        .args(settings::of_data_dir())
        .arg(file())
        .arg(Arg::new("force").long("force").action(ArgAction::SetTrue).help("Replace FILE if it is there"))
}

pub(super) fn verify_command() -> Command {
    Command::new("verify").about("Check a backup").after_help(VERIFY_EXAMPLES).arg(file())
}

pub(super) fn restore_command() -> Command {
    Command::new("restore")
        .about("Put a backup into the data directory of a server that is stopped")
        .after_help(RESTORE_EXAMPLES)
        .args(settings::of_data_dir())
        .arg(file())
}

pub(super) fn backup(matches: &ArgMatches) -> Result<(), Failure> {
    let (data_dir, file) = (settings::data_dir(matches)?, path(matches));
    let manifest = backup::create(&data_dir, &file, matches.get_flag("force"), &SystemClock)?;
    tell(&format!("{} holds {}", file.display(), summary(&manifest)))?;
    if manifest.files.len() == 1 {
        tell(
            "The token secret is not in it, because the data directory has none: keep jwt-secret yourself.",
        )?;
    }
    Ok(())
}

pub(super) fn verify(matches: &ArgMatches) -> Result<(), Failure> {
    let file = path(matches);
    let manifest = backup::verify(&file)?;
    tell(&format!("{} is sound: {}", file.display(), summary(&manifest)))
}

pub(super) fn restore(matches: &ArgMatches) -> Result<(), Failure> {
    let data_dir = settings::data_dir(matches)?;
    let restored = backup::restore(&path(matches), &data_dir, &SystemClock)?;
    tell(&format!("{} holds {}", data_dir.display(), summary(&restored.manifest)))?;
    if let Some(aside) = restored.aside {
        tell(&format!("What was there before is in {}", aside.display()))?;
    }
    Ok(())
}

fn file() -> Arg {
    Arg::new("file").value_name("FILE").required(true).value_parser(value_parser!(PathBuf)).help("The backup")
}

fn path(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("file").cloned().unwrap_or_default()
}

fn summary(manifest: &Manifest) -> String {
    let rows = |table: &str| manifest.rows.get(table).copied().unwrap_or(0);
    let bytes: u64 = manifest.files.iter().map(|content| content.bytes).sum();
    format!(
        "{} messages of {} users, {bytes} bytes, as of {} (schema version {})",
        rows("messages"),
        rows("users"),
        manifest.created_at,
        manifest.schema_version
    )
}

fn tell(text: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
