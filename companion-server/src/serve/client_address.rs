//! Whose request it is.

use std::net::IpAddr;

/// The address of whoever makes a request, among the request's extensions: the connection's, or what a trusted proxy
/// says ([`crate::config::TrustedProxies`]). An IPv4 address never comes in its IPv6 form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);
