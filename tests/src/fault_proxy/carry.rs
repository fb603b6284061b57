//! One direction of one connection.

use std::time::Duration;

use rand::{RngExt as _, rngs::StdRng};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::tcp::{ReadHalf, WriteHalf},
    time::sleep,
};

use super::{Fault, Line, requests::Requests};

/// How the whole connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Fin,
    Reset,
}

pub(super) struct Direction<'a> {
    pub(super) line: &'a Line,
    pub(super) rng: StdRng,
    /// Whether whole requests are delivered twice.
    pub(super) repeats: bool,
}

/// How many bytes a drip lasts at most, and the rest between two of them.
const DRIP: usize = 300;
const DROP: Duration = Duration::from_millis(1);

/// The longest pause, in milliseconds.
const PAUSE: u64 = 1_500;

/// The most bytes between two faults, as a power of two: a head, a few requests, a websocket for a while.
const DOUBLINGS: u32 = 12;

/// Carries until one side has ended, or a fault ends both.
pub(super) async fn carry(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut direction: Direction<'_>,
) -> End {
    let mut requests = direction.repeats.then(Requests::default);
    let mut buffer = vec![0; 16 * 1024];
    let (mut left, mut fault) = direction.next();
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) => return End::Fin,
            Ok(read) => read,
            Err(_) => return End::Reset,
        };
        let whole = match requests.as_mut() {
            Some(requests) => requests.take(&buffer[..read], direction.line).await,
            None => buffer[..read].to_vec(),
        };
        let mut rest = whole.as_slice();
        while !rest.is_empty() {
            let calm = !direction.line.is_bad();
            let now = if calm { rest.len() } else { rest.len().min(left) };
            let (first, others) = rest.split_at(now);
            if to.write_all(first).await.is_err() {
                return End::Reset;
            }
            rest = others;
            if calm {
                continue;
            }
            left -= now;
            if left == 0 {
                direction.line.meet(fault);
                if let Some(end) = direction.befall(fault, &mut rest, &mut to).await {
                    return end;
                }
                (left, fault) = direction.next();
            }
        }
    }
}

impl Direction<'_> {
    /// What happens next, and after how many bytes.
    fn next(&mut self) -> (usize, Fault) {
        let fault = match self.rng.random_range(0..20) {
            0..4 => Fault::Fin,
            4..8 => Fault::Reset,
            8..11 => Fault::Half,
            11..15 => Fault::Pause,
            15 => Fault::Silence,
            _ => Fault::Drip,
        };
        // As many small distances as large ones.
        let bound = 2_usize << self.rng.random_range(4..DOUBLINGS);
        (self.rng.random_range(1..=bound), fault)
    }

    /// Lets it happen; `rest` is what was being carried. How the connection ends, if it does.
    async fn befall(&mut self, fault: Fault, rest: &mut &[u8], to: &mut WriteHalf<'_>) -> Option<End> {
        match fault {
            Fault::Fin => return Some(End::Fin),
            Fault::Reset => return Some(End::Reset),
            Fault::Half => {
                let half = &rest[..rest.len() / 2];
                let _ = to.write_all(half).await;
                // Time to arrive: a reset may overtake what was sent before it.
                sleep(DROP * 20).await;
                return Some(End::Reset);
            }
            Fault::Pause => sleep(Duration::from_millis(self.rng.random_range(1..PAUSE))).await,
            Fault::Silence => std::future::pending().await,
            Fault::Drip => {
                let (drip, others) = rest.split_at(rest.len().min(DRIP));
                for byte in drip {
                    if to.write_all(&[*byte]).await.is_err() {
                        return Some(End::Reset);
                    }
                    sleep(DROP).await;
                }
                *rest = others;
            }
            Fault::Repeat => {}
        }
        None
    }
}
