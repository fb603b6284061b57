//! An engine in a process of its own, with somebody on it who never rests: the program `bot`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Server, people::Person, process::Process, programs};

/// What the program prints once nothing waits any more.
pub const SETTLED: &str = "settled";

/// Told to the program: end every wait between tries, as a device does that has its network back.
pub const RETRY: &str = "retry";

/// Told to the program: write no more.
pub const QUIET: &str = "quiet";

/// A bot, which can be killed at any moment and started again.
pub struct Bot {
    person: Person,
    name: String,
    server: String,
    peers: Vec<String>,
    folder: PathBuf,
    seed: u64,
    starts: u64,
    process: Option<Process>,
}

impl Bot {
    /// A bot on a device of this name, which keeps its profile and its journal in `folder`. Not started yet.
    #[must_use]
    pub fn new(
        name: &str,
        person: Person,
        server: &Server,
        peers: &[&str],
        folder: &Path,
        seed: u64,
    ) -> Self {
        Self {
            person,
            name: name.to_owned(),
            server: server.url(),
            peers: peers.iter().map(|&peer| peer.to_owned()).collect(),
            folder: folder.to_owned(),
            seed,
            starts: 0,
            process: None,
        }
    }

    /// Its profile.
    #[must_use]
    pub fn profile(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Its journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.folder.join(format!("{}.journal", self.name))
    }

    /// Starts it, and does not wait until it writes.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(&mut self) -> anyhow::Result<()> {
        self.starts += 1;
        let mut command = Command::new(programs::built("bot")?);
        command.arg("--profile").arg(self.profile()).arg("--journal").arg(self.journal());
        command.args(["--server", &self.server, "--user", self.person.user_name, "--name", &self.name]);
        // Another one each time, so that it does not do the same over and over.
        command.args(["--seed", &self.seed.wrapping_add(self.starts).to_string()]);
        command.args(self.peers.iter().flat_map(|peer| ["--to", peer]));
        command.env("ROOST_PASSWORD", self.person.password);
        self.process = Some(Process::spawn(&format!("the bot {}", self.name), &mut command)?);
        Ok(())
    }

    /// Kills it at once, in the middle of whatever it does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Tells it something. A bot that is not there hears nothing.
    pub fn tell(&mut self, word: &str) {
        if let Some(process) = &mut self.process {
            // It may have ended, which whoever waits for it finds out.
            let _ = process.write(&format!("{word}\n"));
        }
    }

    /// Waits until it has nothing more to send, and ends it.
    ///
    /// # Errors
    /// Where it has failed, or does not come to rest.
    pub async fn rest(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.line("the word that all is sent", |line| (line == SETTLED).then_some(())).await?;
            process.close_input();
            process.end().await?;
        }
        Ok(())
    }
}
