//! The way to a server: requests, tokens, live events, and finding out whether an address is a server at all.

pub(crate) mod api;
#[cfg(test)]
mod hostile;
pub(crate) mod http;
pub(crate) mod probe;
#[cfg(test)]
mod script;
mod skew;
pub(crate) mod socket;
pub(crate) mod token;
pub(crate) mod trust;
