//! Makes ids in the layout of an `ObjectId` that never go back (I3).

use protocol::{ObjectId, Timestamp};

/// Makes ids that sort in the order in which they were made, also after a restart and when the clock stands still.
#[derive(Debug)]
pub struct IdGenerator {
    process: [u8; 5],
    seconds: u32,
    counter: u32,
}

/// One more than the greatest counter that an id can hold.
const COUNTER_END: u32 = 1 << 24;

impl IdGenerator {
    /// Makes ids after `last`, the greatest that is in use, marked with these five random bytes.
    #[must_use]
    pub fn after(last: Option<ObjectId>, process: [u8; 5]) -> Self {
        let seconds = last.map_or(0, |last| {
            let [a, b, c, d, ..] = last.to_bytes();
            u32::from_be_bytes([a, b, c, d]).saturating_add(1)
        });
        Self { process, seconds, counter: 0 }
    }

    /// The next id, at the time `now` or, where ids were made later than that already, right after them.
    pub fn next(&mut self, now: Timestamp) -> ObjectId {
        let seconds = u32::try_from(now.millis().max(0) / 1000).unwrap_or(u32::MAX);
        if seconds > self.seconds || self.counter == COUNTER_END {
            self.seconds = seconds.max(self.seconds.saturating_add(1));
            self.counter = 0;
        }
        let id = ObjectId::from_parts(self.seconds, self.process, self.counter);
        self.counter += 1;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_within_a_second_across_seconds_and_when_the_clock_goes_back() {
        let mut ids = IdGenerator::after(None, [7; 5]);
        let times = [5_000, 5_001, 6_000, 1_000, 9_000];
        let made = times.map(|millis| ids.next(Timestamp::clamped(millis)));
        assert!(made.is_sorted_by(|a, b| a < b), "{made:?}");
    }

    #[test]
    fn ids_ascend_across_a_restart_within_the_same_second() {
        let now = Timestamp::clamped(5_000);
        let last = IdGenerator::after(None, [255; 5]).next(now);
        assert!(IdGenerator::after(Some(last), [0; 5]).next(now) > last);
    }

    #[test]
    fn a_used_up_counter_moves_on_to_the_next_second() {
        let now = Timestamp::clamped(5_000);
        let mut ids = IdGenerator { process: [1; 5], seconds: 5, counter: COUNTER_END - 1 };
        let last = ids.next(now);
        assert!(ids.next(now) > last);
    }
}
