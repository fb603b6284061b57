//! `GET /message` answers a history of 100,000 messages, and the server's memory stays flat: also where somebody asks
//! for it and then does not read.

use anyhow::Context;
use reqwest::Method;
use roost_tests::{
    History, Server,
    people::{ANA, BEN},
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
    let history = History {
        between: [ana.id(), ben.id()],
        count: MESSAGES,
        every_ms: 1000,
        said: |number| format!("message number {number} of a long history"),
    };
    server.import(&history.documents()).unwrap();
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
