//! `cargo xtask bench`: how many messages a second the server takes, beside another implementation of the contract.
//!
//! Both are measured in turns within one run, several times, because machines are noisy: the ratio is what counts.
//! Every send is a plain documented `POST /message`. A server is durable here when its answer means that the message
//! is on disk, which ours always is; the Node implementation is told to be (`SQLITE_SYNC=FULL`).

mod contender;
mod load;

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Parser;

use contender::Contender;
use load::Figures;

#[derive(Parser)]
#[command(name = "bench", about = "Measure sends, beside another implementation")]
struct Cli {
    /// A folder with a Node implementation of the contract: `server.js` with its packages installed.
    #[arg(long)]
    peer: Option<PathBuf>,
    /// How many sends are under way at once.
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    /// How long one measurement takes, in seconds.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// How often each contender is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let mut contenders = vec![Contender::roost().await?];
    if let Some(folder) = &cli.peer {
        contenders.push(Contender::peer(folder, "memory").await?);
        contenders.push(Contender::peer(folder, "sqlite").await?);
    }
    let length = Duration::from_secs(cli.seconds);
    let mut figures: Vec<Vec<Figures>> = contenders.iter().map(|_| Vec::new()).collect();
    for _ in 0..cli.rounds {
        for (contender, rounds) in contenders.iter().zip(&mut figures) {
            rounds.push(load::measure(contender, cli.concurrency, length).await?);
        }
    }
    println!("{} sends at once, median of {} rounds of {} s", cli.concurrency, cli.rounds, cli.seconds);
    println!("{:<34} {:>9} {:>12} {:>9} {:>9} {:>8}", "", "msg/s", "CPU µs/msg", "p50 ms", "p99 ms", "ratio");
    let medians: Vec<Figures> = figures
        .into_iter()
        .map(|rounds| Figures::median(rounds).context("no round was measured"))
        .collect::<anyhow::Result<_>>()?;
    for (contender, median) in contenders.iter().zip(&medians) {
        println!(
            "{:<34} {:>9.0} {:>12.0} {:>9.2} {:>9.2} {:>8.2}",
            contender.name,
            median.per_second,
            median.cpu_micros,
            median.p50_millis,
            median.p99_millis,
            median.per_second / medians[0].per_second
        );
    }
    Ok(())
}
