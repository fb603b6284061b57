//! What waits to be sent: its states, without I/O (DESIGN §4).
//!
//! ```text
//!   write            start: attempt counted and stored before the try
//!     │             ┌────────────────────────────────────────────┐
//!     ▼             │                                            ▼
//!  ┌────────┐   ┌───┴─────┐  no answer, or a crash in flight  ┌───────────┐
//!  │ queued ├──►│ unknown │◄──────────────────────────────────┤ in flight ├──► (confirmed)
//!  └──┬─▲─▲─┘   └─────────┘                                   └──┬──┬─────┘
//!     │ │ └──────────── the server asks to wait ─────────────────┘  │ the server says no
//!     │ │   try again, or edited     ┌─────────┐                    │
//!     │ └────────────────────────────┤ refused │◄───────────────────┘
//!     │                              └────┬────┘
//!     └────────► (cancelled) ◄────────────┘   by the user
//! ```
//!
//! `queued` also starts. At a plain server, which knows no keys, an `unknown` send is looked for before it is tried
//! again: found, it is confirmed; absent, it is `queued`. Confirmed and cancelled rows are gone; everything else is a row of the table `outbox`.
//! Only a send that the server certainly does not have can be cancelled or rewritten in place: one that was never
//! tried, or was refused. After a try of unknown outcome, an edit or a deletion waits behind it as an operation
//! of its own. A refused send holds back the later sends of its conversation (I3), and nothing else.

use crate::{
    domain::{ItemKey, Status, UserId},
    mutation::{self, Mutation},
};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Send a new message.
    Send,
    /// Change a message's content.
    Edit,
    /// Delete a message.
    Delete,
    /// Mark a conversation as read up to a message.
    Read,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Not tried, or turned away without being looked at.
    Queued,
    /// A request is under way.
    InFlight,
    /// A request may have been carried out.
    Unknown,
    /// The server said no.
    Refused {
        /// In its own words.
        reason: String,
    },
}

/// A transition that the diagram does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an operation that is {from:?} cannot {event}")]
pub(crate) struct Impossible {
    from: State,
    event: &'static str,
}

/// How a try ended without success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No answer: it may have been carried out.
    NoAnswer,
    /// The server asks to come again later, and has not carried it out.
    Later,
    /// The server says no.
    Refused {
        /// In its own words.
        reason: String,
    },
}

impl State {
    /// A try begins; its attempt is counted in the same transaction.
    pub(crate) fn start(self) -> Result<Self, Impossible> {
        match self {
            Self::Queued | Self::Unknown => Ok(Self::InFlight),
            from => Err(Impossible { from, event: "start" }),
        }
    }

    /// A try failed. `attempts` counts it: a first try that is turned away was certainly not carried out, a later
    /// one says nothing of those before it.
    pub(crate) fn fail(self, failure: Failure, attempts: u32) -> Result<Self, Impossible> {
        match (self, failure) {
            (Self::InFlight, Failure::Later) if attempts <= 1 => Ok(Self::Queued),
            (Self::InFlight, Failure::Later | Failure::NoAnswer) => Ok(Self::Unknown),
            (Self::InFlight, Failure::Refused { reason }) => Ok(Self::Refused { reason }),
            (from, _) => Err(Impossible { from, event: "fail" }),
        }
    }

    /// The program starts, or a try ended unseen: what was in flight may have been carried out.
    pub(crate) fn recover(self) -> Self {
        match self {
            Self::InFlight => Self::Unknown,
            other => other,
        }
    }

    /// The server was looked through, and does not have it.
    pub(crate) fn absent(self) -> Result<Self, Impossible> {
        match self {
            Self::Unknown => Ok(Self::Queued),
            from => Err(Impossible { from, event: "be found absent" }),
        }
    }

    /// The user wants a refused operation tried again.
    pub(crate) fn retry(self) -> Result<Self, Impossible> {
        match self {
            Self::Refused { .. } => Ok(Self::Queued),
            from => Err(Impossible { from, event: "be tried again" }),
        }
    }

    /// What is shown of a send that waits. `held` is whether one before it in its conversation was refused.
    pub(crate) fn status(self, held: bool) -> Status {
        match self {
            Self::Refused { reason } => Status::Refused { reason },
            _ if held => Status::Held,
            Self::InFlight => Status::Sending,
            Self::Queued | Self::Unknown => Status::Waiting,
        }
    }

    /// Whether the server certainly does not have it, so that it can be rewritten or cancelled here.
    pub(crate) fn is_here_alone(&self, attempts: u32) -> bool {
        match self {
            Self::Queued => attempts <= 1,
            Self::Refused { .. } => true,
            Self::InFlight | Self::Unknown => mutation::on(Mutation::UncertainCancelled),
        }
    }
}

/// A row of the outbox, less its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its number: first in, first out.
    pub(crate) seq: i64,
    pub(crate) kind: Kind,
    pub(crate) peer: UserId,
    /// The message's key: of a send its own, otherwise that of the message to change or to read up to.
    pub(crate) target: ItemKey,
    pub(crate) state: State,
    pub(crate) attempts: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> State {
        State::Refused { reason: "User not found".to_owned() }
    }

    fn no() -> Failure {
        Failure::Refused { reason: "User not found".to_owned() }
    }

    #[test]
    fn queued_to_in_flight_to_unknown_to_in_flight() {
        let state = State::Queued.start().unwrap();
        assert_eq!(state, State::InFlight);
        let state = state.fail(Failure::NoAnswer, 1).unwrap();
        assert_eq!(state, State::Unknown);
        assert_eq!(state.start(), Ok(State::InFlight));
    }

    #[test]
    fn in_flight_to_crash_to_unknown() {
        assert_eq!(State::InFlight.recover(), State::Unknown);
        for state in [State::Queued, State::Unknown, refused()] {
            assert_eq!(state.clone().recover(), state);
        }
    }

    #[test]
    fn in_flight_to_refused_to_queued() {
        let state = State::InFlight.fail(no(), 1).unwrap();
        assert_eq!(state, refused());
        assert_eq!(state.retry(), Ok(State::Queued));
    }

    #[test]
    fn in_flight_to_queued_only_when_no_earlier_try_may_have_been_carried_out() {
        assert_eq!(State::InFlight.fail(Failure::Later, 1), Ok(State::Queued));
        assert_eq!(State::InFlight.fail(Failure::Later, 2), Ok(State::Unknown));
    }

    #[test]
    fn unknown_to_queued_when_the_server_was_looked_through() {
        assert_eq!(State::Unknown.absent(), Ok(State::Queued));
        for state in [State::Queued, State::InFlight, refused()] {
            assert!(state.absent().is_err());
        }
    }

    #[test]
    fn there_are_no_other_arrows() {
        for state in [State::InFlight, refused()] {
            assert!(state.start().is_err());
        }
        for state in [State::Queued, State::Unknown, refused()] {
            for failure in [Failure::NoAnswer, Failure::Later, no()] {
                assert!(state.clone().fail(failure, 1).is_err());
            }
        }
        for state in [State::Queued, State::Unknown, State::InFlight] {
            assert!(state.retry().is_err());
        }
    }

    #[test]
    fn only_what_the_server_does_not_have_is_rewritten_here() {
        assert!(State::Queued.is_here_alone(0) && refused().is_here_alone(1));
        assert!(!State::InFlight.is_here_alone(1) && !State::Unknown.is_here_alone(1));
    }

    #[test]
    fn what_waits_behind_a_refused_send_is_held() {
        let states = [State::Queued, State::Unknown, State::InFlight];
        assert_eq!(
            states.clone().map(|state| state.status(false)),
            [Status::Waiting, Status::Waiting, Status::Sending]
        );
        assert_eq!(states.map(|state| state.status(true)), [Status::Held, Status::Held, Status::Held]);
        for held in [false, true] {
            let reason = "User not found".to_owned();
            assert_eq!(refused().status(held), Status::Refused { reason });
        }
    }
}
