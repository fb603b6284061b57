//! Two people in two real windows: what one writes, the other sees, and the writer learns that it was read.

use roost_tests::{
    Scene,
    people::{ANA, BEN},
    programs::artifacts,
};

#[tokio::test]
async fn ana_writes_ben_reads_it_and_anas_ticks_follow() {
    let scene = Scene::set().await.unwrap();
    let pictures = artifacts("two_windows").unwrap();
    let ana = scene.ana.open().await.unwrap();
    let ben = scene.ben.open().await.unwrap();
    scene.display.point_at(&scene.ana).unwrap();
    ana.sign_in(&scene.server.url(), &ANA).await.unwrap();
    ben.sign_in(&scene.server.url(), &BEN).await.unwrap();

    ana.start_conversation(&BEN).await.unwrap();
    ana.send("Good morning, Ben!").await.unwrap();
    ana.shows(&["Good morning, Ben!"]).await.unwrap();

    // Ben has it and is told of it, but looks elsewhere.
    ana.status("Good morning, Ben!", "delivered").await.unwrap();
    ben.says("conversation", "Good morning, Ben!").await.unwrap();
    ben.says("unread-badge", "1").await.unwrap();
    scene.picture([&ana, &ben], &pictures, "1-delivered").await.unwrap();

    scene.display.point_at(&scene.ben).unwrap();
    ben.open_conversation(&ANA).await.unwrap();
    ben.shows(&["Good morning, Ben!"]).await.unwrap();
    ana.status("Good morning, Ben!", "read").await.unwrap();
    ben.gone("unread-badge").await.unwrap();

    ben.send("Good morning, Ana. How is your training?").await.unwrap();
    ana.shows(&["Good morning, Ben!", "Good morning, Ana. How is your training?"]).await.unwrap();
    scene.display.point_at(&scene.ana).unwrap();
    ben.status("Good morning, Ana. How is your training?", "read").await.unwrap();

    scene.picture([&ana, &ben], &pictures, "2-read").await.unwrap();
    ana.screenshot(&pictures.join("ana.png")).await.unwrap();
    ben.screenshot(&pictures.join("ben.png")).await.unwrap();
}
