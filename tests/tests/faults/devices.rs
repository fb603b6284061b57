//! Two devices of one account: whatever each does, online or not, both end up showing the same (I4).

use std::time::Duration;

use anyhow::{Context, ensure};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use roost_tests::{
    FaultProxy, Replica, Server,
    agreement::{Party, everybody_agrees},
    journal::Journal,
    people::{ANA, BEN},
    proof,
    rest::Rest,
    traffic::Writer,
    wait::{until, within},
};
use sync_core::{Status, UserId, limits};

/// A device that heard of something just now asks again by itself much later than that.
const SOONER_THAN_A_POLL: Duration = Duration::from_secs(limits::POLL_WITH_HINTS.as_secs() / 4);

/// How many things each device does.
const ROUNDS: u32 = 120;

/// Ana's phone, her laptop behind a line that can be taken away, and Ben's device.
struct Scene {
    server: Server,
    line: FaultProxy,
    phone: Replica,
    laptop: Replica,
    ben: Replica,
    ana_id: UserId,
    ben_id: UserId,
}

impl Scene {
    async fn set() -> anyhow::Result<Self> {
        let mut server = Server::new()?.arg("--rate-limits=off");
        server.start().await?;
        for person in [&ANA, &BEN] {
            server.add(person)?;
        }
        let line = FaultProxy::before(&server, 0).await?;
        let phone = Replica::signed_in(&server.url(), &ANA).await?;
        let laptop = Replica::signed_in(&line.url(), &ANA).await?;
        let ben = Replica::signed_in(&server.url(), &BEN).await?;
        let (ana_id, ben_id) = (phone.id()?, ben.id()?);
        Ok(Self { server, line, phone, laptop, ben, ana_id, ben_id })
    }

    /// Waits until all three show these messages and nothing waits on any of them.
    async fn show(&self, contents: &[&str]) -> anyhow::Result<()> {
        for (replica, peer) in
            [(&self.phone, &self.ben_id), (&self.laptop, &self.ben_id), (&self.ben, &self.ana_id)]
        {
            replica.shows(peer, contents).await?;
            until("nothing to wait", async || {
                let waiting = replica.client.waiting().await?;
                let pending = replica.items(peer).await?.iter().filter(|item| item.pending.is_some()).count();
                ensure!(waiting == 0 && pending == 0, "{waiting} wait, {pending} are not confirmed");
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_device_does_the_other_shows() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let Scene { phone, laptop, ben, ana_id, ben_id, .. } = &scene;
    let hello = phone.client.send(ben_id, "Hello from the phone").await?;
    phone.status(ben_id, &hello, Status::Delivered).await?;
    let again = laptop.client.send(ben_id, "And from the laptop").await?;
    laptop.status(ben_id, &again, Status::Delivered).await?;
    scene.show(&["Hello from the phone", "And from the laptop"]).await?;

    // Ben reads, and both learn it; Ben answers, and what is read on one is read on the other.
    let newest = ben.items(ana_id).await?.pop().context("nothing there")?.key;
    ben.client.mark_read(ana_id, &newest).await?;
    for device in [phone, laptop] {
        device.status(ben_id, &hello, Status::Read).await?;
        device.status(ben_id, &again, Status::Read).await?;
    }
    ben.client.send(ana_id, "Hello both").await?;
    let all = ["Hello from the phone", "And from the laptop", "Hello both"];
    scene.show(&all).await?;
    assert_eq!((phone.unread(ben_id).await?, laptop.unread(ben_id).await?), (1, 1));
    let newest = phone.items(ben_id).await?.pop().context("nothing there")?.key;
    phone.client.mark_read(ben_id, &newest).await?;
    within(SOONER_THAN_A_POLL, "the laptop to be told", async || {
        let unread = laptop.unread(ben_id).await?;
        ensure!(unread == 0, "{unread} are unread");
        Ok(())
    })
    .await?;

    // Each changes what the other one wrote.
    laptop.client.edit(&hello, "Hello from the laptop, really").await?;
    phone.client.delete(&again).await?;
    scene.show(&["Hello from the laptop, really", "", "Hello both"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_on_one_device_beats_an_edit_on_the_other_which_was_away() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let Scene { line, phone, laptop, ben_id, .. } = &scene;
    let first = phone.client.send(ben_id, "First").await?;
    phone.status(ben_id, &first, Status::Delivered).await?;
    let second = laptop.client.send(ben_id, "Second").await?;
    laptop.status(ben_id, &second, Status::Delivered).await?;
    scene.show(&["First", "Second"]).await?;

    line.go_down();
    laptop.offline().await?;
    laptop.client.edit(&first, "First, edited while away").await?;
    laptop.client.delete(&second).await?;
    let away = laptop.client.send(ben_id, "Written while away").await?;
    phone.client.delete(&first).await?;
    phone.client.edit(&second, "Second, edited").await?;
    let here = phone.client.send(ben_id, "Written meanwhile").await?;
    phone.status(ben_id, &here, Status::Delivered).await?;
    let status = laptop.item(ben_id, &away).await?.status;
    ensure!(matches!(status, Some(Status::Waiting | Status::Sending)), "it is {status:?}");

    line.come_up();
    laptop.client.retry_now();
    laptop.status(ben_id, &away, Status::Delivered).await?;
    scene.show(&["", "", "Written meanwhile", "Written while away"]).await?;
    until("both to show the same", async || {
        let (on_phone, on_laptop) = (phone.items(ben_id).await?, laptop.items(ben_id).await?);
        ensure!(on_phone == on_laptop, "the phone shows {on_phone:?}, the laptop {on_laptop:?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_write_at_once_and_come_and_go_end_up_the_same() -> anyhow::Result<()> {
    let seed = proof::seed()?;
    proof::with_seed("devices", seed, async |folder| {
        let Scene { server, line, phone, laptop, ben, ana_id, ben_id } = Scene::set().await?;
        let mut rng = StdRng::seed_from_u64(seed);
        let mut writers = Vec::new();
        let mut journals = Vec::new();
        for (name, replica, peer) in
            [("phone", &phone, &ben_id), ("laptop", &laptop, &ben_id), ("ben", &ben, &ana_id)]
        {
            let file = folder.join(name);
            let journal = Journal::open(&file)?;
            let client = replica.client.clone();
            writers.push(Writer::new(client, journal, name, vec![peer.clone()], rng.random()));
            journals.push(file);
        }
        for round in 0..ROUNDS {
            match round % 20 {
                5 => line.go_down(),
                15 => {
                    line.come_up();
                    laptop.client.retry_now();
                }
                _ => {}
            }
            for writer in &mut writers {
                writer.step().await?;
            }
        }
        line.come_up();
        laptop.client.retry_now();
        let bens = journals.pop().into_iter().collect();
        let parties = [
            Party { account: Rest::sign_in(&server, &ANA).await?, replicas: vec![phone, laptop], journals },
            Party { account: Rest::sign_in(&server, &BEN).await?, replicas: vec![ben], journals: bens },
        ];
        let (written, kept) = everybody_agrees(&parties).await?;
        println!("{written} written, {kept} of them still there");
        Ok(())
    })
    .await
}
