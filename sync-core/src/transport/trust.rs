//! Certificates: why one is not trusted, and trusting one explicitly, at one server and nowhere else.
//!
//! A server in a school or at home often has a certificate that no public authority issued. Somebody who has
//! compared its fingerprint can trust it for this server: then it takes the place of every other authority there, for
//! requests and for the socket alike. Names and dates still count. When the server shows another certificate, nothing
//! is sent to it any more until that one is trusted too.

use std::{fmt, fmt::Write, net::IpAddr};

use protocol::Timestamp;
use sha2::{Digest, Sha256};
use url::{Host, Url};
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, parse_x509_certificate, pem::parse_x509_pem,
};

use crate::limits;

use super::http::HttpError;

/// A certificate of a server, or of the authority that issued it.
#[derive(Clone, PartialEq, Eq)]
pub struct TrustedCertificate {
    der: Vec<u8>,
}

/// Why a certificate is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Its time is over.
    #[error("it expired on {}", day(*.0))]
    Expired(Timestamp),
    /// Its time has not come, or this device's clock is slow.
    #[error("it is only valid from {}; is this device's clock right?", day(*.0))]
    NotYetValid(Timestamp),
    /// It was made for other names.
    #[error("it is for {}", names(.0))]
    WrongName(
        /// The names, as far as it tells; at most [`limits::CERTIFICATE_NAMES`].
        Vec<String>,
    ),
    /// The server made it itself. Trusting it explicitly helps.
    #[error("the server made it itself")]
    SelfSigned,
    /// An authority issued it that this device does not know. Trusting that authority's certificate helps.
    #[error("this device does not know who issued it")]
    UnknownIssuer,
    /// It was trusted, and the server shows another one now.
    #[error("it is not the one that was trusted")]
    Changed,
    /// It cannot be read.
    #[error("it cannot be read")]
    Unreadable,
}

impl Distrust {
    /// Whether the time of day is what is wrong.
    pub(super) const fn is_of_time(&self) -> bool {
        matches!(self, Self::Expired(_) | Self::NotYetValid(_))
    }
}

/// What was given as a certificate is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a certificate: it has to be one, in PEM or DER form")]
pub struct InvalidCertificate;

impl TrustedCertificate {
    /// A certificate in PEM form, such as a `.pem` or `.crt` file holds; exactly one.
    ///
    /// # Errors
    /// Where it is not that.
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidCertificate> {
        let (rest, block) = parse_x509_pem(pem).map_err(|_| InvalidCertificate)?;
        if block.label != "CERTIFICATE" || !rest.trim_ascii().is_empty() {
            return Err(InvalidCertificate);
        }
        Self::from_der(block.contents)
    }

    /// A certificate in DER form.
    ///
    /// # Errors
    /// Where it is not that.
    pub fn from_der(der: Vec<u8>) -> Result<Self, InvalidCertificate> {
        if der.len() > limits::CERTIFICATE_BYTES {
            return Err(InvalidCertificate);
        }
        match parse_x509_certificate(&der) {
            Ok(([], _)) => Ok(Self { der }),
            Ok(_) | Err(_) => Err(InvalidCertificate),
        }
    }

    /// Its DER form.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its SHA-256, as people compare it: pairs of hex digits with colons.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = String::with_capacity(95);
        for (place, byte) in Sha256::digest(&self.der).iter().enumerate() {
            // Writing to a text cannot fail.
            let _ = write!(text, "{}{byte:02X}", if place == 0 { "" } else { ":" });
        }
        text
    }

    /// Makes it the only authority of these requests.
    pub(super) fn only(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, HttpError> {
        let certificate = reqwest::Certificate::from_der(&self.der);
        let certificate = certificate.map_err(|error| HttpError::Unreadable(error.to_string()))?;
        Ok(builder.tls_certs_only([certificate]))
    }

    /// Makes it the only authority of a socket.
    pub(super) fn connector(&self) -> native_tls::Result<native_tls::TlsConnector> {
        native_tls::TlsConnector::builder()
            .disable_built_in_roots(true)
            .add_root_certificate(native_tls::Certificate::from_der(&self.der)?)
            .build()
    }

    /// Why this certificate, which a server showed, was not trusted. `known` is the one that was to be trusted there.
    pub(super) fn distrust(&self, server: &Url, now: Timestamp, known: Option<&Self>) -> Distrust {
        let Ok((_, parsed)) = parse_x509_certificate(&self.der) else { return Distrust::Unreadable };
        let instant =
            |time: x509_parser::time::ASN1Time| Timestamp::clamped(time.timestamp().saturating_mul(1_000));
        let (from, until) = (instant(parsed.validity().not_before), instant(parsed.validity().not_after));
        let names = names_in(&parsed);
        if until < now {
            Distrust::Expired(until)
        } else if from > now {
            Distrust::NotYetValid(from)
        } else if !server.host().is_some_and(|host| names.iter().any(|name| name.covers(&host))) {
            let names = names.iter().take(limits::CERTIFICATE_NAMES).map(ToString::to_string).collect();
            Distrust::WrongName(names)
        } else if known.is_some_and(|known| known != self) {
            Distrust::Changed
        } else if parsed.subject() == parsed.issuer() {
            Distrust::SelfSigned
        } else {
            Distrust::UnknownIssuer
        }
    }
}

impl fmt::Debug for TrustedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustedCertificate({})", self.fingerprint())
    }
}

/// A name that a certificate is for.
enum Name {
    Domain(String),
    Ip(IpAddr),
}

impl Name {
    fn covers(&self, host: &Host<&str>) -> bool {
        match (self, host) {
            (Self::Domain(pattern), Host::Domain(name)) => match pattern.strip_prefix("*.") {
                // A star stands for one label.
                Some(parent) => {
                    name.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
                }
                None => pattern.eq_ignore_ascii_case(name),
            },
            (Self::Ip(known), Host::Ipv4(ip)) => *known == IpAddr::V4(*ip),
            (Self::Ip(known), Host::Ipv6(ip)) => *known == IpAddr::V6(*ip),
            (Self::Domain(_), _) | (Self::Ip(_), Host::Domain(_)) => false,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

/// The alternative names, or the common name of a certificate that is too old to have them.
fn names_in(certificate: &X509Certificate<'_>) -> Vec<Name> {
    let plain = |name: &str| {
        let plain: String = name.chars().filter(|character| !character.is_control()).take(253).collect();
        Name::Domain(plain)
    };
    if let Ok(Some(alternatives)) = certificate.subject_alternative_name() {
        let names = alternatives.value.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(plain(name)),
            GeneralName::IPAddress(bytes) => ip(bytes).map(Name::Ip),
            _ => None,
        });
        return names.collect();
    }
    certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok()).map(plain).collect()
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(four.into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

/// The day of it: enough for people.
fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

fn names(names: &[String]) -> String {
    if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") }
}
