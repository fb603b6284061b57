//! `companion-server serve`.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::Arc,
};

use clap::{Arg, ArgAction, ArgMatches, Command};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::{Failure, data_dir, flag, runtime};
use crate::{
    clock::SystemClock,
    config::{self, Config},
    serve,
};

const EXAMPLES: &str = "\
Examples:
  companion-server serve
  companion-server serve --listen 0.0.0.0:3000 --data-dir /var/lib/roost --name \"Northside School\"
  ROOST_REGISTRATION=open companion-server serve

Secrets come from the environment only: ROOST_JWT_SECRET (or JWT_SECRET). Without one, a secret is made and kept in
the data directory. PORT is honoured where --listen and ROOST_LISTEN are absent. RUST_LOG sets what is logged.";

pub(super) fn command() -> Command {
    Command::new("serve")
        .about("Serve until told to stop by SIGTERM or SIGINT")
        .after_help(EXAMPLES)
        .arg(data_dir())
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDRESS:PORT")
                .env("ROOST_LISTEN")
                .help("Where to listen [default: 127.0.0.1:3000]; port 0 takes a free one"),
        )
        .arg(
            Arg::new("name")
                .long("name")
                .value_name("NAME")
                .env("ROOST_NAME")
                .default_value("Roost")
                .help("What people call this server"),
        )
        .arg(
            Arg::new("registration")
                .long("registration")
                .value_name("open|closed")
                .env("ROOST_REGISTRATION")
                .default_value("closed")
                .help("Who may make an account: anyone who reaches the server, or nobody (see `user add`)"),
        )
        .arg(
            Arg::new("cors_origin")
                .long("cors-origin")
                .value_name("ORIGIN")
                .env("ROOST_CORS_ORIGIN")
                .value_delimiter(',')
                .action(ArgAction::Append)
                .help("Let browsers call from this origin only; may be given several times [default: any]"),
        )
        .arg(flag(
            "legacy_sockets",
            "legacy-sockets",
            "ROOST_LEGACY_SOCKETS",
            "INSECURE: let sockets without a token join anybody's room, as old clients do",
        ))
}

pub(super) fn serve(matches: &ArgMatches) -> Result<(), Failure> {
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let config = Config::read(matches, env)?;
    let address = config::listen(matches, env)?;
    start_log();
    if config.legacy_sockets {
        tracing::warn!(
            "legacy sockets are on: whoever reaches this server can read everybody's live messages without a token"
        );
    }
    runtime()?.block_on(async {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| format!("cannot listen on {address}: {error}"))?;
        let signal = stop_signal()?;
        let server = serve::open(config, Arc::new(SystemClock))?;
        announce(&listener)?;
        server.run(listener, signal).await;
        Ok(())
    })
}

/// The one line of standard output: programs that start the server wait for it.
fn announce(listener: &TcpListener) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Roost is listening on http://{}", listener.local_addr()?)?;
    out.flush()
}

fn start_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
}

/// Resolves at the first SIGTERM or SIGINT.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        tokio::signal::ctrl_c().await.ok();
    })
}
