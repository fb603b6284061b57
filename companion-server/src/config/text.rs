//! How the text of each kind of setting is read and written.

use std::{
    fmt::Display,
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
};

use axum::http::HeaderValue;
use protocol::sync::Registration;

pub(super) fn secret(value: Option<&str>) -> String {
    value.map(|secret| format!("(set, {} bytes)", secret.len())).unwrap_or_default()
}

pub(super) fn on_or_off(value: bool) -> String {
    if value { "on" } else { "off" }.to_owned()
}

pub(super) fn joined(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(",")
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    let loopback = |port: u16| ([127, 0, 0, 1], port).into();
    text.parse()
        .or_else(|_| text.parse().map(loopback))
        .map_err(|_| "it must be an address and a port, such as 127.0.0.1:3000 or 0.0.0.0:3000".to_owned())
}

pub(super) fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.filter(|host| !host.is_empty() && !host.contains(['?', '#', '@', ' ', '"', '<', '>']))
        .map(|_| url.to_owned())
        .ok_or_else(|| "it must be an address such as https://chat.example.org".to_owned())
}

pub(super) fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
        return Err("it must have 1 to 100 characters".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn registration(text: &str) -> Result<Registration, String> {
    match text {
        "open" => Ok(Registration::Open),
        "invite" => Ok(Registration::Invite),
        "closed" => Ok(Registration::Closed),
        _ => Err("it must be open, invite or closed".to_owned()),
    }
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err("it must be on or off".to_owned()),
    }
}

/// An origin as browsers write it: a scheme and a host, maybe a port, and nothing after it.
pub(super) fn origin(text: &str) -> Result<HeaderValue, String> {
    let problem = "it must be an origin, such as https://chat.example.org";
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.filter(|rest| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']));
    rest.and_then(|_| HeaderValue::from_str(&text.to_ascii_lowercase()).ok())
        .ok_or_else(|| problem.to_owned())
}

pub(super) fn number<T: FromStr + PartialOrd + Display>(
    text: &str,
    range: RangeInclusive<T>,
) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("it must be a whole number from {} to {}", range.start(), range.end()))
}

pub(super) fn list<T>(text: &str, item: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(item).collect()
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.contains(char::is_control) {
        return Err("it must be a path".to_owned());
    }
    Ok(PathBuf::from(text))
}

pub(super) fn shown_path(path: Option<&Path>) -> String {
    path.map(|path| path.display().to_string()).unwrap_or_default()
}
