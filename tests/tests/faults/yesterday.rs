//! The server is swapped for yesterday's backup of itself. What it lost stays on the devices that have it, marked as
//! such, and its writer can send it again; what waits is sent once; who comes new sees what the server has.

use anyhow::{Context, ensure};
use roost_tests::{
    Replica, Server,
    people::{ANA, BEN},
    rest::Rest,
    wait::until,
};
use sync_core::{Status, TimelineItem, UserId};

/// A message as these stories see it: what it says, and whether the server lost it.
fn seen(item: TimelineItem) -> (String, bool) {
    (item.content, item.lost)
}

/// Waits until a device shows these messages, and knows which of them the server lost.
async fn shows(replica: &Replica, peer: &UserId, wanted: &[(&str, bool)]) -> anyhow::Result<()> {
    until(&format!("{wanted:?}"), async || {
        let items: Vec<_> = replica.items(peer).await?.into_iter().map(seen).collect();
        let items: Vec<_> = items.iter().map(|(content, lost)| (content.as_str(), *lost)).collect();
        ensure!(items == wanted, "there is {items:?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_server_lost_stays_on_the_devices_and_can_be_sent_again() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let backup = folder.path().join("yesterday.tar");
    let backup = backup.to_str().context("the path is text")?;
    let mut server = Server::with_people(&[ANA, BEN]).await?;
    let (ana, ben) =
        (Replica::signed_in(&server.url(), &ANA).await?, Replica::signed_in(&server.url(), &BEN).await?);
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    let yesterday = ana.client.send(&ben_id, "Yesterday").await?;
    ana.status(&ben_id, &yesterday, Status::Delivered).await?;
    server.run(&["backup", backup])?;

    let today = ana.client.send(&ben_id, "Today, from Ana").await?;
    ana.status(&ben_id, &today, Status::Delivered).await?;
    let answer = ben.client.send(&ana_id, "Today, from Ben").await?;
    ben.status(&ana_id, &answer, Status::Delivered).await?;
    let address = server.url().strip_prefix("http://").context("an address")?.parse()?;
    server.kill();
    ana.offline().await?;
    ana.client.send(&ben_id, "Written without a server").await?;

    let mut restored = Server::with_data(folder.path().join("restored")).at(address);
    restored.run(&["restore", backup])?;
    restored.start().await?;
    for device in [&ana, &ben] {
        device.client.retry_now();
    }
    let lost = [("Today, from Ana", true), ("Today, from Ben", true)];
    let story = [("Yesterday", false), lost[0], lost[1], ("Written without a server", false)];
    shows(&ana, &ben_id, &story).await?;
    shows(&ben, &ana_id, &story).await?;
    let account = Rest::sign_in(&restored, &ANA).await?;
    assert_eq!(account.contents().await?, ["Yesterday", "Written without a server"]);

    // Whose it is may send it again; nobody else may.
    let of_ben = ana.items(&ben_id).await?.into_iter().find(|item| item.content == "Today, from Ben");
    assert!(ana.client.retry(&of_ben.context("it is there")?.key).await.is_err(), "it is Ben's");
    ana.client.retry(&today).await?;
    ana.status(&ben_id, &today, Status::Delivered).await?;
    ben.client.retry(&answer).await?;
    ben.status(&ana_id, &answer, Status::Delivered).await?;
    let all = ["Yesterday", "Written without a server", "Today, from Ana", "Today, from Ben"];
    assert_eq!(account.contents().await?, all);

    // One's own is there once, now where the server took it. Of what the other one sent again the device has both: the
    // server tells its key to nobody but its writer.
    let fresh = Replica::signed_in(&restored.url(), &BEN).await?;
    fresh.shows(&ana_id, &all).await?;
    for (device, peer, theirs) in [(&ana, &ben_id, "Today, from Ben"), (&ben, &ana_id, "Today, from Ana")] {
        until("what the server has", async || {
            let items: Vec<_> = device.items(peer).await?.into_iter().map(seen).collect();
            let (gone, there): (Vec<_>, Vec<_>) = items.into_iter().partition(|(_, lost)| *lost);
            let there: Vec<_> = there.into_iter().map(|(content, _)| content).collect();
            ensure!(there == all, "it shows {there:?}");
            ensure!(gone == [(theirs.to_owned(), true)], "lost are {gone:?}");
            Ok(())
        })
        .await?;
        assert_eq!(device.client.waiting().await?, 0);
    }
    Ok(())
}
