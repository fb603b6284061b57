//! How long clients may take.

use std::time::Duration;

/// How long a client may take for what. A connection that takes longer is closed.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For the head of a request; also how long a connection may stay idle between requests.
    pub head: Duration,
    /// For the body of a request, which is answered with 408 then.
    pub body: Duration,
    /// For reading what it was sent.
    pub unread: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            unread: Duration::from_mins(1),
        }
    }
}
