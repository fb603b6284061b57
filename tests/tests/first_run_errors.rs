//! What goes wrong when people sign in: each cause in plain words, and what was typed is still there.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::ensure;
use roost_tests::{
    App, Person, Scene,
    people::{ANA, BEN},
    programs::artifacts,
    rest::Rest,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

#[tokio::test]
async fn a_wrong_address_or_password_is_told_plainly_and_kept() {
    let scene = Scene::set().await.unwrap();
    let pictures = artifacts("first_run_errors").unwrap();
    let ana = scene.ana.open().await.unwrap();

    refused(&ana, "not an address", "isn’t an address").await.unwrap();
    refused(&ana, "no-such-school.invalid", "No server called no-such-school.invalid was found")
        .await
        .unwrap();
    // Port 1 is one at which nobody has run anything for decades; one that was just free may be taken again.
    refused(&ana, "http://127.0.0.1:1", "Nothing answers at").await.unwrap();
    let website = serve_website().await.unwrap();
    refused(&ana, &format!("http://{website}"), "isn’t a compatible server").await.unwrap();
    ana.screenshot(&pictures.join("not-a-server.png")).await.unwrap();

    ana.name_server(&scene.server.url()).await.unwrap();
    for (name, password) in [(ANA.user_name, "not her password"), ("nobody", ANA.password)] {
        ana.give_password(name, password).await.unwrap();
        ana.says("form-error", "Wrong user name or password").await.unwrap();
        assert_eq!(ana.value("login-name").await.unwrap(), name);
        assert_eq!(ana.value("login-password").await.unwrap(), password);
    }
    ana.screenshot(&pictures.join("wrong-password.png")).await.unwrap();
    ana.give_password(ANA.user_name, ANA.password).await.unwrap();
    ana.click("new-conversation").await.unwrap();
}

#[tokio::test]
async fn a_session_that_ended_keeps_what_was_written_until_the_next_sign_in() {
    let mut scene = Scene::set().await.unwrap();
    let pictures = artifacts("session_ended").unwrap();
    let ana = scene.ana.open().await.unwrap();
    ana.sign_in(&scene.server.url(), &ANA).await.unwrap();
    ana.start_conversation(&BEN).await.unwrap();
    ana.send("Before").await.unwrap();
    ana.status("Before", "sent").await.unwrap();

    // Ana writes without a server, and changes her password on another device before this one is back.
    scene.server.kill();
    ana.send("Written meanwhile").await.unwrap();
    ana.status("Written meanwhile", "waiting").await.unwrap();
    ana.kill().await.unwrap();
    scene.server.start().await.unwrap();
    let changed = Person { password: "another-mango-43", ..ANA };
    let elsewhere = Rest::sign_in(&scene.server, &ANA).await.unwrap();
    elsewhere.change_password(ANA.password, changed.password).await.unwrap();

    let ana = scene.ana.open().await.unwrap();
    ana.says("offline-bar", "Sign in again to send 1 message").await.unwrap();
    ana.open_conversation(&BEN).await.unwrap();
    ana.shows(&["Before", "Written meanwhile"]).await.unwrap();
    ana.screenshot(&pictures.join("session-ended.png")).await.unwrap();

    ana.click("bar-action").await.unwrap();
    ana.fill("login-password", changed.password).await.unwrap();
    ana.click("login-submit").await.unwrap();
    ana.open_conversation(&BEN).await.unwrap();
    ana.status("Written meanwhile", "sent").await.unwrap();
    let ben = Rest::sign_in(&scene.server, &BEN).await.unwrap();
    assert_eq!(ben.contents().await.unwrap(), ["Before", "Written meanwhile"]);
}

/// Names this server, and expects to be told this while the address stays in its field.
async fn refused(app: &App, address: &str, told: &str) -> anyhow::Result<()> {
    app.name_server(address).await?;
    app.says("form-error", told).await?;
    let kept = app.value("server-address").await?;
    ensure!(kept == address, "the field now holds {kept:?}");
    Ok(())
}

/// A server of something else: it answers every request with the same page.
async fn serve_website() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let page = "<!doctype html><title>A bakery</title>";
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                    page.len()
                );
                // Whoever hangs up early has no use for the rest.
                let _ = connection.read(&mut [0; 4096]).await;
                let _ = connection.write_all(answer.as_bytes()).await;
            });
        }
    });
    Ok(address)
}
