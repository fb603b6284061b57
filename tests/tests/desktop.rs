//! The app among what a desktop has beside its window: notifications, the tray, the title, a second start, a link.

use roost_tests::{
    Device, Display, Scene, SecretService, Server,
    people::{ANA, BEN, EVE},
    programs::artifacts,
    rest::Rest,
    session::{Session, bus_address},
};

#[tokio::test]
async fn the_app_tells_of_arrivals_and_a_second_start_is_the_first_ones() {
    let secrets = SecretService::start().await.unwrap();
    let session = Session::start(&bus_address(&secrets.environment()).unwrap()).await.unwrap();
    // Wider than the window, so that the pointer can be beside it.
    let display = Display::start(1400, 800).await.unwrap();
    let server = Server::with_people(&[ANA, BEN, EVE]).await.unwrap();
    let device = Device::new(&display, &secrets, (0, 0, 1280, 800)).unwrap();
    let ben = device.open().await.unwrap();
    ben.sign_in(&server.url(), &BEN).await.unwrap();
    session.has_icons(1).await.unwrap();
    display.has_window("Roost").await.unwrap();

    // He looks elsewhere. What comes is told of, once for each conversation.
    display.point((1390, 10)).unwrap();
    let ana = Rest::sign_in(&server, &ANA).await.unwrap();
    let id = Rest::sign_in(&server, &BEN).await.unwrap().id().to_owned();
    ana.send(&id, "Lunch at <noon>?", "0196b3c0-0000-7000-8000-000000000001").await.unwrap();
    let first = session.shows(&[("Ana Cruz", "Lunch at <noon>?")]).await.unwrap();
    display.has_window("(1) Roost").await.unwrap();
    ana.send(&id, "Or at one.", "0196b3c0-0000-7000-8000-000000000002").await.unwrap();
    let second = session.shows(&[("Ana Cruz", "Or at one.")]).await.unwrap();
    assert_eq!(first[0].id, second[0].id);
    display.has_window("(2) Roost").await.unwrap();

    // A click opens the conversation; reading it takes the notification back.
    session.click(&second[0]).await.unwrap();
    ben.shows(&["Lunch at <noon>?", "Or at one."]).await.unwrap();
    display.point_at(&device).unwrap();
    session.shows(&[]).await.unwrap();
    display.has_window("Roost").await.unwrap();

    // In sight, there is nothing to tell.
    ana.send(&id, "See you there.", "0196b3c0-0000-7000-8000-000000000003").await.unwrap();
    ben.shows(&["Lunch at <noon>?", "Or at one.", "See you there."]).await.unwrap();
    session.shows(&[]).await.unwrap();

    // A second start on the same data hands its link over and ends. What is no link of the app does nothing.
    ben.start_conversation(&EVE).await.unwrap();
    ben.shows(&[]).await.unwrap();
    device.start_again(&["roost://nowhere"]).await.unwrap();
    device.start_again(&[&format!("roost://open?peer={}", ana.id())]).await.unwrap();
    ben.shows(&["Lunch at <noon>?", "Or at one.", "See you there."]).await.unwrap();
}

#[tokio::test]
async fn closing_asks_once_and_the_window_comes_back_as_it_was() {
    let secrets = SecretService::start().await.unwrap();
    let session = Session::start(&bus_address(&secrets.environment()).unwrap()).await.unwrap();
    let display = Display::start(1400, 900).await.unwrap();
    let server = Server::with_people(&[BEN]).await.unwrap();
    let device = Device::new(&display, &secrets, (40, 30, 900, 700)).unwrap();
    let app = device.open().await.unwrap();
    session.has_icons(1).await.unwrap();

    // Where nobody is signed in there is nothing to stay for.
    display.close("Roost").unwrap();
    app.ended().await.unwrap();
    drop(app);
    let app = device.open().await.unwrap();
    app.sign_in(&server.url(), &BEN).await.unwrap();
    session.has_icons(2).await.unwrap();

    // Whoever does not answer but closes again means it.
    display.close("Roost").unwrap();
    app.says("dialog", "Keep Roost running?").await.unwrap();
    app.screenshot(&artifacts("desktop").unwrap().join("closing.png")).await.unwrap();
    display.close("Roost").unwrap();
    app.ended().await.unwrap();
    drop(app);

    // That was no answer. The window is where it was, and as large.
    let app = device.open_as_it_was().await.unwrap();
    assert_eq!(app.size().await.unwrap(), (900, 700));
    session.has_icons(3).await.unwrap();
    display.close("Roost").unwrap();
    app.click("close-to-tray").await.unwrap();
    display.has_no_window("Roost").await.unwrap();
    device.start_again(&[]).await.unwrap();
    display.has_window("Roost").await.unwrap();

    // It was an answer for good.
    display.close("Roost").unwrap();
    display.has_no_window("Roost").await.unwrap();
    device.start_again(&[]).await.unwrap();
    display.has_window("Roost").await.unwrap();
}

#[tokio::test]
async fn a_link_opens_in_the_browser_once_its_address_was_seen() {
    let scene = Scene::set().await.unwrap();
    scene.ben.install_browser().unwrap();
    let ben = scene.ben.open().await.unwrap();
    ben.sign_in(&scene.server.url(), &BEN).await.unwrap();
    let ana = Rest::sign_in(&scene.server, &ANA).await.unwrap();
    let id = Rest::sign_in(&scene.server, &BEN).await.unwrap().id().to_owned();
    let address = "https://example.org/timetable?week=21&all=yes";
    ana.send(&id, &format!("It is at {address}."), "0196b3c0-0000-7000-8000-000000000001").await.unwrap();
    ben.open_conversation(&ANA).await.unwrap();
    ben.click("message-link").await.unwrap();
    ben.says("link-address", address).await.unwrap();
    ben.screenshot(&artifacts("desktop").unwrap().join("link.png")).await.unwrap();
    ben.click("link-open").await.unwrap();
    scene.ben.opened(&[address]).await.unwrap();
    ben.gone("link-address").await.unwrap();
}
