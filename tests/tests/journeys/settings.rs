//! The settings of a device, which hold at once and the next time as well.

use fantoccini::key::Key;
use roost_tests::{App, Size, people::BEN};

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(preferences);

async fn preferences(size: Size) -> Journey {
    let stage = Stage::set("preferences", size).await?;
    let app = stage.open().await?;
    app.start_conversation(&BEN).await?;
    app.send("Hello").await?;
    app.to_list().await?;

    app.choose_for_account("settings-open").await?;
    stage.picture(&app, "1-general").await?;
    app.settings_section("general").await?;
    app.pick("enter-breaks").await?;
    app.settings_section("appearance").await?;
    app.pick("theme-dark").await?;
    app.root_has("data-theme", "dark").await?;
    for _ in 0..2 {
        app.press("text-size", Key::Right).await?;
    }
    let size_chosen = app.value("text-size").await?;
    assert_ne!(size_chosen, "100");
    stage.picture(&app, "2-dark").await?;
    app.settings_section("general").await?;
    app.choose("language", "fil").await?;
    app.root_has("lang", "fil").await?;
    app.says("settings", "Mga setting").await?;
    stage.picture(&app, "3-filipino").await?;
    app.click("settings-close").await?;
    app.gone("settings").await?;
    app.says("conversation-list", "Mga usapan").await?;
    stage.picture(&app, "4-filipino-list").await?;
    enter_breaks(&app).await?;
    stage.picture(&app, "5-filipino-conversation").await?;
    app.kill().await?;

    // The next time.
    let app = stage.ana.open().await?;
    app.says("conversation-list", "Mga usapan").await?;
    app.root_has("data-theme", "dark").await?;
    app.choose_for_account("settings-open").await?;
    app.settings_section("appearance").await?;
    app.holds("text-size", &size_chosen).await?;
    app.pick("theme-light").await?;
    app.root_has("data-theme", "light").await?;
    app.settings_section("general").await?;
    app.choose("language", "en").await?;
    app.says("settings", "Settings").await?;
    app.pick("enter-sends").await?;
    app.key(Key::Escape).await?;
    app.gone("settings").await?;
    app.focus_is_on("account-menu").await?;
    app.says("conversation-list", "Conversations").await?;
    app.open_conversation(&BEN).await?;
    app.fill("composer", "Sent by Enter").await?;
    app.press_enter("composer").await?;
    app.says("timeline", "Sent by Enter").await?;
    app.holds("composer", "").await?;
    Ok(())
}

/// Enter makes a new line, Ctrl+Enter sends.
async fn enter_breaks(app: &App) -> anyhow::Result<()> {
    app.open_conversation(&BEN).await?;
    app.fill("composer", "first").await?;
    app.key(Key::Enter).await?;
    app.type_text("second").await?;
    app.holds("composer", "first\nsecond").await?;
    app.chord(&[Key::Control], Key::Enter).await?;
    app.holds("composer", "").await?;
    app.shows(&["Hello", "first\nsecond"]).await
}
