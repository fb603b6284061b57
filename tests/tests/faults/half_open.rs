//! Half-open connections: packets vanish, and nobody is told. The rules are those of a network of the test's own.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use roost_tests::{
    Replica, Server,
    people::{ANA, BEN},
    rest::Rest,
    sandbox::{self, system},
    wait::within,
};
use sync_core::{Connection, OfflineCause, Status, UserId, limits};

/// The address through which the device under test sees the server. Everybody else uses another one.
const LOST: &str = "127.0.0.2";

/// By when the engine must know: a heartbeat is due, stays without its answer, and a request is tried in vain.
const NOTICED: Duration = Duration::from_secs(
    2 * limits::HEARTBEAT.as_secs() + limits::SILENCE.as_secs() + limits::CONNECT_TIME.as_secs() + 10,
);

#[test]
fn an_engine_notices_that_its_packets_vanish_and_catches_up_when_they_flow() -> anyhow::Result<()> {
    sandbox::run(
        "half_open::an_engine_notices_that_its_packets_vanish_and_catches_up_when_they_flow",
        async {
            let mut server = Server::new()?.at("0.0.0.0:0".parse()?);
            server.start().await?;
            for person in [&ANA, &BEN] {
                server.add(person)?;
            }
            let ben = Rest::sign_in(&server, &BEN).await?;
            let ana = Replica::new().await?;
            let seen = server.url().replace("0.0.0.0", LOST);
            ana.sign_in(&seen, ANA.user_name, ANA.password).await?;
            ana.online().await?;
            let (me, peer) = (ana.id()?, UserId::from(ben.id()));
            let before = ana.client.send(&peer, "Before").await?;
            ana.status(&peer, &before, Status::Sent).await?;

            // The connections stay open on both sides; what is sent arrives nowhere, and no error comes back.
            drop_packets()?;
            let begun = Instant::now();
            ben.send(me.as_str(), "Can you hear me?", "00000000-0000-7000-8000-000000000001").await?;
            within(NOTICED, "the engine to notice", async || {
                let connection = ana.client.connection();
                let Connection::Offline { cause, .. } = connection else {
                    anyhow::bail!("it is {connection:?}");
                };
                ensure!(cause == OfflineCause::ServerUnreachable, "it took it for {cause:?}");
                Ok(())
            })
            .await?;
            println!("noticed after {} s", begun.elapsed().as_secs());
            // A message whose packets vanish, and one that is read meanwhile.
            let key = ana.client.send(&peer, "Into the void").await?;
            ensure!(ana.item(&peer, &key).await?.status != Some(Status::Sent), "it was sent");

            let_packets_pass()?;
            let all = ["Before", "Can you hear me?", "Into the void"];
            within(NOTICED, "the engine to catch up", async || {
                let mut contents = Vec::new();
                for item in ana.items(&peer).await? {
                    contents.push(item.content);
                }
                ensure!(contents == all, "it shows {contents:?}");
                let status = ana.item(&peer, &key).await?.status;
                ensure!(status == Some(Status::Sent), "it is {status:?}");
                Ok(())
            })
            .await?;
            assert_eq!(ben.contents().await?, all);
            // The socket is back as well: a message comes sooner than the next poll would bring it.
            ana.online().await?;
            ben.send(me.as_str(), "Now I do", "00000000-0000-7000-8000-000000000002").await?;
            ana.shows(&peer, &[all[0], all[1], all[2], "Now I do"]).await
        },
    )
}

#[test]
fn a_message_whose_answer_vanished_is_sent_once() -> anyhow::Result<()> {
    sandbox::run("half_open::a_message_whose_answer_vanished_is_sent_once", async {
        let mut server = Server::new()?.at("0.0.0.0:0".parse()?);
        server.start().await?;
        for person in [&ANA, &BEN] {
            server.add(person)?;
        }
        let ben = Rest::sign_in(&server, &BEN).await?;
        let ana = Replica::new().await?;
        ana.sign_in(&server.url().replace("0.0.0.0", LOST), ANA.user_name, ANA.password).await?;
        ana.online().await?;
        let peer = UserId::from(ben.id());

        // What the engine sends arrives; what the server answers does not.
        drop_answers()?;
        let key = ana.client.send(&peer, "Only once").await?;
        within(NOTICED, "the message at the server", async || {
            ben.messages().await?.pop().context("it is not there")?;
            Ok(())
        })
        .await?;
        ensure!(ana.item(&peer, &key).await?.status == Some(Status::Sending), "it has no answer yet");
        within(NOTICED, "the engine to give up the answer", async || {
            let status = ana.item(&peer, &key).await?.status;
            ensure!(status == Some(Status::Waiting), "it is {status:?}");
            Ok(())
        })
        .await?;

        let_packets_pass()?;
        within(NOTICED, "the confirmation", async || {
            let status = ana.item(&peer, &key).await?.status;
            ensure!(status == Some(Status::Sent), "it is {status:?}");
            Ok(())
        })
        .await?;
        assert_eq!(ben.contents().await?, ["Only once"]);
        ana.shows(&peer, &["Only once"]).await
    })
}

fn drop_packets() -> anyhow::Result<()> {
    rules(&["saddr", "daddr"])
}

fn drop_answers() -> anyhow::Result<()> {
    rules(&["saddr"])
}

/// Drops what arrives from or for the address, without a word to anybody.
fn rules(sides: &[&str]) -> anyhow::Result<()> {
    system("nft", &["add table ip vanish; add chain ip vanish in { type filter hook input priority 0; }"])?;
    for side in sides {
        system("nft", &[&format!("add rule ip vanish in ip {side} {LOST} drop")])?;
    }
    Ok(())
}

fn let_packets_pass() -> anyhow::Result<()> {
    system("nft", &["delete table ip vanish"])?;
    Ok(())
}
