//! The server is killed, then the writer's app: what was written arrives all the same, once and in order.

use roost_tests::{
    Scene,
    people::{ANA, BEN},
    programs::artifacts,
};

#[tokio::test]
async fn three_messages_written_without_a_server_survive_both_kills() {
    let mut scene = Scene::set().await.unwrap();
    let pictures = artifacts("survives_sigkill").unwrap();
    let ana = scene.ana.open().await.unwrap();
    let ben = scene.ben.open().await.unwrap();
    // Ben's window is never looked at, so that nothing gets further than “delivered”.
    scene.display.point_at(&scene.ana).unwrap();
    ana.sign_in(&scene.server.url(), &ANA).await.unwrap();
    ben.sign_in(&scene.server.url(), &BEN).await.unwrap();
    ana.start_conversation(&BEN).await.unwrap();
    ana.send("Before the storm").await.unwrap();
    ana.status("Before the storm", "delivered").await.unwrap();
    ben.open_conversation(&ANA).await.unwrap();

    scene.server.kill();
    let written = ["First without a server", "Second without a server", "Third without a server"];
    for text in written {
        ana.send(text).await.unwrap();
    }
    let all = ["Before the storm", written[0], written[1], written[2]];
    ana.shows(&all).await.unwrap();
    ana.kill().await.unwrap();

    // The app is back before the server: everything that was written is there, and says that it waits.
    let ana = scene.ana.open().await.unwrap();
    ana.open_conversation(&BEN).await.unwrap();
    ana.shows(&all).await.unwrap();
    for text in written {
        ana.status(text, "waiting").await.unwrap();
    }
    ana.says("offline-bar", "3 waiting").await.unwrap();
    scene.picture([&ana, &ben], &pictures, "1-server-and-app-were-killed").await.unwrap();

    scene.server.start().await.unwrap();
    ben.shows(&all).await.unwrap();
    for text in written {
        ana.status(text, "delivered").await.unwrap();
    }
    ana.gone("offline-bar").await.unwrap();

    // Whatever would come twice would come before a message that is written now.
    ana.send("After the storm").await.unwrap();
    let all = [&all[..], &["After the storm"]].concat();
    ben.shows(&all).await.unwrap();
    ana.shows(&all).await.unwrap();
    scene.picture([&ana, &ben], &pictures, "2-everything-arrived-once").await.unwrap();
}
