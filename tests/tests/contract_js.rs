//! The published contract, walked through by the official JavaScript Socket.IO client and `fetch`: each of the files
//! in `tests/js` against a server of its own.

use std::process::Command;

use anyhow::Context;
use roost_tests::{
    Server,
    people::{ANA, BEN, EVE, Person},
    process::Process,
    programs,
};
use serde_json::{Value, json};

/// Signs the forged and the expired tokens of the tests; the server is told to use it too.
const SECRET: &str = "a secret for tests, long enough to sign with";

const PEOPLE: [Person; 3] = [ANA, BEN, EVE];

#[tokio::test]
async fn the_documented_workflow() {
    run("workflow.mjs", Server::new().unwrap()).await.unwrap();
}

#[tokio::test]
async fn every_documented_error() {
    run("errors.mjs", Server::new().unwrap()).await.unwrap();
}

#[tokio::test]
async fn sockets_listen_for_their_own_user_only() {
    run("sockets.mjs", Server::new().unwrap()).await.unwrap();
}

#[tokio::test]
async fn the_documents_own_client_with_legacy_sockets() {
    run("legacy.mjs", Server::new().unwrap().arg("--legacy-sockets")).await.unwrap();
}

/// Runs one of the files against this server; its report is shown where it fails.
async fn run(file: &str, server: Server) -> anyhow::Result<()> {
    let mut server = server.env("JWT_SECRET", SECRET);
    server.start().await?;
    for person in &PEOPLE {
        server.add(person)?;
    }
    let accounts: Value = PEOPLE
        .iter()
        .map(|person| (person.user_name.to_owned(), json!({"password": person.password})))
        .collect();
    let mut node = Command::new(programs::installed("node")?);
    node.args(["--test", "--test-reporter=spec", file])
        .current_dir(programs::repository().join("tests/js"))
        .env("ROOST_URL", server.url())
        .env("ROOST_ACCOUNTS", accounts.to_string())
        .env("JWT_SECRET", SECRET);
    let mut node = Process::spawn(&format!("node --test {file}"), &mut node)?;
    let result = node.end().await;
    result.with_context(|| {
        format!("{}\nThe server's log:\n{}", node.stdout().all().join("\n"), server.log().tail())
    })
}
