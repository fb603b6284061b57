//! What the server counts for those who watch it, in Prometheus' text form.
//!
//! Labels are routes' templates, methods, statuses and kinds: a bounded number of them, and never anybody's id. Numbers
//! that are known by looking (connections, sockets, memory) are looked at when somebody asks.

use std::{
    fmt,
    sync::atomic::AtomicU64,
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::{Registry, Unit},
};

/// Everything that is counted while the server runs.
pub(crate) struct Metrics {
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    /// Events that were handed to sockets.
    pub(crate) events: Counter,
    /// Events that a full buffer of a socket refused; feeds repair them.
    pub(crate) events_dropped: Counter,
    /// New messages.
    pub(crate) messages: Counter,
    /// Writes that wait.
    pub(crate) queue: Gauge,
    /// How many writes share a commit.
    pub(crate) batch: Histogram,
    /// How long a commit takes, with its writes.
    pub(crate) write: Histogram,
    /// How long a read takes, without its wait for a connection.
    pub(crate) read: Histogram,
}

/// How often an allowance was used up, by its kind.
pub(crate) type Refusals = Family<KindLabels, Counter>;

/// What is looked at when somebody asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// What was over an allowance.
    pub(crate) refusals: Refusals,
    /// Connections.
    pub(crate) connections: usize,
    /// Sockets that joined.
    pub(crate) sockets: usize,
    /// Passwords that are hashed or wait for it.
    pub(crate) passwords: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// The kind of an allowance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct KindLabels {
    /// Its name in the code.
    pub(crate) kind: String,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(seconds),
            events: Counter::default(),
            events_dropped: Counter::default(),
            messages: Counter::default(),
            queue: Gauge::default(),
            batch: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            write: seconds(),
            read: seconds(),
        }
    }
}

impl Metrics {
    /// A request was answered.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let labels =
            RequestLabels { method: known(method), route: route.to_owned(), status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
        let labels = RouteLabels { route: route.to_owned() };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Everything as Prometheus reads it.
    pub(crate) fn told(&self, sight: Sight) -> Result<String, fmt::Error> {
        let mut told = String::new();
        text::encode(&mut told, &self.registry(sight))?;
        Ok(told)
    }

    fn registry(&self, sight: Sight) -> Registry {
        let mut all = Registry::with_prefix("roost");
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        all.register("build", "The version that runs", Info::new(version));
        all.register("http_requests", "Requests that were answered", self.requests.clone());
        let help = "How long requests took";
        all.register_with_unit("http_request_duration", help, Unit::Seconds, self.durations.clone());
        all.register("rate_limited", "Acts that were over an allowance, by its kind", sight.refusals);
        all.register("messages_sent", "New messages", self.messages.clone());
        all.register("events_sent", "Live events that were handed to sockets", self.events.clone());
        let help = "Live events for which a socket had no room";
        all.register("events_dropped", help, self.events_dropped.clone());
        all.register("store_queue", "Writes that wait for the store", self.queue.clone());
        all.register("store_batch", "Writes that shared a commit", self.batch.clone());
        let help = "How long commits took, with their writes";
        all.register_with_unit("store_write_duration", help, Unit::Seconds, self.write.clone());
        let help = "How long reads of the store took";
        all.register_with_unit("store_read_duration", help, Unit::Seconds, self.read.clone());
        all.register("connections", "Connections that are open", looked_at(sight.connections));
        all.register("sockets", "Sockets that have joined", looked_at(sight.sockets));
        all.register("passwords", "Passwords that are hashed or wait for it", looked_at(sight.passwords));
        if let Some(bytes) = resident() {
            let help = "Memory of the process that is in use";
            all.register_with_unit("process_resident_memory", help, Unit::Bytes, looked_at(bytes));
        }
        all
    }
}

/// Times what is done until it is dropped.
pub(crate) struct Timer<'a> {
    into: &'a Histogram,
    begun: Instant,
}

impl<'a> Timer<'a> {
    pub(crate) fn start(into: &'a Histogram) -> Self {
        Self { into, begun: Instant::now() }
    }
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        self.into.observe(self.begun.elapsed().as_secs_f64());
    }
}

fn seconds() -> Histogram {
    // From half a millisecond to 16 seconds.
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

fn looked_at(number: usize) -> Gauge<u64, AtomicU64> {
    let gauge = Gauge::default();
    gauge.set(number as u64);
    gauge
}

/// Anybody can make up methods, and each would be a label.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The memory of this process, where the system says it as Linux does.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()? * 1024)
}
