//! From what a person types to a server that answers: “chat.school.edu”, “localhost:3000”, a copied link.
//!
//! Only the origin of what is typed counts. Without a scheme, https is tried, and then http where the host is on
//! this machine or in a private network; typing `http://` is the only way to an unencrypted server elsewhere. The
//! capabilities route tells whether a server of the contract stands there, without sending anything secret.

use std::{net::IpAddr, time::Duration};

use reqwest::Method;
use url::{Host, Url};

use protocol::paths;

use crate::{convert, domain::ServerInfo, error::ServerError, limits};

use super::{
    api::route,
    http::{Http, HttpError, NoAnswer, Request},
};

/// Asks the server at this address what it is.
pub(crate) async fn probe(address: &str) -> Result<ServerInfo, ServerError> {
    let mut failure = None;
    for origin in candidates(address)? {
        match ask(&origin).await {
            Ok(info) => return Ok(info),
            // An address that is there and whose certificate is bad must not lead on to an unencrypted one.
            Err(error @ ServerError::Untrusted { .. }) => return Err(error),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(|| ServerError::InvalidAddress { address: shown(address) }))
}

/// The origins to try, in order.
fn candidates(address: &str) -> Result<Vec<Url>, ServerError> {
    let invalid = || ServerError::InvalidAddress { address: shown(address) };
    let typed = address.trim();
    if typed.is_empty() || typed.len() > 2_048 || typed.contains(char::is_whitespace) {
        return Err(invalid());
    }
    if typed.contains("://") {
        return Ok(vec![origin(typed).ok_or_else(invalid)?]);
    }
    let secure = origin(&format!("https://{typed}")).ok_or_else(invalid)?;
    let near = secure.host().is_some_and(|host| is_near(&host));
    let plain = near.then(|| origin(&format!("http://{typed}"))).flatten();
    Ok([secure].into_iter().chain(plain).collect())
}

/// Scheme, host and port, and nothing else that was typed with them, such as a password.
fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.host_str().filter(|host| !host.is_empty())?;
    Url::parse(&url.origin().ascii_serialization()).ok()
}

/// On this machine, or in a network that is not the internet.
fn is_near(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            *name == "localhost"
                || [".localhost", ".local", ".lan", ".internal"].iter().any(|end| name.ends_with(end))
        }
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Host::Ipv6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

async fn ask(origin: &Url) -> Result<ServerInfo, ServerError> {
    let time = limits::PROBE_TIME;
    let http =
        Http::build(reqwest::Client::builder(), time, time).map_err(|error| explain(origin, &error))?;
    match http.call(Request::new(Method::GET, route(origin, paths::CAPABILITIES))).await {
        Ok(answer) => {
            let about = convert::about(&answer.body).map_err(|error| explain(origin, &error.into()))?;
            Ok(ServerInfo {
                url: origin.clone(),
                name: about.name,
                version: about.version,
                registration: about.registration,
                supported: about.supported,
            })
        }
        Err(HttpError::NoAnswer { cause, details }) => Err(no_answer(origin, cause, details).await),
        Err(error) => Err(explain(origin, &error)),
    }
}

/// What to tell people of a failure.
pub(crate) async fn explained(origin: &Url, error: &HttpError) -> ServerError {
    match error {
        HttpError::NoAnswer { cause, details } => no_answer(origin, *cause, details.clone()).await,
        error => explain(origin, error),
    }
}

/// Finds out why nothing answered: by asking for the name alone, and by looking whether the connection would work
/// if any certificate were good enough. Nothing is sent over such a connection but the question of the probe.
async fn no_answer(origin: &Url, cause: NoAnswer, details: String) -> ServerError {
    let host = authority(origin);
    match cause {
        NoAnswer::Refused => return ServerError::Refused { host },
        NoAnswer::TimedOut => return ServerError::TimedOut { host },
        NoAnswer::NoNetwork | NoAnswer::Other => {}
    }
    if !resolves(origin).await {
        return ServerError::NoSuchHost { host: origin.host_str().unwrap_or_default().to_owned() };
    }
    if origin.scheme() == "https" && answers_with_any_certificate(origin).await {
        return ServerError::Untrusted { host, details };
    }
    ServerError::Unreachable { host, details }
}

fn explain(origin: &Url, error: &HttpError) -> ServerError {
    let (host, details) = (authority(origin), error.to_string());
    match error {
        HttpError::NoAnswer { .. } => ServerError::Unreachable { host, details },
        HttpError::Status { status: 429 | 500.., .. } => ServerError::Failing { host, details },
        HttpError::Status { .. } | HttpError::Unreadable(_) | HttpError::Expired => {
            ServerError::Incompatible { host, details }
        }
    }
}

/// Whether the host has an address.
pub(crate) async fn resolves(origin: &Url) -> bool {
    let port = origin.port_or_known_default().unwrap_or(443);
    let host = match origin.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).to_string(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).to_string(),
        None => return false,
    };
    let lookup = tokio::time::timeout(limits::PROBE_TIME, tokio::net::lookup_host((host, port))).await;
    lookup.is_ok_and(|found| found.is_ok_and(|mut addresses| addresses.next().is_some()))
}

async fn answers_with_any_certificate(origin: &Url) -> bool {
    let time: Duration = limits::PROBE_TIME;
    let builder = reqwest::Client::builder().tls_danger_accept_invalid_certs(true);
    let Ok(http) = Http::build(builder, time, time) else { return false };
    let outcome = http.call(Request::new(Method::GET, route(origin, paths::CAPABILITIES))).await;
    !matches!(outcome, Err(HttpError::NoAnswer { .. }))
}

/// Host and port, as people know them.
fn authority(origin: &Url) -> String {
    let host = origin.host_str().unwrap_or_default();
    origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What was typed, short enough for a sentence.
fn shown(address: &str) -> String {
    address.trim().chars().filter(|character| !character.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(address: &str) -> Vec<String> {
        candidates(address).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn https_first_and_http_only_nearby_or_when_typed() {
        assert_eq!(tried("chat.school.edu"), ["https://chat.school.edu/"]);
        assert_eq!(tried(" Chat.School.edu:8443 "), ["https://chat.school.edu:8443/"]);
        assert_eq!(tried("http://chat.school.edu"), ["http://chat.school.edu/"]);
        for near in ["localhost:3000", "127.0.0.1:3000", "192.168.1.9", "[::1]:3000", "box.local"] {
            assert_eq!(tried(near), [format!("https://{near}/"), format!("http://{near}/")]);
        }
        assert_eq!(tried("8.8.8.8"), ["https://8.8.8.8/"]);
    }

    #[test]
    fn a_copied_link_is_cut_down_to_its_origin() {
        assert_eq!(tried("https://ana:secret@chat.school.edu/login?x=1#y"), ["https://chat.school.edu/"]);
        assert_eq!(tried("chat.school.edu/some/page"), ["https://chat.school.edu/"]);
    }

    #[test]
    fn what_is_no_address_is_said_to_be_none() {
        for address in ["", "  ", "chat school", "ftp://chat.school.edu", "https://", "http://:80", "a b.c"] {
            assert!(matches!(candidates(address), Err(ServerError::InvalidAddress { .. })), "{address:?}");
        }
    }
}
