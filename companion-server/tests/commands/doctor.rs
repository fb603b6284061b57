//! `doctor` and `healthcheck`.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use crate::{Running, command, ends, told};

/// What the doctor says, line by line, and whether all is well.
fn doctor(data: &Path, arguments: &[&str]) -> (String, bool) {
    let mut doctor = command(&["doctor"]);
    let output = ends(doctor.args(arguments).env("ROOST_DATA_DIR", data).env("ROOST_LISTEN", "127.0.0.1:0"));
    (String::from_utf8(output.stdout).unwrap(), output.status.success())
}

fn serve(data: &Path, arguments: &[&str]) -> Running {
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    Running::start(serve.args(arguments).env("ROOST_DATA_DIR", data))
}

/// A certificate that ends in so many days, and its key.
fn certificate(dir: &Path, days: i64) -> [PathBuf; 2] {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    parameters.not_after = (std::time::SystemTime::UNIX_EPOCH
        + std::time::Duration::from_secs(u64::try_from(now() + days * 86_400).unwrap()))
    .into();
    let files = [dir.join("cert.pem"), dir.join("key.pem")];
    fs::write(&files[0], parameters.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&files[1], key.serialize_pem()).unwrap();
    fs::set_permissions(&files[1], fs::Permissions::from_mode(0o600)).unwrap();
    files
}

/// Seconds since 1970; the doctor asks the machine's clock, and so does this.
fn now() -> i64 {
    use companion_server::clock::{Clock as _, SystemClock};
    SystemClock.now().millis() / 1000
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (found, well) = doctor(&data, &[]);
    assert!(well && found.contains("ok    database: there is none yet"), "{found}");
    assert!(!data.exists(), "nothing is made");

    let running = serve(&data, &[]);
    let (found, well) = doctor(&data, &[]);
    assert!(well && found.contains("ok    server: one is running"), "{found}");
    assert!(found.contains("ok    integrity: every page, index, reference and sum is sound"), "{found}");
    running.stop();
    let (found, well) = doctor(&data, &[]);
    for what in ["settings", "permissions", "server: none is running", "database", "clock", "secret"] {
        assert!(well && found.contains(&format!("ok    {what}")), "{what}: {found}");
    }

    fs::set_permissions(data.join("roost.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let (found, well) = doctor(&data, &[]);
    assert!(well && found.contains("warn  permissions: others") && found.contains("roost.db"), "{found}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (found, well) = doctor(&data, &["--listen", &taken.local_addr().unwrap().to_string()]);
    assert!(!well && found.contains("FAIL  port: cannot listen on"), "{found}");

    let (found, well) = doctor(&data, &["--name", " "]);
    assert!(!well && found.starts_with("FAIL  settings: name is \" \" (from --name)"), "{found}");

    fs::write(data.join("token-secret"), "changeme").unwrap();
    let whole = fs::read(data.join("roost.db")).unwrap();
    fs::write(data.join("roost.db"), &whole[..whole.len() / 2]).unwrap();
    let (found, well) = doctor(&data, &[]);
    assert!(!well && found.contains("FAIL  database: ") && found.contains("restore a backup"), "{found}");
    assert!(found.contains("FAIL  secret: ") && !found.contains("changeme"), "{found}");
    fs::remove_file(data.join("roost.db")).unwrap();
    let (found, well) = doctor(&data, &[]);
    assert!(!well && found.contains("is missing: restore a backup"), "{found}");
}

#[test]
fn the_doctor_reads_the_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let with = |days| {
        let [cert, key] = certificate(dir.path(), days);
        doctor(&data, &["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()])
    };
    for (days, text) in [
        (90, "ok    certificate: it holds until"),
        (5, "warn  certificate: it ends at"),
        (-1, "FAIL  certificate: it ended at"),
    ] {
        let (found, well) = with(days);
        assert!(well == (days > 0) && found.contains(text), "{found}");
    }
    let key = dir.path().join("key.pem");
    let [cert, key] = [dir.path().join("cert.pem"), key].map(|path| path.to_str().unwrap().to_owned());
    let (found, well) = doctor(&data, &["--tls-cert", &cert]);
    assert!(!well && found.contains("tls-cert is set and tls-key is not"), "{found}");
    let (found, well) = doctor(&data, &["--tls-cert", &key, "--tls-key", &key]);
    assert!(!well && found.contains("key.pem holds no certificate in PEM form"), "{found}");
}

#[test]
fn a_healthcheck_says_whether_the_server_answers() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let [cert, key] = certificate(dir.path(), 90);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let tls = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    for (arguments, scheme) in [(&[][..], "http://"), (&tls[..], "https://")] {
        let running = serve(&data, arguments);
        let address = running.base.strip_prefix(scheme).unwrap().to_owned();
        let check = || ends(command(&["healthcheck", "--listen", &address]).args(arguments));
        let alive = check();
        assert!(alive.status.success(), "{}", told(&alive));
        let (log, well) = running.stop();
        assert!(well);
        assert_eq!(log.contains("others on this machine can read the key"), !arguments.is_empty(), "{log}");
        let gone = check();
        assert!(!gone.status.success() && told(&gone).contains("does not answer"), "{}", told(&gone));
    }
}
