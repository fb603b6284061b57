//! Who a request comes from where proxies stand in front of the server.
//!
//! A proxy appends the address that it was called from to `X-Forwarded-For`; whatever stands before that, anybody can
//! have written. So the list is read from its right end, for as long as those who wrote it are trusted.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// The proxies whose word is taken for a client's address; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl TrustedProxies {
    /// Whether this is one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whose request it is: the peer's, or where the peer is trusted, the rightmost address of `X-Forwarded-For` that
    /// is no trusted proxy. Where the list can't be read any further, it is the last address that a trusted proxy told.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            for entry in line.as_bytes().rsplit(|byte| *byte == b',') {
                if !self.contains(client) {
                    return client;
                }
                let Some(address) = address(entry) else { return client };
                client = address;
            }
        }
        client
    }
}

/// Addresses and networks with commas between them.
impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = |text: &str| {
            let address = || text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            text.parse::<IpNet>()
                .map(|network| network.trunc())
                .or_else(|_| address())
                .map_err(|_| format!("{text:?} is no address and no network such as 10.0.0.0/8"))
        };
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        Ok(Self(texts.map(network).collect::<Result<_, _>>()?))
    }
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{network}")?;
        }
        Ok(())
    }
}

/// An entry of the list: an address, which some proxies write with its port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address: Option<IpAddr> = text.parse().ok().or_else(bracketed).or_else(with_port);
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(trusted: &str, peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let trusted: TrustedProxies = trusted.parse().unwrap();
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let cases: [(&str, &str, &[&str], &str); 14] = [
            ("", "192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("127.0.0.1", "192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("127.0.0.1", "127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", "127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            // What the client itself wrote stands to the left, and is not looked at.
            ("127.0.0.1", "127.0.0.1", &["10.9.9.9, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", "127.0.0.1", &["10.9.9.9", "198.51.100.7"], "198.51.100.7"),
            // A chain of proxies.
            ("127.0.0.1, 10.0.0.0/8", "127.0.0.1", &["6.6.6.6, 198.51.100.7,10.1.2.3"], "198.51.100.7"),
            // All of them trusted: the one that began.
            ("127.0.0.1,10.0.0.0/8", "127.0.0.1", &["10.0.0.5, 10.0.0.6"], "10.0.0.5"),
            // What can't be read ends the list at the last address that is known.
            ("127.0.0.1", "127.0.0.1", &["198.51.100.7, unknown"], "127.0.0.1"),
            ("127.0.0.1", "127.0.0.1", &["\u{ff}\u{fe}, , ,"], "127.0.0.1"),
            ("127.0.0.1", "127.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("::1", "::1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("::1", "::1", &["[2001:db8::7]"], "2001:db8::7"),
            // The same address in its two forms.
            ("127.0.0.1", "::ffff:127.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
        ];
        for (trusted, peer, lines, expected) in cases {
            assert_eq!(client(trusted, peer, lines), expected, "{trusted} {peer} {lines:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["proxy", "10.0.0.0/33", "10.0.0.1:80", "127.0.0.1,,x"] {
            assert!(text.parse::<TrustedProxies>().is_err(), "{text}");
        }
        let parsed: TrustedProxies = " 127.0.0.1, 10.1.2.3/8 ,::1".parse().unwrap();
        assert_eq!(parsed.to_string(), "127.0.0.1/32,10.0.0.0/8,::1/128");
    }
}
