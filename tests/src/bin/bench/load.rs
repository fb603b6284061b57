//! Sends that wait for their answers, many at once.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;

use crate::contender::Contender;

/// How long the server is under load before anything counts.
const WARM_UP: Duration = Duration::from_secs(1);

/// What one measurement found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    pub(crate) cpu_micros: f64,
    pub(crate) p50_millis: f64,
    pub(crate) p99_millis: f64,
}

impl Figures {
    /// The round with the median rate.
    pub(crate) fn median(mut rounds: Vec<Self>) -> Option<Self> {
        rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        rounds.get(rounds.len() / 2).copied()
    }
}

/// Measures a contender for this long, with this many sends under way at once.
pub(crate) async fn measure(
    contender: &Contender,
    concurrency: usize,
    length: Duration,
) -> anyhow::Result<Figures> {
    let http = reqwest::Client::builder().pool_max_idle_per_host(concurrency).build()?;
    let begin = Instant::now() + WARM_UP;
    let end = begin + length;
    let senders: Vec<_> = (0..concurrency).map(|number| send(&http, contender, number, begin, end)).collect();
    let clock = async {
        tokio::time::sleep_until(begin.into()).await;
        let before = contender.cpu_micros()?;
        tokio::time::sleep_until(end.into()).await;
        anyhow::Ok(contender.cpu_micros()?.saturating_sub(before))
    };
    let (cpu, times) = tokio::try_join!(clock, futures_util::future::try_join_all(senders))?;
    let mut times: Vec<Duration> = times.into_iter().flatten().collect();
    times.sort_unstable();
    let count = u32::try_from(times.len()).context("more sends than can be counted")?;
    let at = |share: f64| percentile(&times, share).context("no send was answered in time");
    Ok(Figures {
        per_second: f64::from(count) / length.as_secs_f64(),
        cpu_micros: Duration::from_micros(cpu).as_secs_f64() * 1e6 / f64::from(count),
        p50_millis: at(0.50)?.as_secs_f64() * 1e3,
        p99_millis: at(0.99)?.as_secs_f64() * 1e3,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a list of some hundred thousand times"
)]
fn percentile(times: &[Duration], share: f64) -> Option<Duration> {
    times.get((times.len() as f64 * share) as usize).copied()
}

/// Sends one after another until `end`; answers how long each took that ended between `begin` and `end`.
async fn send(
    http: &reqwest::Client,
    contender: &Contender,
    number: usize,
    begin: Instant,
    end: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let people = &contender.people;
    let sender = &people[number % people.len()];
    let receiver = &people[(number + 1 + number / people.len()) % people.len()];
    let url = format!("{}/message", contender.url);
    let body = json!({ "receiver": receiver.id, "content": "Hello! How are you doing with your OJT?" });
    let mut times = Vec::new();
    loop {
        let started = Instant::now();
        let answer = http.post(&url).bearer_auth(&sender.token).json(&body).send().await?;
        if !answer.status().is_success() {
            bail!("{} answered {}: {}", contender.name, answer.status(), answer.text().await?);
        }
        answer.bytes().await?;
        let ended = Instant::now();
        if ended > end {
            return Ok(times);
        }
        if ended > begin {
            times.push(ended - started);
        }
    }
}
