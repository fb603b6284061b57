//! Connections, and how the server stops.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{PATIENCE, Person, Server, Socket};

async fn raw(server: &Server) -> TcpStream {
    TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap()
}

/// Whether the other end has closed the connection, or closes it now.
async fn closes(mut stream: TcpStream) -> bool {
    let mut rest = Vec::new();
    let read = tokio::time::timeout(2 * PATIENCE, stream.read_to_end(&mut rest)).await;
    // A reset is an end as well.
    read.is_ok()
}

/// What a request is answered whose handler was waiting for its body when the server was told to stop.
async fn answered_while_stopping(server: Server, path: &str, caller: &Person, body: &Value) -> String {
    let body = body.to_string();
    let mut stream = raw(&server).await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        caller.token,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    // A socket that closes says that the server is stopping.
    let mut socket = Socket::of(&server, caller).await;
    let stopping = tokio::spawn(server.stop());
    while socket.packet().await.is_some() {}
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    stopping.await.unwrap();
    answer
}

#[tokio::test]
async fn stopping_finishes_the_requests_in_progress() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let body = json!({"receiver": ben.id, "content": "last words"});
    let answer = answered_while_stopping(server, "/message", &ana, &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("last words"), "{answer}");

    let server = Server::start().await;
    let ana = server.register("ana").await;
    let answer =
        answered_while_stopping(server, "/message/search", &ana, &json!({"$or": [{"isRead": true}]})).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("[]"), "{answer}");
}

#[tokio::test]
async fn stopping_closes_idle_connections_and_sockets() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let mut socket = Socket::of(&server, &ana).await;
    let idle = raw(&server).await;
    let begun = Instant::now();
    let stopping = tokio::spawn(server.stop());
    assert!(
        socket.packet().await.is_none_or(|packet| packet == "1"),
        "the transport closes, so that clients come again"
    );
    assert!(closes(idle).await);
    stopping.await.unwrap();
    assert!(begun.elapsed() < PATIENCE);
}

#[tokio::test]
async fn a_head_that_is_too_long_or_never_ends_is_cut() {
    let server = Server::start().await;
    let mut long = raw(&server).await;
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    long.write_all(head.as_bytes()).await.ok();
    assert!(closes(long).await);
    let mut slow = raw(&server).await;
    slow.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    let silent = raw(&server).await;
    let (slow, silent) = tokio::join!(closes(slow), closes(silent));
    assert!(slow && silent);
    server.stop().await;
}

#[tokio::test]
async fn a_polling_body_that_never_arrives_gives_its_place_back() {
    let server = Server::start_with(|config| config.sockets.pending = 1).await;
    let address = "/socket.io/?EIO=4&transport=polling";
    let open = server.ask("GET", address, None, None).await;
    let open: Value = serde_json::from_str(&open.text[1..]).unwrap();
    let sid = open["sid"].as_str().unwrap();
    let mut silent = raw(&server).await;
    let head = format!("POST {address}&sid={sid} HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n");
    silent.write_all(head.as_bytes()).await.unwrap();
    Socket::open_in_time(&server).await;
    assert!(closes(silent).await);
    server.stop().await;
}

#[tokio::test]
async fn connections_are_bounded() {
    let server = Server::start_with(|config| config.connections = 2).await;
    let held = [raw(&server).await, raw(&server).await];
    assert!(closes(raw(&server).await).await);
    drop(held);
    server.stop().await;
}
