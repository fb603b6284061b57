//! The broken middlebox: it delivers each whole request twice.
//!
//! It holds a request back until all of it is here, delivers it over a connection of its own, throws that answer away,
//! and only then lets the request pass. So both deliveries are over before the client hears of either.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Fault, Line};

/// How long it waits for the answer that it throws away.
const PATIENCE: Duration = Duration::from_secs(5);

/// What has come of the request that is under way.
#[derive(Default)]
pub(super) struct Requests {
    held: Vec<u8>,
    /// Whether what follows are no requests any more: a websocket, or something that is not understood.
    blind: bool,
}

impl Requests {
    /// Takes what has come, and gives what may pass.
    pub(super) async fn take(&mut self, bytes: &[u8], line: &Line) -> Vec<u8> {
        if self.blind {
            return bytes.to_vec();
        }
        self.held.extend_from_slice(bytes);
        let mut pass = Vec::new();
        loop {
            match next(&self.held) {
                Next::Request(length) => {
                    let request: Vec<u8> = self.held.drain(..length).collect();
                    if line.is_bad() {
                        line.meet(Fault::Repeat);
                        deliver(&request, line).await;
                    }
                    pass.extend(request);
                }
                Next::Incomplete => return pass,
                Next::Other => {
                    self.blind = true;
                    pass.append(&mut self.held);
                    return pass;
                }
            }
        }
    }
}

/// What stands at the beginning.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// A whole request of so many bytes.
    Request(usize),
    /// Not enough to tell.
    Incomplete,
    /// Something else.
    Other,
}

fn next(bytes: &[u8]) -> Next {
    let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") else { return Next::Incomplete };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let header = |name: &str| {
        head.lines()
            .find_map(|line| line.split_once(':').filter(|(key, _)| *key == name))
            .map(|(_, value)| value.trim())
    };
    if header("upgrade").is_some() || header("transfer-encoding").is_some() {
        return Next::Other;
    }
    let length: usize =
        header("content-length").map_or(Some(0), |text| text.parse().ok()).unwrap_or_default();
    let whole = end + 4 + length;
    if bytes.len() < whole { Next::Incomplete } else { Next::Request(whole) }
}

/// Delivers it over a connection of its own, and waits until it is answered.
async fn deliver(request: &[u8], line: &Line) {
    let answered = async {
        let mut server = TcpStream::connect(&line.target).await?;
        server.write_all(request).await?;
        // The first bytes of an answer say that the request was carried out.
        server.read(&mut [0; 1024]).await
    };
    // Where the server does not answer, the request is delivered once.
    let _ = timeout(PATIENCE, answered).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_once_its_body_is_there() {
        let text = b"POST /api/message HTTP/1.1\r\nContent-Length: 5\r\nX: y\r\n\r\nhello";
        assert_eq!(next(text), Next::Request(text.len()));
        assert_eq!(next(&[text, b"GET ".as_slice()].concat()), Next::Request(text.len()));
        assert_eq!(next(&text[..text.len() - 1]), Next::Incomplete);
        assert_eq!(next(b"GET / HTTP/1.1\r\nHost: a\r\n"), Next::Incomplete);
        let get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(next(get), Next::Request(get.len()));
        assert_eq!(next(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"), Next::Other);
    }
}
