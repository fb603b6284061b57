//! What is done with messages that were sent: they are changed and deleted, on both sides, and copied.

use anyhow::{Context, ensure};
use fantoccini::key::Key;
use roost_tests::{
    App, Size,
    people::{ANA, BEN},
    wait,
};

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(second_thoughts, copying);

async fn second_thoughts(size: Size) -> Journey {
    let stage = Stage::set("second_thoughts", size).await?;
    let app = stage.open().await?;
    let bens = stage.ben.open().await?;
    bens.sign_in(&stage.server.url(), &BEN).await?;
    app.start_conversation(&BEN).await?;
    for text in ["Good mornign, Ben!", "This is for somebody else", "How are yuo?"] {
        app.send(text).await?;
    }
    bens.open_conversation(&ANA).await?;

    // By the menu; Escape leaves everything as it was.
    app.fill("composer", "a draft").await?;
    app.choose_for_message("Good mornign", "menu-edit").await?;
    app.holds("composer", "Good mornign, Ben!").await?;
    stage.picture(&app, "1-changing").await?;
    app.key(Key::Escape).await?;
    app.holds("composer", "a draft").await?;
    app.fill("composer", "").await?;
    app.choose_for_message("Good mornign", "menu-edit").await?;
    app.fill("composer", "Good morning, Ben!").await?;
    app.press_enter("composer").await?;
    for side in [&app, &bens] {
        edited(side, "Good morning, Ben!").await?;
    }

    // By Up in the empty box, which is the last message.
    app.press("composer", Key::Up).await?;
    app.holds("composer", "How are yuo?").await?;
    app.fill("composer", "How are you?").await?;
    app.press_enter("composer").await?;
    for side in [&app, &bens] {
        edited(side, "How are you?").await?;
    }

    app.choose_for_message("This is for somebody else", "menu-delete").await?;
    app.says("dialog", "It is deleted for Ben as well.").await?;
    stage.picture(&app, "2-deleting").await?;
    app.click("dialog-cancel").await?;
    app.gone("dialog").await?;
    app.choose_for_message("This is for somebody else", "menu-delete").await?;
    app.click("dialog-confirm").await?;
    for side in [&app, &bens] {
        side.shows(&["Good morning, Ben!", "Message deleted", "How are you?"]).await?;
    }
    stage.picture(&app, "3-both").await?;
    stage.picture(&bens, "4-on-the-other-side").await?;

    app.choose_for_message("How are you?", "menu-info").await?;
    app.says("dialog", "Edited").await?;
    app.says("dialog", "Delivered").await?;
    stage.picture(&app, "5-details").await?;
    app.key(Key::Escape).await?;
    app.gone("dialog").await?;
    Ok(())
}

/// What a mouse is dragged across is selected, of what people wrote alone, and is copied by the menu.
async fn copying(size: Size) -> Journey {
    let stage = Stage::set("copying", size).await?;
    let app = stage.open().await?;
    app.start_conversation(&BEN).await?;
    for text in ["Room 214", "Second floor", "Bring your badge"] {
        app.send(text).await?;
        app.status(text, "sent").await?;
    }
    app.drag_across("Room 214", "Second floor").await?;
    let lines = |text: &str| text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    wait::until("the selection", async || {
        let selected = app.selected().await?;
        ensure!(lines(&selected) == "Room 214\nSecond floor", "selected is {selected:?}");
        Ok(())
    })
    .await?;
    stage.picture(&app, "1-selected").await?;
    app.choose_for_message("Room 214", "menu-copy-selection").await?;
    app.click("composer").await?;
    app.chord(&[Key::Control], 'v').await?;
    wait::until("the copy", async || {
        let pasted = app.value("composer").await?;
        ensure!(lines(&pasted) == "Room 214\nSecond floor", "pasted is {pasted:?}");
        Ok(())
    })
    .await?;

    app.fill("composer", "").await?;
    app.choose_for_message("Bring your badge", "menu-copy").await?;
    app.click("composer").await?;
    app.chord(&[Key::Control], 'v').await?;
    app.holds("composer", "Bring your badge").await?;
    Ok(())
}

/// Waits until this message is there and says that it was changed.
async fn edited(app: &App, text: &str) -> anyhow::Result<()> {
    wait::until(&format!("{text:?}, edited"), async || {
        let bubbles = app.bubbles().await?;
        let found = bubbles.iter().find(|bubble| bubble.text.trim() == text);
        let found = found.with_context(|| format!("the window shows {bubbles:?}"))?;
        ensure!(found.edited && found.status.as_deref() != Some("sending"), "it is {found:?}");
        Ok(())
    })
    .await
}
