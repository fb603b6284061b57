//! The server over real HTTP and real websockets, on a port and a directory of its own.

mod accounts;
mod browsers;
mod harness;
mod listing;
mod messages;
mod serving;
mod sockets;
mod sync;
mod validation;
