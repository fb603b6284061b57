//! Servers that the public authorities do not know: trusting a certificate explicitly, for requests and for the socket,
//! and reaching one through a proxy.

use std::{fs, net::SocketAddr, path::Path};

use anyhow::{Context, ensure};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::Method;
use roost_tests::{
    Chat, Replica, Server,
    people::{ANA, BEN, Person},
    proxy::Proxy,
    wait::until,
};
use serde_json::{Value, json};
use sync_core::{
    Client, Connection, Distrust, OfflineCause, ServerError, SignInError, Site, Status, TrustedCertificate,
    Url,
};
use tempfile::TempDir;

/// The only name of the server that is behind a proxy. Nobody but the proxy knows it.
const NAME: &str = "chat.invalid";

/// Writes a new certificate and its key into a folder.
fn certify(folder: &Path) -> anyhow::Result<TrustedCertificate> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["127.0.0.1".to_owned(), NAME.to_owned()])?;
    fs::write(folder.join("cert.pem"), cert.pem())?;
    fs::write(folder.join("key.pem"), signing_key.serialize_pem())?;
    Ok(TrustedCertificate::from_pem(cert.pem().as_bytes())?)
}

/// A server with the certificate of this folder.
async fn secure(folder: &Path, people: &[Person]) -> anyhow::Result<Server> {
    let path = |name| folder.join(name).display().to_string();
    let mut server =
        Server::new()?.arg("--tls-cert").arg(&path("cert.pem")).arg("--tls-key").arg(&path("key.pem"));
    server.start().await?;
    for person in people {
        server.add(person)?;
    }
    Ok(server)
}

/// Whether a device of this person has a socket, by what their peer is told of them.
async fn has_socket(
    server: &Server,
    trusted: &TrustedCertificate,
    who: &str,
    asking: &Person,
) -> anyhow::Result<()> {
    let root = reqwest::Certificate::from_der(trusted.der())?;
    let http = reqwest::Client::builder().tls_certs_only([root]).build()?;
    let ask = async |method, path: &str, token: &str, body: Value| {
        let request = http.request(method, format!("{}{path}", server.url())).bearer_auth(token).json(&body);
        anyhow::Ok(request.send().await?.error_for_status()?.json::<Value>().await?)
    };
    let login = json!({"userName": asking.user_name, "password": asking.password});
    let session = ask(Method::POST, "/api/auth/login", "", login).await?;
    let token = session["data"]["accessToken"].as_str().context("no token")?;
    until("a socket", async || {
        let told = ask(Method::GET, &format!("/api/user/presence?ids={who}"), token, Value::Null).await?;
        ensure!(told.to_string().contains(r#""online":true"#), "there is {told}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn one_certificate_is_trusted_at_one_server_until_it_changes() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let certificate = certify(folder.path())?;
    let mut server = secure(folder.path(), &[ANA, BEN]).await?;
    let url: Url = server.url().parse()?;

    // Without trust nobody gets in, and is told enough to decide.
    let ana = Replica::new().await?;
    let refused = ana.client.sign_in(&url, ANA.user_name, ANA.password).await;
    let Err(SignInError::Server(ServerError::Untrusted { reason, certificate: shown, .. })) = refused else {
        anyhow::bail!("{refused:?}");
    };
    ensure!((reason, shown.fingerprint()) == (Distrust::SelfSigned, certificate.fingerprint()));
    let info = Client::probe_trusting(url.as_str(), &shown).await?;
    let site = Site { url: &info.url, trusted: Some(&shown) };
    ana.client.sign_in(site, ANA.user_name, ANA.password).await?;

    // Requests and the socket go over it.
    let ben = Replica::new().await?;
    ben.client.sign_in(site, BEN.user_name, BEN.password).await?;
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    let key = ana.client.send(&ben_id, "over TLS").await?;
    ben.shows(&ana_id, &["over TLS"]).await?;
    ana.status(&ben_id, &key, Status::Delivered).await?;
    has_socket(&server, &certificate, ana_id.as_str(), &BEN).await?;

    // Another certificate at the same place: nothing goes there any more, and the reason is said.
    server.stop().await?;
    let next = certify(folder.path())?;
    server.start().await?;
    ana.client.retry_now();
    ana.connection("insecure", |connection| {
        matches!(connection, Connection::Offline { cause: OfflineCause::Insecure, .. })
    })
    .await?;
    let key = ana.client.send(&ben_id, "waits").await?;
    let Err(ServerError::Untrusted { reason: Distrust::Changed, certificate: shown, .. }) =
        Client::probe_trusting(url.as_str(), &certificate).await
    else {
        anyhow::bail!("it is trusted");
    };
    ensure!(shown == next);

    // Trusted again, everything goes on, also after the program was started anew.
    ana.client.trust(Some(shown)).await?;
    ana.online().await?;
    ana.status(&ben_id, &key, Status::Sent).await?;
    ana.client.close().await;
    let again = Replica::at(ana.profile().to_owned()).await?;
    again.online().await?;
    ensure!(again.client.session().account().and_then(|account| account.trusted.clone()) == Some(next));
    again.client.close().await;
    ben.client.close().await;
    Ok(())
}

#[tokio::test]
async fn behind_a_proxy_messages_go_both_ways_without_a_socket() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    certify(folder.path())?;
    let server = secure(folder.path(), &[ANA, BEN]).await?;
    let address: SocketAddr = server.url().trim_start_matches("https://").parse()?;
    let proxy = Proxy::to(address).await?;
    // The chat trusts the certificate because its system does.
    let system = ("SSL_CERT_FILE", folder.path().join("cert.pem").display().to_string());
    let open = |person: &Person, to: &Person, address: &str, more: &[(&str, String)]| {
        let environment = [&[system.clone(), ("HTTPS_PROXY", proxy.url())], more].concat();
        Chat::open_at(&folder.path().join(person.user_name), address, person, Some(to), &environment)
    };

    let mut ana = open(&ANA, &BEN, &format!("https://{NAME}"), &[])?;
    ana.say("through the proxy")?;
    ana.confirmed("through the proxy").await?;
    let asked = proxy.asked();
    ensure!(
        !asked.is_empty() && asked.iter().all(|line| line.starts_with(&format!("CONNECT {NAME}:443 "))),
        "{asked:?}"
    );

    // Ben goes around it, and Ana hears of his answer by asking.
    let mut ben = open(&BEN, &ANA, &server.url(), &[("NO_PROXY", "127.0.0.1".to_owned())])?;
    ben.hear("Ana: through the proxy").await?;
    ben.say("around it")?;
    ana.hear("Ben: around it").await?;
    let asked = proxy.asked();
    ensure!(asked.iter().all(|line| line.contains(NAME)), "{asked:?}");
    Ok(())
}
