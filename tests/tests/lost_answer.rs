//! The server is killed after it has stored a message and before it answers. The sender does not know, asks again,
//! and there is one message all the same (I2).
//!
//! How the engine finds out is its own affair: the feed may show it its message before it asks again.

use anyhow::ensure;
use roost_tests::{
    Chat, Scene, Server,
    people::{ANA, BEN},
    rest::Rest,
    wait,
};

/// Where a server with failpoints stops for ever: the message is committed, its sender has no answer.
const POINT: &str = "after-send-commit";

#[tokio::test]
async fn the_server_takes_a_repeated_send_for_the_same_message() {
    let mut server = Server::with_people(&[ANA, BEN]).await.unwrap();
    let ana = Rest::sign_in(&server, &ANA).await.unwrap();
    let ben = Rest::sign_in(&server, &BEN).await.unwrap();
    let key = "01997a10-7a00-7000-8000-000000000001";

    restart(&mut server, Some(POINT)).await.unwrap();
    let (answer, ()) = tokio::join!(ana.send(ben.id(), "Only once", key), async {
        stored(&ben, "Only once").await.unwrap();
        // Nobody can be answered any more.
        server.kill();
    });
    answer.unwrap_err();

    restart(&mut server, None).await.unwrap();
    let again = ana.send(ben.id(), "Only once", key).await.unwrap();
    let once_more = ana.send(ben.id(), "Only once", key).await.unwrap();
    assert_eq!(again, once_more);
    assert_eq!(ben.contents().await.unwrap(), ["Only once"]);
}

#[tokio::test]
async fn the_engine_sends_it_once() {
    let mut server = Server::with_people(&[ANA, BEN]).await.unwrap();
    let account = Rest::sign_in(&server, &BEN).await.unwrap();
    let profiles = tempfile::tempdir().unwrap();
    let mut ben = Chat::open(&profiles.path().join("ben"), &server, &BEN, Some(&ANA)).unwrap();
    let mut ana = Chat::open(&profiles.path().join("ana"), &server, &ANA, Some(&BEN)).unwrap();
    ana.say("Before").unwrap();
    ben.hear("Ana: Before").await.unwrap();
    ana.confirmed("Before").await.unwrap();

    restart(&mut server, Some(POINT)).await.unwrap();
    ana.say("Only once").unwrap();
    stored(&account, "Only once").await.unwrap();

    restart(&mut server, None).await.unwrap();
    ana.confirmed("Only once").await.unwrap();
    ana.say("After").unwrap();
    ben.hear("Ana: After").await.unwrap();
    let heard: Vec<String> = ben.screen().into_iter().filter(|line| line.starts_with("Ana: ")).collect();
    assert_eq!(heard, ["Ana: Before", "Ana: Only once", "Ana: After"]);
    assert_eq!(account.contents().await.unwrap(), ["Before", "Only once", "After"]);
}

#[tokio::test]
async fn the_app_shows_it_once() {
    let mut scene = Scene::set().await.unwrap();
    let account = Rest::sign_in(&scene.server, &BEN).await.unwrap();
    let ana = scene.ana.open().await.unwrap();
    ana.sign_in(&scene.server.url(), &ANA).await.unwrap();
    ana.start_conversation(&BEN).await.unwrap();
    ana.send("Before").await.unwrap();
    ana.status("Before", "sent").await.unwrap();

    restart(&mut scene.server, Some(POINT)).await.unwrap();
    ana.send("Only once").await.unwrap();
    stored(&account, "Only once").await.unwrap();
    ana.kill().await.unwrap();

    restart(&mut scene.server, None).await.unwrap();
    let ana = scene.ana.open().await.unwrap();
    ana.open_conversation(&BEN).await.unwrap();
    // Ben has no app in this story, so “sent” is as far as a message gets.
    ana.status("Only once", "sent").await.unwrap();
    ana.send("After").await.unwrap();
    ana.status("After", "sent").await.unwrap();
    ana.shows(&["Before", "Only once", "After"]).await.unwrap();
    assert_eq!(account.contents().await.unwrap(), ["Before", "Only once", "After"]);
}

async fn restart(server: &mut Server, failpoint: Option<&str>) -> anyhow::Result<()> {
    server.kill();
    server.set_failpoint(failpoint);
    server.start().await
}

/// Waits until the server holds this message.
async fn stored(account: &Rest, content: &str) -> anyhow::Result<()> {
    wait::until(&format!("{content:?} in the server's database"), async || {
        let contents = account.contents().await?;
        ensure!(contents.iter().any(|stored| stored == content), "it holds {contents:?}");
        Ok(())
    })
    .await
}
