//! What goes wrong, and when: drawn from the seed, each time from the place where it happens alone.
//!
//! Because a fault depends on nothing but its place, one can be left out and the others stay. That is what shrinking a
//! failing schedule does.

use std::{collections::BTreeSet, fmt, str::FromStr};

use super::random::Random;

/// Where a fault may happen: at the n-th request, step of the store, or event of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) site: Site,
    pub(super) device: u8,
    pub(super) nth: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Site {
    Request,
    Write,
    Event,
}

/// Everything that can go wrong, for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    RequestLost,
    AnswerLost,
    RequestLate,
    RequestTwice,
    AnswerSlow,
    AnswerCut,
    AnswerUnreadable,
    FailingBefore,
    FailingAfter,
    TooMany,
    Unauthorized,
    SessionOver,
    ListShort,
    ListHollow,
    CrashBeforeCommit,
    CrashAfterCommit,
    CrashAfterRequest,
    DiskFull,
    CommitUnclear,
    EventLost,
    EventTwice,
    EventLate,
    SocketRefused,
    SocketEnds,
    SocketSilent,
    Offline,
    Crash,
    Upgrade,
    SignOut,
    ClockJump,
    ServerClockJump,
    ServerAway,
    FeedExpired,
    Restored,
    ReceiverDisabled,
    DiskFullSpell,
}

impl Fault {
    /// All of them, in order.
    pub(super) const ALL: [Self; 36] = [
        Self::RequestLost,
        Self::AnswerLost,
        Self::RequestLate,
        Self::RequestTwice,
        Self::AnswerSlow,
        Self::AnswerCut,
        Self::AnswerUnreadable,
        Self::FailingBefore,
        Self::FailingAfter,
        Self::TooMany,
        Self::Unauthorized,
        Self::SessionOver,
        Self::ListShort,
        Self::ListHollow,
        Self::CrashBeforeCommit,
        Self::CrashAfterCommit,
        Self::CrashAfterRequest,
        Self::DiskFull,
        Self::CommitUnclear,
        Self::EventLost,
        Self::EventTwice,
        Self::EventLate,
        Self::SocketRefused,
        Self::SocketEnds,
        Self::SocketSilent,
        Self::Offline,
        Self::Crash,
        Self::Upgrade,
        Self::SignOut,
        Self::ClockJump,
        Self::ServerClockJump,
        Self::ServerAway,
        Self::FeedExpired,
        Self::Restored,
        Self::ReceiverDisabled,
        Self::DiskFullSpell,
    ];

    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::RequestLost => "request lost on its way",
            Self::AnswerLost => "answer lost on its way",
            Self::RequestLate => "request carried out after its time-out",
            Self::RequestTwice => "request carried out twice",
            Self::AnswerSlow => "slow answer, overtaken by others",
            Self::AnswerCut => "half an answer",
            Self::AnswerUnreadable => "unreadable answer",
            Self::FailingBefore => "5xx, not carried out",
            Self::FailingAfter => "5xx, carried out",
            Self::TooMany => "429",
            Self::Unauthorized => "401 in spite of a fresh token",
            Self::SessionOver => "session ended by the server",
            Self::ListShort => "list of a plain server without a message that it has",
            Self::ListHollow => "empty lists of a plain server that has messages",
            Self::CrashBeforeCommit => "crash before a commit",
            Self::CrashAfterCommit => "crash after a commit",
            Self::CrashAfterRequest => "crash after a request left",
            Self::DiskFull => "write failed, rolled back",
            Self::CommitUnclear => "commit failed and reached the disk",
            Self::EventLost => "event lost",
            Self::EventTwice => "event repeated",
            Self::EventLate => "event late",
            Self::SocketRefused => "socket refused",
            Self::SocketEnds => "socket ended",
            Self::SocketSilent => "socket silent",
            Self::Offline => "device offline",
            Self::Crash => "app killed",
            Self::Upgrade => "app upgraded with a full outbox",
            Self::SignOut => "signed out and in again",
            Self::ClockJump => "device's clock jumped",
            Self::ServerClockJump => "server's clock jumped",
            Self::ServerAway => "server away",
            Self::FeedExpired => "feed cut short (410)",
            Self::Restored => "server restored from an older copy",
            Self::ReceiverDisabled => "receiver disabled",
            Self::DiskFullSpell => "disk full for a while",
        }
    }
}

/// How often what goes wrong, in a thousand.
#[derive(Debug, Clone, Default)]
pub(super) struct Weather {
    pub(super) lost: u16,
    pub(super) twice: u16,
    pub(super) slow: u16,
    pub(super) failing: u16,
    pub(super) session: u16,
    /// Of the lists of plain servers.
    pub(super) lists: u16,
    pub(super) crash: u16,
    pub(super) disk: u16,
    pub(super) events: u16,
    /// Whether there are no events at all.
    pub(super) silent: bool,
}

impl Weather {
    /// The weather of a schedule: some are calm, some have one trouble, some have all of them.
    pub(super) fn draw(random: &mut Random) -> Self {
        let mut strength = || match random.below(8) {
            0..=2 => 0,
            3..=4 => 15,
            5..=6 => 60,
            _ => 180,
        };
        let (lost, twice, slow, failing) = (strength(), strength(), strength(), strength());
        let (crash, disk, events, session) = (strength() / 8, strength() / 8, strength(), strength() / 15);
        let lists = strength() / 2;
        Self { lost, twice, slow, failing, session, lists, crash, disk, events, silent: random.chance(180) }
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestFate {
    pub(super) fault: Option<Fault>,
    /// How long until the server has it, in milliseconds.
    pub(super) there: u64,
    /// How long until the answer is back.
    pub(super) back: u64,
    /// A number for whatever else the fault needs.
    pub(super) dice: u64,
}

/// Which of the faults are left in; what is shrunk and replayed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// The steps of the schedule, where not all.
    pub(super) steps: Option<BTreeSet<u32>>,
    /// The faults of the network and of the stores, where not all.
    pub(super) places: Option<BTreeSet<Place>>,
}

/// Draws faults, and remembers which there were.
pub(super) struct Faults {
    seed: u64,
    pub(super) weather: Weather,
    only: Option<BTreeSet<Place>>,
    /// How many requests, writes and events each device has had.
    counts: Vec<[u32; 3]>,
    /// Whether faults are over.
    pub(super) over: bool,
    pub(super) happened: Vec<Place>,
    pub(super) tally: [u64; Fault::ALL.len()],
}

impl Faults {
    pub(super) fn new(seed: u64, weather: Weather, devices: usize, only: Option<BTreeSet<Place>>) -> Self {
        Self {
            seed,
            weather,
            only,
            counts: vec![[0; 3]; devices],
            over: false,
            happened: Vec::new(),
            tally: [0; Fault::ALL.len()],
        }
    }

    /// Counts a fault that a step of the schedule made.
    pub(super) const fn count(&mut self, fault: Fault) {
        self.tally[fault as usize] += 1;
    }

    /// What becomes of this device's next request, which asks for a list or not.
    pub(super) fn request(&mut self, device: usize, list: bool) -> RequestFate {
        let (place, mut random) = self.place(Site::Request, device);
        let weather = &self.weather;
        let near = random.between(1, 120);
        let mut fate =
            RequestFate { fault: None, there: near, back: random.between(1, 120), dice: random.next() };
        let fault = if random.chance(weather.lost) {
            [Fault::RequestLost, Fault::AnswerLost, Fault::RequestLate, Fault::AnswerCut][random.index(4)]
        } else if random.chance(weather.twice) {
            Fault::RequestTwice
        } else if random.chance(weather.failing) {
            let kinds = [
                Fault::FailingBefore,
                Fault::FailingAfter,
                Fault::TooMany,
                Fault::AnswerUnreadable,
                Fault::Unauthorized,
            ];
            kinds[random.index(kinds.len())]
        } else if random.chance(weather.session) {
            Fault::SessionOver
        } else if list && random.chance(weather.lists) {
            [Fault::ListShort, Fault::ListHollow][random.index(2)]
        } else if random.chance(weather.slow) {
            Fault::AnswerSlow
        } else {
            return fate;
        };
        if self.happens(place, fault) {
            fate.fault = Some(fault);
            if fault == Fault::AnswerSlow {
                fate.there += fate.dice % 4_000;
                fate.back += fate.dice % 7_000;
            }
        }
        fate
    }

    /// What becomes of this device's next step of the store, and a number beside it.
    pub(super) fn write(&mut self, device: usize) -> (Option<Fault>, u64) {
        let (place, mut random) = self.place(Site::Write, device);
        let fault = if random.chance(self.weather.crash) {
            let kinds = [Fault::CrashBeforeCommit, Fault::CrashAfterCommit, Fault::CrashAfterRequest];
            kinds[random.index(kinds.len())]
        } else if random.chance(self.weather.disk) {
            [Fault::DiskFull, Fault::DiskFull, Fault::CommitUnclear][random.index(3)]
        } else {
            return (None, 0);
        };
        let dice = random.next();
        (self.happens(place, fault).then_some(fault), dice)
    }

    /// What becomes of this device's next event, and how late it is in milliseconds.
    pub(super) fn event(&mut self, device: usize) -> (Option<Fault>, u64) {
        let (place, mut random) = self.place(Site::Event, device);
        let near = random.between(1, 200);
        if !random.chance(self.weather.events) {
            return (None, near);
        }
        let kinds = [
            Fault::EventLost,
            Fault::EventTwice,
            Fault::EventLate,
            Fault::SocketRefused,
            Fault::SocketEnds,
            Fault::SocketSilent,
        ];
        let fault = kinds[random.index(kinds.len())];
        if !self.happens(place, fault) {
            return (None, near);
        }
        let late = if fault == Fault::EventLate { near + random.below(60_000) } else { near };
        (Some(fault), late)
    }

    fn place(&mut self, site: Site, device: usize) -> (Place, Random) {
        let count = &mut self.counts[device][site as usize];
        *count += 1;
        let place = Place { site, device: u8::try_from(device).unwrap_or(u8::MAX), nth: *count };
        (place, Random::new(self.seed, place.number()))
    }

    fn happens(&mut self, place: Place, fault: Fault) -> bool {
        let happens = !self.over && self.only.as_ref().is_none_or(|only| only.contains(&place));
        if happens {
            self.happened.push(place);
            self.count(fault);
        }
        happens
    }
}

impl Place {
    fn number(self) -> u64 {
        (1 << 63) | (self.site as u64) << 48 | u64::from(self.device) << 40 | u64::from(self.nth)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let site = match self.site {
            Site::Request => 'r',
            Site::Write => 'w',
            Site::Event => 'e',
        };
        write!(f, "{site}{}.{}", self.device, self.nth)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("“{text}” is no place of a fault: it looks like r0.12");
        let site = match text.chars().next() {
            Some('r') => Site::Request,
            Some('w') => Site::Write,
            Some('e') => Site::Event,
            _ => return Err(wrong()),
        };
        let (device, nth) = text[1..].split_once('.').ok_or_else(wrong)?;
        Ok(Self {
            site,
            device: device.parse().map_err(|_| wrong())?,
            nth: nth.parse().map_err(|_| wrong())?,
        })
    }
}

impl fmt::Display for Only {
    /// Steps as numbers and ranges, faults as places; `-` where nothing is left of the faults.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let mut steps = self.steps.iter().flatten().copied().peekable();
        while let Some(first) = steps.next() {
            let mut last = first;
            while let Some(next) = steps.next_if(|next| *next == last + 1) {
                last = next;
            }
            parts.push(if first == last { first.to_string() } else { format!("{first}-{last}") });
        }
        match &self.places {
            Some(places) if places.is_empty() => parts.push("-".to_owned()),
            Some(places) => parts.extend(places.iter().map(ToString::to_string)),
            None => {}
        }
        f.write_str(&parts.join(","))
    }
}

impl FromStr for Only {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut only = Self::default();
        for part in text.split(',') {
            if part == "-" {
                only.places.get_or_insert_default();
            } else if part.starts_with(|first: char| first.is_ascii_digit()) {
                let (first, last) = part.split_once('-').unwrap_or((part, part));
                let number = |text: &str| text.parse::<u32>().map_err(|_| format!("“{part}” is no step"));
                only.steps.get_or_insert_default().extend(number(first)?..=number(last)?);
            } else {
                only.places.get_or_insert_default().insert(part.parse()?);
            }
        }
        Ok(only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storm() -> Weather {
        let often = 300;
        Weather {
            lost: often,
            twice: often,
            slow: often,
            failing: often,
            session: often,
            lists: often,
            crash: often,
            disk: often,
            events: often,
            silent: false,
        }
    }

    #[test]
    fn a_fault_that_is_left_out_leaves_the_others_as_they_were() {
        let draw = |only| {
            let mut faults = Faults::new(5, storm(), 1, only);
            let fates: Vec<_> = (0..200).map(|_| faults.request(0, true).fault).collect();
            (fates, faults.happened)
        };
        let (all, places) = draw(None);
        let mut but_one: BTreeSet<_> = places.iter().copied().collect();
        let left_out = places[3];
        but_one.remove(&left_out);
        let (rest, _) = draw(Some(but_one));
        for (nth, (all, rest)) in all.iter().zip(&rest).enumerate() {
            let expected = if nth + 1 == left_out.nth as usize { &None } else { all };
            assert_eq!(rest, expected, "request {nth}");
        }
    }

    #[test]
    fn every_fault_of_the_network_the_store_and_the_events_comes_about() {
        let mut faults = Faults::new(1, storm(), 2, None);
        for _ in 0..2_000 {
            faults.request(0, true);
            faults.write(1);
            faults.event(1);
        }
        let drawn = Fault::ALL.iter().take(Fault::Offline as usize);
        for fault in drawn {
            assert!(faults.tally[*fault as usize] > 0, "{}", fault.words());
        }
    }

    #[test]
    fn the_list_of_faults_is_in_order_and_whole() {
        for (at, fault) in Fault::ALL.iter().enumerate() {
            assert_eq!(*fault as usize, at, "{}", fault.words());
        }
    }

    #[test]
    fn what_is_left_in_is_written_as_it_is_read() {
        for text in ["3,7-9,r0.12,w1.4,e2.100", "1", "-", "1-4,-", "r0.1"] {
            assert_eq!(text.parse::<Only>().unwrap().to_string(), text);
        }
        for text in ["", "x", "r0", "r0.", "1-", "w.1"] {
            assert!(text.parse::<Only>().is_err(), "{text}");
        }
    }
}
