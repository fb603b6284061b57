//! A day without a mouse.

use anyhow::ensure;
use fantoccini::key::Key;
use roost_tests::{
    Size,
    people::{ANA, BEN},
    wait,
};

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(keys_alone);

/// Enough to scroll.
const HISTORY: (usize, usize, fn(usize) -> String) = (120, 60_000, |number| format!("Number {number}"));

async fn keys_alone(size: Size) -> Journey {
    let stage = Stage::with_history("keys_alone", size, HISTORY).await?;
    let app = stage.ana.open().await?;
    app.focus_shows_on("server-address").await?;
    app.type_text(&stage.server.url()).await?;
    app.key(Key::Enter).await?;
    app.focus_shows_on("login-name").await?;
    app.type_text(ANA.user_name).await?;
    app.tab_to("login-password").await?;
    app.type_text(ANA.password).await?;
    app.key(Key::Enter).await?;
    app.says("conversation", "Number 119").await?;

    // To a person, and a message.
    app.chord(&[Key::Control], 'k').await?;
    app.holds("switcher-box", "").await?;
    app.type_text("reyes").await?;
    app.says("choice", BEN.last_name).await?;
    stage.picture(&app, "1-switcher").await?;
    app.key(Key::Enter).await?;
    app.focus_shows_on("composer").await?;
    app.type_text("Hello from teh keys").await?;
    app.key(Key::Enter).await?;
    wait::until("the message", async || app.seen("Hello from teh keys").await).await?;
    app.holds("composer", "").await?;
    app.key(Key::Up).await?;
    app.holds("composer", "Hello from teh keys").await?;
    for _ in 0.."teh keys".len() {
        app.key(Key::Backspace).await?;
    }
    app.type_text("the keys").await?;
    app.key(Key::Enter).await?;
    wait::until("the change", async || app.seen("Hello from the keys").await).await?;
    app.focus_shows_on("composer").await?;

    // Pages up and down while the composer has the focus.
    let bottom = app.scrolled().await?;
    app.key(Key::PageUp).await?;
    wait::until("a page further up", async || {
        let now = app.scrolled().await?;
        ensure!(now.below > bottom.height / 2., "it is at {now:?}");
        Ok(())
    })
    .await?;
    app.focus_shows_on("composer").await?;
    stage.picture(&app, "2-a-page-up").await?;
    app.key(Key::PageDown).await?;
    app.gone("to-newest").await?;

    // A message's menu.
    app.tab_back_to("message-actions").await?;
    app.key(Key::Up).await?;
    app.focus_shows_on("message-actions").await?;
    app.key(Key::Enter).await?;
    app.focus_shows_on("menu-copy").await?;
    app.key(Key::Down).await?;
    stage.picture(&app, "3-menu").await?;
    app.key(Key::Escape).await?;
    app.gone("menu-copy").await?;
    app.focus_shows_on("message-actions").await?;

    // Finding in the conversation.
    app.chord(&[Key::Control], 'f').await?;
    app.focus_shows_on("message-search").await?;
    app.type_text("number 17").await?;
    app.says("hit", "Number 17").await?;
    app.tab_to("hit").await?;
    app.key(Key::Enter).await?;
    wait::until("the hit", async || {
        ensure!(app.in_view().await?.iter().any(|text| text == "Number 17"), "it is not in view");
        Ok(())
    })
    .await?;
    app.focus_shows_on("message-actions").await?;
    stage.picture(&app, "4-found").await?;

    // One layer a press: the shortcuts, the search, the conversation.
    app.chord(&[Key::Control], '/').await?;
    app.says("dialog", "Keyboard shortcuts").await?;
    stage.picture(&app, "5-shortcuts").await?;
    app.key(Key::Escape).await?;
    app.gone("dialog").await?;
    app.focus_shows_on("message-actions").await?;
    if size == Size::Desktop {
        app.holds("message-search", "number 17").await?;
        app.key(Key::Escape).await?;
        app.gone("message-search").await?;
        app.says("timeline", "Number 17").await?;
        app.key(Key::Escape).await?;
        app.gone("timeline").await?;
        app.focus_shows_on("conversation").await?;
    } else {
        // There the hits lie under the conversation.
        app.key(Key::Escape).await?;
        app.gone("timeline").await?;
        app.holds("message-search", "number 17").await?;
        app.key(Key::Escape).await?;
        app.gone("message-search").await?;
        app.focus_shows_on("search-messages").await?;
        app.tab_to("conversation").await?;
    }
    stage.picture(&app, "6-list").await?;
    app.key(Key::Enter).await?;
    app.says("timeline", "Hello from the keys").await?;
    Ok(())
}
