//! `companion-server serve`.

use std::{io::Write as _, net::SocketAddr, sync::Arc};

use clap::{ArgMatches, Command};
use protocol::sync::Registration;
use tokio::net::TcpListener;

use super::{Failure, log, runtime, settings};
use crate::{clock::SystemClock, serve};

const EXAMPLES: &str = "\
Examples:
  companion-server serve
  companion-server serve --listen 0.0.0.0:3000 --data-dir /var/lib/roost --name \"Northside School\"
  companion-server serve --config /etc/roost.toml
  ROOST_JWT_SECRET_FILE=/run/secrets/jwt companion-server serve

A setting some-name comes from --some-name, else from ROOST_SOME_NAME, else from the file that ROOST_SOME_NAME_FILE
names, else from some-name in the file of --config. `companion-server config show` shows what comes from where.";

pub(super) fn command() -> Command {
    Command::new("serve")
        .about("Serve until told to stop by SIGTERM or SIGINT")
        .after_help(EXAMPLES)
        .args(settings::all())
}

pub(super) fn serve(matches: &ArgMatches) -> Result<(), Failure> {
    let mut config = settings::read(matches)?;
    let address = config.listen;
    let scheme = if config.tls()?.is_some() { "https" } else { "http" };
    log::start(&config)?;
    if config.legacy_sockets {
        tracing::warn!(
            "legacy sockets are on: whoever reaches this server can read everybody's live messages without a token"
        );
    }
    runtime()?.block_on(async {
        let listener = bind(address).await?;
        config.listen = listener.local_addr()?;
        let (url, registration) = (config.url(), config.registration);
        let signal = stop_signal()?;
        let metrics = match config.metrics_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let mut server = serve::open(config, Arc::new(SystemClock))?;
        if let Some(listener) = metrics {
            tracing::info!(address = %listener.local_addr()?, "metrics are told at /metrics");
            server = server.with_metrics(listener);
        }
        announce(&listener, scheme)?;
        tell_of_first_admin(&server, &url, registration).await?;
        server.run(listener, signal).await;
        Ok(())
    })
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}").into())
}

/// The one line of standard output: programs that start the server wait for it.
fn announce(listener: &TcpListener, scheme: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Roost is listening on {scheme}://{}", listener.local_addr()?)?;
    out.flush()
}

/// Where there is no administrator, says how to become one: beside the log and not in it, because logs are collected.
async fn tell_of_first_admin(
    server: &serve::Server,
    url: &str,
    registration: Registration,
) -> Result<(), Failure> {
    let told = if registration == Registration::Closed {
        let has_admin = server.has_admin().await?;
        (!has_admin).then(|| "Make one with: companion-server user add --role admin …".to_owned())
    } else {
        let code = server.invite_first_admin().await?;
        code.map(|code| {
            format!("The first to open this link becomes one, within a day:\n\n    {}\n", code.link(url))
        })
    };
    if let Some(told) = told {
        writeln!(std::io::stderr(), "There is no administrator yet. {told}")?;
    }
    Ok(())
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
