//! Sockets: who gets in, what they may do, how they are cut, and what they may not send.

use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::harness::{Answer, Server, Socket};

fn refused(socket: Result<Socket, String>) -> String {
    socket.err().expect("a refusal")
}

#[tokio::test]
async fn a_socket_shows_a_token_or_stays_out() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    for auth in [json!({}), json!(null), json!({"token": ""}), json!({"token": 7}), json!("text")] {
        assert_eq!(refused(Socket::connect(&server, auth).await), "Authentication required");
    }
    for token in ["x.y.z", &*ana.refresh, &*format!("{}x", ana.token)] {
        assert_eq!(refused(Socket::connect(&server, json!({"token": token})).await), "Invalid token");
    }
    let header = json!({"token": format!("Bearer {}", ana.token)});
    assert!(Socket::connect(&server, header).await.is_ok());
    server.clock.advance(3_600);
    assert_eq!(refused(Socket::connect(&server, json!({"token": ana.token})).await), "Token expired");
    server.stop().await;
}

#[tokio::test]
async fn a_socket_is_in_its_own_room_and_in_no_other() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let mut at_ana = Socket::of(&server, &ana).await;
    at_ana.emit("join", json!(ana.id)).await;
    assert_eq!(at_ana.event().await, ("joined".into(), json!({"userId": ana.id})));
    for room in [json!(ben.id), json!("user-123"), json!({"$ne": 1}), json!(null)] {
        at_ana.emit("join", room).await;
        let error = json!({"message": "Cannot join another user's room"});
        assert_eq!(at_ana.event().await, ("error".into(), error));
    }
    let eve = server.register("eve").await;
    server.send(&eve, &ben, "not for ana").await;
    assert!(at_ana.is_silent().await);
    server.send(&eve, &ana, "for ana").await;
    assert_eq!(at_ana.event().await.0, "newMessage");
    server.stop().await;
}

#[tokio::test]
async fn deliveries_are_told_to_the_sender_once() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let (mut at_ana, mut at_ben) = (Socket::of(&server, &ana).await, Socket::of(&server, &ben).await);
    let id = server.send(&ana, &ben, "hi").await;
    assert_eq!(at_ana.event().await.0, "messageSent");
    assert_eq!(at_ben.event().await.0, "newMessage");
    // Nobody but the receiver can say so.
    at_ana.emit("delivered", json!({"messageIds": [id]})).await;
    assert!(at_ana.is_silent().await);
    at_ben.emit("delivered", json!({"messageIds": [id, ana.id]})).await;
    let (name, event) = at_ana.event().await;
    assert_eq!((&*name, &event["messageId"], &event["seq"]), ("messageDelivered", &json!(id), &json!(2)));
    at_ben.emit("delivered", json!({"messageIds": [id]})).await;
    assert!(at_ben.is_silent().await && at_ana.is_silent().await);
    server.stop().await;
}

#[tokio::test]
async fn what_a_socket_sends_wrongly_is_answered_by_an_error() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let mut socket = Socket::of(&server, &ana).await;
    let many = json!({"messageIds": vec![ana.id.clone(); 1_001]});
    for (event, data, text) in [
        ("delivered", json!({"messageIds": ["x"]}), "delivered needs {messageIds}, a list of message ids"),
        ("delivered", json!(7), "delivered needs {messageIds}, a list of message ids"),
        ("delivered", many, "delivered takes at most 1000 message ids"),
        ("heartbeat", json!({"n": -1}), "heartbeat needs {n}, a whole number"),
        ("heartbeat", json!("x"), "heartbeat needs {n}, a whole number"),
    ] {
        socket.emit(event, data).await;
        assert_eq!(socket.event().await, ("error".into(), json!({"message": text})));
    }
    socket.write("42[\"join\"]").await;
    assert_eq!(socket.event().await.0, "error");
    socket.emit("unknown", json!({})).await;
    assert!(socket.is_silent().await);
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_ends_takes_its_sockets_along() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let mut socket = Socket::of(&server, &ana).await;
    server.ask("POST", "/api/auth/logout", &ana, None).await;
    assert_eq!(socket.event().await, ("error".into(), json!({"message": "Invalid token"})));
    assert_eq!(socket.packet().await.as_deref(), Some("41"));
    assert_eq!(socket.packet().await, None, "the connection is closed as well");
    server.stop().await;
}

#[tokio::test]
async fn a_token_expires_even_where_the_store_fails() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let mut socket = Socket::of(&server, &ana).await;
    let database = server.database();
    database.execute_batch("ALTER TABLE sessions RENAME TO lost").unwrap();
    server.clock.advance(3_600);
    assert_eq!(socket.event().await, ("error".into(), json!({"message": "Token expired"})));
    assert_eq!(socket.packet().await.as_deref(), Some("41"));
    database.execute_batch("ALTER TABLE lost RENAME TO sessions").unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_token_that_expires_takes_its_sockets_along() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let mut socket = Socket::of(&server, &ana).await;
    server.clock.advance(3_600);
    assert_eq!(socket.event().await, ("error".into(), json!({"message": "Token expired"})));
    assert_eq!(socket.packet().await.as_deref(), Some("41"));
    assert_eq!(socket.packet().await, None);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_its_namespace_does_not_keep_the_connection() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let mut socket = Socket::of(&server, &ana).await;
    socket.write("41").await;
    assert_eq!(socket.packet().await, None);
    server.stop().await;
}

#[tokio::test]
async fn a_transport_that_never_connects_is_closed() {
    let server = Server::start().await;
    let mut socket = Socket::open(&server).await;
    assert!(socket.packet().await.is_none_or(|packet| packet == "1"));
    server.stop().await;
}

#[tokio::test]
async fn a_message_over_the_limit_is_cut_whole_or_in_fragments() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let frame = |data: Vec<u8>, code: Data, last: bool| {
        Message::Frame(Frame::message(data, OpCode::Data(code), last))
    };
    let mut fits = Socket::of(&server, &ana).await;
    fits.emit("unknown", json!("x".repeat(65_000))).await;
    assert!(fits.is_silent().await);

    let mut whole = Socket::of(&server, &ana).await;
    whole.frame(frame(vec![b'4'; 65_537], Data::Text, true)).await;
    assert_eq!(whole.packet().await, None);

    let mut fragments = Socket::of(&server, &ana).await;
    fragments.frame(frame(vec![b'4'; 40_000], Data::Text, false)).await;
    fragments.frame(frame(vec![b'4'; 40_000], Data::Continue, false)).await;
    assert_eq!(fragments.packet().await, None, "an unfinished message is not kept beyond the limit");

    // Before any token was shown, too.
    let mut stranger = Socket::open(&server).await;
    stranger.frame(frame(vec![b'4'; 1_000_000], Data::Text, false)).await;
    assert_eq!(stranger.packet().await, None);
    server.stop().await;
}

#[tokio::test]
async fn sockets_are_bounded_in_all_pending_and_by_user() {
    let server = Server::start_with(|config| {
        // One network has half of them at most.
        config.sockets.sockets = 12;
        config.sockets.pending = 4;
        config.sockets.per_user = 3;
    })
    .await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let polling = || server.ask("GET", "/socket.io/?EIO=4&transport=polling", None, None);
    let too_many = "The server is busy, try again shortly";

    let pending = [Socket::open(&server).await, Socket::open(&server).await];
    let turned_away = polling().await;
    turned_away.is_error(503, too_many);
    assert_eq!(turned_away.headers["retry-after"], "1");
    drop(pending);

    let auth = json!({"token": ana.token});
    let mut of_ana = Vec::new();
    while of_ana.len() < 3 {
        // The places of those that left come free in a moment.
        of_ana.push(Socket::open_in_time(&server).await.join(auth.clone()).await.unwrap());
    }
    let fourth = Socket::open_in_time(&server).await.join(auth).await;
    assert_eq!(refused(fourth), "Too many connections");
    let of_ben = Socket::open_in_time(&server).await.join(json!({"token": ben.token})).await;
    assert!(of_ben.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn a_polling_session_takes_no_more_than_a_websocket() {
    let server = Server::start().await;
    let address = "/socket.io/?EIO=4&transport=polling";
    let open = server.ask("GET", address, None, None).await;
    let open: serde_json::Value = serde_json::from_str(&open.text[1..]).unwrap();
    assert_eq!(open["maxPayload"], 65_536);
    let path = format!("{address}&sid={}", open["sid"].as_str().unwrap());
    let answer = Answer::of(server.request("POST", &path).body("4".repeat(65_537))).await;
    assert_eq!(answer.status, 413);
    server.stop().await;
}

#[tokio::test]
async fn a_socket_without_a_token_joins_any_room_on_a_legacy_server_alone() {
    let server = Server::start_with(|config| config.legacy_sockets = true).await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let mut legacy = Socket::connect(&server, json!({})).await.unwrap();
    legacy.emit("join", json!(ben.id)).await;
    assert_eq!(legacy.event().await, ("joined".into(), json!({"userId": ben.id})));
    server.send(&ana, &ben, "hi").await;
    assert_eq!(legacy.event().await.0, "newMessage");
    // A token that is shown must still be good, and then the room is one's own.
    assert_eq!(refused(Socket::connect(&server, json!({"token": "x"})).await), "Invalid token");
    let mut at_ana = Socket::of(&server, &ana).await;
    at_ana.emit("join", json!(ben.id)).await;
    assert_eq!(at_ana.event().await.0, "error");
    server.stop().await;
}

#[tokio::test]
async fn an_old_protocol_or_a_made_up_session_is_refused() {
    let server = Server::start().await;
    for query in [
        "EIO=3&transport=polling",
        "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAHs",
        "EIO=4&transport=grpc",
        "",
    ] {
        let answer = server.ask("GET", &format!("/socket.io/?{query}"), None, None).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    server.stop().await;
}
