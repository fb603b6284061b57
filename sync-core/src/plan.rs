//! What to do next, without I/O: from where the device stands to the next request, and from a failure to what
//! follows from it. The outbox has its own plan in `machine::turns`.

use std::time::Duration;

use crate::{
    machine::tables::Feed,
    mutation::{self, Mutation},
    outbox::Failure,
    transport::http::HttpError,
};

/// The next request to the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Take stock: there is no cursor, or the server could not honour it.
    Snapshot,
    /// Go on from here.
    Changes {
        /// The cursor.
        since: String,
    },
}

/// The next request to the feed.
pub(crate) fn next_step(feed: &Feed) -> Step {
    feed.cursor.clone().map_or(Step::Snapshot, |since| Step::Changes { since })
}

/// Whether to ask again at once. A server that promises more and does not move on would be asked for ever.
pub(crate) fn goes_on(since: &str, next: &str, more: bool) -> bool {
    more && next != since
}

/// What a failed request of the outbox means: for its row, and for how long the outbox rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consequence {
    /// What happens to the row.
    pub(crate) failure: Failure,
    /// Whether the rest of the outbox waits as well.
    pub(crate) rest: Rest,
}

/// Whether and how long the outbox rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Not at all: it is this operation's own trouble.
    No,
    /// As the back-off says.
    BackOff,
    /// At least so long, because the server asks for it.
    AtLeast(Duration),
}

/// The one place where failures of requests are sorted: no answer and 5xx → again later, with an unknown outcome;
/// 429 → when the server says; 401 in spite of a fresh token → later; any other 4xx → refused.
pub(crate) fn consequence(error: &HttpError) -> Consequence {
    let (failure, rest) = match error {
        HttpError::Status { status: 429, retry_after, .. } => {
            let asked = retry_after.filter(|_| !mutation::on(Mutation::RetryAfterIgnored));
            (Failure::Later, asked.map_or(Rest::BackOff, Rest::AtLeast))
        }
        HttpError::Status { status: 401 | 425, .. } => (Failure::Later, Rest::BackOff),
        HttpError::Status { status: 400..=407 | 409..=499, reason, .. } => {
            (Failure::Refused { reason: reason.clone() }, Rest::No)
        }
        HttpError::Status { retry_after: Some(wait), .. } => (Failure::NoAnswer, Rest::AtLeast(*wait)),
        HttpError::Status { .. }
        | HttpError::NoAnswer { .. }
        | HttpError::Unreadable(_)
        | HttpError::Expired => (Failure::NoAnswer, Rest::BackOff),
    };
    Consequence { failure, rest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::http::NoAnswer;

    fn status(status: u16, retry_after: Option<u64>) -> HttpError {
        HttpError::Status {
            status,
            reason: "no".to_owned(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn a_device_without_a_cursor_takes_a_snapshot() {
        assert_eq!(next_step(&Feed::default()), Step::Snapshot);
        let feed = Feed { cursor: Some("c1".to_owned()), ..Feed::default() };
        assert_eq!(next_step(&feed), Step::Changes { since: "c1".to_owned() });
    }

    #[test]
    fn a_feed_that_does_not_move_is_not_asked_again_at_once() {
        assert!(goes_on("c1", "c2", true));
        assert!(!goes_on("c1", "c1", true));
        assert!(!goes_on("c1", "c2", false));
    }

    #[test]
    fn only_an_answer_that_says_no_refuses() {
        let refused = Failure::Refused { reason: "no".to_owned() };
        for code in [400, 403, 404, 409, 413, 415, 422] {
            let found = consequence(&status(code, None));
            assert_eq!(found, Consequence { failure: refused.clone(), rest: Rest::No }, "{code}");
        }
        for code in [301, 408, 500, 502, 503] {
            let found = consequence(&status(code, None));
            assert_eq!(found, Consequence { failure: Failure::NoAnswer, rest: Rest::BackOff }, "{code}");
        }
        let lost = HttpError::NoAnswer { cause: NoAnswer::TimedOut, details: String::new() };
        for error in [lost, HttpError::Unreadable(String::new())] {
            assert_eq!(consequence(&error).failure, Failure::NoAnswer);
        }
    }

    #[test]
    fn a_server_that_asks_to_wait_is_obeyed() {
        let wait = Rest::AtLeast(Duration::from_secs(7));
        let found = consequence(&status(429, Some(7)));
        assert_eq!(found, Consequence { failure: Failure::Later, rest: wait });
        let found = consequence(&status(503, Some(7)));
        assert_eq!(found, Consequence { failure: Failure::NoAnswer, rest: wait });
        assert_eq!(consequence(&status(401, None)).failure, Failure::Later);
    }
}
