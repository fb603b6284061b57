//! TLS from certificate files.

use std::{fs, path::Path, sync::Arc, time::Duration};

use companion_server::config::Config;
use futures_util::{SinkExt as _, StreamExt as _};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName},
    },
};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{PATIENCE, Server};

/// Writes a new certificate for `localhost` and its key.
fn write(dir: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(dir.join("cert.pem"), cert.pem()).unwrap();
    fs::write(dir.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

async fn start(dir: &Path) -> Server {
    start_with(dir, |_| {}).await
}

async fn start_with(dir: &Path, change: impl FnOnce(&mut Config)) -> Server {
    Server::start_with(|config| {
        config.tls_cert = Some(dir.join("cert.pem"));
        config.tls_key = Some(dir.join("key.pem"));
        config.tls_reload = Duration::from_millis(50);
        change(config);
    })
    .await
}

async fn tcp(server: &Server) -> TcpStream {
    TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap()
}

/// Connects as a client that trusts this certificate alone.
async fn connect(server: &Server, trusted: &CertificateDer<'static>) -> Option<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp(server).await).await.ok()
}

async fn connect_in_time(server: &Server, trusted: &CertificateDer<'static>) -> TlsStream<TcpStream> {
    tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(stream) = connect(server, trusted).await {
                return stream;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the new certificate")
}

#[tokio::test]
async fn requests_and_websockets_work_over_tls() {
    let dir = TempDir::new().unwrap();
    let certificate = write(dir.path());
    let server = start(dir.path()).await;
    let mut stream = connect(&server, &certificate).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("\r\nstrict-transport-security: max-age=31536000\r\n"), "{answer}");

    let stream = connect(&server, &certificate).await.unwrap();
    let address = "wss://localhost/socket.io/?EIO=4&transport=websocket";
    let (mut socket, _) = tokio_tungstenite::client_async(address, stream).await.unwrap();
    socket.send(Message::text(format!("40{}", json!({"token": "forged"})))).await.unwrap();
    let refused = async {
        loop {
            let message = socket.next().await.unwrap().unwrap();
            if message.to_text().unwrap().starts_with("44") {
                return message;
            }
        }
    };
    let refused = tokio::time::timeout(PATIENCE, refused).await.unwrap();
    assert!(refused.to_text().unwrap().contains("Invalid token"));
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_handshake_or_never_ends_is_cut() {
    let dir = TempDir::new().unwrap();
    write(dir.path());
    let server =
        start_with(dir.path(), |config| config.timeouts.handshake = Duration::from_millis(500)).await;
    let silent = tcp(&server).await;
    let mut plain = tcp(&server).await;
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    for mut stream in [silent, plain] {
        let mut rest = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().ok();
        assert!(!rest.starts_with(b"HTTP"));
    }
    let _shaking = tcp(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn a_new_certificate_is_shown_and_a_broken_one_is_not() {
    let dir = TempDir::new().unwrap();
    let first = write(dir.path());
    let server = start(dir.path()).await;
    let mut held = connect(&server, &first).await.unwrap();
    let second = write(dir.path());
    connect_in_time(&server, &second).await;
    assert!(connect(&server, &first).await.is_none(), "the old one is not shown any more");

    // A key that is another's, and then no key at all.
    fs::write(dir.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(connect(&server, &second).await.is_some());
    fs::remove_file(dir.path().join("key.pem")).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(connect(&server, &second).await.is_some());
    let third = write(dir.path());
    connect_in_time(&server, &third).await;

    // Connections that were there go on.
    held.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    held.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    server.stop().await;
}
