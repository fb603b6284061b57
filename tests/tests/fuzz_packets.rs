//! Broken, hostile and half-finished packets over websocket and polling, and plain bytes in their place, against the
//! real server. Whatever comes, it answers, nothing panics, no request ends in 5xx, memory stays flat, and somebody who
//! behaves notices nothing.
//!
//! Some seeds are always the same and one is new; it is printed, and `ROOST_FUZZ_SEED=<seed>` repeats it. Each runs for
//! `ROOST_FUZZ_SECONDS`, by default 10.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail by panicking"
)]

use std::{
    env,
    time::{Duration, Instant},
};

use futures_util::{SinkExt as _, StreamExt as _};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use roost_tests::{
    Server,
    people::{ANA, BEN},
    rest::Rest,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{
        Message,
        protocol::frame::{
            Frame, FrameHeader,
            coding::{Control, Data, OpCode},
        },
    },
};

const SEEDS: [u64; 4] = [1, 2, 3, 4];

/// How many clients fuzz at the same time.
const AT_ONCE: u64 = 8;

/// How much the server's memory may grow from the first seed to the last, in KiB.
const GROWTH: u64 = 48 * 1024;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

#[tokio::test]
async fn broken_packets_break_nothing() {
    let seconds = env::var("ROOST_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let chosen = env::var("ROOST_FUZZ_SEED").ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match chosen {
        Some(seed) => vec![seed],
        None => SEEDS.into_iter().chain([rand::random()]).collect(),
    };
    let mut server = Server::new().unwrap().arg("--rate-limits").arg("off");
    server.start().await.unwrap();
    for person in [&ANA, &BEN] {
        server.add(person).unwrap();
    }
    let (ana, ben) =
        (Rest::sign_in(&server, &ANA).await.unwrap(), Rest::sign_in(&server, &BEN).await.unwrap());
    let mut behaving = join(&server.url(), ben.token()).await.expect("a socket that behaves");
    let mut before = None;
    for seed in seeds {
        println!("seed {seed}");
        let until = Instant::now() + Duration::from_secs(seconds);
        let fuzzers =
            (0..AT_ONCE).map(|n| fuzz(server.url(), ana.token().to_owned(), seed ^ (n << 32), until));
        let mut fuzzers = Box::pin(futures_util::future::join_all(fuzzers));
        loop {
            tokio::select! {
                ended = &mut fuzzers => {
                    let failures: Vec<String> = ended.into_iter().flatten().collect();
                    assert_eq!(failures, [""; 0], "seed {seed}");
                    break;
                }
                () = behave(&ana, &ben, &mut behaving) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        // What the first seed has warmed up is not a leak.
        let now = resident(&server);
        let begun = *before.get_or_insert(now);
        println!("resident memory {now} KiB");
        assert!(now < begun + GROWTH, "seed {seed}: resident memory grew from {begun} to {now} KiB");
    }
    behave(&ana, &ben, &mut behaving).await;
    let log = server.log().all();
    let bad = log.iter().find(|line| line.contains("panicked") || line.contains("ERROR"));
    assert_eq!(bad, None, "the log tells of no failure");
    server.stop().await.unwrap();
}

/// Somebody writes, and somebody else is told.
async fn behave(from: &Rest, to: &Rest, at_receiver: &mut Socket) {
    let key = uuid(rand::random());
    let content = format!("all is well {key}");
    from.send(to.id(), &content, &key).await.expect("a message is taken");
    let told = async {
        loop {
            match at_receiver.next().await {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => {
                    at_receiver.send(Message::text("3")).await.unwrap();
                }
                Some(Ok(Message::Text(text))) if text.contains(&content) => return,
                Some(Ok(_)) => {}
                other => panic!("the socket of somebody who behaves ended: {other:?}"),
            }
        }
    };
    tokio::time::timeout(roost_tests::wait::DEADLINE, told).await.expect("the message is told of");
}

/// One client after another until the time is over; says what went wrong.
async fn fuzz(url: String, token: String, seed: u64, until: Instant) -> Vec<String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut failures = Vec::new();
    while Instant::now() < until {
        let failure = match rng.random_range(0..10) {
            0..=4 => websocket(&url, &token, &mut rng).await,
            5..=7 => polling(&url, &token, &mut rng).await,
            _ => bytes(&url, &mut rng).await,
        };
        failures.extend(failure);
    }
    failures
}

/// Sends packets over a websocket for as long as it lives.
async fn websocket(url: &str, token: &str, rng: &mut StdRng) -> Option<String> {
    let joined = rng.random_bool(0.7);
    let mut socket = if joined { join(url, token).await? } else { open(url).await? };
    for _ in 0..rng.random_range(1..40) {
        let frame = match rng.random_range(0..10) {
            0 => Message::binary(noise(rng)),
            1 => Message::Ping(noise(rng)[..].iter().take(125).copied().collect::<Vec<u8>>().into()),
            2 => fragment(rng),
            3 => control(rng),
            _ => Message::text(packet(rng, token)),
        };
        if socket.send(frame).await.is_err() {
            break;
        }
        // Its answers are read now and then only.
        if rng.random_bool(0.3) {
            tokio::time::timeout(Duration::from_millis(5), socket.next()).await.ok();
        }
    }
    None
}

/// Sends packets in requests, upgrades in between.
async fn polling(url: &str, token: &str, rng: &mut StdRng) -> Option<String> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
    let base = format!("{url}/socket.io/?EIO=4&transport=polling");
    let open = http.get(&base).send().await.ok()?.text().await.ok()?;
    let open: Value = serde_json::from_str(open.strip_prefix('0')?).ok()?;
    let path = format!("{base}&sid={}", open["sid"].as_str()?);
    if rng.random_bool(0.7) {
        let auth = json!({"token": token});
        http.post(&path).body(format!("40{auth}")).send().await.ok()?;
    }
    for _ in 0..rng.random_range(1..10) {
        let request = match rng.random_range(0..6) {
            0 => http.get(&path).timeout(Duration::from_millis(20)),
            1 => {
                let mut upgraded = open_at(&path.replace("polling", "websocket")).await?;
                for _ in 0..rng.random_range(0..4) {
                    let step = ["2probe", "5", "3probe", "2", "40", "6"].choose(rng).copied().unwrap_or("5");
                    upgraded.send(Message::text(step)).await.ok()?;
                }
                continue;
            }
            2 => http.post(&path).body(noise(rng)),
            _ => {
                let packets: Vec<String> = (0..rng.random_range(1..5)).map(|_| packet(rng, token)).collect();
                http.post(&path).body(packets.join("\u{1e}"))
            }
        };
        // A poll that waits is given up, which is an ordinary thing to do.
        if let Ok(answer) = request.send().await
            && answer.status().is_server_error()
        {
            return Some(format!("a polling request was answered by {}", answer.status()));
        }
    }
    None
}

/// Bytes that may be anything, where a request or a frame is expected.
async fn bytes(url: &str, rng: &mut StdRng) -> Option<String> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.ok()?;
    let upgrade = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\
                   upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    let mut sent = if rng.random_bool(0.7) { upgrade.as_bytes().to_vec() } else { Vec::new() };
    sent.extend(noise(rng));
    if rng.random_bool(0.3) {
        let at = rng.random_range(0..sent.len());
        sent[at] = rng.random();
    }
    stream.write_all(&sent).await.ok()?;
    let mut answer = [0; 64];
    let read = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer[..read.ok()?.ok()?]).into_owned();
    answer.starts_with("HTTP/1.1 5").then(|| format!("bytes were answered by {answer}"))
}

/// A packet of Engine.IO that carries one of Socket.IO: sound, nearly sound, or neither.
fn packet(rng: &mut StdRng, token: &str) -> String {
    let engine = ["4", "4", "4", "4", "0", "1", "2", "3", "5", "6", "b", "9", ""].choose(rng).copied();
    let kind = ["0", "1", "2", "2", "2", "3", "4", "5", "6", "7", "99", ""].choose(rng).copied();
    let attachments = ["", "", "", "0-", "1-", "2-", "999999999999-", "-"].choose(rng).copied();
    let namespace = ["", "", "", "/,", "/admin,", "/?x=1,", "/\u{202e},", "/", ","].choose(rng).copied();
    let id = ["", "", "", "0", "1", "18446744073709551616", "-1"].choose(rng).copied();
    let body = match rng.random_range(0..12) {
        0 => json!({"token": token}).to_string(),
        1 => json!({"token": [token]}).to_string(),
        2 => "[".repeat(rng.random_range(1..20_000)),
        3 => format!("{}{}", "[".repeat(200), "]".repeat(200)),
        4 => json!(["x".repeat(rng.random_range(1..60_000))]).to_string(),
        5 => json!(["disconnect"]).to_string(),
        6 => json!([{"_placeholder": true, "num": rng.random::<i32>()}, {"_placeholder": true, "num": 0}])
            .to_string(),
        7 => String::from_utf8_lossy(&noise(rng)).into_owned(),
        _ => event(rng).to_string(),
    };
    [engine, kind, attachments, namespace, id].into_iter().flatten().collect::<String>() + &body
}

/// An event that the server knows, mostly with something that it does not expect.
fn event(rng: &mut StdRng) -> Value {
    let name =
        ["join", "delivered", "heartbeat", "typing", "newMessage", "", "__proto__"].choose(rng).copied();
    let number = rng.random::<i64>();
    let data = match rng.random_range(0..10) {
        0 => json!(null),
        1 => json!(number),
        2 => json!({"n": number}),
        3 => json!({"messageIds": vec!["507f1f77bcf86cd799439011"; rng.random_range(0..1_500)]}),
        4 => json!({"messageIds": [number, null, {}]}),
        5 => json!({"receiver": "507f1f77bcf86cd799439011", "isTyping": true}),
        6 => json!({"receiver": {"$ne": null}, "isTyping": "yes"}),
        7 => json!("507f1f77bcf86cd799439011"),
        8 => json!({"_placeholder": true, "num": number}),
        _ => json!({"__proto__": {"constructor": []}}),
    };
    let mut arguments = vec![json!(name)];
    arguments.extend((0..[1, 1, 1, 1, 0, 2].choose(rng).copied().unwrap_or(1)).map(|_| data.clone()));
    Value::Array(arguments)
}

fn fragment(rng: &mut StdRng) -> Message {
    let code = [Data::Text, Data::Binary, Data::Continue].choose(rng).copied().unwrap_or(Data::Text);
    Message::Frame(Frame::message(noise(rng), OpCode::Data(code), rng.random_bool(0.5)))
}

fn control(rng: &mut StdRng) -> Message {
    let code = [Control::Close, Control::Ping, Control::Pong].choose(rng).copied().unwrap_or(Control::Ping);
    let header = FrameHeader {
        opcode: OpCode::Control(code),
        is_final: rng.random_bool(0.9),
        ..FrameHeader::default()
    };
    Message::Frame(Frame::from_payload(header, noise(rng).into()))
}

fn noise(rng: &mut StdRng) -> Vec<u8> {
    let length = match rng.random_range(0..20) {
        0 => rng.random_range(60_000..70_000),
        1..4 => rng.random_range(1_000..10_000),
        _ => rng.random_range(1..200),
    };
    (0..length).map(|_| rng.random()).collect()
}

async fn open(url: &str) -> Option<Socket> {
    open_at(&format!("{url}/socket.io/?EIO=4&transport=websocket")).await
}

async fn open_at(path: &str) -> Option<Socket> {
    tokio_tungstenite::connect_async(path.replace("http", "ws")).await.ok().map(|(socket, _)| socket)
}

async fn join(url: &str, token: &str) -> Option<Socket> {
    let mut socket = open(url).await?;
    socket.send(Message::text(format!("40{}", json!({"token": token})))).await.ok()?;
    while let Some(Ok(packet)) = socket.next().await {
        match packet.to_text().ok()? {
            "2" => socket.send(Message::text("3")).await.ok()?,
            text if text.starts_with("40") => return Some(socket),
            _ => {}
        }
    }
    None
}

/// The server's resident memory in KiB.
fn resident(server: &Server) -> u64 {
    let id = server.process_id().expect("the server runs");
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has a size");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A UUID as the idempotency key has it.
fn uuid(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    format!("{}-{}-7{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
