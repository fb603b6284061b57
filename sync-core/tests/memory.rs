//! What a hostile server costs: it says the beginning of an answer and goes on for ever, or over a socket for as long as
//! the library there takes it. `--nocapture` tells the figures.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::{
    fs,
    io::{Write as _, stdout},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use sync_core::{Client, MemorySecrets, Options, Url};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

/// Far more than any of it takes.
const SOON: Duration = Duration::from_mins(2);

/// What all of a process may take that meets endless answers, in MiB: a few times [`sync_core::limits::ANSWER_BYTES`],
/// which is what is read of one.
const REQUESTS_MIB: u64 = 128;

/// How an answer begins, and what comes then for ever.
const ENDLESS: [(&str, &str); 9] = [
    ("", "0"),
    ("", "["),
    ("", "{\"a\":"),
    ("{\"changes\":[", "0,"),
    ("{\"changes\":[", "[[],{}],"),
    ("{\"next\":\"", "x"),
    ("{\"users\":[{\"firstName\":\"", "\\u0000"),
    ("{\"conversations\":[{\"peer\":{\"_id\":\"", "x"),
    ("{\"x\":[", "{},"),
];

/// The largest message that the library takes over a socket, and the largest piece of one.
const MESSAGE: usize = 64 * 1024 * 1024;
const FRAME: usize = 16 * 1024 * 1024;

/// The server that an engine is signed in at.
struct Hostile {
    client: Client,
    /// Which of the endless answers it gives; after the last of them, it floods sockets.
    turn: Arc<AtomicUsize>,
    /// Somebody has heard enough of it.
    left: mpsc::Receiver<()>,
    _folder: tempfile::TempDir,
}

impl Hostile {
    async fn start(turn: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (turn, (tell, left)) = (Arc::new(AtomicUsize::new(turn)), mpsc::channel(1));
        let serving = Arc::clone(&turn);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (turn, tell) = (serving.load(Ordering::SeqCst), tell.clone());
                tokio::spawn(async move {
                    if answer(stream, turn).await.is_none() {
                        let _ = tell.send(()).await;
                    }
                });
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let secrets = Arc::new(MemorySecrets::new());
        let options = Options { profile_dir: folder.path().to_owned(), secrets };
        let client = Client::open(options).await.unwrap();
        client.sign_in(&url, "ana", "mango-tree-42").await.unwrap();
        Self { client, turn, left, _folder: folder }
    }

    /// Waits until somebody has heard enough.
    async fn is_left(&mut self) {
        timeout(SOON, self.left.recv()).await.expect("it is listened to for ever").unwrap();
    }
}

/// Answers one request; `None` where whoever asked left an endless answer.
async fn answer(mut stream: TcpStream, turn: usize) -> Option<()> {
    let mut head = vec![0; 8 * 1024];
    let read = stream.peek(&mut head).await.ok()?;
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    if head.contains("/socket.io/") {
        return if turn < ENDLESS.len() { Some(()) } else { flood(stream).await };
    }
    let _ = stream.read(&mut [0; 8 * 1024]).await;
    let user = json!({"_id": "507f1f77bcf86cd799439011", "firstName": "Ana", "lastName": "Cruz"});
    let body = if head.starts_with("GET /api/capabilities") {
        let extensions = sync_core::limits::REQUIRED_EXTENSIONS;
        json!({"name": "Hostile", "version": "1", "extensions": extensions, "registration": "open"})
    } else if head.starts_with("POST /api/auth/login") {
        json!({"data": {"user": user, "accessToken": "a.b.c", "refreshToken": "r"}})
    } else if turn == ENDLESS.len() {
        json!({"conversations": [], "users": [], "next": "c1", "more": false, "changes": []})
    } else {
        let (begin, then) = ENDLESS[turn];
        stream.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{begin}").as_bytes()).await.ok();
        let piece = then.repeat(64 * 1024 / then.len());
        while stream.write_all(piece.as_bytes()).await.is_ok() {}
        return None;
    };
    let body = body.to_string();
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await.ok();
    Some(())
}

/// Says one message over a socket, as large as it may be, and waits for the socket's end.
async fn flood(stream: TcpStream) -> Option<()> {
    let mut socket = accept_async(stream).await.ok()?;
    let opening =
        json!({"sid": "e", "upgrades": [], "pingInterval": 25_000, "pingTimeout": 20_000, "maxPayload": 1});
    socket.send(Message::text(format!("0{opening}"))).await.ok()?;
    socket.next().await;
    socket.send(Message::text(r#"40{"sid":"s"}"#)).await.ok()?;
    socket.next().await;
    // By hand, so that this side of it costs nothing, and in pieces, because the library takes no larger ones.
    let raw = socket.get_mut();
    let piece = ",0".repeat(FRAME / 2);
    let frames = MESSAGE / FRAME;
    for number in 0..frames {
        let (begin, end) =
            (if number == 0 { r#"42["x",[0"# } else { "" }, if number + 1 == frames { "]]" } else { "" });
        let zeros = &piece[..(FRAME - begin.len() - end.len()) / 2 * 2];
        let opcode = u8::from(number == 0) | if number + 1 == frames { 0x80 } else { 0 };
        raw.write_all(&[opcode, 127]).await.ok()?;
        let length = begin.len() + zeros.len() + end.len();
        raw.write_all(&u64::try_from(length).ok()?.to_be_bytes()).await.ok()?;
        for part in [begin, zeros, end] {
            raw.write_all(part.as_bytes()).await.ok()?;
        }
    }
    while let Some(Ok(_)) = socket.next().await {}
    None
}

/// The most memory that this process has had, in MiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_answers_do_not_bloat_the_engine() {
    let mut hostile = Hostile::start(0).await;
    let mut out = stdout();
    writeln!(out, "{} MiB at the beginning", peak()).unwrap();
    for (number, (begin, then)) in ENDLESS.iter().enumerate() {
        hostile.turn.store(number, Ordering::SeqCst);
        // The one before may still be under way.
        for _ in 0..2 {
            hostile.client.retry_now();
            hostile.is_left().await;
        }
        writeln!(out, "{} MiB after {begin}{then}{then}…", peak()).unwrap();
    }
    assert!(peak() < REQUESTS_MIB, "{} MiB", peak());
    hostile.client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes more than two gigabytes: the library that reads sockets has no setting for less"]
async fn the_largest_message_of_a_socket_ends_it() {
    let mut hostile = Hostile::start(ENDLESS.len()).await;
    hostile.is_left().await;
    let megabytes = MESSAGE / 1024 / 1024;
    writeln!(stdout(), "{} MiB after one message of {megabytes} MiB over a socket", peak()).unwrap();
    hostile.client.close().await;
}
