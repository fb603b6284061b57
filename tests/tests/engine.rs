//! The engine against the real server, without a screen: each story is told with `sync_core::Client`, which is what
//! the app and every bot use.

use std::process::Command;

use anyhow::{Context, bail, ensure};
use roost_tests::{
    Chat, Replica, Server,
    people::{ANA, BEN, EVE},
    process::Process,
    programs,
    replica::open,
    rest::Rest,
    wait::until,
};
use sync_core::{Anchor, History, SessionState, Status, UserId};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// Ana's and Ben's devices on a server of their own, and their ids.
async fn ana_and_ben() -> anyhow::Result<(Server, Replica, Replica, UserId, UserId)> {
    let server = Server::with_people(&[ANA, BEN, EVE]).await?;
    let (ana, ben) =
        (Replica::signed_in(&server.url(), &ANA).await?, Replica::signed_in(&server.url(), &BEN).await?);
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    Ok((server, ana, ben, ana_id, ben_id))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sign_in_shows_the_list_at_once_and_then_the_whole_history() -> anyhow::Result<()> {
    let (server, ana, ben, ana_id, ben_id) = ana_and_ben().await?;
    ben.client.close().await;
    let written: Vec<String> = (1..=230).map(|number| format!("Message {number}")).collect();
    let mut keys = Vec::new();
    for content in &written {
        keys.push(ana.client.send(&ben_id, content).await?);
    }
    // They are more than the server takes at once: the outbox leaves as fast as 429 and `Retry-After` let it.
    for key in keys.iter().skip(79).step_by(50) {
        ana.status(&ben_id, key, Status::Sent).await?;
    }
    let last = keys.pop().context("nothing was written")?;

    let ben = Replica::signed_in(&server.url(), &BEN).await?;
    ben.online().await?;
    let line = ben.client.conversations().await?.into_iter().next().context("the list is empty")?;
    assert_eq!((line.peer.id.clone(), line.peer.first_name.as_str()), (ana_id.clone(), "Ana"));
    assert_eq!((line.last.map(|last| last.preview).as_deref(), line.unread), (Some("Message 230"), 230));

    until("the whole history", async || {
        let page = ben.client.timeline(&ana_id, Anchor::Newest, 500).await?;
        ensure!(page.history == History::Complete, "there are {} messages", page.items.len());
        let contents: Vec<_> = page.items.into_iter().map(|item| item.content).collect();
        assert_eq!(contents, written);
        assert!(!page.has_older && !page.has_newer);
        Ok(())
    })
    .await?;
    assert_eq!(ben.unread(&ana_id).await?, 230);
    // What came with history is delivered as well.
    ana.status(&ben_id, &last, Status::Delivered).await?;
    let first = ana.items(&ben_id).await?.into_iter().next().context("nothing there")?.key;
    ana.status(&ben_id, &first, Status::Delivered).await?;

    let newest = ben.items(&ana_id).await?.pop().context("nothing there")?.key;
    ben.client.mark_read(&ana_id, &newest).await?;
    assert_eq!(ben.unread(&ana_id).await?, 0);
    ana.status(&ben_id, &last, Status::Read).await?;
    ana.status(&ben_id, &first, Status::Read).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_offline_can_be_changed_and_arrives_once_and_in_order() -> anyhow::Result<()> {
    let (mut server, ana, ben, ana_id, ben_id) = ana_and_ben().await?;
    ana.client.send(&ben_id, "Before").await?;
    ben.shows(&ana_id, &["Before"]).await?;
    server.kill();
    ana.offline().await?;
    ben.offline().await?;

    let first = ana.client.send(&ben_id, "One").await?;
    let second = ana.client.send(&ben_id, "Tow").await?;
    let third = ana.client.send(&ben_id, "Never mind").await?;
    ana.client.edit(&second, "Two").await?;
    ana.client.delete(&third).await?;
    ana.shows(&ben_id, &["Before", "One", "Two"]).await?;
    for key in [&first, &second] {
        assert_eq!(ana.item(&ben_id, key).await?.status, Some(Status::Waiting));
    }
    assert_eq!(ana.client.waiting().await?, 2);
    // Ben reads offline, and his receipt follows.
    let before = ben.items(&ana_id).await?.pop().context("nothing there")?.key;
    ben.client.mark_read(&ana_id, &before).await?;

    server.start().await?;
    ben.shows(&ana_id, &["Before", "One", "Two"]).await?;
    ana.shows(&ben_id, &["Before", "One", "Two"]).await?;
    ana.status(&ben_id, &second, Status::Delivered).await?;
    let before = ana.items(&ben_id).await?.into_iter().next().context("nothing there")?.key;
    ana.status(&ben_id, &before, Status::Read).await?;
    assert_eq!(ana.client.waiting().await?, 0);
    assert_eq!(Rest::sign_in(&server, &BEN).await?.contents().await?, ["Before", "One", "Two"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_deletions_and_readings_reach_the_other_side_and_the_other_device() -> anyhow::Result<()> {
    let (server, ana, ben, ana_id, ben_id) = ana_and_ben().await?;
    let tablet = Replica::signed_in(&server.url(), &ANA).await?;
    let kept = ana.client.send(&ben_id, "Helo").await?;
    let gone = ana.client.send(&ben_id, "Oops").await?;
    for (device, peer) in [(&ben, &ana_id), (&tablet, &ben_id)] {
        device.shows(peer, &["Helo", "Oops"]).await?;
    }
    // The other device knows the message by the same key.
    assert!(tablet.item(&ben_id, &kept).await?.mine);

    ana.client.edit(&kept, "Hello").await?;
    assert_eq!(ana.item(&ben_id, &kept).await?.content, "Hello");
    ana.client.delete(&gone).await?;
    for (device, peer) in [(&ana, &ben_id), (&ben, &ana_id), (&tablet, &ben_id)] {
        device.shows(peer, &["Hello", ""]).await?;
        until("the changes", async || {
            let items = device.items(peer).await?;
            ensure!(items.iter().all(|item| item.pending.is_none()), "{items:?}");
            assert_eq!([items[0].edited_at.is_some(), items[1].deleted], [true, true]);
            Ok(())
        })
        .await?;
    }
    assert!(ana.client.edit(&gone, "Back").await.is_err(), "a deleted message cannot be edited");

    let newest = ben.items(&ana_id).await?.remove(0).key;
    assert!(ben.client.edit(&newest, "Mine").await.is_err(), "a message of somebody else cannot be edited");
    ben.client.mark_read(&ana_id, &newest).await?;
    for device in [&ana, &tablet] {
        device.status(&ben_id, &kept, Status::Read).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_keeps_what_waits_until_the_same_person_signs_in() -> anyhow::Result<()> {
    let (server, ana, ben, ana_id, ben_id) = ana_and_ben().await?;
    ana.client.send(&ben_id, "Before").await?;
    ben.shows(&ana_id, &["Before"]).await?;
    Rest::sign_in(&server, &ANA).await?.change_password(ANA.password, "new-password-1").await?;
    ana.client.send(&ben_id, "After").await?;
    ana.expired().await?;
    ana.client.send(&ben_id, "And after that").await?;
    assert_eq!(ana.client.waiting().await?, 2);

    let wrong = ana.sign_in(&server.url(), ANA.user_name, ANA.password).await;
    assert_eq!(wrong.unwrap_err().to_string(), "wrong user name or password");
    let other = ana.sign_in(&server.url(), EVE.user_name, EVE.password).await;
    assert!(other.unwrap_err().to_string().contains("the messages of ana"));
    assert_eq!(ana.client.waiting().await?, 2);

    ana.sign_in(&server.url(), ANA.user_name, "new-password-1").await?;
    ben.shows(&ana_id, &["Before", "After", "And after that"]).await?;
    ana.shows(&ben_id, &["Before", "After", "And after that"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_holds_back_its_own_conversation_only() -> anyhow::Result<()> {
    let (_server, ana, ben, ana_id, ben_id) = ana_and_ben().await?;
    let nobody = UserId::from("507f1f77bcf86cd799439011");
    let refused = ana.client.send(&nobody, "Is anybody there?").await?;
    let held = ana.client.send(&nobody, "Hello?").await?;
    let reason = Status::Refused { reason: "User not found".to_owned() };
    ana.status(&nobody, &refused, reason.clone()).await?;
    ana.status(&nobody, &held, Status::Held).await?;
    ana.client.send(&ben_id, "You are there").await?;
    ben.shows(&ana_id, &["You are there"]).await?;

    ana.client.retry(&refused).await?;
    ana.status(&nobody, &refused, reason.clone()).await?;
    ana.client.delete(&refused).await?;
    ana.status(&nobody, &held, reason).await?;
    ana.client.delete(&held).await?;
    ana.shows(&nobody, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_killed_with_messages_waiting_sends_them_once() -> anyhow::Result<()> {
    let mut server = Server::with_people(&[ANA, BEN]).await?;
    let folder = tempfile::tempdir()?;
    let profile = folder.path().join("ana");
    let mut chat = Chat::open(&profile, &server, &ANA, Some(&BEN))?;
    chat.say("Before")?;
    chat.hear("[sent] Before").await?;
    server.kill();
    for content in ["One", "Two", "Three"] {
        chat.say(content)?;
        chat.hear(&format!("[waiting] {content}")).await?;
    }
    chat.kill();

    server.start().await?;
    let ana = Replica::of_chat(profile).await?;
    // Its tokens were in memory only.
    ana.expired().await?;
    assert_eq!(ana.client.waiting().await?, 3);
    ana.sign_in(&server.url(), ANA.user_name, ANA.password).await?;
    let ben = Replica::signed_in(&server.url(), &BEN).await?;
    let ana_id = ana.id()?;
    ben.shows(&ana_id, &["Before", "One", "Two", "Three"]).await?;
    assert_eq!(ana.client.waiting().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_converge_without_a_single_event() -> anyhow::Result<()> {
    let server = Server::with_people(&[ANA, BEN]).await?;
    let address = without_sockets(&server).await?;
    let (ana, ben) = (Replica::signed_in(&address, &ANA).await?, Replica::signed_in(&address, &BEN).await?);
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    let key = ana.client.send(&ben_id, "Slow but sure").await?;
    ben.shows(&ana_id, &["Slow but sure"]).await?;
    let seen = ben.items(&ana_id).await?.pop().context("nothing there")?.key;
    ben.client.mark_read(&ana_id, &seen).await?;
    ana.status(&ben_id, &key, Status::Read).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_restored_from_an_older_copy_costs_no_message() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut server = Server::with_data(data.clone());
    server.start().await?;
    for person in [&ANA, &BEN] {
        server.add(person)?;
    }
    let (ana, ben) =
        (Replica::signed_in(&server.url(), &ANA).await?, Replica::signed_in(&server.url(), &BEN).await?);
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    ana.client.send(&ben_id, "In the copy").await?;
    ben.shows(&ana_id, &["In the copy"]).await?;
    server.stop().await?;
    let copy = folder.path().join("copy");
    copy_folder(&data, &copy)?;
    server.start().await?;
    ana.online().await?;
    ana.client.send(&ben_id, "After the copy").await?;
    ben.shows(&ana_id, &["In the copy", "After the copy"]).await?;
    server.stop().await?;
    std::fs::remove_dir_all(&data)?;
    std::fs::rename(&copy, &data)?;
    ana.offline().await?;
    ana.client.send(&ben_id, "While it was restored").await?;

    server.start().await?;
    let all = ["In the copy", "After the copy", "While it was restored"];
    ana.shows(&ben_id, &all).await?;
    ben.shows(&ana_id, &all).await?;
    ben.client.send(&ana_id, "All well").await?;
    ana.shows(&ben_id, &[all[0], all[1], all[2], "All well"]).await?;
    ana.online().await?;
    ben.online().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_open_once_and_signs_out_with_or_without_its_messages() -> anyhow::Result<()> {
    let (server, ana, ben, ana_id, ben_id) = ana_and_ben().await?;
    ana.client.send(&ben_id, "Keep me").await?;
    ben.shows(&ana_id, &["Keep me"]).await?;
    let second = open(ana.profile()).await;
    assert_eq!(
        second.err().context("it opened twice")?.to_string(),
        "this profile is already open in another window or program"
    );

    ana.client.sign_out(true).await?;
    assert_eq!(ana.client.session(), SessionState::SignedOut);
    assert!(ana.client.send(&ben_id, "Nobody writes").await.is_err());
    assert!(ana.sign_in(&server.url(), EVE.user_name, EVE.password).await.is_err());
    ana.sign_in(&server.url(), ANA.user_name, ANA.password).await?;
    ana.shows(&ben_id, &["Keep me"]).await?;

    ana.client.sign_out(false).await?;
    assert_eq!(ana.items(&ben_id).await?, []);
    ana.sign_in(&server.url(), EVE.user_name, EVE.password).await?;
    assert_eq!(ana.client.conversations().await?, []);
    ana.client.close().await;
    assert!(ana.client.conversations().await.is_err());
    open(ana.profile()).await?;
    Ok(())
}

/// The address of a proxy that passes requests on to the server and cuts every socket.
async fn without_sockets(server: &Server) -> anyhow::Result<String> {
    let target = server.url().strip_prefix("http://").context("the server's address")?.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let target = target.clone();
            tokio::spawn(async move { pass(client, &target).await });
        }
    });
    Ok(address)
}

async fn pass(mut client: TcpStream, target: &str) -> anyhow::Result<()> {
    let mut head = vec![0; 16 * 1024];
    let read = client.read(&mut head).await?;
    if head[..read].windows(11).any(|part| part == b"/socket.io/") {
        bail!("no sockets here");
    }
    let mut server = TcpStream::connect(target).await?;
    server.write_all(&head[..read]).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) -> anyhow::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_front_page_says_good_morning() -> anyhow::Result<()> {
    let server = Server::with_people(&[ANA, BEN]).await?;
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(programs::built("examples/hello")?);
    command.env("CHAT_FOLDER", folder.path()).env("CHAT_SERVER", server.url());
    command.env("CHAT_NAME", ANA.user_name).env("CHAT_PASSWORD", ANA.password);
    command.env("CHAT_FRIEND", BEN.user_name).env("CHAT_PASSPHRASE", "a passphrase for a test");
    Process::spawn("hello", &mut command)?.end().await?;
    let ben = Rest::sign_in(&server, &BEN).await?;
    assert_eq!(ben.contents().await?, ["Good morning"]);
    Ok(())
}
