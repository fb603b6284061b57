//! A child process that is read while it runs and that never outlives its owner.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::wait;

/// How many lines of each output are kept.
const LINES_KEPT: usize = 2_000;

/// How many lines are shown when a test fails.
const LINES_SHOWN: usize = 40;

/// A running program. Killed and waited for on drop; shows the end of what it printed when a test is failing.
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines,
    stderr: Lines,
}

impl Process {
    /// Starts it.
    ///
    /// # Errors
    /// Where the system cannot.
    pub fn spawn(name: &str, command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        let stdout = Lines::follow(child.stdout.take());
        let stderr = Lines::follow(child.stderr.take());
        Ok(Self { name: name.to_owned(), stdin: child.stdin.take(), child, stdout, stderr })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it prints.
    #[must_use]
    pub fn stdout(&self) -> &Lines {
        &self.stdout
    }

    /// What it logs.
    #[must_use]
    pub fn stderr(&self) -> &Lines {
        &self.stderr
    }

    /// Types this into it.
    ///
    /// # Errors
    /// Where it does not read any more.
    pub fn write(&mut self, text: &str) -> anyhow::Result<()> {
        let stdin = self.stdin.as_mut().with_context(|| format!("{}'s input is closed", self.name))?;
        stdin
            .write_all(text.as_bytes())
            .and_then(|()| stdin.flush())
            .with_context(|| format!("typing into {}", self.name))
    }

    /// Ends its input.
    pub fn close_input(&mut self) {
        self.stdin = None;
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until a line on its standard output is what is looked for.
    ///
    /// # Errors
    /// Where no such line comes, or the process ends without having printed one.
    pub async fn line<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&str) -> Option<T>,
    ) -> anyhow::Result<T> {
        let what = format!("{what} from {}", self.name);
        wait::until(&what, async || {
            // Asked before looking, so that the last lines of a process that ends are still seen.
            let running = self.is_running();
            match self.stdout.find(&mut wanted) {
                Some(found) => Ok(Ok(found)),
                None if running => Err(anyhow!("it printed:\n{}", self.stdout.tail())),
                None => {
                    Ok(Err(anyhow!("{} ended:\n{}{}", self.name, self.stdout.tail(), self.stderr.tail())))
                }
            }
        })
        .await?
    }

    /// Kills it at once, in the middle of whatever it does, and waits until it is gone.
    pub fn kill(&mut self) {
        // An error says that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// Where it does not end in time, or not with success.
    pub async fn terminate(&mut self) -> anyhow::Result<()> {
        signal(self.id(), Signal::TERM)?;
        self.end().await
    }

    /// Waits for as long as it takes until it ends by itself, however it does.
    pub async fn ended(&mut self) {
        while self.is_running() {
            tokio::time::sleep(wait::INTERVAL).await;
        }
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// Where it does not end in time, or not with success.
    pub async fn end(&mut self) -> anyhow::Result<()> {
        let status = wait::until(&format!("the end of {}", self.name), async || {
            self.child.try_wait()?.context("it still runs")
        })
        .await?;
        if !status.success() {
            bail!("{} ended with {status}:\n{}", self.name, self.stderr.tail());
        }
        Ok(())
    }
}

impl Drop for Process {
    #[expect(
        clippy::print_stderr,
        reason = "the one place where a failing test shows what its processes said"
    )]
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {} (end of its log)\n{}{}", self.name, self.stdout.tail(), self.stderr.tail());
        }
    }
}

/// Kills the process with this id at once. One that is gone already is fine.
pub fn kill(id: u32) {
    let _ = signal(id, Signal::KILL);
}

/// Whether any thread of the process with this id still runs. One that has ended stays listed until somebody has
/// waited for it, and the first thread can have ended while others still hold the process's files.
pub(crate) fn is_running(id: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{id}/task")) else { return false };
    threads.flatten().any(|thread| {
        // The state stands behind the name, which is in parentheses and may hold anything.
        std::fs::read_to_string(thread.path().join("stat")).is_ok_and(|stat| {
            stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with(['Z', 'X']))
        })
    })
}

fn signal(id: u32, signal: Signal) -> anyhow::Result<()> {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).context("a process id fits in 31 bits")?;
    kill_process(pid, signal).with_context(|| format!("signalling process {id}"))
}

/// The lines of an output, read as they come.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<VecDeque<String>>>);

impl Lines {
    /// Reads on a thread of its own, so that the writer never waits for a reader.
    fn follow(output: Option<impl Read + Send + 'static>) -> Self {
        let lines = Self::default();
        let kept = lines.clone();
        if let Some(output) = output {
            std::thread::spawn(move || {
                for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                    kept.push(String::from_utf8_lossy(&line).into_owned());
                }
            });
        }
        lines
    }

    /// All lines that are kept.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.lock().iter().cloned().collect()
    }

    /// The first line that is what is looked for.
    pub fn find<T>(&self, wanted: impl FnMut(&str) -> Option<T>) -> Option<T> {
        self.lock().iter().map(String::as_str).find_map(wanted)
    }

    /// The last lines as one text.
    #[must_use]
    pub fn tail(&self) -> String {
        let lines = self.lock();
        let shown = lines.iter().skip(lines.len().saturating_sub(LINES_SHOWN));
        shown.fold(String::new(), |text, line| text + line + "\n")
    }

    fn push(&self, line: String) {
        let mut lines = self.lock();
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
