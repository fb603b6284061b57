//! Who is signed in where, and leaving.

use roost_tests::{
    App, Person, Size,
    people::{ANA, BEN},
};

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(devices_and_password, ended_session, signing_out);

const CHANGED: Person = Person { password: "another-mango-43", ..ANA };

async fn devices_and_password(size: Size) -> Journey {
    let stage = Stage::set("devices_and_password", size).await?;
    let app = stage.open().await?;
    let elsewhere = stage.ana_elsewhere().await?;
    app.choose_for_account("settings-open").await?;
    app.settings_section("account").await?;
    app.count("device", 2).await?;
    app.click("others-sign-out").await?;
    stage.picture(&app, "1-others").await?;
    app.click("dialog-confirm").await?;
    app.count("device", 1).await?;
    let refused = elsewhere.any(reqwest::Method::GET, "/api/message").send().await;
    assert_eq!(refused.map_err(anyhow::Error::from)?.status(), 401);

    app.click("change-password").await?;
    app.fill("password-current", "not her password").await?;
    app.fill("password-new", CHANGED.password).await?;
    app.click("dialog-confirm").await?;
    app.says("form-error", "That isn’t your current password.").await?;
    stage.picture(&app, "2-wrong-password").await?;
    app.fill("password-current", ANA.password).await?;
    app.click("dialog-confirm").await?;
    app.says("settings", "Your password is changed.").await?;
    stage.picture(&app, "3-changed").await?;
    roost_tests::rest::Rest::sign_in(&stage.server, &CHANGED).await?;
    // This device goes on as it was.
    app.click("settings-close").await?;
    app.start_conversation(&BEN).await?;
    app.send("Still here").await?;
    app.status("Still here", "sent").await?;
    Ok(())
}

async fn ended_session(size: Size) -> Journey {
    let stage = Stage::set("ended_session", size).await?;
    let app = stage.open().await?;
    app.start_conversation(&BEN).await?;
    app.send("Before").await?;
    app.status("Before", "sent").await?;
    stage.ana_elsewhere().await?.change_password(ANA.password, CHANGED.password).await?;

    app.says("offline-bar", "Your session has ended.").await?;
    app.send("Written meanwhile").await?;
    app.says("offline-bar", "Sign in again to send 1 message.").await?;
    app.status("Written meanwhile", "waiting").await?;
    stage.picture(&app, "1-ended").await?;
    app.click("bar-action").await?;
    app.holds("login-name", ANA.user_name).await?;
    app.focus_is_on("login-password").await?;
    stage.picture(&app, "2-again").await?;
    app.fill("login-password", CHANGED.password).await?;
    app.click("login-submit").await?;
    app.open_conversation(&BEN).await?;
    app.status("Written meanwhile", "sent").await?;
    app.gone("offline-bar").await?;
    assert_eq!(stage.ben().await?.contents().await?, ["Before", "Written meanwhile"]);
    Ok(())
}

async fn signing_out(size: Size) -> Journey {
    let mut stage = Stage::set("signing_out", size).await?;
    let app = stage.open().await?;
    app.start_conversation(&BEN).await?;
    app.send("Before").await?;
    app.status("Before", "sent").await?;
    stage.scene.server.kill();
    app.send("Not sent yet").await?;
    app.status("Not sent yet", "waiting").await?;

    // What is kept is there again, with what waits.
    app.to_list().await?;
    sign_out(&stage, &app, true).await?;
    stage.scene.server.start().await?;
    app.sign_in(&stage.server.url(), &ANA).await?;
    app.open_conversation(&BEN).await?;
    app.shows(&["Before", "Not sent yet"]).await?;
    app.status("Not sent yet", "sent").await?;
    app.fill("composer", "A draft").await?;

    // What is removed comes again from the server, and what was only here does not.
    app.to_list().await?;
    sign_out(&stage, &app, false).await?;
    app.sign_in(&stage.server.url(), &ANA).await?;
    app.says("conversation", "You: Not sent yet").await?;
    app.open_conversation(&BEN).await?;
    app.shows(&["Before", "Not sent yet"]).await?;
    app.holds("composer", "").await?;
    Ok(())
}

/// Signs out by the menu of the account, and waits for the first screen.
async fn sign_out(stage: &Stage, app: &App, keep: bool) -> anyhow::Result<()> {
    app.choose_for_account("sign-out").await?;
    app.says("dialog", "Keep my messages on this device").await?;
    if keep {
        app.says("dialog", "1 message has not been sent yet.").await?;
        stage.picture(app, "1-keep").await?;
    } else {
        app.click("keep-messages").await?;
        app.says("dialog", "They are removed from this device").await?;
        stage.picture(app, "2-remove").await?;
    }
    app.click("dialog-confirm").await?;
    app.gone("conversation-list").await
}
