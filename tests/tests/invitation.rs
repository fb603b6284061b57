//! A server on which nobody has an account yet: its first administrator joins with the link that it prints, and
//! invites the next person, who registers by the code alone.

use std::slice;

use roost_tests::{
    App, Device, Display, Person, SecretService, Server, people::ANA, programs::artifacts, wait,
};

const ROSA: Person = Person {
    user_name: "rosa",
    first_name: "Rosa",
    last_name: "Diaz",
    email: "rosa@example.org",
    password: "green-kettle-55",
    role: "admin",
};

#[tokio::test]
async fn people_join_with_the_link_that_they_were_given() {
    let pictures = artifacts("invitation").unwrap();
    let (width, height) = (1280, 800);
    let secrets = SecretService::start().await.unwrap();
    let display = Display::start(2 * width, height).await.unwrap();
    let rosas = Device::new(&display, &secrets, (0, 0, width, height)).unwrap();
    let anas = Device::new(&display, &secrets, (width, 0, width, height)).unwrap();
    let server = Server::with_people(&[]).await.unwrap();

    let printed = |line: &str| line.contains("/join#").then(|| line.trim().to_owned());
    let link = wait::until("the first administrator's link", async || {
        server.log().find(printed).ok_or_else(|| anyhow::anyhow!("it was not printed"))
    });
    let link = link.await.unwrap();
    let rosa = rosas.open().await.unwrap();
    rosa.name_server(&link).await.unwrap();
    rosa.painted().await.unwrap();
    rosa.screenshot(&pictures.join("invited.png")).await.unwrap();
    register(&rosa, &ROSA).await.unwrap();
    rosa.click("new-conversation").await.unwrap();

    // The link was good once.
    let ana = anas.open().await.unwrap();
    ana.name_server(&link).await.unwrap();
    register(&ana, &ANA).await.unwrap();
    ana.says("form-error", "not valid any more").await.unwrap();
    assert_eq!(ana.value("register-user-name").await.unwrap(), ANA.user_name, "what was typed stays");

    let invited = server.run(&["invite", "create"]).unwrap();
    let code = invited.trim().split_once('#').unwrap().1;
    ana.fill("register-invitation", code).await.unwrap();
    ana.click("register-submit").await.unwrap();
    ana.start_conversation(&ROSA).await.unwrap();
    ana.send("I am in").await.unwrap();
    rosa.kill().await.unwrap();
    let rosa = rosas.open().await.unwrap();
    rosa.open_conversation(&ANA).await.unwrap();
    rosa.shows(slice::from_ref(&"I am in")).await.unwrap();
}

async fn register(app: &App, person: &Person) -> anyhow::Result<()> {
    app.fill("register-first-name", person.first_name).await?;
    app.fill("register-last-name", person.last_name).await?;
    app.fill("register-user-name", person.user_name).await?;
    app.fill("register-email", person.email).await?;
    app.fill("register-password", person.password).await?;
    app.click("register-submit").await
}
