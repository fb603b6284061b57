//! What people are told of a server's certificate, and what trusting one explicitly does and does not do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use sync_core::{
    Client, Distrust, MemorySecrets, Options, ServerError, SignInError, Site, TrustedCertificate, Url,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
};

const CAPABILITIES: &str = r#"{"name":"School chat","version":"1","registration":"closed",
    "extensions":["sync-1","idempotency","bulk-read","accounts","heartbeat"]}"#;

/// A certificate with its key.
struct Identity {
    der: Vec<u8>,
    key: KeyPair,
}

impl Identity {
    fn trusted(&self) -> TrustedCertificate {
        TrustedCertificate::from_der(self.der.clone()).unwrap()
    }
}

fn parameters(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

fn self_signed(parameters: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    Identity { der: parameters.self_signed(&key).unwrap().der().to_vec(), key }
}

/// A server with this certificate that tells what it can do, and counts whoever shows it a secret.
struct Secure {
    address: SocketAddr,
    secrets: Arc<AtomicUsize>,
}

impl Secure {
    async fn start(identity: &Identity) -> Self {
        Self::dating(identity, "").await
    }

    /// The same with this header line, with its end, in each answer.
    async fn dating(identity: &Identity, line: &'static str) -> Self {
        let key = PrivatePkcs8KeyDer::from(identity.key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![identity.der.clone().into()], key.into())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let secrets = Arc::<AtomicUsize>::default();
        let seen = Arc::clone(&secrets);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut request = vec![0; 8 * 1024];
                    while let Ok(read @ 1..) = stream.read(&mut request).await {
                        let text = String::from_utf8_lossy(&request[..read]).to_lowercase();
                        if text.contains("authorization") || text.contains("password") {
                            seen.fetch_add(1, Ordering::SeqCst);
                        }
                        let length = CAPABILITIES.len();
                        let head = format!("HTTP/1.1 200 OK\r\n{line}Content-Length: {length}\r\n\r\n");
                        let _ = stream.write_all(format!("{head}{CAPABILITIES}").as_bytes()).await;
                    }
                });
            }
        });
        Self { address, secrets }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }
}

/// Why a server with this certificate is not trusted by who trusts `known` there, or nothing in particular.
async fn reason(identity: &Identity, known: Option<&TrustedCertificate>) -> Distrust {
    let server = Secure::start(identity).await;
    let outcome = match known {
        Some(known) => Client::probe_trusting(&server.url(), known).await,
        None => Client::probe(&server.url()).await,
    };
    match outcome.unwrap_err() {
        ServerError::Untrusted { host, reason, certificate, .. } => {
            assert_eq!(host, format!("localhost:{}", server.address.port()));
            assert_eq!(certificate, identity.trusted());
            reason
        }
        error => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn each_reason_is_told_apart() {
    let mut old = parameters("localhost");
    (old.not_before, old.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 2, 3));
    let mut early = parameters("localhost");
    (early.not_before, early.not_after) = (date_time_ymd(3019, 1, 1), date_time_ymd(3020, 1, 1));
    let mut authority = parameters("School");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "School authority");
    let authority_key = KeyPair::generate().unwrap();
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let signed = parameters("localhost").signed_by(&key, &issuer).unwrap();
    let by_school = Identity { der: signed.der().to_vec(), key };

    let told = |reason: Distrust| reason.to_string();
    assert_eq!(told(reason(&self_signed(&old), None).await), "it expired on 2020-02-03");
    assert_eq!(
        told(reason(&self_signed(&early), None).await),
        "it is only valid from 3019-01-01; is this device's clock right?"
    );
    assert_eq!(
        told(reason(&self_signed(&parameters("other.example.org")), None).await),
        "it is for other.example.org"
    );
    assert_eq!(reason(&self_signed(&parameters("localhost")), None).await, Distrust::SelfSigned);
    assert_eq!(reason(&by_school, None).await, Distrust::UnknownIssuer);

    // The authority's certificate, as a file has it, makes what it issued trusted, and nothing else.
    let authority = TrustedCertificate::from_pem(authority_pem.as_bytes()).unwrap();
    let server = Secure::start(&by_school).await;
    assert!(Client::probe_trusting(&server.url(), &authority).await.unwrap().supported);
    assert_eq!(reason(&self_signed(&parameters("localhost")), Some(&authority)).await, Distrust::Changed);
}

#[tokio::test]
async fn a_clock_that_is_off_is_what_people_are_told_of_where_it_explains_the_certificate() {
    let mut old = parameters("localhost");
    (old.not_before, old.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 2, 3));
    let old = self_signed(&old);
    let told = async |identity, line| {
        let server = Secure::dating(identity, line).await;
        Client::probe(&server.url()).await.unwrap_err()
    };
    let error = told(&old, "Date: Sat, 01 Jun 2019 12:00:00 GMT\r\n").await;
    let ServerError::ClockOff { skew, .. } = &error else { panic!("{error:?}") };
    assert!(skew.seconds > 86_400 * 365, "{skew:?}");
    assert!(error.to_string().contains("minutes fast"), "{error}");

    // By that clock the certificate is too old as well, or it is not the time that is wrong with it.
    let error = told(&old, "Date: Mon, 01 Jun 2020 12:00:00 GMT\r\n").await;
    assert!(matches!(error, ServerError::Untrusted { reason: Distrust::Expired(_), .. }), "{error:?}");
    let current = self_signed(&parameters("localhost"));
    let error = told(&current, "Date: Sat, 01 Jun 2019 12:00:00 GMT\r\n").await;
    assert!(matches!(error, ServerError::Untrusted { reason: Distrust::SelfSigned, .. }), "{error:?}");
}

#[tokio::test]
async fn a_trusted_certificate_is_trusted_until_another_one_is_shown() {
    let identity = self_signed(&parameters("localhost"));
    let server = Secure::start(&identity).await;
    let ServerError::Untrusted { reason: Distrust::SelfSigned, certificate, .. } =
        Client::probe(&server.url()).await.unwrap_err()
    else {
        panic!("it is trusted")
    };
    let fingerprint = certificate.fingerprint();
    assert_eq!((fingerprint.len(), fingerprint.matches(':').count()), (95, 31));
    assert!(Client::probe_trusting(&server.url(), &certificate).await.unwrap().supported);

    let another = self_signed(&parameters("localhost"));
    assert_eq!(reason(&another, Some(&certificate)).await, Distrust::Changed);
    // Trust does not make up for a wrong name or a date that is past.
    let elsewhere = self_signed(&parameters("other.example.org"));
    let why = reason(&elsewhere, Some(&elsewhere.trusted())).await;
    assert_eq!(why, Distrust::WrongName(vec!["other.example.org".to_owned()]));
    let mut old = parameters("localhost");
    old.not_after = date_time_ymd(2020, 2, 3);
    let old = self_signed(&old);
    assert!(matches!(reason(&old, Some(&old.trusted())).await, Distrust::Expired(_)));
}

#[tokio::test]
async fn nothing_secret_is_sent_to_whoever_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Arc::new(MemorySecrets::new());
    let client = Client::open(Options { profile_dir: folder.path().to_owned(), secrets }).await.unwrap();
    let (shown, trusted) = (self_signed(&parameters("localhost")), self_signed(&parameters("localhost")));
    let server = Secure::start(&shown).await;
    let url: Url = server.url().parse().unwrap();
    for site in [Site { url: &url, trusted: None }, Site { url: &url, trusted: Some(&trusted.trusted()) }] {
        let refused = client.sign_in(site, "ana", "mango-tree-42").await.unwrap_err();
        assert!(matches!(refused, SignInError::Server(ServerError::Untrusted { .. })), "{refused:?}");
        let refused = client.sign_in_with_token(site, "e30.eyJpZCI6ImFuYSJ9.c2ln").await.unwrap_err();
        assert!(matches!(refused, SignInError::Server(ServerError::Untrusted { .. })), "{refused:?}");
    }
    assert_eq!(server.secrets.load(Ordering::SeqCst), 0);
    // The server does count, where it is trusted.
    let site = Site { url: &url, trusted: Some(&shown.trusted()) };
    assert!(client.sign_in(site, "ana", "mango-tree-42").await.is_err());
    assert_eq!(server.secrets.load(Ordering::SeqCst), 1);
    client.close().await;
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_not_said_to_have_a_bad_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    let error = Client::probe(&format!("https://{address}")).await.unwrap_err();
    assert!(matches!(error, ServerError::Unreachable { .. }), "{error:?}");
}

#[test]
fn what_is_no_certificate_is_not_taken_for_one() {
    let pem = parameters("localhost").self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    assert!(TrustedCertificate::from_pem(pem.as_bytes()).is_ok());
    let key = KeyPair::generate().unwrap().serialize_pem();
    for text in ["", "x", &key, &format!("{pem}{pem}"), &pem.replace('M', "N")] {
        assert!(TrustedCertificate::from_pem(text.as_bytes()).is_err(), "{text}");
    }
    assert!(TrustedCertificate::from_der(vec![0x30; 100_000]).is_err());
}
