//! In a real window: somebody is shown with the picture that their server has of them.

use anyhow::ensure;
use roost_tests::{PlainServer, Scene, people::ANA, programs::artifacts};

#[tokio::test]
async fn a_picture_of_the_accounts_own_server_is_shown() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let server = PlainServer::with_people(&[ANA])?;
    let ana = scene.ana.open().await?;
    ana.name_server(&server.url()).await?;
    ana.give_password(ANA.email, ANA.password).await?;
    ensure!(ana.pictured().await? == 128, "it is not the one that was drawn anew");
    ana.painted().await?;
    ana.screenshot(&artifacts("pictures")?.join("1-picture.png")).await
}
