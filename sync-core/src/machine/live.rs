//! Keeping a socket open: its events wake `pull`.
//!
//! ```text
//!   (server reachable) ──► opening ──joined──► listening ──► over ──back-off──► (server reachable)
//!                             └──────refused, silent───────────▲
//! ```
//!
//! What an event says is not used, only that there was one: the server's feed, or its list, is the truth (I7).

use std::time::Duration;

use protocol::limits::DELIVERED_IDS;

use crate::{backoff::Backoff, error::StoreError, limits, transport::socket::Say};

use super::{Context, Dialect, Effect, Heard, Machine, SocketId, Tables, feed};

/// The socket.
#[derive(Clone)]
pub(super) struct Live {
    state: State,
    backoff: Backoff,
    /// Whether messages arrived by another way than the feed, so that the server does not know them to be delivered.
    unsaid: bool,
}

#[derive(Clone)]
enum State {
    /// There is none; the next may be opened then.
    Closed(Duration),
    /// One is being opened, and has until then.
    Opening(SocketId, Duration),
    /// It is in its room.
    Listening {
        id: SocketId,
        /// When the next heartbeat is due.
        beat_at: Duration,
        /// How many there were.
        beats: u64,
        /// Whether anything was heard since the last one.
        heard: bool,
        /// The number of the last message that this socket told to be delivered.
        confirmed: i64,
        /// When it may tell of more.
        say_at: Duration,
    },
}

impl Live {
    pub(super) fn new() -> Self {
        Self { state: State::Closed(Duration::ZERO), backoff: super::backoff(), unsaid: true }
    }

    /// Messages arrived by another way than the feed.
    pub(super) fn confirm(&mut self) {
        self.unsaid = true;
    }

    /// There is no need to wait any more.
    pub(super) fn hurry(&mut self) {
        if let State::Closed(_) = self.state {
            self.state = State::Closed(Duration::ZERO);
        }
    }

    /// Whether a socket tells of news.
    pub(super) fn hints(&self) -> bool {
        matches!(self.state, State::Listening { .. })
    }

    /// `known` is whether the server has said of what kind it is.
    pub(super) fn wake_at(&self, reachable: bool, known: bool) -> Option<Duration> {
        match self.state {
            State::Closed(until) => reachable.then_some(until),
            State::Opening(_, until) => Some(until),
            State::Listening { beat_at, say_at, .. } if self.unsaid && known => Some(beat_at.min(say_at)),
            State::Listening { beat_at, .. } => Some(beat_at),
        }
    }

    fn id(&self) -> Option<SocketId> {
        match self.state {
            State::Closed(_) => None,
            State::Opening(id, _) | State::Listening { id, .. } => Some(id),
        }
    }
}

impl Machine {
    /// Opens, closes and asks for signs of life where it is time to.
    pub(super) fn live(&mut self, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        let elapsed = cx.now.elapsed;
        match &mut self.live.state {
            State::Closed(until) if self.reachable && *until <= elapsed => {
                let id = SocketId(self.next_id());
                self.live.state = State::Opening(id, elapsed + limits::SOCKET_TIME);
                cx.effects.push(Effect::Open(id));
            }
            State::Opening(_, until) if *until <= elapsed => self.close_socket(cx),
            State::Listening { id, beat_at, beats, heard, .. } if *beat_at <= elapsed => {
                // A plain server knows no heartbeat; there the transport watches the connection.
                let extended = self.dialect != Some(Dialect::Plain);
                if extended && !*heard {
                    tracing::debug!("the socket is silent: giving it up");
                    self.close_socket(cx);
                    return Ok(());
                }
                *heard = false;
                *beat_at = elapsed + limits::HEARTBEAT;
                *beats = beats.wrapping_add(1);
                if extended {
                    cx.effects.push(Effect::Say(*id, Say::Heartbeat(*beats)));
                }
            }
            State::Closed(_) | State::Opening(..) | State::Listening { .. } => {}
        }
        self.say_delivered(cx)
    }

    /// What a socket says.
    pub(super) fn heard(
        &mut self,
        from: SocketId,
        what: Heard,
        cx: &mut Context<'_, impl Tables>,
    ) -> Result<(), StoreError> {
        if self.live.id() != Some(from) {
            return Ok(());
        }
        if let State::Listening { heard, .. } = &mut self.live.state {
            *heard = true;
        }
        match what {
            Heard::Joined => {
                self.live.backoff.worked();
                self.live.state = State::Listening {
                    id: from,
                    beat_at: cx.now.elapsed + limits::HEARTBEAT,
                    beats: 0,
                    heard: true,
                    confirmed: 0,
                    say_at: cx.now.elapsed,
                };
                // Only what happens from here on is told, so what happened before is asked for. And the last socket
                // may have broken before it could say everything.
                self.pull.wake();
                self.live.unsaid = true;
            }
            Heard::Alive => {}
            Heard::News => self.pull.news(),
            Heard::Person(person) => feed::put_person(cx.tables, &person, cx.changed)?,
            Heard::Ended => self.socket_ended(cx),
        }
        Ok(())
    }

    pub(super) fn close_socket(&mut self, cx: &mut Context<'_, impl Tables>) {
        if let Some(id) = self.live.id() {
            cx.effects.push(Effect::Close(id));
            self.socket_ended(cx);
        }
    }

    fn socket_ended(&mut self, cx: &mut Context<'_, impl Tables>) {
        self.live.state = State::Closed(cx.now.elapsed + self.live.backoff.failed((cx.random)()));
        // Whatever ended the socket may have ended the connection as a whole, or the token.
        self.pull.wake();
    }

    /// Tells the server which messages are here that it does not know to be delivered: those that came with a snapshot
    /// or with history. What is pulled from the feed counts as delivered by itself. One message of the socket at a
    /// heartbeat, so that none is dropped.
    fn say_delivered(&mut self, cx: &mut Context<'_, impl Tables>) -> Result<(), StoreError> {
        if self.dialect != Some(Dialect::Extended) {
            self.live.unsaid &= self.dialect.is_none();
        }
        if !self.live.unsaid || self.dialect.is_none() {
            return Ok(());
        }
        let State::Listening { id, confirmed, say_at, .. } = &mut self.live.state else { return Ok(()) };
        if *say_at > cx.now.elapsed {
            return Ok(());
        }
        *say_at = cx.now.elapsed + limits::DELIVERED_PAUSE;
        let rows = cx.tables.undelivered(*confirmed, DELIVERED_IDS)?;
        if let Some((last, _)) = rows.last() {
            *confirmed = *last;
            let ids = rows.into_iter().map(|(_, id)| id).collect();
            cx.effects.push(Effect::Say(*id, Say::Delivered(ids)));
        } else {
            self.live.unsaid = false;
        }
        Ok(())
    }
}
