//! A server of the published document alone: no keys, no feed, perhaps no events and no login. Nothing is silently
//! lost, and nothing is there twice unless the server hides that it took the first try.
//!
//! `ROOST_PEER_NODE=<folder of a Node implementation, its packages installed>` tells the same story there as well.

use std::{io::Write as _, process::Command};

use anyhow::{Context, ensure};
use roost_tests::{
    Replica,
    people::{ANA, BEN},
    plain_server::PlainServer,
    process::Process,
    programs::installed,
    wait::until,
};
use sync_core::{Client, ServerKind, SignInError, Status, Url, UserId};

/// A device on which somebody has signed in with a password.
async fn device(url: &str, person: &roost_tests::Person) -> anyhow::Result<Replica> {
    let replica = Replica::new().await?;
    replica.sign_in(url, person.email, person.password).await?;
    Ok(replica)
}

/// Waits until a conversation shows these messages, looking at the server as often as it may be looked at.
async fn shows(replica: &Replica, peer: &UserId, contents: &[&str]) -> anyhow::Result<()> {
    until(&format!("{contents:?}"), async || {
        replica.client.retry_now();
        let items = replica.items(peer).await?.into_iter().filter(|item| !item.deleted);
        let seen: Vec<_> = items.map(|item| item.content).collect();
        ensure!(seen == contents, "there is {seen:?}");
        Ok(())
    })
    .await
}

/// What two people do anywhere: they write, edit, delete, read, and lose the server for a while.
async fn two_people_write(url: &str) -> anyhow::Result<()> {
    assert_eq!(Client::probe(url).await?.kind, ServerKind::Plain);
    let (ana, ben) = (device(url, &ANA).await?, device(url, &BEN).await?);
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    let first = ana.client.send(&ben_id, "Good morning").await?;
    // Of so many messages one may vanish and be taken for deleted.
    for content in ["How are you?", "And the training?", "And the weather?", "Never mind"] {
        ana.client.send(&ben_id, content).await?;
    }
    let asked = ["Good morning", "How are you?", "And the training?", "And the weather?", "Never mind"];
    shows(&ben, &ana_id, &asked).await?;
    ben.client.send(&ana_id, "Fine").await?;
    shows(&ana, &ben_id, &[&asked[..], &["Fine"]].concat()).await?;

    ana.client.edit(&first, "Good morning, Ben").await?;
    let last = ana.items(&ben_id).await?.into_iter().nth(4).context("it is there")?;
    ana.client.delete(&last.key).await?;
    let all = ["Good morning, Ben", asked[1], asked[2], asked[3], "Fine"];
    shows(&ana, &ben_id, &all).await?;
    shows(&ben, &ana_id, &all).await?;
    let first_of_hers = ben.items(&ana_id).await?.into_iter().next().context("it is there")?;
    ben.client.mark_read(&ana_id, &first_of_hers.key).await?;
    until("the reading", async || {
        ana.client.retry_now();
        let status = ana.item(&ben_id, &first).await?.status;
        ensure!(status == Some(Status::Read), "it is {status:?}");
        Ok(())
    })
    .await?;
    for replica in [&ana, &ben] {
        assert_eq!(replica.client.waiting().await?, 0);
    }
    let fresh = device(url, &BEN).await?;
    shows(&fresh, &ana_id, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_write_on_a_plain_server_whose_events_never_come() -> anyhow::Result<()> {
    let server = PlainServer::with_people(&[ANA, BEN])?;
    server.faults(|faults| faults.no_events = true);
    two_people_write(&server.url()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_write_on_a_plain_server_that_others_wrote() -> anyhow::Result<()> {
    let Some(folder) = std::env::var_os("ROOST_PEER_NODE") else {
        writeln!(
            std::io::stderr(),
            "SKIPPED: ROOST_PEER_NODE names no folder of a server that others wrote"
        )?;
        return Ok(());
    };
    let mut command = Command::new(installed("node")?);
    command.arg("server.js").current_dir(folder);
    command.envs([
        ("PORT", "0"),
        ("STORAGE", "memory"),
        ("JWT_SECRET", "a secret of this test, and of no other"),
    ]);
    let mut process = Process::spawn("the peer", &mut command)?;
    let port =
        process.line("its port", |line| line.strip_prefix("listening ")?.split(' ').next()?.parse().ok());
    let port: u16 = port.await?;
    let url = format!("http://127.0.0.1:{port}");
    for person in [&ANA, &BEN] {
        let body = serde_json::json!({
            "email": person.email, "password": person.password, "role": person.role,
            "firstName": person.first_name, "lastName": person.last_name,
        });
        let asked = reqwest::Client::new().post(format!("{url}/api/auth/register")).json(&body).send();
        asked.await?.error_for_status()?;
    }
    two_people_write(&url).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_token_signs_in_where_there_is_no_login_and_its_end_keeps_what_waits() -> anyhow::Result<()>
{
    let server = PlainServer::with_people(&[ANA, BEN])?;
    server.faults(|faults| faults.no_login = true);
    assert!(!Client::probe(&server.url()).await?.has_login);
    let ana = Replica::new().await?;
    let url = Url::parse(&server.url())?;
    let nonsense = ana.client.sign_in_with_token(&url, "not a token").await;
    assert!(matches!(nonsense, Err(error) if !matches!(error, SignInError::Store(_))));
    ana.client.sign_in_with_token(&url, &server.token(&ANA)?).await?;
    let ben_id = UserId::from(server.id_of(&BEN).as_str());
    // Nobody told who Ben is: a conversation begins with his id.
    let key = ana.client.send(&ben_id, "Hello").await?;
    ana.status(&ben_id, &key, Status::Sent).await?;

    server.faults(|faults| faults.expired = true);
    ana.client.send(&ben_id, "After the token's end").await?;
    ana.client.retry_now();
    ana.expired().await?;
    assert_eq!(ana.client.waiting().await?, 1);
    server.faults(|faults| faults.expired = false);
    ana.client.sign_in_with_token(&url, &server.token(&ANA)?).await?;
    shows(&ana, &ben_id, &["Hello", "After the token's end"]).await?;
    until("it to arrive", async || {
        let contents: Vec<_> = server.messages().into_iter().map(|message| message.content).collect();
        ensure!(contents == ["Hello", "After the token's end"], "the server has {contents:?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_server_whose_answers_are_lost_and_that_restarts_has_each_message_once() -> anyhow::Result<()>
{
    let mut server = PlainServer::with_people(&[ANA, BEN])?;
    let ana = device(&server.url(), &ANA).await?;
    let ben_id = UserId::from(server.id_of(&BEN).as_str());
    let mut written = Vec::new();
    for round in 0..3 {
        // The server takes it, and nobody hears of that; then it is away for a while.
        server.faults(|faults| faults.lost_answers = 1);
        written.push(format!("Lost answer {round}"));
        // The same words twice are two messages.
        written.push("Hello?".to_owned());
        for content in &written[2 * round..] {
            ana.client.send(&ben_id, content).await?;
        }
        if round == 1 {
            server.stop();
            ana.offline().await?;
            server.start()?;
        }
        until("both to be sent", async || {
            ana.client.retry_now();
            let waiting = ana.client.waiting().await?;
            ensure!(waiting == 0, "{waiting} wait");
            Ok(())
        })
        .await?;
        let contents: Vec<_> = server.messages().into_iter().map(|message| message.content).collect();
        assert_eq!(contents, written);
    }
    shows(&ana, &ben_id, &written.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_lists_lack_is_deleted_and_where_a_fifth_vanishes_it_is_kept() -> anyhow::Result<()> {
    let server = PlainServer::with_people(&[ANA, BEN])?;
    let (ana, ben) = (device(&server.url(), &ANA).await?, device(&server.url(), &BEN).await?);
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    let written: Vec<String> = (0..10).map(|number| format!("Message {number}")).collect();
    for content in &written {
        ana.client.send(&ben_id, content).await?;
    }
    let mut all: Vec<&str> = written.iter().map(String::as_str).collect();
    shows(&ben, &ana_id, &all).await?;

    let ids: Vec<String> = server.messages().into_iter().map(|message| message.id).collect();
    // One of ten is a deletion, half of them are a mishap of the server.
    server.remove(&ids[3..4]);
    all.remove(3);
    shows(&ben, &ana_id, &all).await?;
    shows(&ana, &ben_id, &all).await?;

    server.remove(&ids[5..]);
    until("what vanished to be marked", async || {
        ben.client.retry_now();
        let items = ben.items(&ana_id).await?;
        let lost = items.iter().filter(|item| item.lost).count();
        ensure!(lost == 5, "{lost} are marked");
        Ok(())
    })
    .await?;
    shows(&ben, &ana_id, &all).await
}
