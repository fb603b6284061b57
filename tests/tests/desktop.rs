//! The app among what a desktop has beside its window: notifications, the tray, the title, a second start, a link.

use roost_tests::{
    Device, Display, SecretService, Server,
    people::{ANA, BEN, EVE},
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
    session.has_icon().await.unwrap();
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
