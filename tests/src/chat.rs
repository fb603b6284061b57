//! The engine without a screen: sync-core's `chat` example as a process.

use std::{path::Path, process::Command};

use crate::{
    Server,
    people::Person,
    process::{Lines, Process},
    programs,
};

/// What protects the messages of a chat that is opened by [`Chat::open`].
pub const PASSPHRASE: &str = "a test's passphrase";

/// Somebody at a terminal.
pub struct Chat {
    process: Process,
}

impl Chat {
    /// Opens the profile in `profile`, and signs in as `person` where it is not signed in yet. Tokens are kept for
    /// this run only, and a passphrase protects the messages. Without `to`, lines must say whom they are for: `@ben Hello`.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn open(
        profile: &Path,
        server: &Server,
        person: &Person,
        to: Option<&Person>,
    ) -> anyhow::Result<Self> {
        Self::open_at(profile, &server.url(), person, to, &[])
    }

    /// The same at any address, and with these environment variables.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn open_at(
        profile: &Path,
        address: &str,
        person: &Person,
        to: Option<&Person>,
        environment: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let mut command = command(profile, address, person)?;
        command.arg("--memory-secrets").env("ROOST_PASSPHRASE", PASSPHRASE);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        if let Some(to) = to {
            command.args(["--to", to.user_name]);
        }
        Ok(Self { process: Process::spawn(&format!("chat of {}", person.user_name), &mut command)? })
    }

    /// Types a line.
    ///
    /// # Errors
    /// Where the program has ended.
    pub fn say(&mut self, line: &str) -> anyhow::Result<()> {
        self.process.write(&format!("{line}\n"))
    }

    /// Waits for this line on the screen.
    ///
    /// # Errors
    /// Where it does not come.
    pub async fn hear(&mut self, line: &str) -> anyhow::Result<()> {
        self.process.line(&format!("the line {line:?}"), |seen| (seen == line).then_some(())).await
    }

    /// Waits until the server is known to have this message of one's own. Where its receiver has it already, that is
    /// all that is said.
    ///
    /// # Errors
    /// Where nothing of the kind comes.
    pub async fn confirmed(&mut self, message: &str) -> anyhow::Result<()> {
        let lines = ["sent", "delivered", "read"].map(|status| format!("[{status}] {message}"));
        let what = format!("{message:?} to be confirmed");
        self.process.line(&what, |seen| lines.iter().any(|line| line == seen).then_some(())).await
    }

    /// What has been on the screen.
    #[must_use]
    pub fn screen(&self) -> Vec<String> {
        self.process.stdout().all()
    }

    /// What it tells of its connection.
    #[must_use]
    pub fn log(&self) -> &Lines {
        self.process.stderr()
    }

    /// Kills it at once, in the middle of whatever it does.
    pub fn kill(mut self) {
        self.process.kill();
    }
}

/// Signs a profile of the app in, so that the app opens signed in. The tokens go to the secret service of this
/// environment.
///
/// # Errors
/// Where signing in fails.
pub async fn sign_in(
    profile: &Path,
    server: &Server,
    person: &Person,
    environment: &[(&str, String)],
) -> anyhow::Result<()> {
    let mut command = command(profile, &server.url(), person)?;
    command.arg("--sign-in-only").envs(environment.iter().map(|(name, value)| (name, value)));
    let mut process = Process::spawn("chat --sign-in-only", &mut command)?;
    process.close_input();
    process.end().await
}

fn command(profile: &Path, address: &str, person: &Person) -> anyhow::Result<Command> {
    let mut command = Command::new(programs::built("examples/chat")?);
    command.arg("--profile").arg(profile);
    command.args(["--server", address, "--user", person.user_name]);
    command.env("ROOST_PASSWORD", person.password);
    Ok(command)
}
