//! In a real window: a message is found by its words in a long history and opened where it stands, and what was being
//! written is there again after the app was killed.

use std::time::Duration;

use roost_tests::{
    Scene,
    people::{ANA, BEN},
    programs::artifacts,
    rest::Rest,
    wait,
};

/// More than a window holds at once.
const MESSAGES: usize = 300;

#[tokio::test]
async fn an_old_message_is_found_and_a_draft_outlives_the_app() {
    let scene = Scene::set().await.unwrap();
    let pictures = artifacts("search_and_drafts").unwrap();
    // Ben has been busy: he wrote more than his allowance.
    let mut server = scene.server.arg("--rate-limits").arg("off");
    server.stop().await.unwrap();
    server.start().await.unwrap();
    let ben = Rest::sign_in(&server, &BEN).await.unwrap();
    let reader = Rest::sign_in(&server, &ANA).await.unwrap();
    for n in 0..MESSAGES {
        let text =
            if n == 20 { "Die grüne Mangófrucht, number twenty".to_owned() } else { format!("Number {n}") };
        ben.send(reader.id(), &text, &format!("0199c2f4-0000-7000-8000-{n:012}")).await.unwrap();
    }

    let ana = scene.ana.open().await.unwrap();
    scene.display.point_at(&scene.ana).unwrap();
    ana.sign_in(&server.url(), &ANA).await.unwrap();
    ana.says("conversation", "Number 299").await.unwrap();
    ana.gone("progress").await.unwrap();

    ana.click("search-messages").await.unwrap();
    ana.says("search-reach", "It has all your messages").await.unwrap();
    ana.fill("message-search", "twenty mangof").await.unwrap();
    ana.says("hit", "Die grüne Mangófrucht").await.unwrap();
    ana.screenshot(&pictures.join("1-found.png")).await.unwrap();
    ana.click("hit").await.unwrap();
    wait::until("the message among its neighbours", async || {
        let texts: Vec<_> = ana.bubbles().await?.into_iter().map(|bubble| bubble.text).collect();
        let at = texts.iter().position(|text| text.contains("Mangófrucht"));
        anyhow::ensure!(
            at.is_some_and(|at| texts[at - 1].trim() == "Number 19" && texts[at + 1].trim() == "Number 21"),
            "the window shows {texts:?}"
        );
        anyhow::ensure!(!texts.iter().any(|text| text.trim() == "Number 299"), "it shows the newest message");
        Ok(())
    })
    .await
    .unwrap();
    ana.screenshot(&pictures.join("2-opened-where-it-stands.png")).await.unwrap();

    ana.fill("composer", "I was about to say").await.unwrap();
    // The app stores it when the typing pauses; only then is there something to outlive it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    ana.kill().await.unwrap();

    let ana = scene.ana.open().await.unwrap();
    ana.says("conversation", "Draft: I was about to say").await.unwrap();
    ana.screenshot(&pictures.join("3-draft-in-the-list.png")).await.unwrap();
    ana.open_conversation(&BEN).await.unwrap();
    ana.holds("composer", "I was about to say").await.unwrap();
    ana.send("I was about to say hello").await.unwrap();
    ana.status("I was about to say hello", "sent").await.unwrap();
    ana.kill().await.unwrap();
    let ana = scene.ana.open().await.unwrap();
    ana.says("conversation", "You: I was about to say hello").await.unwrap();
    ana.open_conversation(&BEN).await.unwrap();
    ana.says("timeline", "I was about to say hello").await.unwrap();
    assert_eq!(ana.value("composer").await.unwrap(), "");
    // On a phone the way back from a hit leads to the hits.
    ana.place((0, 0, 390, 700)).await.unwrap();
    ana.screenshot(&pictures.join("4-phone.png")).await.unwrap();
    ana.click("back").await.unwrap();
    ana.click("search-messages").await.unwrap();
    ana.fill("message-search", "number").await.unwrap();
    ana.says("hit", "Number 299").await.unwrap();
    ana.screenshot(&pictures.join("5-phone-hits.png")).await.unwrap();
    ana.click("hit").await.unwrap();
    ana.says("timeline", "Number 299").await.unwrap();
    ana.place((0, 0, 320, 700)).await.unwrap();
    ana.click("back").await.unwrap();
    assert_eq!(ana.value("message-search").await.unwrap(), "number");
    ana.says("hit", "Number 299").await.unwrap();
    ana.screenshot(&pictures.join("6-narrow-hits.png")).await.unwrap();
}
