//! What people are told when an address does not lead to a server.

use std::net::SocketAddr;

use sync_core::{Client, RegistrationMode, ServerError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Answers every request with this status line and body, in the clear.
async fn answering(status: &'static str, body: &'static str) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                // Whoever speaks TLS to it is cut off.
                if request[..read].starts_with(b"GET ") {
                    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                    let _ = stream.write_all(head.as_bytes()).await;
                }
            });
        }
    });
    Ok(address)
}

#[tokio::test]
async fn a_server_nearby_is_found_without_a_scheme_and_tells_what_it_is() {
    let body = r#"{"name":"School chat","version":"1.2","registration":"closed","more":[1],
        "extensions":["sync-1","idempotency","bulk-read","accounts","heartbeat","later"]}"#;
    let address = answering("200 OK", body).await.unwrap();
    let info = Client::probe(&format!(" {address}/some/page ")).await.unwrap();
    assert_eq!(info.url.as_str(), format!("http://{address}/"));
    assert_eq!((info.name.as_deref(), info.registration), (Some("School chat"), RegistrationMode::Closed));
    assert!(info.supported);
}

#[tokio::test]
async fn a_server_that_lacks_an_extension_is_found_and_not_supported() {
    let address = answering("200 OK", r#"{"name":"x","version":"1","extensions":["sync-1"]}"#).await.unwrap();
    let info = Client::probe(&address.to_string()).await.unwrap();
    assert_eq!((info.supported, info.registration), (false, RegistrationMode::Unknown));
}

#[tokio::test]
async fn the_causes_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = Client::probe(&closed.to_string()).await.unwrap_err();
    assert_eq!(error, ServerError::Refused { host: closed.to_string() });

    let error = Client::probe("http://nobody.invalid").await.unwrap_err();
    assert_eq!(error, ServerError::NoSuchHost { host: "nobody.invalid".to_owned() });

    for (status, body) in [("200 OK", "<html>"), ("404 Not Found", "{}"), ("302 Found", "")] {
        let address = answering(status, body).await.unwrap();
        let error = Client::probe(&format!("http://{address}")).await.unwrap_err();
        assert!(matches!(error, ServerError::Incompatible { .. }), "{status}: {error:?}");
        assert_eq!(error.to_string(), format!("{address} isn't a compatible server"));
        assert!(error.details().is_some());
    }

    let address = answering("503 Service Unavailable", "").await.unwrap();
    let error = Client::probe(&format!("http://{address}")).await.unwrap_err();
    assert!(matches!(error, ServerError::Failing { .. }), "{error:?}");

    let error = Client::probe("not an address").await.unwrap_err();
    assert!(matches!(error, ServerError::InvalidAddress { .. }), "{error:?}");
}
