//! The server over real HTTP and real websockets, on a port and a directory of its own.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail by panicking"
)]

mod accounts;
mod administration;
mod browsers;
mod contract;
mod documented;
mod external;
mod harness;
mod invites;
mod limits;
mod listing;
mod matrix;
mod messages;
mod metrics;
mod plumbing;
mod presence;
mod privacy;
mod serving;
mod sockets;
mod sync;
mod tls;
mod validation;
