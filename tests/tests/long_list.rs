//! `GET /message` answers a history of 100,000 messages, and the server's memory stays flat: also where somebody asks
//! for it and then does not read.

use std::{fmt::Write as _, process::Command};

use anyhow::Context;
use reqwest::Method;
use roost_tests::{
    Server,
    people::{ANA, BEN},
    programs,
    rest::Rest,
    wait,
};
use serde_json::Value;

const MESSAGES: usize = 100_000;

/// How much more memory than before the lists may take, in KiB. The answers are some 30 MB each.
const MORE_KIB: u64 = 16 * 1024;

/// How many ask and do not read; more than there are connections that read the database.
const STALLED: usize = 8;

#[tokio::test]
async fn a_hundred_thousand_messages_are_streamed_with_flat_memory() {
    let mut server = Server::with_people(&[ANA, BEN]).await.unwrap();
    let (ana, ben) =
        (Rest::sign_in(&server, &ANA).await.unwrap(), Rest::sign_in(&server, &BEN).await.unwrap());
    server.stop().await.unwrap();
    import(&server, ana.id(), ben.id()).unwrap();
    server.start().await.unwrap();

    // Whatever is needed for the first answer stays.
    assert_eq!(page(&ben).await.unwrap(), 1_000);
    let before = resident(&server).unwrap();
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        stalled.push(ben.any(Method::GET, "/api/message").send().await.unwrap().error_for_status().unwrap());
    }
    let mut most = before;
    for _ in 0..2 {
        let mut answer =
            ana.any(Method::GET, "/api/message").send().await.unwrap().error_for_status().unwrap();
        let (mut bytes, mut messages) = (0, 0);
        while let Some(chunk) = answer.chunk().await.unwrap() {
            bytes += chunk.len();
            messages += chunk.windows(7).filter(|window| window == b"\"_id\":\"").count();
            most = most.max(resident(&server).unwrap());
        }
        // A chunk of the transport may end within a field's name.
        assert!(messages > MESSAGES - MESSAGES / 100 && messages <= MESSAGES, "{messages} messages");
        assert!(bytes > 20_000_000, "{bytes} bytes");
    }
    println!("{before} KiB before, {most} KiB at most");
    assert!(most < before + MORE_KIB, "{before} KiB before, {most} KiB at most");
    // Whoever does not read keeps nobody from being answered.
    assert_eq!(page(&ana).await.unwrap(), 1_000);
    drop(stalled);
    server.stop().await.unwrap();
}

/// Fills the server's database by its own command.
fn import(server: &Server, ana: &str, ben: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("messages.json");
    let mut lines = String::new();
    for number in 0..MESSAGES {
        let (from, to) = if number % 2 == 0 { (ana, ben) } else { (ben, ana) };
        let time = 1_700_000_000_000 + number * 1000;
        writeln!(
            lines,
            r#"{{"_id":"60000000bcf86cd7{number:08x}","sender":"{from}","receiver":"{to}","content":"message number {number} of a long history","isRead":true,"sentAt":{{"$date":{time}}}}}"#
        )?;
    }
    std::fs::write(&file, lines)?;
    let output = Command::new(programs::built("companion-server")?)
        .args(["import", "--messages"])
        .arg(&file)
        .arg("--data-dir")
        .arg(server.data())
        .output()?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

async fn page(person: &Rest) -> anyhow::Result<usize> {
    wait::until("a page", async || {
        let answer = person.any(Method::GET, "/api/message?limit=1000").send().await?.error_for_status()?;
        Ok(answer.json::<Vec<Value>>().await?.len())
    })
    .await
}

/// The memory that the server's process holds, in KiB.
fn resident(server: &Server) -> anyhow::Result<u64> {
    let id = server.process_id().context("it runs")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a process has memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
