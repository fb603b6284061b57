//! A proxy as companies have them: whoever is inside reaches a server only by asking it with `CONNECT`.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// The largest head of a request that is read, in bytes.
const HEAD_BYTES: usize = 8 * 1024;

/// The proxy. It ends with the runtime that it was started on.
pub struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// A proxy that takes whoever asks to this server, whatever name they know it by.
    ///
    /// # Errors
    /// Where it cannot listen.
    pub async fn to(server: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, asked) = (listener.local_addr()?, Arc::<Mutex<Vec<String>>>::default());
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, server, Arc::clone(&heard)));
            }
        });
        Ok(Self { address, asked })
    }

    /// Where it listens, as `HTTPS_PROXY` has it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first line of each request so far.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn pass(
    mut inside: TcpStream,
    server: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_BYTES {
        head.push(inside.read_u8().await?);
    }
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    let connects = line.starts_with("CONNECT ");
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    if !connects {
        return inside.write_all(b"HTTP/1.1 405 x\r\nContent-Length: 0\r\n\r\n").await;
    }
    let mut outside = TcpStream::connect(server).await?;
    inside.write_all(b"HTTP/1.1 200 x\r\n\r\n").await?;
    copy_bidirectional(&mut inside, &mut outside).await.map(drop)
}
