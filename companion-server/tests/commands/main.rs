//! The binary as those who run it meet it: what it prints, what it refuses, how it ends.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests fail by panicking")]

mod backup;
mod doctor;
mod import;
mod log;
mod settings;

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use companion_server::serve::Lock;
use serde_json::{Value, json};

/// Whatever takes longer than this hangs.
const PATIENCE: Duration = Duration::from_mins(1);

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_companion-server"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ends(command: &mut Command) -> Output {
    end(command.spawn().unwrap())
}

/// What a process printed until it ended; one that hangs is killed.
fn end(child: Child) -> Output {
    let id = child.id();
    let (tell, ended) = mpsc::channel();
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    if let Ok(output) = ended.recv_timeout(PATIENCE) {
        return output.unwrap();
    }
    signal("-KILL", id);
    panic!("it did not end: {}", told(&ended.recv().unwrap().unwrap()))
}

fn signal(signal: &str, id: u32) {
    assert!(Command::new("kill").args([signal, &id.to_string()]).status().unwrap().success());
}

/// The lines of a pipe, read at once so that a process that tells a lot does not wait.
fn lines(pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            // The pipe stays open where nobody wants to know more.
            tell.send(line.unwrap()).ok();
        }
    });
    lines
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running server; killed if the test ends early.
struct Running {
    child: Child,
    base: String,
    /// The lines of its standard error.
    lines: mpsc::Receiver<String>,
    log: String,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let printed = lines(child.stdout.take().unwrap());
        let lines = lines(child.stderr.take().unwrap());
        let mut running = Self { base: String::new(), child, lines, log: String::new() };
        let line = printed.recv_timeout(PATIENCE).unwrap_or_else(|problem| {
            running.log.extend(running.lines.try_iter().map(|line| line + "\n"));
            panic!("it did not say where it listens: {problem}. {}", running.log)
        });
        let base = line.strip_prefix("Roost is listening on ").unwrap_or_else(|| panic!("{line}"));
        base.clone_into(&mut running.base);
        running
    }

    /// The first line of its standard error that holds this text.
    fn line_with(&mut self, text: &str) -> String {
        loop {
            let line =
                self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {text} in {}", self.log));
            self.log.extend([&line, "\n"]);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Stops it with SIGTERM; its log, and whether it ended well.
    fn stop(mut self) -> (String, bool) {
        signal("-TERM", self.child.id());
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.log.extend([&line, "\n"]),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it did not stop: {}", self.log),
            }
        }
        (std::mem::take(&mut self.log), self.child.wait().unwrap().success())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

async fn login(base: &str, user_name: &str, password: &str) -> (u16, Value) {
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let body = json!({"userName": user_name, "password": password});
    let answer = http.post(format!("{base}/api/auth/login")).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn an_account_made_while_the_server_runs_can_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let running = Running::start(&mut command(&["serve", "--data-dir", data, "--listen", "127.0.0.1:0"]));

    let who =
        ["--user-name", "ana", "--first-name", "Ana", "--last-name", "Cruz", "--email", "ana@example.org"];
    let mut add = command(&["user", "add", "--data-dir", data, "--role", "coordinator"]);
    add.args(who).env("ROOST_PASSWORD", "correct horse");
    let added = ends(&mut add);
    assert!(added.status.success(), "{}", told(&added));
    let id = String::from_utf8(added.stdout).unwrap().trim().to_owned();
    let (status, session) = login(&running.base, "ana", "correct horse").await;
    let user = &session["data"]["user"];
    assert_eq!((status, &user["_id"], &user["role"]), (200, &json!(id), &json!("coordinator")));

    let mut again = command(&["user", "add", "--data-dir", data, "--password-stdin"]);
    let mut again = again.args(who).stdin(Stdio::piped()).spawn().unwrap();
    again.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
    let again = end(again);
    assert!(!again.status.success());
    assert!(told(&again).contains("this user name is taken"), "{}", told(&again));

    let (log, well) = running.stop();
    assert!(well, "{log}");
    assert!(!log.contains("horse") && !log.contains("ana@example.org"), "{log}");
}

#[tokio::test]
async fn the_first_start_invites_an_administrator_who_invites_others() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let serve = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0"];
    let mut running = Running::start(&mut command(&serve));
    let link = running.line_with("/join#");
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let register = async |base: &str, name: &str, code: &str| {
        let form = json!({
            "userName": name, "firstName": name, "email": format!("{name}@example.org"),
            "password": "correct horse", "inviteCode": code,
        });
        let answer = http.post(format!("{base}/api/auth/register")).json(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (page, code) = link.trim().split_once('#').unwrap();
    assert_eq!(page, format!("{}/join", running.base));
    let (status, answer) = register(&running.base, "rosa", code).await;
    assert_eq!((status, &answer["data"]["user"]["role"]), (201, &json!("admin")));
    let token = answer["data"]["accessToken"].as_str().unwrap();

    // The command line works beside the running server.
    let url = ["--public-url", "https://chat.example.org/"];
    let made = ends(command(&["invite", "create", "--data-dir", data, "--role", "coordinator"]).args(url));
    assert!(made.status.success(), "{}", told(&made));
    let link = String::from_utf8(made.stdout).unwrap();
    let code = link.trim().strip_prefix("https://chat.example.org/join#").unwrap();
    let listed = ends(&mut command(&["invite", "list", "--data-dir", data]));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let newest = listed.lines().next().unwrap();
    assert!(newest.contains("coordinator  open") && !listed.contains(code), "{listed}");
    let revoked = ends(&mut command(&["invite", "revoke", "--data-dir", data, &newest[..24]]));
    assert!(revoked.status.success(), "{}", told(&revoked));
    let (status, answer) = register(&running.base, "eve", code).await;
    assert_eq!((status, &answer["error"]), (403, &json!("This invitation is not valid any more")));
    let refused = ends(&mut command(&["invite", "create", "--data-dir", data, "--uses", "1001"]));
    assert!(told(&refused).contains("--uses must be from 1 to 1000"), "{}", told(&refused));

    let profile = http.get(format!("{}/api/auth/profile", running.base)).bearer_auth(token).send().await;
    assert_eq!(profile.unwrap().status().as_u16(), 200);
    let (log, well) = running.stop();
    assert!(well && !log.contains(code), "{log}");
    let (log, well) = Running::start(&mut command(&serve)).stop();
    assert!(well && !log.contains("/join#"), "there is an administrator: {log}");
}

#[tokio::test]
async fn the_command_line_administers_beside_the_running_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let running = Running::start(&mut command(&["serve", "--data-dir", data, "--listen", "127.0.0.1:0"]));
    let run = |arguments: &[&str]| {
        let mut command = command(arguments);
        let output = ends(command.args(["--data-dir", data]).env("ROOST_PASSWORD", "correct horse"));
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned(), told(&output))
    };
    let add = ["user", "add", "--user-name", "rosa", "--first-name", "Rosa", "--email", "rosa@example.org"];
    assert!(run(&[&add[..], &["--role", "admin"]].concat()).0);
    let (well, _, told) = run(&["user", "disable", "rosa"]);
    assert!(!well && told.contains("the last administrator can't be demoted or disabled"), "{told}");
    let add = ["user", "add", "--user-name", "ana", "--first-name", "Ana", "--email", "ana@example.org"];
    let id = run(&add).1;
    let state = async |password: &str| login(&running.base, "ana", password).await.0;
    assert_eq!(state("correct horse").await, 200);
    assert!(run(&["user", "disable", "ANA@example.org"]).0);
    assert_eq!(state("correct horse").await, 401);
    assert!(run(&["user", "enable", id.trim()]).0 && run(&["user", "role", "ana", "coordinator"]).0);
    assert!(run(&["user", "passwd", "ana"]).0);
    assert_eq!(state("correct horse").await, 200);
    let (_, listed, _) = run(&["user", "list", "ana@"]);
    assert!(listed.lines().count() == 1 && listed.contains("coordinator"), "{listed}");
    let (well, _, told) = run(&["user", "role", "nobody", "admin"]);
    assert!(!well && told.contains("there is no user \"nobody\""), "{told}");
    let (_, audit, _) = run(&["audit"]);
    let acts: Vec<&str> = audit.lines().map(|line| line.split_whitespace().nth(2).unwrap()).collect();
    let expected = ["passwordReset", "roleChanged", "userEnabled", "userDisabled", "userAdded", "userAdded"];
    assert_eq!(acts[..6], expected, "{audit}");
    let (log, well) = running.stop();
    assert!(well && !log.contains("horse"), "{log}");
}

#[test]
fn a_closed_server_says_how_to_make_an_administrator() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let serve = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0", "--registration", "closed"];
    let (log, well) = Running::start(&mut command(&serve)).stop();
    assert!(well && log.contains("user add --role admin") && !log.contains("/join#"), "{log}");
}

#[test]
fn an_account_that_cannot_be_made_is_refused_in_plain_words() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    for (extra, password, text) in [
        (
            vec!["--role", "root"],
            "correct horse",
            "--role is \"root\": a role is one of admin, coordinator, student",
        ),
        (vec![], "short", "password is too short: at least 8 characters"),
        (vec![], "", "password is required"),
    ] {
        let mut add =
            command(&["user", "add", "--data-dir", data, "--user-name", "ana", "--first-name", "Ana"]);
        add.args(["--email", "ana@example.org"]).args(extra).env("ROOST_PASSWORD", password);
        let refused = ends(&mut add);
        assert!(!refused.status.success());
        assert!(told(&refused).contains(text), "{}", told(&refused));
    }
    assert!(!dir.path().join("data").exists(), "nothing was made");
}

#[test]
fn a_command_makes_no_database_to_look_into() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("mistyped");
    for arguments in [
        &["user", "list"][..],
        &["user", "disable", "ana"],
        &["invite", "list"],
        &["invite", "revoke", "6912f0a1c3d4e5f607182930"],
        &["audit"],
    ] {
        let refused = ends(command(arguments).env("ROOST_DATA_DIR", &data));
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(told(&refused).contains("there is no database in"), "{}", told(&refused));
        assert!(!data.exists(), "{arguments:?} made something");
    }
    // The first invitation may come before the first start.
    assert!(ends(command(&["invite", "create"]).env("ROOST_DATA_DIR", &data)).status.success());
    assert!(ends(command(&["invite", "list"]).env("ROOST_DATA_DIR", &data)).status.success());
}

#[test]
fn a_command_of_a_newer_version_changes_no_schema_under_a_running_server() {
    let dir = tempfile::tempdir().unwrap();
    let db = rusqlite::Connection::open(dir.path().join("roost.db")).unwrap();
    db.execute_batch(include_str!("../../src/store/sqlite/schemas/0001.sql")).unwrap();
    db.execute_batch(include_str!("../../src/store/sqlite/schemas/0001_rows.sql")).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    let version = || db.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)).unwrap();
    let list = || ends(command(&["user", "list"]).env("ROOST_DATA_DIR", dir.path()));

    let running = Lock::take(dir.path()).unwrap();
    let refused = list();
    assert_eq!((refused.status.code(), version()), (Some(1), 1));
    assert!(told(&refused).contains("restart the server with this version first"), "{}", told(&refused));
    drop(running);
    assert!(list().status.success());
    assert_eq!(version(), 2);
}

#[test]
fn what_is_no_command_starts_no_server() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["sevre"], &["user"], &["user", "ad"], &["serve", "--prot", "1"]] {
        let refused = ends(command(arguments).env("ROOST_DATA_DIR", dir.path().join("data")));
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(refused.stdout.is_empty(), "{arguments:?}");
    }
    assert!(!dir.path().join("data").exists());
}

#[test]
fn a_data_directory_has_one_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let serve = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0"];
    let running = Running::start(&mut command(&serve));
    let second = ends(&mut command(&serve));
    assert_eq!((second.status.code(), second.stdout.is_empty()), (Some(1), true));
    assert!(told(&second).contains("another server is running on"), "{}", told(&second));
    // One that was killed leaves nothing behind that keeps the next from starting.
    drop(running);
    assert!(Running::start(&mut command(&serve)).stop().1);
}

#[test]
fn legacy_sockets_warn_at_every_start() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    for _ in 0..2 {
        let serve = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0", "--legacy-sockets"];
        let (log, well) = Running::start(&mut command(&serve)).stop();
        assert!(well && log.contains("WARN") && log.contains("without a token"), "{log}");
    }
}
