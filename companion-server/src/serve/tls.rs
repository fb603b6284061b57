//! TLS from PEM files, which are read again when they change, so that certificates are renewed without a restart.
//!
//! A new pair that can't be used is told once, and the old one stays in use.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use protocol::Timestamp;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};

/// Where the certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate of this server, and those that vouch for it, in PEM form.
    pub certificate: PathBuf,
    /// Its key, in PEM form.
    pub key: PathBuf,
}

/// Why the files can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One can't be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One holds something else.
    #[error("{} holds no {wanted} in PEM form", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        wanted: &'static str,
    },
    /// The two do not belong together, or can't be used.
    #[error("the certificate {} and the key {} cannot be used: {source}", files.certificate.display(), files.key.display())]
    Pair {
        /// Which.
        files: TlsFiles,
        /// Why.
        source: rustls::Error,
    },
    /// TLS itself can't be set up.
    #[error("TLS cannot be used: {0}")]
    Setup(#[from] rustls::Error),
}

/// A certificate with its key, and until when it holds.
#[derive(Debug)]
pub struct Pair {
    key: Arc<CertifiedKey>,
    /// When the certificate ends; `None` where it does not say.
    pub until: Option<Timestamp>,
}

/// The certificate that new connections are shown. No `Debug`: it holds the key.
#[derive(Clone)]
pub(super) struct Tls {
    files: TlsFiles,
    /// What the files held when they were read.
    used: Arc<[Vec<u8>; 2]>,
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
}

#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl TlsFiles {
    /// Reads the pair, and checks that the key is the certificate's.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(&self) -> Result<Pair, TlsError> {
        self.parse(&self.read()?)
    }

    /// Whether others than its owner can read the key.
    #[must_use]
    pub fn key_is_open_to_others(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::metadata(&self.key).is_ok_and(|file| file.permissions().mode() & 0o007 != 0)
        }
        #[cfg(not(unix))]
        false
    }

    fn read(&self) -> Result<[Vec<u8>; 2], TlsError> {
        let read =
            |path: &Path| fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source });
        Ok([read(&self.certificate)?, read(&self.key)?])
    }

    fn parse(&self, [certificate, key]: &[Vec<u8>; 2]) -> Result<Pair, TlsError> {
        let no = |path: &Path, wanted| TlsError::Pem { path: path.to_owned(), wanted };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .map_err(|_| no(&self.certificate, "certificate"))?;
        let first = chain.first().ok_or_else(|| no(&self.certificate, "certificate"))?;
        let until = until(first);
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| no(&self.key, "key"))?;
        let pair = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider());
        let key = Arc::new(pair.map_err(|source| TlsError::Pair { files: self.clone(), source })?);
        Ok(Pair { key, until })
    }
}

impl Tls {
    pub(super) fn new(files: TlsFiles) -> Result<Self, TlsError> {
        let used = files.read()?;
        let shown = Arc::new(Shown(RwLock::new(files.parse(&used)?.key)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { files, used: Arc::new(used), shown, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Looks at the files every `interval`, until it is dropped.
    pub(super) async fn reload(self, interval: Duration) {
        let mut used = Some(self.used.as_ref().clone());
        // What could not be used at the last look. Of two files one is there first, so only what stays is complained of.
        let (mut refused, mut told) = (None, None);
        loop {
            tokio::time::sleep(interval).await;
            let found = self.files.read();
            let (found, result) = match found {
                Ok(found) if used.as_ref() == Some(&found) => {
                    (refused, told) = (None, None);
                    continue;
                }
                Ok(found) => {
                    let result = self.files.parse(&found);
                    (Some(found), result)
                }
                Err(error) => (None, Err(error)),
            };
            match result {
                Ok(pair) => {
                    *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = pair.key;
                    tracing::info!("the certificate was read again");
                    used = found;
                }
                Err(error) => {
                    let seen = Some(found);
                    if refused == seen && told != seen {
                        tracing::error!(%error, "the certificate changed and can't be used; the last one stays");
                        told.clone_from(&seen);
                    }
                    refused = seen;
                }
            }
        }
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn until(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Timestamp::from_millis(certificate.validity().not_after.timestamp().checked_mul(1000)?).ok()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey, generate_simple_self_signed};

    use super::*;

    /// Writes a new certificate and its key.
    fn write(files: &TlsFiles) -> CertificateDer<'static> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&files.certificate, cert.pem()).unwrap();
        fs::write(&files.key, signing_key.serialize_pem()).unwrap();
        cert.der().clone()
    }

    #[tokio::test]
    async fn a_certificate_that_is_renewed_while_the_server_starts_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        let files = TlsFiles { certificate: dir.path().join("cert.pem"), key: dir.path().join("key.pem") };
        write(&files);
        let tls = Tls::new(files.clone()).unwrap();
        let renewed = write(&files);
        let shown = Arc::clone(&tls.shown);
        let reloading = tokio::spawn(tls.reload(Duration::from_millis(10)));
        let until_shown = async {
            while shown.0.read().unwrap().cert[0] != renewed {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), until_shown).await.expect("the renewed certificate");
        reloading.abort();
    }
}
