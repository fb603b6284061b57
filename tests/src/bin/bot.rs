//! One engine with somebody on it who writes, edits, deletes and reads without a rest: made to be killed. See
//! `roost_tests::bot`.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use roost_tests::{
    bot::{QUIET, RETRY, SETTLED},
    journal::Journal,
    replica,
    traffic::Writer,
};
use sync_core::{Client, Connection, SessionState, Url, UserId};
use tokio::io::{AsyncBufReadExt, BufReader};

/// The longest rest between two things that it does, in milliseconds.
const PAUSE: u64 = 150;

/// How often it looks whether all is sent, and how long it waits before it tries to sign in again.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Parser)]
struct Options {
    /// The profile's folder; its secrets lie beside it.
    #[arg(long)]
    profile: PathBuf,
    /// The journal.
    #[arg(long)]
    journal: PathBuf,
    /// The server.
    #[arg(long)]
    server: Url,
    /// Who it is; the password is in `ROOST_PASSWORD`.
    #[arg(long)]
    user: String,
    /// What its messages begin with.
    #[arg(long)]
    name: String,
    /// The seed of its choices.
    #[arg(long)]
    seed: u64,
    /// The ids of those to whom it writes.
    #[arg(long)]
    to: Vec<String>,
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the test shows what it says here when it fails")]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the test reads along")]
async fn run(options: Options) -> anyhow::Result<()> {
    let client = replica::open(&options.profile).await?;
    let journal = Journal::open(&options.journal)?;
    let peers: Vec<_> = options.to.iter().map(|peer| UserId::from(peer.as_str())).collect();
    let mut writer = Writer::new(client.clone(), journal, &options.name, peers, options.seed);
    let mut rng = StdRng::seed_from_u64(options.seed);
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let (mut busy, mut settled) = (true, false);
    sign_in(&client, &options).await?;
    loop {
        let pause = if busy { Duration::from_millis(rng.random_range(0..PAUSE)) } else { LOOK };
        tokio::select! {
            line = input.next_line() => match line?.as_deref() {
                Some(RETRY) => client.retry_now(),
                Some(QUIET) => busy = false,
                Some(word) => anyhow::bail!("nobody knows what {word:?} means"),
                None => break,
            },
            () = tokio::time::sleep(pause) => {
                if busy {
                    writer.step().await?;
                } else if !settled && is_settled(&client).await? {
                    settled = true;
                    println!("{SETTLED}");
                }
            }
        }
    }
    client.close().await;
    Ok(())
}

/// Signs in where nobody is, as often as it takes: the server may be away.
async fn sign_in(client: &Client, options: &Options) -> anyhow::Result<()> {
    let password = std::env::var("ROOST_PASSWORD").context("the password is in ROOST_PASSWORD")?;
    while !matches!(client.session(), SessionState::SignedIn(_)) {
        if client.sign_in(&options.server, &options.user, &password).await.is_err() {
            tokio::time::sleep(LOOK).await;
        }
    }
    Ok(())
}

async fn is_settled(client: &Client) -> anyhow::Result<bool> {
    Ok(client.waiting().await? == 0 && matches!(client.connection(), Connection::Online { .. }))
}
