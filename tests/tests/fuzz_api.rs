//! Schemathesis makes requests out of the OpenAPI document, good ones and bad ones, and holds the answers to it: no
//! 5xx, no status, header, media type or body that the document lacks, nothing taken that it forbids, nothing refused
//! that it allows, nothing open that needs a token. As a student and as an administrator, with a fixed seed.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use roost_tests::{
    Server,
    people::{ANA, BEN, Person},
    programs,
    rest::Rest,
};
use tokio::process::Command;

/// Who runs the server.
const ROSA: Person = Person {
    user_name: "rosa",
    first_name: "Rosa",
    last_name: "Diaz",
    email: "rosa@example.org",
    password: "lighthouse-23",
    role: "admin",
};

/// How long one of the runs may take before something hangs.
const PATIENCE: Duration = Duration::from_mins(10);

/// How much the server's memory may grow, in KiB, and how much more for each processor: a password that is hashed takes
/// 19 MiB, on as many threads as there are processors, and the allocator keeps up to twice that for each.
const GROWTH: u64 = 32 * 1024;
const GROWTH_PER_PROCESSOR: u64 = 40 * 1024;

/// What may end the caller's own session, because the fuzzer learns of real ids; so it comes last.
const ENDS: [&str; 3] = ["endSession", "changeAccount", "logout"];

#[tokio::test]
async fn schemathesis_finds_nothing() {
    fuzz().await.unwrap();
}

async fn fuzz() -> anyhow::Result<()> {
    let mut server = Server::new()?.arg("--rate-limits").arg("off").arg("--registration").arg("open");
    // Else glibc keeps what up to eight arenas for each processor once held, which hides what the server itself keeps.
    server = server.env("ROOST_LOG", "warn").env("MALLOC_ARENA_MAX", "2");
    server.start().await?;
    for person in [&ANA, &BEN, &ROSA] {
        server.add(person)?;
    }
    let ben = Rest::sign_in(&server, &BEN).await?;
    let ana = Rest::sign_in(&server, &ANA).await?;
    ana.send(ben.id(), "Hello! How are you doing with your OJT?", "0199c3a0-7c00-7000-8000-000000000001")
        .await?;
    let before = resident(&server)?;
    run(&server, ana.token(), "examples,coverage,fuzzing", ENDS.map(|id| ["--exclude-operation-id", id]))
        .await?;
    let rosa = Rest::sign_in(&server, &ROSA).await?;
    run(&server, rosa.token(), "examples,fuzzing", ENDS.map(|id| ["--exclude-operation-id", id])).await?;
    let last = ENDS.map(|id| ["--include-operation-id", id]);
    run(&server, rosa.token(), "examples,coverage,fuzzing", last).await?;
    let grown = resident(&server)?.saturating_sub(before);
    let processors = std::thread::available_parallelism()?.get() as u64;
    if grown > GROWTH + processors * GROWTH_PER_PROCESSOR {
        bail!("the server's memory grew by {grown} KiB");
    }
    let wrong = |line: &str| (line.contains("panicked") || line.contains("ERROR")).then(|| line.to_owned());
    if let Some(line) = server.log().find(wrong) {
        bail!("the server's log says: {line}");
    }
    server.stop().await
}

/// One run with this token. Its report is shown where it finds something.
async fn run(server: &Server, token: &str, phases: &str, which: [[&str; 2]; 3]) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let settings = programs::repository().join("tests/schemathesis/schemathesis.toml");
    let fuzzing = Command::new(schemathesis()?)
        .arg("--config-file")
        .arg(settings)
        .args(["run", &format!("{}/api/openapi.json", server.url())])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--seed", "1", "--generation-database", "none", "--no-color", "--warnings", "off"])
        .args(["--phases", phases, "--max-examples", "10"])
        .args(which.concat())
        .current_dir(folder.path())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, fuzzing).await.context("Schemathesis took too long")??;
    if !output.status.success() {
        let report = String::from_utf8_lossy(&output.stdout);
        let lines = report.lines().map(|line| line.chars().take(400).collect::<String>());
        bail!("{}\n{}", lines.collect::<Vec<_>>().join("\n"), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Where `cargo xtask setup` puts it.
fn schemathesis() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    // A test lies in target/debug/deps.
    let program = own.ancestors().nth(3).map(|target| target.join("tools/schemathesis/bin/schemathesis"));
    let program = program.filter(|program| program.is_file());
    program.context("Schemathesis is not installed: run `cargo xtask setup`")
}

/// How much memory the server holds, in KiB.
fn resident(server: &Server) -> anyhow::Result<u64> {
    let id = server.process_id().context("the server runs")?;
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.context("the system says how much memory a process holds")
}
