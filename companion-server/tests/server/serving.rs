//! Connections, and how the server stops.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use companion_server::config::Config;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{Answer, PATIENCE, Person, Server, Socket};

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

/// A server whose patience is short where a test waits for its end.
async fn impatient() -> Server {
    Server::start_with(|config| {
        config.timeouts.head = Duration::from_millis(500);
        config.timeouts.body = Duration::from_millis(500);
    })
    .await
}

#[tokio::test]
async fn a_head_that_is_too_long_or_never_ends_is_cut() {
    let server = impatient().await;
    let mut long = raw(&server).await;
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    long.write_all(head.as_bytes()).await.ok();
    assert!(closes(long).await);
    let silent = raw(&server).await;
    let mut slow = raw(&server).await;
    // One byte after the other keeps no connection open either.
    let drip = async {
        for byte in b"GET / HTTP/1.1\r\nhost: x\r\nx: ".iter().chain(std::iter::repeat(&b'y')) {
            if slow.write_all(&[*byte]).await.is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    };
    let (dripped, silent) = tokio::join!(tokio::time::timeout(PATIENCE, drip), closes(silent));
    assert!(dripped.unwrap() && silent);
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_never_arrives_is_answered_with_408() {
    let server = impatient().await;
    for head in ["content-length: 60", "transfer-encoding: chunked"] {
        let mut slow = raw(&server).await;
        let head = format!(
            "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{head}\r\n\r\n"
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, slow.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 Request Timeout"), "{answer}");
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!(body["error"], "The body took too long to arrive");
        assert_eq!(body["statusCode"], 408);
    }
    server.stop().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_last_answer() {
    let server = impatient().await;
    let mut idle = raw(&server).await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, idle.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
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
    let server = Server::start_with(|config| config.connections = 4).await;
    let held = [raw(&server).await, raw(&server).await];
    assert!(closes(raw(&server).await).await, "one client has half of them at most");
    drop(held);
    server.stop().await;
}

#[tokio::test]
async fn one_client_cannot_take_every_connection() {
    let limited = |config: &mut Config| config.connections_per_client = 2;
    let server = Server::start_with(limited).await;
    let held = [raw(&server).await, raw(&server).await];
    assert!(closes(raw(&server).await).await);
    drop(held);
    server.stop().await;

    // A proxy that is trusted speaks for many.
    let server = Server::start_with(|config| {
        limited(config);
        config.trusted_proxies = "127.0.0.0/8".parse().unwrap();
    })
    .await;
    let _held = [raw(&server).await, raw(&server).await];
    assert_eq!(server.ask("GET", "/readyz", None, None).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let server = Server::start_with(|config| config.trusted_proxies = "127.0.0.1".parse().unwrap()).await;
    let id = async |path: &str, given: Option<&str>| {
        let mut request = server.request("GET", path);
        if let Some(given) = given {
            request = request.header("x-request-id", given);
        }
        Answer::of(request).await.headers["x-request-id"].to_str().unwrap().to_owned()
    };
    for path in ["/healthz", "/nowhere", "/message", "/socket.io/?EIO=4&transport=polling"] {
        assert_eq!(id(path, Some("from-the-proxy_1.0")).await, "from-the-proxy_1.0");
        assert_ne!(id(path, None).await, id(path, Some("with a space")).await);
    }
    server.stop().await;

    let server = Server::start().await;
    let request = server.request("GET", "/healthz").header("x-request-id", "from-anybody");
    assert_ne!(Answer::of(request).await.headers["x-request-id"], "from-anybody");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_cannot_write_is_alive_and_not_ready() {
    let mut data = PathBuf::new();
    let server = Server::start_with(|config| data.clone_from(&config.data_dir)).await;
    assert_eq!(server.ask("GET", "/readyz", None, None).await.status, 200);
    let other = rusqlite::Connection::open(data.join("roost.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = server.ask("GET", "/readyz", None, None).await;
    refused.is_error(503, "The server is busy, try again shortly");
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(server.ask("GET", "/healthz", None, None).await.status, 200);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(server.ask("GET", "/readyz", None, None).await.status, 200);
    server.stop().await;
}
