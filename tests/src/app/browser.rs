//! A browser with the app's own engine, for pages that are no app.

use std::{process::Command, time::Duration};

use anyhow::ensure;
use fantoccini::{Client, wd::TimeoutConfiguration};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::driver::Driver;
use crate::{Display, process, programs, wait};

/// How long a script in the page may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// A window of WebKitGTK's own browser, on which the time is told as in Greenwich.
pub struct Browser {
    client: Client,
    pid: u32,
    // Ends with the browser.
    _driver: Driver,
    // Holds everything that the browser keeps.
    _home: TempDir,
}

impl Browser {
    /// Opens one on this display.
    ///
    /// # Errors
    /// Where it or its driver is not installed, or does not start.
    pub async fn open(display: &Display) -> anyhow::Result<Self> {
        let home = tempfile::Builder::new().prefix("roost-browser-").tempdir()?;
        let driver = Driver::start(|command| {
            prepare(command, display, &home);
            Ok(())
        })
        .await?;
        let (client, pid) = driver.open(&programs::mini_browser()?, &["--automation".to_owned()]).await?;
        // A page that has much to do is not cut short on a busy machine.
        client.update_timeouts(TimeoutConfiguration::new(Some(PATIENCE), None, None)).await?;
        Ok(Self { client, pid, _driver: driver, _home: home })
    }

    /// Goes to this address.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn go_to(&self, address: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(address).await?)
    }

    /// Makes room for a page of this size, in pixels.
    ///
    /// # Errors
    /// Where the window is gone, or the display too small.
    pub async fn make_room(&self, width: u32, height: u32) -> anyhow::Result<()> {
        // The browser's own bars take some of what is asked for.
        let mut asked = (width, height);
        wait::until("the window's size", async || {
            self.client.set_window_rect(0, 0, asked.0, asked.1).await?;
            let size = self.client.execute("return [innerWidth, innerHeight]", Vec::new()).await?;
            let (inner_width, inner_height): (u32, u32) = serde_json::from_value(size)?;
            asked.0 += width.saturating_sub(inner_width);
            asked.1 += height.saturating_sub(inner_height);
            ensure!(inner_width >= width && inner_height >= height, "it is {inner_width}×{inner_height}");
            Ok(())
        })
        .await
    }

    /// Awaits this expression of JavaScript in the page, in which `given` is this value.
    ///
    /// # Errors
    /// What it throws, and where the window is gone.
    pub async fn value_of(&self, expression: &str, given: &str) -> anyhow::Result<Value> {
        let script = format!(
            "const [given, done] = arguments;
             Promise.resolve().then(() => {expression}).then(
                 (value) => done({{ value }}),
                 (error) => done({{ error: String(error) }}),
             )"
        );
        let answer = self.client.execute_async(&script, vec![json!(given)]).await?;
        ensure!(answer["error"].is_null(), "{expression} failed: {}", answer["error"]);
        Ok(answer["value"].clone())
    }

    /// What the window shows, as a PNG.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn screenshot(&self) -> anyhow::Result<Vec<u8>> {
        Ok(self.client.screenshot().await?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        process::kill(self.pid);
    }
}

fn prepare(command: &mut Command, display: &Display, home: &TempDir) {
    for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
        command.env(name, home.path());
    }
    command.env("NO_AT_BRIDGE", "1").env("GTK_A11Y", "none").env("TZ", "UTC");
    // Without an address, GLib would start a bus that outlives the browser.
    command.env_remove("WAYLAND_DISPLAY").env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    command.envs(display.environment());
}
