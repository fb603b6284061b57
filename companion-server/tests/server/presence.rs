//! Typing and presence: who is told, and that nobody else is.

use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket};

async fn ana_ben_eve(server: &Server) -> [Person; 3] {
    [server.register("ana").await, server.register("ben").await, server.register("eve").await]
}

async fn presence(server: &Server, asker: &Person, of: &[&Person]) -> Value {
    let ids: Vec<&str> = of.iter().map(|person| &*person.id).collect();
    server.ask("GET", &format!("/api/user/presence?ids={}", ids.join(",")), asker, None).await.json()
}

fn typing(sender: &Person, is_typing: bool) -> (String, Value) {
    ("typing".into(), json!({"sender": sender.id, "isTyping": is_typing}))
}

fn online(user: &Person) -> (String, Value) {
    ("presence".into(), json!({"userId": user.id, "online": true}))
}

/// A socket of each, told of the other.
async fn acquainted(server: &Server, ana: &Person, ben: &Person) -> (Socket, Socket) {
    server.send(ana, ben, "hi").await;
    let mut at_ana = Socket::of(server, ana).await;
    let mut at_ben = Socket::of(server, ben).await;
    (at_ana.hears_presence, at_ben.hears_presence) = (true, true);
    // Whichever of the two is told of first, Ana is told of Ben.
    while at_ana.event().await != online(ben) {}
    (at_ana, at_ben)
}

#[tokio::test]
async fn who_came_and_went_while_the_store_failed_is_told_later() {
    let server = Server::start().await;
    let [ana, ben, _] = ana_ben_eve(&server).await;
    server.send(&ana, &ben, "hi").await;
    let mut at_ana = Socket::of(&server, &ana).await;
    at_ana.hears_presence = true;
    let database = server.database();
    let fail = || database.execute_batch("ALTER TABLE conversations RENAME TO lost").unwrap();
    let work = || database.execute_batch("ALTER TABLE lost RENAME TO conversations").unwrap();
    // Long enough for people to be told four times over; nothing shows that they were not.
    let wait = || tokio::time::sleep(std::time::Duration::from_secs(1));

    fail();
    let at_ben = Socket::of(&server, &ben).await;
    wait().await;
    work();
    server.clock.advance(5);
    assert_eq!(at_ana.event().await, online(&ben));

    fail();
    drop(at_ben);
    wait().await;
    server.clock.advance(5);
    wait().await;
    work();
    server.clock.advance(5);
    let (name, gone) = at_ana.event().await;
    assert_eq!((&*name, &gone["userId"], &gone["online"]), ("presence", &json!(ben.id), &json!(false)));
    server.stop().await;
}

#[tokio::test]
async fn typing_is_told_lapses_and_ends_with_its_socket() {
    let server = Server::start().await;
    let [ana, ben, eve] = ana_ben_eve(&server).await;
    let (mut at_ana, mut at_ben) = (Socket::of(&server, &ana).await, Socket::of(&server, &ben).await);
    let mut at_eve = Socket::of(&server, &eve).await;
    at_eve.hears_presence = true;
    let set = |is_typing: bool| json!({"receiver": ben.id, "isTyping": is_typing});

    at_ana.emit("typing", set(true)).await;
    assert_eq!(at_ben.event().await, typing(&ana, true));
    at_ana.emit("typing", set(false)).await;
    assert_eq!(at_ben.event().await, typing(&ana, false));
    // What was not told needs no end.
    at_ana.emit("typing", set(false)).await;
    at_ana.emit("typing", set(true)).await;
    assert_eq!(at_ben.event().await, typing(&ana, true));
    server.clock.advance(6);
    assert_eq!(at_ben.event().await, typing(&ana, false));
    at_ana.emit("typing", set(true)).await;
    assert_eq!(at_ben.event().await, typing(&ana, true));
    drop(at_ana);
    assert_eq!(at_ben.event().await, typing(&ana, false));
    assert!(at_eve.is_silent().await, "nobody else hears of it");
    server.stop().await;
}

#[tokio::test]
async fn typing_is_refused_or_kept_quiet_where_nobody_may_know() {
    let server = Server::start().await;
    let [ana, ben, _] = ana_ben_eve(&server).await;
    let (mut at_ana, mut at_ben) = (Socket::of(&server, &ana).await, Socket::of(&server, &ben).await);
    for (data, text) in [
        (json!({"receiver": ana.id, "isTyping": true}), "Cannot send message to yourself"),
        (
            json!({"receiver": "x", "isTyping": true}),
            "typing needs {receiver, isTyping}, a user id and true or false",
        ),
        (json!({"receiver": ben.id}), "typing needs {receiver, isTyping}, a user id and true or false"),
    ] {
        at_ana.emit("typing", data).await;
        assert_eq!(at_ana.event().await, ("error".into(), json!({"message": text})));
    }
    // Somebody unknown, and somebody who does not show that they are there.
    at_ana.emit("typing", json!({"receiver": "0123456789abcdef01234567", "isTyping": true})).await;
    server.ask("PATCH", "/api/user", &ana, json!({"showPresence": false})).await;
    at_ana.emit("typing", json!({"receiver": ben.id, "isTyping": true})).await;
    at_ben.emit("typing", json!({"receiver": ana.id, "isTyping": true})).await;
    assert!(at_ana.is_silent().await && at_ben.is_silent().await);
    server.stop().await;
}

#[tokio::test]
async fn whoever_shares_a_conversation_is_told_who_comes_and_goes() {
    let server = Server::start().await;
    let [ana, ben, eve] = ana_ben_eve(&server).await;
    let mut at_eve = Socket::of(&server, &eve).await;
    at_eve.hears_presence = true;
    let (mut at_ana, at_ben) = acquainted(&server, &ana, &ben).await;
    assert_eq!(
        presence(&server, &ana, &[&ben, &eve, &ana]).await,
        json!([{"userId": ben.id, "online": true}])
    );
    assert_eq!(presence(&server, &eve, &[&ana, &ben]).await, json!([]));

    // A reconnection within the grace is not told.
    drop(at_ben);
    let at_ben = Socket::of(&server, &ben).await;
    server.clock.advance(60);
    assert!(at_ana.is_silent().await);
    drop(at_ben);
    // The clock stands still, so Ben is gone at the time at which his socket went, and a grace.
    let gone = loop {
        server.clock.advance(1);
        at_ana.emit("heartbeat", json!({"n": 1})).await;
        let (name, event) = at_ana.event().await;
        if name == "presence" {
            break event;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!((&gone["userId"], &gone["online"]), (&json!(ben.id), &json!(false)));
    while at_ana.event().await.0 != "heartbeat" {}
    let expected = json!([{"userId": ben.id, "online": false, "lastSeenAt": gone["lastSeenAt"]}]);
    let mut told = presence(&server, &ana, &[&ben]).await;
    while told[0].get("lastSeenAt").is_none() {
        // It is stored right after it is told.
        told = presence(&server, &ana, &[&ben]).await;
    }
    assert_eq!(told, expected);
    assert!(at_eve.is_silent().await, "nobody else hears of it");
    server.stop().await;
}

#[tokio::test]
async fn whoever_hides_is_told_of_by_nothing_and_is_told_nothing() {
    let server = Server::start().await;
    let [ana, ben, _] = ana_ben_eve(&server).await;
    let (mut at_ana, mut at_ben) = acquainted(&server, &ana, &ben).await;
    let show = async |show: bool| {
        let answer = server.ask("PATCH", "/api/user", &ben, json!({"showPresence": show})).await;
        assert_eq!(answer.json()["showPresence"], show);
    };
    show(false).await;
    let hidden = ("presence".into(), json!({"userId": ben.id, "online": false}));
    assert_eq!(at_ana.event().await, hidden, "without when");
    assert_eq!(presence(&server, &ana, &[&ben]).await, json!([]));
    assert_eq!(presence(&server, &ben, &[&ana]).await, json!([]), "nor is he told");
    while at_ben.event().await != online(&ana) {}
    server.ask("PATCH", "/api/user", &ana, json!({"showPresence": true})).await;
    show(true).await;
    assert_eq!(at_ana.event().await, online(&ben));
    assert_eq!(presence(&server, &ben, &[&ana]).await, json!([{"userId": ana.id, "online": true}]));
    server.stop().await;
}

#[tokio::test]
async fn presence_is_asked_for_by_ids_and_not_by_many() {
    let server = Server::start().await;
    let [ana, ..] = ana_ben_eve(&server).await;
    let many = vec![&*ana.id; 101].join(",");
    for (ids, text) in [
        ("", "ids is required".to_owned()),
        ("x", "User ID is invalid".to_owned()),
        (&*many, "ids has too many: at most 100".to_owned()),
    ] {
        let path = format!("/api/user/presence?ids={ids}");
        server.ask("GET", &path, &ana, None).await.is_error(400, &text);
    }
    server.ask("GET", "/api/user/presence", &ana, None).await.is_error(400, "ids is required");
    server.stop().await;
}
