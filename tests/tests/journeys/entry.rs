//! The way in.

use roost_tests::{Size, people::ANA};

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(first_run);

async fn first_run(size: Size) -> Journey {
    let stage = Stage::set("first_run", size).await?;
    let app = stage.ana.open().await?;
    app.focus_is_on("server-address").await?;
    stage.picture(&app, "1-address").await?;

    app.name_server("127.0.0.1:1").await?;
    app.says("form-error", "Nothing answers at 127.0.0.1:1").await?;
    stage.picture(&app, "2-nothing-there").await?;

    // The host alone is enough.
    let url = stage.server.url();
    let host = url.trim_start_matches("http://");
    app.name_server(host).await?;
    app.give_password(ANA.user_name, "not her password").await?;
    app.says("form-error", "Wrong user name or password.").await?;
    app.holds("login-name", ANA.user_name).await?;
    stage.picture(&app, "3-wrong-password").await?;

    app.give_password(ANA.user_name, ANA.password).await?;
    app.says("conversation-list", "No conversations yet").await?;
    app.gone("progress").await?;
    stage.picture(&app, "4-nothing-yet").await?;

    // Nobody is asked twice.
    app.kill().await?;
    let app = stage.ana.open().await?;
    app.says("conversation-list", "No conversations yet").await?;
    Ok(())
}
