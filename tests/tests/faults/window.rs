//! A full disk as somebody sees it who types: the composer keeps the text, and says why.

use anyhow::ensure;
use roost_tests::{
    Device, Display, SecretService, Server,
    people::{ANA, BEN},
    programs::artifacts,
    rest::Rest,
    sandbox,
    scene::WINDOW,
    small_disk::SmallDisk,
};

#[test]
fn on_a_full_disk_the_composer_keeps_its_text_and_says_why() -> anyhow::Result<()> {
    sandbox::run("window::on_a_full_disk_the_composer_keeps_its_text_and_says_why", async {
        let home = tempfile::tempdir()?;
        // The app's profile alone is on the small disk, so that it is the profile that is full and not the webview's cache.
        let disk = SmallDisk::mount(&home.path().join("roost"))?;
        let server = Server::with_people(&[ANA, BEN]).await?;
        let (display, secrets) = (Display::start(WINDOW.0, WINDOW.1).await?, SecretService::start().await?);
        let device = Device::at(home.path().to_owned(), &display, &secrets, (0, 0, WINDOW.0, WINDOW.1));
        let app = device.open().await?;
        app.sign_in(&server.url(), &ANA).await?;
        app.start_conversation(&BEN).await?;
        app.send("Before").await?;
        app.status("Before", "sent").await?;

        disk.fill()?;
        let text = "This one matters, and there is no room for it.";
        app.fill("composer", text).await?;
        app.press_enter("composer").await?;
        app.says("form-error", "The disk is full.").await?;
        let kept = app.value("composer").await?;
        ensure!(kept == text, "the composer holds {kept:?}");
        app.shows(&["Before"]).await?;
        app.screenshot(&artifacts("full_disk")?.join("the-composer-keeps-its-text.png")).await?;

        disk.free()?;
        app.press_enter("composer").await?;
        app.shows(&["Before", text]).await?;
        app.status(text, "sent").await?;
        ensure!(app.value("composer").await?.is_empty(), "the composer is cleared once it is stored");
        let ben = Rest::sign_in(&server, &BEN).await?;
        assert_eq!(ben.contents().await?, ["Before", text]);
        Ok(())
    })
}
