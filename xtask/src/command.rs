//! Running other programs: each is shown before it runs, and a failure names it.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, bail};

use crate::tally::Tally;

/// Whether programs are asked for plain output; see [`plain`].
static PLAIN: AtomicBool = AtomicBool::new(false);

/// From here on, every program is told that nobody watches: no colours, no progress bars, no questions.
pub(crate) fn plain() {
    PLAIN.store(true, Ordering::Relaxed);
}

/// A program with its arguments.
pub(crate) struct Cmd {
    inner: Command,
    shown: String,
}

impl Cmd {
    /// The program of this name, without arguments.
    pub(crate) fn new(program: &str) -> Self {
        Self { inner: command(program.as_ref()), shown: program.to_owned() }
    }

    /// The Cargo that runs this task.
    pub(crate) fn cargo() -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self { inner: command(&cargo), shown: "cargo".to_owned() }
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        for arg in args {
            self.shown.push(' ');
            self.shown.push_str(&arg.as_ref().to_string_lossy());
            self.inner.arg(arg);
        }
        self
    }

    /// Sets the folder that it runs in.
    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.inner.current_dir(dir);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    /// Takes an environment variable away.
    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.inner.env_remove(name);
        self
    }

    /// Has it ended where it takes longer than this many seconds.
    pub(crate) fn within(self, seconds: u32) -> Self {
        let mut inner = command("timeout".as_ref());
        inner.arg(seconds.to_string()).arg(self.inner.get_program()).args(self.inner.get_args());
        if let Some(dir) = self.inner.get_current_dir() {
            inner.current_dir(dir);
        }
        Self { inner, shown: self.shown }
    }

    /// Runs it, with its output shown. Anything but success is an error.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        self.show();
        let status = self
            .inner
            .stdin(Stdio::null())
            .status()
            .with_context(|| format!("`{}` could not be started", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs it, with its output shown and the tests in it counted. Failed tests are part of the count; an end
    /// without success and without a failed test is an error.
    pub(crate) fn tests(mut self) -> anyhow::Result<Tally> {
        self.show();
        let mut child = self
            .inner
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{}` could not be started", self.shown))?;
        let output = child.stdout.take().context("a piped output is there")?;
        let mut tally = Tally::default();
        let mut shown = std::io::stdout();
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            tally += Tally::of_line(&String::from_utf8_lossy(&line));
            shown.write_all(&line)?;
            shown.write_all(b"\n")?;
            shown.flush()?;
        }
        let status = child.wait()?;
        if !status.success() && tally.failed == 0 {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(tally)
    }

    /// Runs it unseen. Its standard output where it succeeded.
    pub(crate) fn read(mut self) -> anyhow::Result<String> {
        let output = self
            .inner
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .with_context(|| format!("`{}` could not be started", self.shown))?;
        if !output.status.success() {
            bail!("`{}` failed ({})", self.shown, output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs it unseen. Whether it succeeded.
    pub(crate) fn succeeds(self) -> bool {
        self.read().is_ok()
    }

    /// Becomes it: does not come back unless it cannot be started.
    #[cfg(unix)]
    pub(crate) fn replace(mut self) -> anyhow::Result<()> {
        use std::os::unix::process::CommandExt;

        self.show();
        let error = self.inner.exec();
        Err(error).with_context(|| format!("`{}` could not be started", self.shown))
    }

    /// Runs it with the terminal for its own.
    #[cfg(not(unix))]
    pub(crate) fn replace(self) -> anyhow::Result<()> {
        self.run()
    }

    #[expect(clippy::print_stdout, reason = "a person follows what runs")]
    fn show(&self) {
        println!("$ {}", self.shown);
        let _ = std::io::stdout().flush();
    }
}

fn command(program: &OsStr) -> Command {
    let mut command = Command::new(program);
    if PLAIN.load(Ordering::Relaxed) {
        command.envs([
            ("CI", "true"),
            ("NO_COLOR", "1"),
            ("CARGO_TERM_COLOR", "never"),
            ("CARGO_TERM_PROGRESS_WHEN", "never"),
        ]);
    }
    command
}
