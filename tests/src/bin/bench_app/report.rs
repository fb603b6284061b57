//! What is printed.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::BTreeMap;

use crate::{
    inside::{Frames, Inside},
    launch::Start,
};

/// A frame at 60 a second, in milliseconds.
const FRAME: f64 = 1_000.0 / 60.0;

/// Says what is going on.
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Prints the starts of both windows and how they compare.
pub(crate) fn starts(empty: &[Start], app: &[Start]) {
    println!("\n| {} starts each, in turns | empty window | app | ratio |\n|---|---:|---:|---:|", app.len());
    let painted =
        |starts: &[Start]| starts.iter().map(|start| start.painted.as_secs_f64() * 1e3).collect::<Vec<_>>();
    compare("start to painted content, ms", &painted(empty), &painted(app));
    compare("memory (PSS), MiB", &memory(empty), &memory(app));
    for (name, starts) in [("empty window", empty), ("app", app)] {
        let mut processes: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (process, kib) in starts.iter().flat_map(|start| &start.memory) {
            processes.entry(process).or_default().push(mib(*kib));
        }
        let each: Vec<_> =
            processes.iter().map(|(process, mib)| format!("{process} {:.0}", median(mib))).collect();
        println!("memory of the {name}, MiB: {}", each.join(", "));
    }
}

/// Prints what was measured within the app.
pub(crate) fn inside(inside: &Inside) {
    println!("\n| within the app | median | least – most |\n|---|---:|---:|");
    times("opening the long conversation, ms", &inside.opening);
    times("Enter to the bubble on the display, ms", &inside.sending);
    times("… which is in the frame no", &inside.frame);
    times("Enter to the empty composer, ms", &inside.storing);
    for (word, taken) in &inside.searching {
        times(&format!("key to the hits of “{word}”, ms"), taken);
    }
    println!("\n| scrolling | frames a second | later than one frame | later than two | longest, ms |");
    println!("|---|---:|---:|---:|---:|");
    frames("a plain page", &inside.plain);
    frames("up", &inside.up);
    frames("down", &inside.down);
    println!();
    for (far, held) in &inside.held {
        let whole = held.memory.iter().map(|(_, kib)| kib).sum();
        let each = held.memory.iter().map(|(process, kib)| format!("{process} {:.0}", mib(*kib)));
        println!(
            "after scrolling through {far} messages: {} elements, {:.0} MiB ({})",
            held.elements,
            mib(whole),
            each.collect::<Vec<_>>().join(", ")
        );
    }
}

fn memory(starts: &[Start]) -> Vec<f64> {
    starts.iter().map(|start| mib(start.memory.iter().map(|(_, kib)| kib).sum())).collect()
}

fn compare(name: &str, empty: &[f64], app: &[f64]) {
    let (alone, ours) = (median(empty), median(app));
    println!(
        "| {name} | {alone:.0} ({}) | {ours:.0} ({}) | {:.2} |",
        spread(empty),
        spread(app),
        ours / alone
    );
}

fn times(name: &str, taken: &[f64]) {
    println!("| {name} | {:.0} | {} |", median(taken), spread(taken));
}

fn frames(name: &str, Frames(frames): &Frames) {
    let later = |than: f64| {
        let count = frames.iter().filter(|frame| **frame > than * FRAME).count();
        format!("{:.1} %", share(count, frames.len()))
    };
    let longest = frames.iter().copied().fold(0.0, f64::max);
    // A frame that is shown on time may be a little late.
    let (one, two) = (later(1.5), later(2.5));
    let rate = 1e3 * count(frames.len()) / frames.iter().sum::<f64>();
    println!("| {name} | {rate:.0} | {one} | {two} | {longest:.0} |");
}

fn share(part: usize, whole: usize) -> f64 {
    100.0 * count(part) / count(whole)
}

#[expect(clippy::cast_precision_loss, reason = "some thousands at most")]
fn count(number: usize) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "some gigabytes at most")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!("{least:.0} – {most:.0}")
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
