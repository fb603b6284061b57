//! `companion-server import`: takes over an existing deployment's data.

use std::{
    fs::{self, File},
    io::{BufWriter, IsTerminal as _, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use tokio::sync::mpsc;

use super::{Failure, runtime, settings};
use crate::{
    clock::{Clock as _, SystemClock},
    import::{self, Report, Tally},
    serve::Lock,
    store::{
        Store as _,
        sqlite::{FILE_NAME, SqliteStore, copy},
    },
};

const EXAMPLES: &str = "\
Examples:
  mongoexport --uri mongodb://… --collection users --out users.json
  mongoexport --uri mongodb://… --collection messages --out messages.json
  companion-server import --users users.json --messages messages.json --dry-run
  companion-server import --users users.json --messages messages.json

Ids, times, read states and bcrypt hashes stay, so people sign in with the passwords that they had. Stop the server
first. It can be run again: what is here already stays as it is.";

/// How often progress is told: to a terminal, and to a file.
const TERMINAL: Duration = Duration::from_secs(1);
const FILE: Duration = Duration::from_secs(10);

/// Where a dry run works, within the data directory; removed at its end.
const DRY_RUN: &str = "import-dry-run";

pub(super) fn command() -> Command {
    let file = |id: &'static str, help: &'static str| {
        Arg::new(id).long(id).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
    };
    Command::new("import")
        .about("Take over the people and messages of an existing deployment, from files of mongoexport")
        .after_help(EXAMPLES)
        .args(settings::of_data_dir())
        .arg(file("users", "The people: JSON lines or an array").required_unless_present("messages"))
        .arg(file("messages", "The messages of these people, or of people who are here already"))
        .arg(file("report", "Write a line for each document that was not taken as it was"))
        .arg(
            Arg::new("dry_run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Do it with a copy of the database that is thrown away, and tell what would happen"),
        )
}

pub(super) fn import(matches: &ArgMatches) -> Result<(), Failure> {
    let data_dir = settings::data_dir(matches)?;
    let file = |id: &str| matches.get_one::<PathBuf>(id).map(PathBuf::as_path);
    let _lock = Lock::take(&data_dir)?;
    let scratch = matches.get_flag("dry_run").then(|| Scratch::of(&data_dir)).transpose()?;
    // Nobody waits for events here.
    let (facts, _) = mpsc::channel(1);
    let data_dir = scratch.as_ref().map_or(data_dir.as_path(), |scratch| &scratch.0);
    let store = SqliteStore::open(data_dir, Arc::new(SystemClock), facts)?;
    let report = file("report").map(File::create).transpose()?;
    runtime()?.block_on(async {
        let now = SystemClock.now();
        let imported = async {
            for (id, path) in [("users", file("users")), ("messages", file("messages"))] {
                let Some(path) = path else { continue };
                let lines = report.as_ref().map(File::try_clone).transpose()?;
                let lines = lines.map(|file| Box::new(BufWriter::new(file)) as Box<dyn Write>);
                let mut told = Report::new(path.display().to_string(), lines);
                let mut progress = Progress::begin(id);
                let tell = |tally: &Tally| progress.tell(tally);
                if id == "users" {
                    import::people(&store, path, now, &mut told, tell).await?;
                } else {
                    import::messages(&store, path, now, &mut told, tell).await?;
                }
                progress.end(told.tally());
                write!(std::io::stdout(), "{told}")?;
            }
            Ok::<_, Failure>(())
        };
        let imported = imported.await;
        store.close().await;
        imported
    })?;
    if scratch.is_some() {
        writeln!(std::io::stdout(), "This was a dry run: nothing was changed.")?;
    }
    Ok(())
}

/// A directory with a copy of the database, removed with everything in it.
struct Scratch(PathBuf);

impl Scratch {
    fn of(data_dir: &Path) -> Result<Self, Failure> {
        let scratch = Self(data_dir.join(DRY_RUN));
        scratch.remove();
        // The lock makes the directory, private to its owner.
        drop(Lock::take(&scratch.0)?);
        let database = data_dir.join(FILE_NAME);
        if database.exists() {
            copy::copy(&database, &scratch.0.join(FILE_NAME))?;
        }
        Ok(scratch)
    }

    fn remove(&self) {
        // It is not there where no dry run was interrupted.
        fs::remove_dir_all(&self.0).ok();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Tells on standard error how far it is: on one line of a terminal, or on a line of its own every ten seconds.
struct Progress {
    what: &'static str,
    begun: Instant,
    told: Instant,
    terminal: bool,
}

impl Progress {
    fn begin(what: &'static str) -> Self {
        let now = Instant::now();
        Self { what, begun: now, told: now, terminal: std::io::stderr().is_terminal() }
    }

    fn tell(&mut self, tally: &Tally) {
        if self.told.elapsed() >= if self.terminal { TERMINAL } else { FILE } {
            self.told = Instant::now();
            self.write(tally);
        }
    }

    fn end(&self, tally: &Tally) {
        self.write(tally);
        if self.terminal {
            writeln!(std::io::stderr()).ok();
        }
    }

    fn write(&self, tally: &Tally) {
        let millis = self.begun.elapsed().as_millis().max(1);
        let rate = u128::from(tally.read) * 1000 / millis;
        let (begin, end) = if self.terminal { ("\r", "") } else { ("", "\n") };
        let mut out = std::io::stderr().lock();
        write!(out, "{begin}{}: {} read, {rate} a second{end}", self.what, tally.read).ok();
        out.flush().ok();
    }
}
