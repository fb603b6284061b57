//! A full disk, on either side: what was stored stays, what cannot be stored is said, and when there is space again
//! everything goes on by itself.

use anyhow::{Context, ensure};
use reqwest::{Method, StatusCode};
use roost_tests::{
    Replica, Server,
    people::{ANA, BEN},
    rest::Rest,
    sandbox,
    small_disk::SmallDisk,
    wait::until,
};
use serde_json::{Value, json};
use sync_core::{Status, StoreError, UserId, WriteError};

/// More than a database has to spare between two of its pages.
const LONG: usize = 4_000;

/// More long messages than a full disk can take.
const MANY: usize = 200;

#[test]
fn an_engine_on_a_full_disk_says_so_loses_nothing_and_goes_on() -> anyhow::Result<()> {
    sandbox::run("disk::an_engine_on_a_full_disk_says_so_loses_nothing_and_goes_on", async {
        let folder = tempfile::tempdir()?;
        let disk = SmallDisk::mount(&folder.path().join("disk"))?;
        let server = Server::with_people(&[ANA, BEN]).await?;
        let ben = Rest::sign_in(&server, &BEN).await?;
        let peer = UserId::from(ben.id());
        let ana = Replica::at(folder.path().join("disk/ana")).await?;
        ana.sign_in(&server.url(), ANA.user_name, ANA.password).await?;
        let me = ana.id()?;
        ana.client.send(&peer, "Before").await?;
        ana.online().await?;

        disk.fill()?;
        let mut stored = vec!["Before".to_owned()];
        let full = loop {
            let text = format!("{} {}", stored.len(), "x".repeat(LONG));
            match ana.client.send(&peer, &text).await {
                Ok(_) => stored.push(text),
                Err(error) => break error,
            }
            ensure!(stored.len() < MANY, "the disk never was full");
        };
        ensure!(matches!(full, WriteError::Store(StoreError::Full)), "it said {full:?}");
        assert_eq!(full.to_string(), "the disk is full: free some space and try again");

        // What arrives meanwhile cannot be kept, and what is here can be read.
        let arriving: Vec<String> = (1..=20).map(|number| format!("{number} {}", "y".repeat(LONG))).collect();
        for (number, text) in arriving.iter().enumerate() {
            ben.send(me.as_str(), text, &format!("00000000-0000-7000-8000-{number:012}")).await?;
        }
        let shown: Vec<_> = ana.items(&peer).await?.into_iter().filter(|item| item.mine).collect();
        assert_eq!(shown.len(), stored.len());
        ensure!(ana.items(&peer).await?.len() < stored.len() + arriving.len(), "there was space");

        disk.free()?;
        let last = "After";
        ana.client.send(&peer, last).await?;
        stored.push(last.to_owned());
        until("everything, on both sides", async || {
            let items = ana.items(&peer).await?;
            let (mine, theirs): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.mine);
            ensure!(theirs.iter().map(|item| &item.content).eq(&arriving), "{} arrived", theirs.len());
            ensure!(mine.iter().map(|item| &item.content).eq(&stored), "{} were written", mine.len());
            let waiting = ana.client.waiting().await?;
            ensure!(waiting == 0, "{waiting} wait");
            let listed = ben.messages().await?;
            let of_ana = listed.iter().filter(|message| message.sender == me.as_str());
            ensure!(of_ana.map(|message| &message.content).eq(&stored), "the server has {}", listed.len());
            Ok(())
        })
        .await?;
        ana.online().await
    })
}

#[test]
fn a_server_on_a_full_disk_says_so_acknowledges_nothing_it_lacks_and_goes_on() -> anyhow::Result<()> {
    sandbox::run("disk::a_server_on_a_full_disk_says_so_acknowledges_nothing_it_lacks_and_goes_on", async {
        let folder = tempfile::tempdir()?;
        let disk = SmallDisk::mount(&folder.path().join("disk"))?;
        let mut server = Server::with_data(folder.path().join("disk/data")).arg("--rate-limits=off");
        server.start().await?;
        for person in [&ANA, &BEN] {
            server.add(person)?;
        }
        let process = server.process_id();
        let (ana, ben) = (Rest::sign_in(&server, &ANA).await?, Rest::sign_in(&server, &BEN).await?);
        let device = Replica::signed_in(&server.url(), &ANA).await?;
        device.online().await?;

        disk.fill()?;
        let mut acknowledged = Vec::new();
        let (refused, key) = loop {
            let key = format!("00000000-0000-7000-8000-{:012}", acknowledged.len());
            let text = format!("{} {}", acknowledged.len(), "x".repeat(LONG));
            let request = ana.any(Method::POST, "/api/message").header("Idempotency-Key", &key);
            let answer = request.json(&json!({"receiver": ben.id(), "content": text})).send().await?;
            if answer.status() != StatusCode::CREATED {
                break (answer, key);
            }
            acknowledged.push(text);
            ensure!(acknowledged.len() < MANY, "the disk never was full");
        };
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.headers().contains_key("Retry-After"));
        let body: Value = refused.json().await?;
        assert_eq!(body["error"], "The server has no space left, try again later");
        assert_eq!(ana.contents().await?, acknowledged, "what it has can still be read");

        // An engine keeps what it writes, and does not take this for a refusal.
        let peer = UserId::from(ben.id());
        let waiting = device.client.send(&peer, &"z".repeat(LONG)).await?;
        until("a try", async || {
            let tried = server.log().find(|line| line.contains("POST").then(|| line.contains("503")));
            tried.context("there was none")
        })
        .await?;
        let status = device.item(&peer, &waiting).await?.status;
        ensure!(matches!(status, Some(Status::Waiting | Status::Sending)), "it is {status:?}");

        disk.free()?;
        device.client.retry_now();
        until("the message that waited", async || {
            let contents = ana.contents().await?;
            ensure!(contents.len() == acknowledged.len() + 1, "there are {}", contents.len());
            Ok(())
        })
        .await?;
        ana.send(ben.id(), "After", &key).await?;
        acknowledged.extend(["z".repeat(LONG), "After".to_owned()]);
        assert_eq!(ben.contents().await?, acknowledged);
        device.shows(&peer, &acknowledged.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        assert_eq!(server.process_id(), process);
        server.stop().await?;
        let examined = server.run(&["doctor"])?;
        ensure!(examined.contains("sum is sound"), "{examined}");
        Ok(())
    })
}
