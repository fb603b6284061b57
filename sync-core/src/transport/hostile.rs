//! A server that means harm, or is broken beyond belief: thousands of answers, made by a seeded generator from good
//! ones and from garbage, over real connections. Whatever comes, a request ends, and what is taken from it is bounded
//! and this account's.
//!
//! `ROOST_HOSTILE_SEED` replays one seed.

use std::{sync::Arc, time::Duration};

use rand::{RngExt, SeedableRng, rngs::SmallRng, seq::IndexedRandom};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};
use url::Url;

use protocol::limits::{CONTENT_CHARS, NAME_CHARS};

use crate::{
    apply::Message,
    domain::{Person, UserId},
    limits,
    secrets::MemorySecrets,
};

use super::{
    api::{self, Api},
    http::Http,
    token::{Keyring, Tokens},
};

const SEEDS: u64 = 500;
const ME: &str = "507f1f77bcf86cd799439011";
const PEER: &str = "507f1f77bcf86cd799439012";

/// A server that answers whatever it is told to next, once for each connection.
struct Hostile {
    origin: Url,
    answers: mpsc::Sender<Vec<u8>>,
}

impl Hostile {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (answers, mut next) = mpsc::channel::<Vec<u8>>(1);
        tokio::spawn(async move {
            let mut answer = Vec::new();
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                // The newest answer serves every connection until there is another one.
                while let Ok(newer) = next.try_recv() {
                    answer = newer;
                }
                let _ = stream.read(&mut [0; 8 * 1024]).await;
                // Whoever has heard enough hangs up.
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { origin, answers }
    }
}

fn message() -> Value {
    json!({
        "_id": "507f1f77bcf86cd799439013", "sender": {"_id": PEER, "firstName": "Jane", "lastName": "Smith"},
        "receiver": ME, "content": "Hello!", "isRead": false, "sentAt": "2025-10-08T10:30:00.000Z", "seq": 4,
    })
}

/// A good answer to any of the requests at once.
fn good() -> Value {
    let (message, person) =
        (message(), json!({"_id": PEER, "firstName": "Jane", "lastName": "Smith", "role": "student"}));
    json!({
        "changes": [message, message], "next": "cursor", "more": true, "users": [person],
        "conversations": [{"peer": person, "lastMessage": message, "unreadCount": 3}],
        "data": {"user": person, "users": [person], "accessToken": "a.b.c", "refreshToken": "r"},
        "_id": "507f1f77bcf86cd799439013", "sender": ME, "receiver": PEER, "content": "Hi", "isRead": true,
        "sentAt": "2025-10-08T10:30:00.000Z", "extensions": ["sync-1"], "error": "no",
    })
}

/// Something that nobody expects there.
fn odd(random: &mut SmallRng) -> Value {
    let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    match random.random_range(0..16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(u64::MAX),
        3 => json!(i64::MIN),
        4 => json!(1e308),
        5 => json!(""),
        6 => json!("x".repeat(random.random_range(1..200_000))),
        7 => json!("../../api/auth/logout"),
        8 => json!("..%2f\r\nX-Evil: 1"),
        9 => json!("0000-01-01T00:00:00.000Z"),
        10 => json!("9999-12-31T23:59:59.999+23:59"),
        11 => json!("\u{202e}\u{0}\u{feff}"),
        12 => deep(random.random_range(1..120)),
        13 => json!(vec![0; random.random_range(0..5_000)]),
        14 => json!({"_id": "507f1f77bcf86cd799439099", "id": 7, "firstName": ["x"], "role": {}}),
        _ => json!("507f1f77bcf86cd799439099"),
    }
}

/// Changes one place, anywhere.
fn mutate(value: &mut Value, random: &mut SmallRng) {
    match value {
        Value::Object(map) if !map.is_empty() && random.random_bool(0.9) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let Some(key) = keys.choose(random) else { return };
            match random.random_range(0..8) {
                0 => drop(map.remove(key)),
                1 => drop(map.insert(key.clone(), odd(random))),
                _ => map.get_mut(key).into_iter().for_each(|inner| mutate(inner, random)),
            }
        }
        Value::Array(list) if !list.is_empty() && random.random_bool(0.9) => {
            match random.random_range(0..8) {
                0 => list.push(odd(random)),
                1 => {
                    let copy = list[0].clone();
                    list.extend(std::iter::repeat_n(copy, random.random_range(1..3_000)));
                }
                _ => {
                    let place = random.random_range(0..list.len());
                    mutate(&mut list[place], random);
                }
            }
        }
        other => *other = odd(random),
    }
}

fn body(random: &mut SmallRng) -> Vec<u8> {
    let mut value = match random.random_range(0..3) {
        0 => good(),
        1 => json!([message(), message(), good()]),
        _ => message(),
    };
    for _ in 0..random.random_range(0..6) {
        mutate(&mut value, random);
    }
    let mut bytes = value.to_string().into_bytes();
    for _ in 0..random.random_range(0..3) {
        let place = random.random_range(0..=bytes.len());
        match random.random_range(0..6) {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, random.random()),
            2 => bytes.splice(place..place, b"\\ud800\"".iter().copied()).for_each(drop),
            _ => {}
        }
    }
    match random.random_range(0..40) {
        0 => (0..random.random_range(0..5_000)).map(|_| random.random()).collect(),
        1 => b"[".repeat(random.random_range(1..100_000)),
        2 => b"{\"a\":".repeat(random.random_range(1..50_000)),
        _ => bytes,
    }
}

/// A whole answer, head and body, of which one may not fit the other.
fn answer(random: &mut SmallRng) -> Vec<u8> {
    let body = body(random);
    let status = *[200, 200, 200, 200, 200, 200, 201, 204, 302, 400, 403, 404, 409, 410, 429, 500, 503, 999]
        .choose(random)
        .unwrap();
    let length = match random.random_range(0..12) {
        0 => body.len() + 1_000,
        1 => body.len() / 2,
        2 => usize::MAX,
        _ => body.len(),
    };
    let mut head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\n");
    match random.random_range(0..24) {
        0 => head.push_str("Transfer-Encoding: chunked\r\n"),
        1 => head.push_str(&"X-Flood: yes\r\n".repeat(random.random_range(1..2_000))),
        2 => head = format!("{head}X-Giant: {}\r\n", "g".repeat(random.random_range(1..2_000_000))),
        3 => head.push_str("Content-Encoding: gzip\r\n"),
        4 => head.push_str("Location: http://127.0.0.1:1/\r\n"),
        5 => head.push_str("Retry-After: 99999999999999999999\r\n"),
        6 => head.push_str("Content-Type: text/html; charset=utf-7\r\nLink: <x>; rel=\"next\"\r\n"),
        7 => head = format!("HTTP/1.1 100 Continue\r\n\r\n{head}"),
        8 => head = "NONSENSE\r\n".to_owned(),
        _ => {}
    }
    if random.random_bool(0.9) {
        head = format!("{head}Content-Length: {length}\r\n");
    }
    [head.as_bytes(), b"\r\n", &body].concat()
}

fn check_message(message: &Message) {
    assert_ne!(message.peer.as_str(), ME);
    check_id(message.id.as_str());
    check_id(message.peer.as_str());
    assert!(message.content.chars().count() <= CONTENT_CHARS);
    assert!(message.client_key.as_ref().is_none_or(|key| message.mine && key.len() <= limits::ID_BYTES));
}

fn check_person(person: &Person) {
    check_id(person.id.as_str());
    assert!(
        person.first_name.chars().count() <= NAME_CHARS && person.last_name.chars().count() <= NAME_CHARS
    );
    assert!(person.avatar.as_ref().is_none_or(|avatar| avatar.len() <= protocol::limits::AVATAR_BYTES));
}

fn check_id(id: &str) {
    assert!(!id.is_empty() && id.len() <= limits::ID_BYTES && !id.contains(['/', '%', '\r', '\n', '?', '#']));
}

/// Asks everything that the engine asks, and looks at what is taken from the answers.
async fn ask(api: &Api, http: &Http, origin: &Url) {
    let (peer, id) = (UserId(PEER.to_owned()), "507f1f77bcf86cd799439013".into());
    if let Ok(page) = api.changes("cursor").await {
        assert!(page.changes.len() <= limits::PAGE_ENTRIES && page.next.len() <= limits::CURSOR_BYTES);
        page.changes.iter().for_each(|(message, _)| check_message(message));
        page.people.iter().for_each(check_person);
    }
    if let Ok(snapshot) = api.snapshot().await {
        assert!(snapshot.conversations.iter().all(|summary| summary.last.peer == summary.peer.id));
        snapshot.conversations.iter().for_each(|summary| check_message(&summary.last));
    }
    if let Ok(page) = api.history(&peer, &id).await {
        assert!(page.messages.iter().all(|message| message.peer == peer));
        page.messages.iter().for_each(check_message);
    }
    let listed = api.list(async |batch: Vec<Message>| {
        assert!(batch.len() <= limits::LIST_BATCH);
        batch.iter().for_each(check_message);
        true
    });
    let _ = listed.await;
    if let Ok(message) = api.send(&peer, "Hi", "key").await {
        check_message(&message);
        assert!(message.mine && message.peer == peer);
    }
    if let Ok(message) = api.edit(&id, "Hi").await {
        assert_eq!(message.id, id);
    }
    if let Ok(person) = api.person(&peer).await {
        check_person(&person);
    }
    if let Ok(people) = api.search_people("x").await {
        people.iter().for_each(check_person);
    }
    let _ =
        (api.delete(&id).await, api.read(&peer, &id).await, api.read_one(&id).await, api.extended().await);
    if let Ok(signed) = api::login(http, origin, "ana", "secret").await {
        assert!(signed.access_token.len() <= limits::TOKEN_BYTES);
    }
}

#[tokio::test]
async fn whatever_a_server_answers_is_bounded_and_ends() {
    let seeds = match std::env::var("ROOST_HOSTILE_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..SEEDS).collect::<Vec<u64>>(),
    };
    let server = Hostile::start().await;
    let http = Http::new().unwrap();
    for seed in seeds {
        let mut random = SmallRng::seed_from_u64(seed);
        server.answers.send(answer(&mut random)).await.unwrap();
        // Tokens of its own, because some answers end the session.
        let keyring = Keyring { secrets: Arc::new(MemorySecrets::new()), name: "x".to_owned() };
        keyring.keep("a.b.c".to_owned(), Some("r".to_owned())).await.unwrap();
        let tokens = Tokens::new(http.clone(), server.origin.clone(), keyring);
        let me = UserId(ME.to_owned());
        let api = Api::new(http.clone(), server.origin.clone(), me, Arc::new(tokens), None);
        let asked = tokio::time::timeout(Duration::from_mins(1), ask(&api, &http, &server.origin));
        assert!(asked.await.is_ok(), "seed {seed}: a request did not end");
    }
}
