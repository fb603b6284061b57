//! Writing, without a connection as well, and what becomes of what was written.

use fantoccini::key::Key;
use roost_tests::{
    App, Size,
    people::{ANA, BEN, EVE},
    wait,
};

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(writing, without_a_server, refusals, drafts);

async fn writing(size: Size) -> Journey {
    let stage = Stage::set("writing", size).await?;
    let app = stage.open().await?;
    app.start_conversation(&BEN).await?;
    app.focus_is_on("composer").await?;
    stage.picture(&app, "1-empty").await?;

    app.type_text("Good morning").await?;
    app.chord(&[Key::Shift], Key::Enter).await?;
    app.type_text("Ben").await?;
    app.key(Key::Enter).await?;
    app.shows(&["Good morning\nBen"]).await?;
    app.holds("composer", "").await?;
    // What comes next would show that white space alone was sent.
    app.type_text("   ").await?;
    app.key(Key::Enter).await?;
    app.fill("composer", "").await?;
    app.type_text("With Ctrl").await?;
    app.chord(&[Key::Control], Key::Enter).await?;
    app.shows(&["Good morning\nBen", "With Ctrl"]).await?;
    app.status("With Ctrl", "sent").await?;

    // Wherever the focus is, what is typed goes into the box.
    app.click("timeline").await?;
    app.type_text("typed elsewhere").await?;
    app.holds("composer", "typed elsewhere").await?;
    app.click("send").await?;
    let all = ["Good morning\nBen", "With Ctrl", "typed elsewhere"];
    app.shows(&all).await?;

    let ben = stage.ben().await?;
    let mine = stage.ana_elsewhere().await?;
    ben.send(mine.id(), "Good morning, Ana!", "0199c2f4-0000-7000-8000-000000000001").await?;
    app.shows(&[&all[..], &["Good morning, Ana!"]].concat()).await?;
    app.status("typed elsewhere", "sent").await?;
    stage.picture(&app, "2-answered").await?;
    Ok(())
}

async fn without_a_server(size: Size) -> Journey {
    let mut stage = Stage::set("without_a_server", size).await?;
    let app = stage.open().await?;
    app.start_conversation(&BEN).await?;
    app.send("Before").await?;
    app.status("Before", "sent").await?;

    stage.scene.server.kill();
    let written = ["First without a server", "Second without a server"];
    for text in written {
        app.send(text).await?;
        app.status(text, "waiting").await?;
        told(&app, text, "Waiting for connection").await?;
    }
    app.says("offline-bar", "Can’t reach 127.0.0.1").await?;
    app.says("offline-bar", "2 waiting").await?;
    stage.picture(&app, "1-waiting").await?;
    // What waits can be changed, and taken back.
    app.choose_for_message(written[0], "menu-edit").await?;
    app.holds("composer", written[0]).await?;
    app.fill("composer", "Changed while it waited").await?;
    app.press_enter("composer").await?;
    app.holds("composer", "").await?;
    app.send("Never mind").await?;
    app.choose_for_message("Never mind", "menu-delete").await?;
    app.says("dialog", "Don’t send this message?").await?;
    app.click("dialog-confirm").await?;
    let all = ["Before", "Changed while it waited", written[1]];
    app.shows(&all).await?;

    stage.scene.server.start().await?;
    app.click("bar-action").await?;
    for text in &all[1..] {
        app.status(text, "sent").await?;
    }
    app.gone("offline-bar").await?;
    app.shows(&all).await?;
    stage.picture(&app, "2-sent").await?;
    let ben = stage.ben().await?;
    assert_eq!(ben.contents().await?, all);
    Ok(())
}

async fn refusals(size: Size) -> Journey {
    let stage = Stage::set("refusals", size).await?;
    stage.server.add(&EVE)?;
    let account = |does: &str| stage.server.run(&["user", does, BEN.user_name]).map(drop);
    let app = stage.open().await?;
    app.start_conversation(&BEN).await?;

    // Ben's account is closed: nobody can write to him.
    account("disable")?;
    app.send("One").await?;
    app.status("One", "refused").await?;
    app.send("Two").await?;
    app.status("Two", "held").await?;
    told(&app, "Two", "Held back by the message above").await?;
    app.says("refused", "Not sent: User not found").await?;
    app.says("held", "Waits until the message above is sent, changed or deleted.").await?;
    stage.picture(&app, "1-refused").await?;
    // It holds back nothing but its own conversation.
    app.to_list().await?;
    app.start_conversation(&EVE).await?;
    app.send("To Eve").await?;
    app.status("To Eve", "sent").await?;
    app.to_list().await?;
    app.open_conversation(&BEN).await?;

    account("enable")?;
    app.click("message-retry").await?;
    app.status("One", "sent").await?;
    app.status("Two", "sent").await?;

    account("disable")?;
    app.send("Tree").await?;
    app.status("Tree", "refused").await?;
    app.send("Four").await?;
    account("enable")?;
    app.click("message-edit").await?;
    app.holds("composer", "Tree").await?;
    app.fill("composer", "Three").await?;
    app.press_enter("composer").await?;
    app.status("Three", "sent").await?;
    app.status("Four", "sent").await?;

    account("disable")?;
    app.send("Five").await?;
    app.status("Five", "refused").await?;
    app.send("Six").await?;
    app.status("Six", "held").await?;
    account("enable")?;
    app.click("message-delete").await?;
    app.says("dialog", "Don’t send this message?").await?;
    app.click("dialog-confirm").await?;
    app.status("Six", "sent").await?;
    let all = ["One", "Two", "Three", "Four", "Six"];
    app.shows(&all).await?;
    stage.picture(&app, "2-all-sent").await?;
    let ben = stage.ben().await?;
    assert_eq!(ben.contents().await?, all);
    Ok(())
}

async fn drafts(size: Size) -> Journey {
    let stage = Stage::set("drafts", size).await?;
    stage.server.add(&EVE)?;
    let app = stage.open().await?;
    app.start_conversation(&BEN).await?;
    app.send("Hello Ben").await?;
    app.fill("composer", "I was about to").await?;
    app.to_list().await?;
    app.start_conversation(&EVE).await?;
    app.holds("composer", "").await?;
    app.send("Hello Eve").await?;
    app.to_list().await?;
    app.click_that_says("conversation", "Draft: I was about to").await?;
    app.holds("composer", "I was about to").await?;
    app.type_text(" say").await?;
    app.to_list().await?;
    app.open_conversation(&EVE).await?;
    wait::until("the whole draft", async || {
        app.to_list().await?;
        app.says("conversation-list", "Draft: I was about to say").await
    })
    .await?;
    stage.picture(&app, "1-in-the-list").await?;
    app.kill().await?;

    let app = stage.ana.open().await?;
    app.says("conversation-list", "Draft: I was about to say").await?;
    app.open_conversation(&BEN).await?;
    app.holds("composer", "I was about to say").await?;
    stage.picture(&app, "2-after-the-kill").await?;
    app.press_enter("composer").await?;
    app.shows(&["Hello Ben", "I was about to say"]).await?;
    app.to_list().await?;
    app.says("conversation-list", "You: I was about to say").await?;
    let sent = stage.ana_elsewhere().await?.contents().await?;
    assert_eq!(
        sent.iter().filter(|text| text.contains("about")).count(),
        1,
        "{} wrote {sent:?}",
        ANA.first_name
    );
    Ok(())
}

/// Waits until a screen reader says this of the message's status.
async fn told(app: &App, text: &str, words: &str) -> anyhow::Result<()> {
    wait::until(&format!("{text:?} to be told as {words:?}"), async || {
        let bubbles = app.bubbles().await?;
        let found = bubbles.iter().find(|bubble| bubble.text.trim() == text);
        let told = found.and_then(|bubble| bubble.told.as_deref());
        anyhow::ensure!(told == Some(words), "it is {told:?}");
        Ok(())
    })
    .await
}
