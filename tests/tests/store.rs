//! What becomes of the messages on a device while its engine runs: cleared away, or damaged under it.

use std::time::Duration;

use anyhow::{Context, ensure};
use roost_tests::{
    Replica, Server,
    people::{ANA, BEN},
    wait::{DEADLINE, until},
};
use sync_core::Update;

/// Enough to fill many pages of the database.
const MESSAGES: usize = 60;

/// A server, Ana's device with a profile that outlives it, Ben's, and what Ana wrote and the server took.
async fn scene() -> anyhow::Result<(tempfile::TempDir, Server, Replica, Replica, Vec<String>)> {
    let mut server = Server::new()?.arg("--rate-limits=off");
    server.start().await?;
    for person in [&ANA, &BEN] {
        server.add(person)?;
    }
    let folder = tempfile::tempdir()?;
    let ana = Replica::at(folder.path().join("ana")).await?;
    ana.sign_in(&server.url(), ANA.user_name, ANA.password).await?;
    let ben = Replica::signed_in(&server.url(), &BEN).await?;
    let written: Vec<String> =
        (1..=MESSAGES).map(|number| format!("{number} {}", "x".repeat(2_000))).collect();
    for content in &written {
        ana.client.send(&ben.id()?, content).await?;
    }
    until("nothing to wait", async || {
        let waiting = ana.client.waiting().await?;
        ensure!(waiting == 0, "{waiting} wait");
        Ok(())
    })
    .await?;
    Ok((folder, server, ana, ben, written))
}

fn texts(written: &[String]) -> Vec<&str> {
    written.iter().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_were_cleared_come_again_and_what_waits_stays() -> anyhow::Result<()> {
    let (_folder, mut server, ana, ben, mut written) = scene().await?;
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    ben.shows(&ana_id, &texts(&written)).await?;

    server.kill();
    ana.offline().await?;
    ana.client.send(&ben_id, "Written while away").await?;
    ana.client.set_draft(&ben_id, "I was about to").await?;
    let before = ana.client.storage().await?;
    let left = tokio::time::timeout(DEADLINE, ana.client.clear_messages()).await.context("it hangs")??;
    assert_eq!((left.waiting, left.drafts, left.messages), (1, 1, 0));
    ensure!(left.bytes < before.bytes / 2, "{} of {} bytes are left", left.bytes, before.bytes);
    ana.shows(&ben_id, &["Written while away"]).await?;

    server.start().await?;
    written.push("Written while away".to_owned());
    ana.client.retry_now();
    ana.shows(&ben_id, &texts(&written)).await?;
    ben.shows(&ana_id, &texts(&written)).await?;
    assert_eq!(ana.client.draft(&ben_id).await?.as_deref(), Some("I was about to"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_that_a_running_engine_meets_is_repaired_and_everything_comes_again() -> anyhow::Result<()> {
    let (_folder, _server, ana, ben, mut written) = scene().await?;
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    ben.shows(&ana_id, &texts(&written)).await?;
    // Closed, so that everything is in the one file, and open again.
    let profile = ana.profile().to_owned();
    ana.client.close().await;
    let ana = Replica::at(profile.clone()).await?;
    ana.online().await?;
    let mut updates = ana.client.updates();
    scribble(&profile.join("roost.db"))?;

    // Whoever reads meets the damage, is told of it, and finds everything again.
    until("everything", async || {
        let shown = ana.items(&ben_id).await?;
        ensure!(shown.iter().map(|item| &item.content).eq(&written), "{} are shown", shown.len());
        Ok(())
    })
    .await?;
    tokio::time::timeout(DEADLINE, async { while updates.next().await != Some(Update::Recovered) {} })
        .await
        .context("nobody was told")?;
    let recovery = ana.client.recovered().context("nothing was repaired")?;
    ensure!(!recovery.complete, "something may be missing, and {recovery:?} does not say so");

    ana.client.send(&ben_id, "All well").await?;
    written.push("All well".to_owned());
    ben.shows(&ana_id, &texts(&written)).await?;
    // Signing out and in is not held up by what was done.
    tokio::time::timeout(Duration::from_secs(20), ana.client.sign_out(false)).await.context("it hangs")??;
    Ok(())
}

/// Overwrites the second half of a file.
fn scribble(file: &std::path::Path) -> anyhow::Result<()> {
    let mut bytes = std::fs::read(file)?;
    let middle = bytes.len() / 2;
    bytes[middle..].iter_mut().for_each(|byte| *byte ^= 0x55);
    Ok(std::fs::write(file, bytes)?)
}
