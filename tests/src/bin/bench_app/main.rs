//! `cargo xtask bench-app`: what the app costs beside an empty window, and how it holds out with 100,000 messages.
//!
//! Start-up is measured from outside, by the same means for both: from the start of the process until the picture on
//! the display is the one that stays. Nothing in either program takes part in it. What happens within the app is
//! measured by its page's own clock or by the display, with the release that people run, driven through `WebDriver`.

mod history;
mod inside;
mod launch;
mod memory;
mod picture;
mod report;

use std::ops::Range;

use clap::Parser;
use roost_tests::{
    Device, Display, SecretService, Server,
    session::{self, Session},
};

use launch::{Bench, Program};
use picture::Picture;

/// The size of both windows, in pixels: that of the app where nobody chose another.
const WINDOW: (u32, u32) = (1000, 700);

/// Where the newest messages of the open conversation are on the display, in pixels.
const NEWEST: (Range<u64>, Range<u64>) = (600..980, 400..620);

#[derive(Parser)]
#[command(name = "bench_app", about = "Measure the app beside an empty window")]
struct Cli {
    /// How many messages the longest conversation has.
    #[arg(long, default_value_t = 100_000)]
    messages: usize,
    /// How often each window is started.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Leave out what is measured within the app.
    #[arg(long)]
    only_start: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let (width, height) = WINDOW;
    let secrets = SecretService::start().await?;
    // As on a desktop: there is a tray, and somebody who shows notifications.
    let _session = Session::start(&session::bus_address(&secrets.environment())?).await?;
    let folder = tempfile::Builder::new().prefix("roost-display-").tempdir()?;
    let display = Display::mapped(width, height, folder.path()).await?;
    let device = Device::new(&display, &secrets, (0, 0, width, height))?;
    let mut server = Server::new()?.arg("--rate-limits").arg("off");

    let bench = Bench::new(&display, folder.path(), &device)?;

    report::say(&format!("Filling a server and a device with {} messages …", cli.messages));
    history::fill(&mut server, cli.messages).await?;
    history::fetch(&server, &device, cli.messages).await?;

    let (empty, app) = (Program::empty()?, Program::app(&device)?);
    let (mut alone, mut ours) = (Vec::new(), Vec::new());
    // The first start of each warms the caches, and shows what its picture comes to.
    let pictures = (bench.learn(&empty).await?, bench.learn(&app).await?);
    for _ in 0..cli.rounds {
        alone.push(bench.round(&empty, &pictures.0).await?);
        ours.push(bench.round(&app, &pictures.1).await?);
    }
    report::starts(&alone, &ours);
    if !cli.only_start {
        let app = device.open().await?;
        let newest = Picture::of(folder.path(), &NEWEST.0, NEWEST.1)?;
        report::inside(&inside::measure(&app, &newest, cli.messages).await?);
        app.kill().await?;
    }
    server.stop().await
}
