//! Keeping a socket open: its events wake `pull`.
//!
//! ```text
//!   (server reachable) ──► opening ──joined──► listening ──► over ──back-off──► (server reachable)
//!                             └──────refused, silent───────────▲
//! ```

use std::sync::Arc;

use protocol::limits::DELIVERED_IDS;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::{
    backoff::Backoff,
    limits,
    store::messages,
    transport::{
        socket::{Say, Session, Signal},
        token::TokenError,
    },
};

use super::{Shared, backoff};

pub(super) async fn run(shared: Arc<Shared>) {
    let mut backoff = backoff();
    loop {
        shared.until_reachable().await;
        attempt(&shared, &mut backoff).await;
        shared.set_hints(false);
        // Whatever ended the socket may have ended the connection as a whole, or the token.
        shared.wake.pull.notify_one();
        shared.back_off(backoff.failed(rand::random())).await;
    }
}

/// One session, from opening to its end.
async fn attempt(shared: &Shared, backoff: &mut Backoff) {
    let token = match shared.api.token().await {
        Ok(token) => token,
        // `pull` meets the same and deals with it.
        Err(TokenError::SessionOver | TokenError::Http(_)) => return,
    };
    let mut session = match shared.source.open(shared.api.server(), token) {
        Ok(session) => session,
        Err(error) => {
            tracing::warn!(%error, "no socket can be opened");
            return;
        }
    };
    if joined(&mut session).await {
        backoff.worked();
        shared.set_hints(true);
        // Only what happens from here on is told, so what happened before is asked for.
        shared.wake.pull.notify_one();
        // The last socket may have broken before it could say everything.
        shared.wake.confirm.notify_one();
        listen(shared, &mut session).await;
    }
}

/// Waits until the socket is in its room; false where that fails or takes too long.
async fn joined(session: &mut Session) -> bool {
    let outcome = timeout(limits::SOCKET_TIME, async {
        loop {
            match session.signal().await {
                Signal::Joined => return true,
                Signal::Alive { .. } => {}
                Signal::Ended => return false,
            }
        }
    });
    outcome.await.unwrap_or(false)
}

/// Passes hints on until the session ends or is silent for a heartbeat too long.
async fn listen(shared: &Shared, session: &mut Session) {
    let mut beat = interval_at(Instant::now() + limits::HEARTBEAT, limits::HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut asked = 0_u64;
    let mut heard = true;
    let mut confirmed = 0;
    let mut unsaid = false;
    loop {
        tokio::select! {
            signal = session.signal() => match signal {
                Signal::Ended => return,
                Signal::Joined | Signal::Alive { news: true } => {
                    heard = true;
                    shared.wake.pull.notify_one();
                }
                Signal::Alive { news: false } => heard = true,
            },
            _ = beat.tick() => {
                if !heard {
                    tracing::debug!("the socket is silent: giving it up");
                    return;
                }
                heard = false;
                asked = asked.wrapping_add(1);
                session.say(Say::Heartbeat(asked));
                if unsaid {
                    unsaid = !confirm(shared, session, &mut confirmed).await;
                }
            }
            () = shared.wake.confirm.notified() => unsaid = !confirm(shared, session, &mut confirmed).await,
        }
    }
}

/// Tells the server which messages are here that it does not know to be delivered: those that came with a snapshot
/// or with history. What is pulled from the feed counts as delivered by itself. Each row is told of once a session;
/// `confirmed` is the last. False where the rest has to wait.
async fn confirm(shared: &Shared, session: &Session, confirmed: &mut i64) -> bool {
    loop {
        let after = *confirmed;
        let read =
            shared.store().read(move |connection| messages::undelivered(connection, after, DELIVERED_IDS));
        let rows = match read.await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, details = error.details(), "deliveries could not be read");
                return false;
            }
        };
        let Some(&(last, _)) = rows.last() else { return true };
        let ids = rows.into_iter().map(|(_, id)| id).collect();
        if !session.say(Say::Delivered(ids)) {
            return false;
        }
        *confirmed = last;
    }
}
