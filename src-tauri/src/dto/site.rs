//! The twins of a server to sign in at, and of the certificate that somebody trusts there.

use serde::{Deserialize, Serialize};
use specta::Type;
use sync_core::{ServerError, TrustedCertificate};
use tauri::Url;

use super::CommandError;

/// A certificate, as the hex digits of its DER form.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub(crate) struct Certificate(Box<str>);

impl From<&TrustedCertificate> for Certificate {
    fn from(certificate: &TrustedCertificate) -> Self {
        use std::fmt::Write as _;
        let hex = certificate.der().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self(hex.into())
    }
}

impl TryFrom<Certificate> for TrustedCertificate {
    type Error = CommandError;

    fn try_from(Certificate(hex): Certificate) -> Result<Self, CommandError> {
        let byte = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let der: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
        der.and_then(|der| Self::from_der(der).ok()).ok_or_else(CommandError::no_certificate)
    }
}

/// A server that was probed, and the certificate that somebody trusts there.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Site {
    url: String,
    certificate: Option<Certificate>,
}

/// The same, as the engine takes it by reference.
pub(crate) struct OwnedSite {
    url: Url,
    certificate: Option<TrustedCertificate>,
}

impl OwnedSite {
    pub(crate) const fn borrow(&self) -> sync_core::Site<'_> {
        sync_core::Site { url: &self.url, trusted: self.certificate.as_ref() }
    }
}

impl TryFrom<Site> for OwnedSite {
    type Error = CommandError;

    fn try_from(Site { url, certificate }: Site) -> Result<Self, CommandError> {
        let parsed = url.parse();
        Ok(Self {
            url: parsed.map_err(|_| ServerError::InvalidAddress { address: url })?,
            certificate: certificate.map(TrustedCertificate::try_from).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        for text in ["", "0", "zz", "3003", "é0"] {
            assert!(TrustedCertificate::try_from(Certificate(text.into())).is_err(), "{text}");
        }
    }
}
