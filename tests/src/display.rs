//! A virtual display that nobody else uses.

use std::{path::Path, process::Command};

use anyhow::{Context, bail};

use crate::{process::Process, programs::installed};

/// An X server without a screen, under a number that it chose itself.
pub struct Display {
    _server: Process,
    name: String,
}

impl Display {
    /// Starts one of this size in pixels, and waits until it takes connections.
    ///
    /// # Errors
    /// Where Xvfb is not installed or does not start.
    pub async fn start(width: u32, height: u32) -> anyhow::Result<Self> {
        let mut command = Command::new(installed("Xvfb")?);
        // It prints the first free number that it finds, once it is ready.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen", "0"]);
        command.arg(format!("{width}x{height}x24"));
        let mut server = Process::spawn("Xvfb", &mut command)?;
        let number: u32 = server.line("its display number", |line| line.trim().parse().ok()).await?;
        Ok(Self { _server: server, name: format!(":{number}") })
    }

    /// What a program needs in its environment to be shown here.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("DISPLAY", self.name.clone())]
    }

    /// Saves what the whole display shows as a PNG.
    ///
    /// # Errors
    /// Where `import` (`ImageMagick`) is not installed or cannot.
    pub fn screenshot(&self, to: &Path) -> anyhow::Result<()> {
        // Debian's name for the real one: plain `import` may be something else.
        let import = installed("import-im6.q16").or_else(|_| installed("import"))?;
        let output = Command::new(import)
            .args(["-display", &self.name, "-window", "root"])
            .arg(to)
            .output()
            .context("ImageMagick could not be started")?;
        if !output.status.success() {
            bail!("the display could not be saved: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}
