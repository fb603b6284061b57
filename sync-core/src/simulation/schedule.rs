//! What people do, and what befalls them: a schedule of steps, drawn from a seed.

use std::fmt;

use crate::machine::Dialect;

use super::{faults::Weather, random::Random};

/// A step: how long after the one before it, in milliseconds, and what.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) after: u64,
    pub(super) act: Act,
}

/// What happens. Devices and people are numbers; what is `back` counts backwards from the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// The user of a device writes a message.
    Send { device: usize, peer: usize, words: Words },
    /// The user changes one of their own messages.
    Edit { device: usize, back: usize },
    /// The user deletes one of their own messages.
    Delete { device: usize, back: usize },
    /// The user reads a conversation up to a message.
    Read { device: usize, peer: usize, back: usize },
    /// The user tries again what was refused, or sends again what the server lost.
    Retry { device: usize, back: usize },
    /// The user does not want to wait.
    Hurry { device: usize },
    /// The user scrolls to the oldest message here.
    Look { device: usize, peer: usize },
    /// The network of a device goes for so many milliseconds.
    Offline { device: usize, during: u64 },
    /// The app is killed, and started again after so many milliseconds.
    Crash { device: usize, during: u64 },
    /// The user writes many messages without a network, and the app is replaced by a newer one.
    Upgrade { device: usize, peer: usize, rows: usize },
    /// The user signs out, keeps the messages, and signs in again after so many milliseconds.
    SignOut { device: usize, during: u64 },
    /// A device's clock jumps.
    Jump { device: usize, by: i64 },
    /// The disk of a device is full for so many milliseconds.
    DiskFull { device: usize, during: u64 },
    /// The sockets of a device say nothing any more.
    Deafen { device: usize },
    /// The server's clock jumps.
    JumpServer { by: i64 },
    /// The server cannot be reached, or answers 503, for so many milliseconds.
    ServerAway { during: u64 },
    /// The server is copied.
    BackUp,
    /// The server goes back to its copy.
    Restore,
    /// The server clears all but so many of the newest places of somebody's feed away.
    Prune { person: usize, but: usize },
    /// Somebody cannot be written to for so many milliseconds.
    Disable { person: usize, during: u64 },
    /// Somebody uses another client, which knows no extensions.
    Elsewhere { person: usize, peer: usize, what: Elsewhere },
    /// Nothing happens for long.
    Wait,
}

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Something new.
    New,
    /// The same as the last one.
    Again,
    /// Something that the server does not take.
    Forbidden,
}

/// What is done with another client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    Send,
    Edit { back: usize },
    Delete { back: usize },
    Read { back: usize },
}

/// Everything that a seed stands for.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    pub(super) dialect: Dialect,
    /// How many people there are.
    pub(super) people: usize,
    /// Whose each device is.
    pub(super) devices: Vec<usize>,
    pub(super) weather: Weather,
    pub(super) steps: Vec<Step>,
}

const SECOND: u64 = 1_000;
const YEAR: i64 = 365 * 24 * 60 * 60 * 1_000;

impl Schedule {
    /// The schedule of this seed, with so many steps.
    pub(super) fn draw(seed: u64, operations: u32) -> Self {
        let mut random = Random::new(seed, 0);
        let layouts: [&[usize]; 5] = [&[0, 1], &[0, 0, 1], &[0, 1, 2], &[0, 0, 1], &[0, 0, 0]];
        let devices = layouts[random.index(layouts.len())].to_vec();
        let people = if devices.contains(&2) || random.chance(500) { 3 } else { 2 };
        let dialect = if random.chance(300) { Dialect::Plain } else { Dialect::Extended };
        let weather = Weather::draw(&mut random);
        // Restores and clock jumps are rare in life, and a schedule with many of them tests little else.
        let upheaval = random.chance(400);
        let steps = (0..operations)
            .map(|nth| {
                // Each from a stream of its own, so that leaving one out does not change the others.
                let mut random = Random::new(seed, 1 + u64::from(nth));
                let draw = Draw { devices: &devices, people, upheaval };
                Step { after: pause(&mut random), act: draw.act(&mut random) }
            })
            .collect();
        Self { dialect, people, devices, weather, steps }
    }
}

fn pause(random: &mut Random) -> u64 {
    match random.below(100) {
        0..=29 => 0,
        30..=69 => random.below(SECOND),
        70..=95 => random.below(8 * SECOND),
        _ => random.below(60 * SECOND),
    }
}

struct Draw<'a> {
    devices: &'a [usize],
    people: usize,
    upheaval: bool,
}

impl Draw<'_> {
    fn act(&self, random: &mut Random) -> Act {
        let device = random.index(self.devices.len());
        let person = self.devices[device];
        let peer = self.peer(person, random);
        let back = random.index(6);
        match random.below(1_000) {
            0..=379 => Act::Send { device, peer, words: words(random) },
            380..=459 => Act::Edit { device, back },
            460..=519 => Act::Delete { device, back },
            520..=619 => Act::Read { device, peer, back: random.index(3) },
            620..=669 => Act::Retry { device, back: random.index(3) },
            670..=684 => Act::Hurry { device },
            685..=699 => Act::Look { device, peer },
            700..=764 => Act::Offline { device, during: spell(random) },
            765..=809 => Act::Crash { device, during: random.below(20 * SECOND) },
            810..=814 => Act::Upgrade { device, peer, rows: 10 + random.index(30) },
            815..=829 => Act::SignOut { device, during: spell(random) },
            830..=839 => Act::DiskFull { device, during: random.below(10 * SECOND) },
            840..=849 => Act::Deafen { device },
            850..=864 => Act::ServerAway { during: spell(random) },
            865..=869 => Act::Wait,
            870..=874 => Act::Disable { person: peer, during: spell(random) },
            875..=934 => {
                let person = random.index(self.people);
                Act::Elsewhere { person, peer: self.peer(person, random), what: elsewhere(random, back) }
            }
            935..=959 => Act::Prune { person, but: random.index(4) },
            _ if !self.upheaval => Act::Send { device, peer, words: words(random) },
            960..=969 => Act::Jump { device, by: years(random) },
            970..=974 => Act::JumpServer { by: years(random) },
            975..=991 => Act::BackUp,
            _ => Act::Restore,
        }
    }

    /// Somebody else.
    fn peer(&self, person: usize, random: &mut Random) -> usize {
        (person + 1 + random.index(self.people - 1)) % self.people
    }
}

fn words(random: &mut Random) -> Words {
    match random.below(20) {
        0 => Words::Forbidden,
        1..=2 => Words::Again,
        _ => Words::New,
    }
}

fn elsewhere(random: &mut Random, back: usize) -> Elsewhere {
    match random.below(8) {
        0..=3 => Elsewhere::Send,
        4 => Elsewhere::Edit { back },
        5 => Elsewhere::Delete { back },
        _ => Elsewhere::Read { back },
    }
}

fn spell(random: &mut Random) -> u64 {
    if random.chance(800) { random.below(15 * SECOND) } else { random.below(120 * SECOND) }
}

fn years(random: &mut Random) -> i64 {
    let by = i64::try_from(random.below(20)).unwrap_or(0) - 10;
    by * YEAR + i64::try_from(random.below(1_000_000)).unwrap_or(0)
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The field names say it all.
        write!(f, "{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_schedule() {
        let text = |seed| format!("{:?}", Schedule::draw(seed, 200));
        assert_eq!(text(9), text(9));
        assert_ne!(text(9), text(10));
    }

    #[test]
    fn nobody_writes_to_themselves() {
        for seed in 0..200 {
            let schedule = Schedule::draw(seed, 200);
            assert_eq!(schedule.steps.len(), 200);
            for step in &schedule.steps {
                if let Act::Send { device, peer, .. } = &step.act {
                    assert!(schedule.devices[*device] != *peer && *peer < schedule.people);
                }
            }
        }
    }
}
