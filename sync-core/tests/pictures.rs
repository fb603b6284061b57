//! Pictures of people, from a server that answers as it is told to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::{
    io::Cursor,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use image::{DynamicImage, ImageFormat, RgbaImage};
use sync_core::{Client, Connection, MemorySecrets, Options, Url, UserId};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const ANA: &str = "507f1f77bcf86cd799439011";

/// A server of the document alone that Ana signs in at, whose picture of her is whatever it is told.
#[derive(Clone)]
struct Server {
    address: SocketAddr,
    /// The whole answers to the next requests for the picture; the last one stays. An empty one cuts the connection.
    answers: Arc<Mutex<Vec<Vec<u8>>>>,
    /// The requests for the picture, in small letters.
    asked: Arc<Mutex<Vec<String>>>,
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

impl Server {
    async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, answers: Arc::new(Mutex::new(answers)), asked: Arc::default() };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move {
                    let mut request = vec![0; 8 * 1024];
                    let read = stream.read(&mut request).await.unwrap_or(0);
                    let request = String::from_utf8_lossy(&request[..read]).to_lowercase();
                    let _ = stream.write_all(&server.told(&request)).await;
                });
            }
        });
        server
    }

    fn told(&self, request: &str) -> Vec<u8> {
        let line = request.lines().next().unwrap_or_default();
        if line.starts_with("get /pictures/") {
            self.asked.lock().unwrap().push(request.to_owned());
            let mut answers = self.answers.lock().unwrap();
            return if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        }
        let json = |status, body: &str| answer(status, "Content-Type: application/json\r\n", body.as_bytes());
        match (line.starts_with("post /api/auth/login"), line.starts_with("get /api/message")) {
            (true, _) if !request.contains("mango") => json("400 x", r#"{"error":"E-mail is required"}"#),
            (true, _) => json(
                "200 OK",
                &format!(
                    r#"{{"data":{{"user":{{"_id":"{ANA}","firstName":"Ana","avatar":"/pictures/ana.png"}},
                        "accessToken":"e30.eyJpZCI6ImFuYSJ9.c2ln"}}}}"#
                ),
            ),
            (_, true) if request.contains("authorization") => json("200 OK", "[]"),
            (_, true) => json("401 x", r#"{"error":"Authentication required"}"#),
            _ => json("404 x", r#"{"error":"Not found"}"#),
        }
    }
}

/// Ana's device, in step with this server.
async fn device(server: &Server) -> (Client, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Arc::new(MemorySecrets::new());
    let client = Client::open(Options { profile_dir: folder.path().to_owned(), secrets }).await.unwrap();
    let url: Url = format!("http://{}/", server.address).parse().unwrap();
    let mut updates = client.updates();
    client.sign_in(&url, "ana@school.edu", "mango-tree-42").await.unwrap();
    let online = async {
        while !matches!(client.connection(), Connection::Online { .. }) {
            updates.next().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), online).await.unwrap();
    (client, folder)
}

fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    DynamicImage::from(RgbaImage::new(300, 200))
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}

#[tokio::test]
async fn a_picture_is_fetched_once_without_a_token_and_drawn_anew() {
    let server = Server::start(vec![answer("200 OK", "", &png())]).await;
    let (client, _folder) = device(&server).await;
    let ana = UserId::from(ANA);
    let (first, second) = tokio::join!(client.picture(&ana), client.picture(&ana));
    let shown = first.unwrap().unwrap();
    assert!(shown.starts_with(b"\x89PNG") && *shown != *png(), "it is drawn anew");
    assert_eq!(second.unwrap(), Some(shown));
    let asked = server.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    assert!(!asked[0].contains("authorization") && asked[0].contains("accept: image/"), "{asked:?}");
    assert_eq!(client.picture(&"507f1f77bcf86cd799439012".into()).await.unwrap(), None, "nobody knows him");
    client.close().await;
}

#[tokio::test]
async fn what_is_no_picture_or_not_there_is_none_and_not_asked_for_again() {
    let elsewhere = Server::start(vec![answer("200 OK", "", &png())]).await;
    let moved = format!("Location: http://{}/pictures/ana.png\r\n", elsewhere.address);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let huge = [png(), vec![0; sync_core::limits::PICTURE_BYTES]].concat();
    for told in [
        answer("200 OK", "Content-Type: image/png\r\n", b"<!doctype html><h1>Sign in</h1>"),
        answer("200 OK", "Content-Type: image/svg+xml\r\n", svg),
        answer("200 OK", "", &huge),
        answer("302 Found", &moved, b""),
        answer("404 Not Found", "", b"{}"),
    ] {
        let server = Server::start(vec![told]).await;
        let (client, _folder) = device(&server).await;
        for _ in 0..2 {
            assert_eq!(client.picture(&ANA.into()).await.unwrap(), None);
        }
        assert_eq!(server.asked.lock().unwrap().len(), 1);
        client.close().await;
    }
    assert_eq!(elsewhere.asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_again() {
    let whole = answer("200 OK", "", &png());
    let half = whole[..whole.len() - 20].to_vec();
    let server = Server::start(vec![Vec::new(), half, answer("503 x", "", b""), whole]).await;
    let (client, _folder) = device(&server).await;
    for wanted in [false, false, false, true] {
        assert_eq!(client.picture(&ANA.into()).await.unwrap().is_some(), wanted);
    }
    client.sign_out(false).await.unwrap();
    assert_eq!(client.picture(&ANA.into()).await.unwrap(), None);
    client.close().await;
}
