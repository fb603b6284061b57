//! From what a person types to a server that answers: “chat.school.edu”, “localhost:3000”, a copied link.
//!
//! Only the origin of what is typed counts. Without a scheme, https is tried, and then http where the host is on
//! this machine or in a private network; typing `http://` is the only way to an unencrypted server elsewhere.
//!
//! Nothing secret is sent. What stands there is told by the capabilities route where it exists; a server of the
//! document alone is known by what it answers to a list of messages without a token: 401, and why, in JSON. Everything
//! else is no server of the contract.

use std::time::Duration;

use reqwest::Method;
use url::{Host, Url};

use protocol::{Timestamp, paths};

use crate::{
    clock::{Clock, SystemClock},
    convert::{self, About},
    domain::{ClockSkew, RegistrationMode, ServerInfo, ServerKind},
    error::ServerError,
    limits,
};

use super::{
    api::route,
    http::{Http, HttpError, NoAnswer, Request},
    trust::TrustedCertificate,
};

/// What answers at an origin.
pub(crate) enum Kind {
    /// A server that tells what it can do.
    Telling(About),
    /// A server of the document alone.
    Plain,
}

impl Kind {
    /// Whether it offers what [`limits::REQUIRED_EXTENSIONS`] names.
    pub(crate) const fn is_extended(&self) -> bool {
        matches!(self, Self::Telling(about) if about.supported)
    }
}

/// Asks the server at this address what it is. Where a certificate is trusted there, it is the only one.
pub(crate) async fn probe(
    address: &str,
    trusted: Option<&TrustedCertificate>,
) -> Result<ServerInfo, ServerError> {
    let mut failure = None;
    for origin in candidates(address)? {
        match ask(&origin, trusted).await {
            Ok(info) => return Ok(info),
            // An address that is there and whose certificate is bad must not lead on to an unencrypted one.
            Err(error @ (ServerError::Untrusted { .. } | ServerError::ClockOff { .. })) => return Err(error),
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

async fn ask(origin: &Url, trusted: Option<&TrustedCertificate>) -> Result<ServerInfo, ServerError> {
    let time = limits::PROBE_TIME;
    let http = match trusted {
        Some(certificate) => certificate.only(reqwest::Client::builder()),
        None => Ok(reqwest::Client::builder()),
    };
    let http = http.and_then(|builder| Http::build(builder, time, time));
    let http = http.map_err(|error| explain(origin, &error))?;
    let about = match kind(&http, origin).await {
        Ok(Kind::Telling(about)) if about.supported => {
            return Ok(ServerInfo {
                url: origin.clone(),
                name: about.name,
                version: about.version,
                registration: about.registration,
                supported: true,
                kind: ServerKind::Extended,
                has_login: true,
            });
        }
        // It offers some of the extensions, which is no help, but may well know the document.
        Ok(Kind::Telling(about)) => Some(about),
        Ok(Kind::Plain) => None,
        Err(error) => return Err(explained(origin, &error, trusted).await),
    };
    let supported = about.is_none() || turns_away(&http, origin).await.unwrap_or(false);
    let login = Request::new(Method::POST, route(origin, paths::LOGIN)).body(serde_json::json!({}));
    let has_login = matches!(http.look(login).await, Ok((status, _)) if !matches!(status, 404 | 405));
    let (name, version) = about.map_or((None, None), |about| (about.name, about.version));
    let (url, registration) = (origin.clone(), RegistrationMode::Unknown);
    Ok(ServerInfo { url, name, version, registration, supported, kind: ServerKind::Plain, has_login })
}

/// Finds out what kind of server it is.
pub(crate) async fn kind(http: &Http, origin: &Url) -> Result<Kind, HttpError> {
    let outcome = http.call(Request::new(Method::GET, route(origin, paths::CAPABILITIES))).await;
    let outcome = outcome.and_then(|answer| Ok(Kind::Telling(convert::about(&answer.body)?)));
    let unknown = match outcome {
        // Not there, or hidden from whoever is not signed in, or a page for people in place of every unknown route.
        Err(error @ (HttpError::Status { status: 401 | 403 | 404 | 405, .. } | HttpError::Unreadable(_))) => {
            error
        }
        outcome => return outcome,
    };
    if turns_away(http, origin).await? { Ok(Kind::Plain) } else { Err(unknown) }
}

/// Whether it answers as documented to somebody without a token who asks for messages.
async fn turns_away(http: &Http, origin: &Url) -> Result<bool, HttpError> {
    let (status, body) = http.look(Request::new(Method::GET, route(origin, paths::MESSAGE))).await?;
    Ok(status == 401 && convert::is_refusal(&body))
}

/// What to tell people of a failure. `trusted` is the certificate that was the only one trusted there.
pub(crate) async fn explained(
    origin: &Url,
    error: &HttpError,
    trusted: Option<&TrustedCertificate>,
) -> ServerError {
    match error {
        HttpError::NoAnswer { cause, details } => no_answer(origin, *cause, details.clone(), trusted).await,
        error => explain(origin, error),
    }
}

/// Finds out why nothing answered: by asking for the name alone, and by looking at the certificate that is shown.
async fn no_answer(
    origin: &Url,
    cause: NoAnswer,
    details: String,
    trusted: Option<&TrustedCertificate>,
) -> ServerError {
    let host = authority(origin);
    match cause {
        NoAnswer::Refused => return ServerError::Refused { host },
        NoAnswer::TimedOut => return ServerError::TimedOut { host },
        NoAnswer::NoNetwork | NoAnswer::Insecure | NoAnswer::Locked | NoAnswer::Other => {}
    }
    if !resolves(origin).await {
        return ServerError::NoSuchHost { host: origin.host_str().unwrap_or_default().to_owned() };
    }
    if cause == NoAnswer::Insecure
        && let Some((certificate, skew)) = shown_certificate(origin).await
    {
        let now = SystemClock.now();
        let reason = certificate.distrust(origin, now, trusted);
        let right = |skew: &ClockSkew| Timestamp::clamped(now.millis() - skew.seconds.saturating_mul(1_000));
        let by_server = |skew: &ClockSkew| certificate.distrust(origin, right(skew), trusted);
        if let Some(skew) = skew.filter(|skew| reason.is_of_time() && !by_server(skew).is_of_time()) {
            return ServerError::ClockOff { host, skew, details };
        }
        return ServerError::Untrusted { host, reason, certificate, details };
    }
    ServerError::Unreachable { host, details }
}

/// The certificate that the server shows, trusted or not, and how far this device's clock is from the server's. Nothing
/// is sent over such a connection but the question of the probe. Of the answer nothing is believed but the time, and
/// that only to tell people what may be wrong: nothing is sent to the server for it.
async fn shown_certificate(origin: &Url) -> Option<(TrustedCertificate, Option<ClockSkew>)> {
    let time: Duration = limits::PROBE_TIME;
    let builder = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).tls_info(true);
    let http = Http::build(builder, time, time).ok()?;
    let der = http.certificate(Request::new(Method::GET, route(origin, paths::CAPABILITIES))).await?;
    Some((TrustedCertificate::from_der(der).ok()?, http.clock_skew()))
}

fn explain(origin: &Url, error: &HttpError) -> ServerError {
    let host = authority(origin);
    let details = match error {
        HttpError::Status { reason, .. } => format!("{error}: {reason}"),
        error => error.to_string(),
    };
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
        Some(Host::Ipv4(ip)) => ip.to_string(),
        Some(Host::Ipv6(ip)) => ip.to_string(),
        None => return false,
    };
    let lookup = tokio::time::timeout(limits::PROBE_TIME, tokio::net::lookup_host((host, port))).await;
    lookup.is_ok_and(|found| found.is_ok_and(|mut addresses| addresses.next().is_some()))
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
