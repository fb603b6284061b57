//! What sockets may not do to the server and to each other: floods, old protocols, sessions of others, ears that are
//! shut.

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest as _};

use crate::harness::{Answer, PATIENCE, Person, Server, Socket};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";

/// A polling session by hand.
struct Polling<'a> {
    server: &'a Server,
    path: String,
}

impl<'a> Polling<'a> {
    /// Opens a session and joins with the token of a person, over the socket or in each request's header.
    async fn of(server: &'a Server, person: &Person, header: bool) -> Self {
        let token = header.then_some(&*person.token);
        let open = ask(server, "GET", POLLING, token, "198.51.100.7", "").await;
        let open: Value = serde_json::from_str(&open.text[1..]).unwrap();
        let session = Self { server, path: format!("{POLLING}&sid={}", open["sid"].as_str().unwrap()) };
        let auth = if header { json!({}) } else { json!({"token": person.token}) };
        assert_eq!(session.write(token, "198.51.100.7", &format!("40{auth}")).await.text, "ok");
        assert!(session.read(token, "198.51.100.7").await.text.starts_with("40"));
        session
    }

    async fn read(&self, token: Option<&str>, from: &str) -> Answer {
        poll(self.server, &self.path, token, from).await
    }

    async fn write(&self, token: Option<&str>, from: &str, packet: &str) -> Answer {
        ask(self.server, "POST", &self.path, token, from, packet).await
    }
}

/// What waits to be read, pings left out.
async fn poll(server: &Server, path: &str, token: Option<&str>, from: &str) -> Answer {
    loop {
        let mut answer = ask(server, "GET", path, token, from, "").await;
        let packets: Vec<&str> = answer.text.split('\u{1e}').filter(|packet| *packet != "2").collect();
        if !packets.is_empty() {
            answer.text = packets.join("\u{1e}");
            return answer;
        }
    }
}

async fn ask(
    server: &Server,
    method: &str,
    path: &str,
    token: Option<&str>,
    from: &str,
    body: &str,
) -> Answer {
    let mut request = server.request(method, path).header("x-forwarded-for", from).body(body.to_owned());
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    Answer::of(request).await
}

async fn behind_a_proxy() -> Server {
    Server::start_with(|config| config.trusted_proxies = "127.0.0.1".parse().unwrap()).await
}

#[tokio::test]
async fn a_polling_session_is_its_owners_alone() {
    let server = behind_a_proxy().await;
    let (ana, eve) = (server.register("ana").await, server.register("eve").await);
    for header in [false, true] {
        let session = Polling::of(&server, &ana, header).await;
        let own = header.then_some(&*ana.token);
        // Elsewhere, without a token; with somebody else's, also from the same place; with none where one is shown.
        let mut thefts =
            vec![(None, "203.0.113.9"), (Some(&*eve.token), "198.51.100.7"), (Some("x.y.z"), "198.51.100.7")];
        if header {
            thefts.push((None, "198.51.100.7"));
        }
        for (token, from) in thefts {
            session.read(token, from).await.is_error(400, "Session ID unknown");
            let heartbeat = session.write(token, from, "42[\"heartbeat\",{\"n\":666}]").await;
            heartbeat.is_error(400, "Session ID unknown");
            session.write(token, from, "1").await.is_error(400, "Session ID unknown");
            let upgrade = format!(
                "{}{}",
                server.base.replace("http", "ws"),
                session.path.replace("polling", "websocket")
            );
            let mut request = upgrade.into_client_request().unwrap();
            request.headers_mut().insert("x-forwarded-for", from.parse().unwrap());
            if let Some(token) = token {
                request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
            }
            assert!(tokio_tungstenite::connect_async(request).await.is_err(), "no upgrade either");
        }
        // The owner goes on, from next door too, and nothing that the others sent has arrived.
        session.write(own, "198.51.100.8", "42[\"heartbeat\",{\"n\":7}]").await;
        assert_eq!(session.read(own, "198.51.100.7").await.text, "42[\"heartbeat\",{\"n\":7}]");
        // A token of the same sign-in belongs to it as well.
        session.write(Some(&ana.token), "203.0.113.9", "42[\"heartbeat\",{\"n\":8}]").await;
        assert_eq!(session.read(own, "198.51.100.7").await.text, "42[\"heartbeat\",{\"n\":8}]");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_polling_session_that_was_opened_with_one_token_is_not_joined_with_another() {
    let server = behind_a_proxy().await;
    let (ana, eve) = (server.register("ana").await, server.register("eve").await);
    let open = ask(&server, "GET", POLLING, Some(&ana.token), "198.51.100.7", "").await;
    let open: Value = serde_json::from_str(&open.text[1..]).unwrap();
    let path = format!("{POLLING}&sid={}", open["sid"].as_str().unwrap());
    let packet = format!("40{}", json!({"token": eve.token}));
    ask(&server, "POST", &path, Some(&ana.token), "198.51.100.7", &packet).await;
    let answer = poll(&server, &path, Some(&ana.token), "198.51.100.7").await;
    assert_eq!(answer.text, "44{\"message\":\"Invalid token\"}");
    server.stop().await;
}

#[tokio::test]
async fn an_old_or_broken_handshake_gets_a_documented_error_and_keeps_nothing() {
    let server = Server::start_with(|config| config.sockets.sockets = 1).await;
    for (query, text) in [
        ("EIO=3&transport=polling", "Unsupported protocol version: EIO must be 4"),
        ("EIO=3&transport=websocket", "Unsupported protocol version: EIO must be 4"),
        ("", "Unsupported protocol version: EIO must be 4"),
        ("EIO=4&transport=grpc", "Transport unknown: it must be polling or websocket"),
        ("EIO=4&transport=polling&sid=AAAAAAAAAAAAAAHs", "Session ID unknown"),
        ("EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAHs", "Session ID unknown"),
    ] {
        for _ in 0..20 {
            server.ask("GET", &format!("/socket.io/?{query}"), None, None).await.is_error(400, text);
        }
    }
    server.ask("POST", POLLING, None, None).await.is_error(400, "Bad handshake");
    // The one place there is, is free.
    Socket::open_in_time(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn a_flood_from_one_network_leaves_room_for_others() {
    let server = Server::start_with(|config| {
        config.trusted_proxies = "127.0.0.1".parse().unwrap();
        config.sockets.pending_per_network = 3;
        config.sockets.per_network = 5;
    })
    .await;
    let open = async |from: &str| ask(&server, "GET", POLLING, None, from, "").await;
    for host in 1..=3 {
        assert_eq!(open(&format!("203.0.113.{host}")).await.status, 200);
    }
    open("203.0.113.4").await.is_error(503, "The server is busy, try again shortly");
    assert_eq!(open("198.51.100.7").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn polling_sockets_count_for_their_user_too() {
    let server = Server::start_with(|config| {
        config.trusted_proxies = "127.0.0.1".parse().unwrap();
        config.sockets.per_user = 2;
    })
    .await;
    let ana = server.register("ana").await;
    let _first = Polling::of(&server, &ana, false).await;
    let _second = Socket::of(&server, &ana).await;
    let third = Socket::connect(&server, json!({"token": ana.token})).await;
    assert_eq!(third.err().as_deref(), Some("Too many connections"));
    server.stop().await;
}

#[tokio::test]
async fn a_socket_has_few_tries_to_show_a_token() {
    let server = Server::start().await;
    let mut socket = Socket::open(&server).await;
    for _ in 0..5 {
        socket.write("40{\"token\":\"x.y.z\"}").await;
        assert_eq!(socket.packet().await.as_deref(), Some("44{\"message\":\"Invalid token\"}"));
    }
    socket.write("40{\"token\":\"x.y.z\"}").await;
    while socket.packet().await.is_some() {}
    server.stop().await;
}

#[tokio::test]
async fn whoever_says_too_much_is_not_listened_to_and_then_cut() {
    let server = Server::start_with(|config| config.rate_limits = true).await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let mut socket = Socket::of(&server, &ana).await;
    let (mut heard, mut told) = (0, 0);
    for n in 0..510 {
        // What nobody understands counts as well.
        let event = if n % 2 == 0 { "heartbeat" } else { "unknown" };
        socket.frame(Message::text(format!("42[\"{event}\",{{\"n\":{n}}}]"))).await;
    }
    while let Some(packet) = socket.packet().await {
        heard += usize::from(packet.starts_with("42[\"heartbeat\""));
        told += usize::from(packet.contains("Too many events, slow down"));
    }
    assert!((140..=160).contains(&heard), "{heard} of the 300 events of the allowance were heartbeats");
    assert_eq!(told, 4, "at the first, the 51st, the 101st and the 151st");
    // Others are heard, and so is the user again, after a while.
    assert!(Socket::of(&server, &ben).await.is_silent().await);
    server.clock.advance(60);
    assert!(Socket::of(&server, &ana).await.is_silent().await);
    server.stop().await;
}

#[tokio::test]
async fn a_socket_that_does_not_read_is_cut_when_its_token_expires() {
    let server = Server::start_with(|config| config.sockets.per_user = 1).await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let deaf = Socket::of(&server, &ben).await;
    // More than the buffers of the kernel and the server take.
    let content = "x".repeat(10_000);
    let sends = (0..2_000).map(|_| server.send(&ana, &ben, &content));
    futures_util::stream::iter(sends).buffer_unordered(16).collect::<Vec<_>>().await;
    server.clock.advance(3_600);
    let body = json!({"userName": "ben", "password": "password of ben"});
    let again = Person::of(&server.ask("POST", "/api/auth/login", None, body).await.json()["data"]);
    let room = async {
        while Socket::connect(&server, json!({"token": again.token})).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, room).await.expect("the place of the socket that does not read is free");
    drop(deaf);
    server.stop().await;
}

#[tokio::test]
async fn a_delivery_that_cannot_be_written_at_once_is_written_later() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let since = server.ask("GET", "/api/sync", &ben, None).await.json()["next"].as_str().unwrap().to_owned();
    let id = server.send(&ana, &ben, "hi").await;
    let mut at_ana = Socket::of(&server, &ana).await;
    // Another process holds the database for longer than the store waits for it.
    let database = server.database();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let page = server.ask("GET", &format!("/api/sync?since={since}"), &ben, None).await;
    assert_eq!(page.json()["changes"][0]["_id"], json!(id));
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    database.execute_batch("ROLLBACK").unwrap();
    let (name, event) = at_ana.event().await;
    assert_eq!((&*name, &event["messageId"]), ("messageDelivered", &json!(id)));
    server.stop().await;
}
