//! How far this device's clock is off, by the `Date` of a server's answers.
//!
//! An answer was made between the moment it was asked for and the moment it came, and its `Date` is cut down to a whole
//! second. So each answer tells where the difference lies, and not exactly what it is; an answer that took long tells
//! too little to be looked at. Whoever is asked behind a cache would tell of the past, so an answer with an `Age` is not
//! looked at either.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::DateTime;
use protocol::Timestamp;
use reqwest::header::{AGE, DATE, HeaderMap};

use crate::{clock::Clock, domain::ClockSkew, limits};

const SECOND: i64 = 1_000;

/// What the answers to one client's requests say of this device's clock.
pub(super) struct Skew {
    clock: Arc<dyn Clock>,
    /// By how many milliseconds this device is ahead.
    ahead: Mutex<Option<i64>>,
}

impl Skew {
    pub(super) const fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, ahead: Mutex::new(None) }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes note of an answer to what was asked at this time.
    pub(super) fn note(&self, asked: Timestamp, headers: &HeaderMap) {
        let Some(date) = headers.get(DATE).filter(|_| !headers.contains_key(AGE)) else { return };
        let Some(date) = date.to_str().ok().and_then(moment) else { return };
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = estimate(asked, self.now(), date, *ahead);
    }

    /// What is to be told of it, if anything.
    pub(super) fn told(&self) -> Option<ClockSkew> {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ClockSkew::of_millis(ahead?)
    }
}

/// A date as HTTP writes it (RFC 9110, section 5.6.7).
fn moment(date: &str) -> Option<Timestamp> {
    let parsed = DateTime::parse_from_rfc2822(date).ok()?;
    Some(Timestamp::clamped(parsed.timestamp_millis()))
}

/// By how many milliseconds this device is ahead, after an answer that was made in the second of `date`. What was
/// known before stays as it is where the answer does not contradict it, so that people are not told of each breath.
fn estimate(asked: Timestamp, answered: Timestamp, date: Timestamp, before: Option<i64>) -> Option<i64> {
    let (asked, answered, date) = (asked.millis(), answered.millis(), date.millis());
    let taken = answered - asked;
    // Below zero, the clock was put back meanwhile.
    if !(0..=i64::try_from(limits::CLOCK_LOOK.as_millis()).unwrap_or(i64::MAX)).contains(&taken) {
        return before;
    }
    let (least, most) = (asked - date - SECOND, answered - date);
    match before {
        Some(before) if (least - SECOND..=most + SECOND).contains(&before) => Some(before),
        _ => Some(i64::midpoint(least, most)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use reqwest::header::HeaderValue;

    use super::*;

    /// 21 October 2026, 07:28:00 UTC.
    const DATE_TEXT: &str = "Wed, 21 Oct 2026 07:28:00 GMT";
    const TIME: i64 = 1_792_567_680_000;
    const MINUTE: i64 = 60 * SECOND;

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::clamped(self.0.load(Ordering::SeqCst))
        }
    }

    /// What is told after answers with [`DATE_TEXT`], asked for and come at these times.
    fn told(answers: &[(i64, i64)]) -> Option<i64> {
        let clock = Arc::new(Hand(AtomicI64::new(0)));
        let skew = Skew::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let headers = [(DATE, HeaderValue::from_static(DATE_TEXT))].into_iter().collect();
        for (asked, answered) in answers {
            clock.0.store(*answered, Ordering::SeqCst);
            skew.note(Timestamp::clamped(*asked), &headers);
        }
        skew.told().map(|skew| skew.seconds)
    }

    #[test]
    fn a_clock_that_is_right_or_nearly_so_is_not_worth_a_word() {
        for off in [0, 700, -700, 30 * SECOND, 2 * MINUTE - SECOND, SECOND - 2 * MINUTE] {
            assert_eq!(told(&[(TIME + off, TIME + off + 80)]), None, "{off}");
        }
    }

    #[test]
    fn a_clock_that_is_minutes_off_is_told_of_with_its_direction() {
        assert_eq!(told(&[(TIME + 7 * MINUTE, TIME + 7 * MINUTE + 100)]), Some(7 * 60));
        assert_eq!(told(&[(TIME - 7 * MINUTE, TIME - 7 * MINUTE + 100)]), Some(-7 * 60));
    }

    #[test]
    fn answers_that_agree_change_nothing_and_one_from_a_clock_put_right_does() {
        let fast = (TIME + 7 * MINUTE, TIME + 7 * MINUTE + 100);
        let later = (fast.0 + 900, fast.1 + 1_400);
        assert_eq!(told(&[fast, later]), told(&[fast]));
        assert_eq!(told(&[fast, later, (TIME, TIME + 100)]), None);
    }

    #[test]
    fn an_answer_that_took_long_or_came_before_it_was_asked_for_tells_nothing() {
        let fast = TIME + 7 * MINUTE;
        assert_eq!(told(&[(fast, fast + MINUTE)]), None);
        assert_eq!(told(&[(fast, fast - SECOND)]), None);
    }

    #[test]
    fn what_is_no_date_or_comes_from_a_cache_tells_nothing() {
        let skew = Skew::new(Arc::new(Hand(AtomicI64::new(0))));
        let now = skew.now();
        skew.note(now, &HeaderMap::new());
        for text in ["", "yesterday", "-1", "Wed, 99 Oct 2026 07:28:00 GMT"] {
            skew.note(now, &[(DATE, HeaderValue::from_static(text))].into_iter().collect());
        }
        let cached = [(DATE, HeaderValue::from_static(DATE_TEXT)), (AGE, HeaderValue::from_static("60"))];
        skew.note(now, &cached.into_iter().collect());
        assert_eq!(skew.told(), None);
        skew.note(now, &[(DATE, HeaderValue::from_static(DATE_TEXT))].into_iter().collect());
        assert_eq!(skew.told().map(|skew| skew.seconds < 0), Some(true));
    }
}
