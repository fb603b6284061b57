//! The companion server as a process of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::{
    people::Person,
    process::{Lines, Process},
    programs,
};

/// What the server prints once it answers.
const READY: &str = "Roost is listening on ";

/// A server with its data folder, running or not. It keeps its port when it is started again.
pub struct Server {
    program: &'static str,
    data: PathBuf,
    // Removes a throw-away data folder when the server is dropped.
    _folder: Option<TempDir>,
    args: Vec<String>,
    env: Vec<(String, String)>,
    address: Option<SocketAddr>,
    secure: bool,
    process: Option<Process>,
}

impl Server {
    /// A server with a data folder of its own, which goes when the server is dropped. Not started yet.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("roost-server-").tempdir()?;
        let data = folder.path().join("data");
        Ok(Self { _folder: Some(folder), ..Self::with_data(data) })
    }

    /// A server with its data in this folder. Not started yet.
    #[must_use]
    pub fn with_data(data: PathBuf) -> Self {
        Self {
            program: "companion-server",
            data,
            _folder: None,
            args: Vec::new(),
            env: Vec::new(),
            address: None,
            secure: false,
            process: None,
        }
    }

    /// A running server with these people, and a throw-away data folder.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn with_people(people: &[Person]) -> anyhow::Result<Self> {
        let mut server = Self::new()?;
        server.start().await?;
        for person in people {
            server.add(person)?;
        }
        Ok(server)
    }

    /// Gives `serve` another argument.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// Gives the server an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Has it listen here.
    #[must_use]
    pub fn at(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Starts it, on the port that it had before if it had one, and waits until it answers.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        if self.process.is_some() {
            bail!("the server runs already");
        }
        let listen = self.address.map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string());
        let mut command = self.command()?;
        command.arg("serve").arg("--data-dir").arg(&self.data).args(["--listen", &listen]).args(&self.args);
        let mut process = Process::spawn(self.program, &mut command)?;
        let ready = |line: &str| {
            let (scheme, address) = line.strip_prefix(READY)?.split_once("://")?;
            Some((scheme == "https", address.parse().ok()?))
        };
        let (secure, address) = process.line("the ready line", ready).await?;
        (self.secure, self.address) = (secure, Some(address));
        self.process = Some(process);
        Ok(())
    }

    /// Makes this server stop for ever at a named point, from its next start on; see the server's `failpoints`
    /// feature. `None` makes it a plain server again.
    pub fn set_failpoint(&mut self, point: Option<&str>) {
        self.env.retain(|(name, _)| name != "ROOST_FAILPOINT");
        self.program = "companion-server";
        if let Some(point) = point {
            self.program = "companion-server-failpoints";
            self.env.push(("ROOST_FAILPOINT".to_owned(), point.to_owned()));
        }
    }

    /// Makes an account. The server may run or not.
    ///
    /// # Errors
    /// Where the server's program refuses.
    pub fn add(&self, person: &Person) -> anyhow::Result<()> {
        let arguments = [
            ["--user-name", person.user_name],
            ["--email", person.email],
            ["--role", person.role],
            ["--first-name", person.first_name],
            ["--last-name", person.last_name],
        ];
        let mut command = self.administer(&["user", "add"])?;
        command.args(arguments.as_flattened()).env("ROOST_PASSWORD", person.password);
        output_of(&mut command)?;
        Ok(())
    }

    /// Runs a command of administration, such as `["invite", "create"]`, on the data folder. What it printed.
    ///
    /// # Errors
    /// Where the server's program refuses.
    pub fn run(&self, command: &[&str]) -> anyhow::Result<String> {
        output_of(&mut self.administer(command)?)
    }

    /// Gives it these messages, one document a line as `mongoexport` writes them. It must not be running.
    ///
    /// # Errors
    /// Where the server's program refuses.
    pub fn import(&self, messages: &str) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("messages.json");
        std::fs::write(&file, messages)?;
        output_of(self.administer(&["import"])?.arg("--messages").arg(&file))?;
        Ok(())
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where it listens, such as `http://127.0.0.1:4000`; `https` where it was started with a certificate.
    ///
    /// # Panics
    /// Before its first start.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that asks too early is wrong")]
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address.expect("the server has been started"))
    }

    /// Its process id; `None` while it is not running.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// What it logs; empty while it is not running.
    #[must_use]
    pub fn log(&self) -> Lines {
        self.process.as_ref().map(|process| process.stderr().clone()).unwrap_or_default()
    }

    /// Kills it at once, in the middle of whatever it does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// Where it does not end in time, or not with success.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        match self.process.take() {
            Some(mut process) => process.terminate().await,
            None => Ok(()),
        }
    }

    fn administer(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = self.command()?;
        command.args(arguments).arg("--data-dir").arg(&self.data);
        Ok(command)
    }

    fn command(&self) -> anyhow::Result<Command> {
        let mut command = Command::new(programs::built(self.program)?);
        // Settings of the person who runs the tests are not for this server.
        for name in ["ROOST_DATA_DIR", "ROOST_LISTEN", "ROOST_JWT_SECRET", "JWT_SECRET", "PORT"] {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }
}

fn output_of(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().context("companion-server could not be started")?;
    if !output.status.success() {
        bail!("companion-server refused: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}
