//! `companion-server doctor`.

use std::io::Write as _;

use clap::{ArgMatches, Command};

use super::{Failure, settings};
use crate::{
    clock::{Clock as _, SystemClock},
    doctor::{self, Verdict},
};

const EXAMPLES: &str = "\
Examples:
  companion-server doctor --data-dir /var/lib/roost
  companion-server doctor --config /etc/roost.toml

Takes the flags of `serve`; run it as the server's user. Each line is one check: ok, warn or FAIL, and what to do. It
fails where a check does. A server may run meanwhile; a big database takes a while to read.";

pub(super) fn command() -> Command {
    Command::new("doctor")
        .about("Check settings, permissions, database, disk, secret, certificate, clock and port")
        .after_help(EXAMPLES)
        .args(settings::all())
}

pub(super) fn doctor(matches: &ArgMatches) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let config = match settings::read(matches) {
        Ok(config) => config,
        Err(error) => {
            writeln!(out, "FAIL  settings: {error}")?;
            return Err("the settings can't be used, so nothing else was looked at".into());
        }
    };
    writeln!(out, "ok    settings: all can be used; `companion-server config show` shows them")?;
    let findings = doctor::examine(&config, SystemClock.now());
    for finding in &findings {
        let verdict = match finding.verdict {
            Verdict::Ok => "ok   ",
            Verdict::Warn => "warn ",
            Verdict::Fail => "FAIL ",
        };
        writeln!(out, "{verdict} {}: {}", finding.what, finding.text)?;
    }
    match findings.iter().filter(|finding| finding.verdict == Verdict::Fail).count() {
        0 => Ok(()),
        1 => Err("one check failed".into()),
        count => Err(format!("{count} checks failed").into()),
    }
}
