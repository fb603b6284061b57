//! A server that answers from a script, one request a connection; for tests of what only a bad server does.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

/// The server's origin, and the requests that it has had so far.
pub(super) struct Script {
    pub(super) origin: Url,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Script {
    /// Answers the first request with the first text, and so on, and then no more. An empty text cuts the
    /// connection after the request.
    pub(super) async fn start(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 8 * 1024];
                let read = stream.read(&mut request).await.unwrap();
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(text);
                // Whoever has heard enough hangs up.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { origin, requests }
    }

    /// What was asked so far, each request as it came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// An answer with this status, these header lines (each with its line end) and this body.
pub(super) fn answer(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} x\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
