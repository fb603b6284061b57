//! `companion-server healthcheck`: for containers and monitors that can only run a command.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use clap::{ArgMatches, Command};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};

use super::{Failure, runtime, settings};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  companion-server healthcheck
  companion-server healthcheck --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem

Takes the settings of `serve`, asks GET /healthz of the address that it listens on, and fails where the answer is not
200 within five seconds. It does not check the name in the certificate.";

/// How long the server may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The most of an answer that is read.
const ANSWER_BYTES: u64 = 1024;

pub(super) fn command() -> Command {
    Command::new("healthcheck")
        .about("Ask the server of these settings whether it is alive")
        .after_help(EXAMPLES)
        .args(settings::all())
}

pub(super) fn healthcheck(matches: &ArgMatches) -> Result<(), Failure> {
    let config = settings::read(matches)?;
    let address = reachable(config.listen);
    let asked = async { tokio::time::timeout(TIMEOUT, ask(&config, address)).await };
    let status = match runtime()?.block_on(asked) {
        Ok(status) => status.map_err(|error| format!("{address} does not answer: {error}"))?,
        Err(_) => return Err(format!("{address} did not answer within {} s", TIMEOUT.as_secs()).into()),
    };
    if status.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    Err(format!("{address} answers {:?}", status.lines().next().unwrap_or_default()).into())
}

/// Where a server that listens on every address can be reached from here.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let address = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(address, listen.port())
}

/// The beginning of the answer.
async fn ask(config: &Config, address: SocketAddr) -> Result<String, Failure> {
    let stream = TcpStream::connect(address).await?;
    if config.tls()?.is_none() {
        return exchange(stream).await;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    exchange(TlsConnector::from(Arc::new(client)).connect(address.ip().into(), stream).await?).await
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<String, Failure> {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Takes any certificate: nothing secret is said, and the question is only whether somebody answers at an address that
/// the certificate's name is not.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
