//! The servers that are measured.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context, bail};
use roost_tests::{Server, process::Process, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How many people write to each other.
const PEOPLE: usize = 16;

/// A running server with people who can write to each other.
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) people: Vec<Member>,
    pub(crate) process_id: u32,
    // Ended and removed with the contender.
    _running: Running,
}

/// Somebody who writes and is written to.
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) token: String,
}

enum Running {
    Roost { _server: Server },
    Peer { _process: Process, _data: TempDir },
}

impl Contender {
    /// Our server as it comes.
    pub(crate) async fn roost() -> anyhow::Result<Self> {
        let mut server = Server::new()?.arg("--registration").arg("open").arg("--rate-limits").arg("off");
        server.start().await?;
        let (url, process_id) = (server.url(), server.process_id().context("the server runs")?);
        let running = Running::Roost { _server: server };
        Self::with_people("companion-server (durable)".to_owned(), url, process_id, running).await
    }

    /// A Node implementation in `folder`, with this storage: `memory` or `sqlite`.
    pub(crate) async fn peer(folder: &Path, storage: &str) -> anyhow::Result<Self> {
        let data = tempfile::Builder::new().prefix("roost-peer-").tempdir()?;
        let mut command = Command::new(programs::installed("node")?);
        command
            .arg("server.js")
            .current_dir(folder)
            .env("PORT", "0")
            .env("JWT_SECRET", "benchmark-secret-benchmark-secret-benchmark")
            .env("STORAGE", storage)
            .env("SQLITE_SYNC", "FULL")
            .env("DB", data.path().join("peer.db"));
        let mut process = Process::spawn("the Node implementation", &mut command)?;
        let port: u16 = process
            .line("its port", |line| line.strip_prefix("listening ")?.split(' ').next()?.parse().ok())
            .await?;
        let durable = if storage == "sqlite" { "SQLite, durable" } else { "memory, not durable" };
        let (url, process_id) = (format!("http://127.0.0.1:{port}"), process.id());
        let running = Running::Peer { _process: process, _data: data };
        Self::with_people(format!("Node ({durable})"), url, process_id, running).await
    }

    async fn with_people(
        name: String,
        url: String,
        process_id: u32,
        running: Running,
    ) -> anyhow::Result<Self> {
        let http = reqwest::Client::new();
        let mut people = Vec::with_capacity(PEOPLE);
        for number in 0..PEOPLE {
            people.push(register(&http, &url, number).await?);
        }
        Ok(Self { name, url, people, process_id, _running: running })
    }

    /// The processor time that the server has used, in microseconds.
    pub(crate) fn cpu_micros(&self) -> anyhow::Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process_id))?;
        let after_name = stat.rsplit_once(')').context("a process has a name")?.1;
        let field = |number: usize| after_name.split_whitespace().nth(number)?.parse::<u64>().ok();
        let ticks =
            field(11).zip(field(12)).map(|(user, system)| user + system).context("a process has times")?;
        Ok(ticks * 1_000_000 / rustix::param::clock_ticks_per_second())
    }
}

async fn register(http: &reqwest::Client, url: &str, number: usize) -> anyhow::Result<Member> {
    static RUN: AtomicU64 = AtomicU64::new(0);
    let unique = RUN.fetch_add(1, Ordering::Relaxed);
    let body = json!({
        "userName": format!("member{unique}"), "firstName": format!("Member {number}"), "lastName": "Bench",
        "email": format!("member{unique}@example.org"), "password": "correct horse battery", "role": "student",
    });
    let answer = http.post(format!("{url}/api/auth/register")).json(&body).send().await?;
    if !answer.status().is_success() {
        bail!("registering answered {}: {}", answer.status(), answer.text().await?);
    }
    let data = &answer.json::<Value>().await?["data"];
    let text = |value: &Value| value.as_str().map(str::to_owned).context("an account has an id and a token");
    Ok(Member { id: text(&data["user"]["_id"])?, token: text(&data["accessToken"])? })
}
