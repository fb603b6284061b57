//! `WebKitWebDriver`, one for each app because it takes one session at a time.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
};

use anyhow::{Context, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::{process::Process, programs, wait};

/// A running driver.
pub(super) struct Driver {
    process: Process,
    port: u16,
}

impl Driver {
    /// Starts a driver; what it starts inherits the environment that `prepare` gives it.
    pub(super) async fn start(
        prepare: impl FnOnce(&mut Command) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(programs::installed("WebKitWebDriver")?);
        prepare(&mut command)?;
        // What makes a Tauri app let itself be driven.
        command.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        let port = free_port()?;
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1");
        let mut process = Process::spawn("WebKitWebDriver", &mut command)?;
        wait::until("the driver", async || {
            if !process.is_running() {
                bail!("WebKitWebDriver ended:\n{}", process.stderr().tail());
            }
            tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .await
                .context("it does not listen yet")
        })
        .await?;
        Ok(Self { process, port })
    }

    /// Has the driver start this program. What drives its window, and its process id.
    pub(super) async fn open(&self, program: &Path, args: &[String]) -> anyhow::Result<(Client, u32)> {
        let options = json!({"webkitgtk:browserOptions": {"binary": program, "args": args}});
        let mut builder = ClientBuilder::new(HttpConnector::new());
        if let serde_json::Value::Object(capabilities) = options {
            builder.capabilities(capabilities);
        }
        let client =
            builder.connect(&format!("http://127.0.0.1:{}", self.port)).await.with_context(|| {
                format!("{} did not start:\n{}", program.display(), self.process.stderr().tail())
            })?;
        let app = children(self.process.id())?;
        let [app] = app[..] else { bail!("the driver has {} children instead of the app alone", app.len()) };
        Ok((client, app))
    }

    /// Ends the driver; the app is not its to end.
    pub(super) fn end(&mut self) {
        self.process.kill();
    }
}

/// A port that was free a moment ago. The driver cannot be told to choose one.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// The processes that this one started and that still run.
fn children(parent: u32) -> anyhow::Result<Vec<u32>> {
    let mut children = Vec::new();
    for thread in fs::read_dir(format!("/proc/{parent}/task"))? {
        // A thread may end while its line is read.
        let Ok(ids) = fs::read_to_string(thread?.path().join("children")) else { continue };
        children.extend(ids.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    Ok(children)
}
