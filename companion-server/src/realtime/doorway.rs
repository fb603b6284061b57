//! Counts the sockets there are, and knows whose each is.
//!
//! A few networks can't take every place, because none gets more than [`share`] leaves it.
//!
//! Each handshake gets a [`Permit`], which lives in the extensions of the request that Engine.IO keeps for as long as
//! the socket exists. So the counts go down by themselves, however a socket ends.
//!
//! A polling session is many requests, and whoever knows its id could make one. So it is bound to its owner
//! ([`Permit::lets`]): where its handshake showed a token, every request has to show one of the same sign-in; where
//! not, as with browsers, which show theirs over the socket, its requests have to come from the same network, and one
//! that does show a token has to show the right one. The network is the address's /24, with IPv6 its /56, because some
//! clients come from several addresses next to each other. The id itself has 96 random bits and stands in no log.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

use socketioxide::{TransportType, extract::SocketRef};

use crate::{
    model::SessionId,
    serve::{Link, share},
};

/// How many sockets there may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// In all.
    pub sockets: usize,
    /// Of those, how many have not shown a token yet.
    pub pending: usize,
    /// Of one user.
    pub per_user: usize,
    /// Of one network; generous, because a whole school may sit behind one address.
    pub per_network: usize,
    /// Of one network, how many have not shown a token yet: a flood from one place leaves room for others.
    pub pending_per_network: usize,
}

/// How often a socket may try to show a token.
const TRIES: u8 = 5;

impl Default for Bounds {
    fn default() -> Self {
        Self { sockets: 20_000, pending: 1_000, per_user: 64, per_network: 10_000, pending_per_network: 250 }
    }
}

/// The sockets there are; cheap to clone.
#[derive(Clone)]
pub(super) struct Doorway(Arc<Inner>);

struct Inner {
    bounds: Bounds,
    places: Mutex<Places>,
    /// The sessions that began by polling, by socket id.
    polling: Mutex<HashMap<String, Weak<Permit>>>,
}

#[derive(Default)]
struct Places {
    all: Count,
    by_network: HashMap<IpAddr, Count>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    sockets: usize,
    pending: usize,
}

/// One socket's place.
pub(super) struct Permit {
    doorway: Arc<Inner>,
    network: IpAddr,
    /// The connection of a websocket. A polling client's connection carries its other requests too, and is never hung
    /// up for its socket.
    link: Mutex<Option<Weak<Link>>>,
    /// Whether the handshake showed a token.
    shown: bool,
    session: OnceLock<SessionId>,
    sid: OnceLock<String>,
    admitted: AtomicBool,
    ended: AtomicBool,
    tries: AtomicU8,
}

/// What a request of a polling session shows.
pub(super) struct Shown {
    /// Where it comes from.
    pub(super) address: IpAddr,
    /// Its `Authorization` header.
    pub(super) token: Token,
}

/// A token of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// None.
    Missing,
    /// Malformed, forged, expired or of an ended session.
    Bad,
    /// Of this session.
    Of(SessionId),
}

impl Doorway {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Inner { bounds, places: Mutex::default(), polling: Mutex::default() }))
    }

    pub(super) fn per_user(&self) -> usize {
        self.0.bounds.per_user
    }

    /// A place for a handshake, where there is one. `link` is that of a websocket.
    pub(super) fn permit(&self, shown: &Shown, link: Option<Weak<Link>>) -> Option<Arc<Permit>> {
        let network = network(shown.address);
        {
            let bounds = self.0.bounds;
            let mut places = lock(&self.0.places);
            let near = places.by_network.get(&network).copied().unwrap_or_default();
            let all = places.all;
            let sockets = share(bounds.sockets, all.sockets - near.sockets).min(bounds.per_network);
            let pending = share(bounds.pending, all.pending - near.pending).min(bounds.pending_per_network);
            if all.sockets >= bounds.sockets
                || all.pending >= bounds.pending
                || near.sockets >= sockets
                || near.pending >= pending
            {
                return None;
            }
            places.change(network, |count| {
                count.sockets += 1;
                count.pending += 1;
            });
        }
        let session = OnceLock::new();
        if let Token::Of(known) = shown.token {
            session.set(known).ok();
        }
        Some(Arc::new(Permit {
            doorway: Arc::clone(&self.0),
            network,
            link: Mutex::new(link),
            shown: shown.token != Token::Missing,
            session,
            sid: OnceLock::new(),
            admitted: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            tries: AtomicU8::new(0),
        }))
    }

    /// Remembers whose polling session this is.
    pub(super) fn note_polling(&self, sid: String, permit: &Arc<Permit>) {
        lock(&self.0.polling).insert(sid.clone(), Arc::downgrade(permit));
        permit.sid.set(sid).ok();
    }

    /// Whose session it is, where it began by polling and has not ended.
    pub(super) fn polling(&self, sid: &str) -> Option<Arc<Permit>> {
        let permit = lock(&self.0.polling).get(sid)?.upgrade()?;
        (!permit.ended.load(Ordering::Relaxed)).then_some(permit)
    }

    /// Takes a socket out of its namespace, and hangs up where its buffer is too full even for that.
    pub(super) fn cut(socket: &SocketRef) {
        socket.leave_all();
        if socket.clone().disconnect().is_err() {
            Self::hang_up(socket);
        }
    }

    /// Closes the connection below a socket that has left its namespace, which Engine.IO would keep.
    pub(super) fn hang_up(socket: &SocketRef) {
        let Some(permit) = permit_of(socket) else { return };
        // Of a polling session no further request is answered, so that it times out.
        permit.ended.store(true, Ordering::Relaxed);
        if socket.transport_type() == TransportType::Websocket
            && let Some(link) = lock(&permit.link).as_ref().and_then(Weak::upgrade)
        {
            link.close();
        }
    }
}

impl Permit {
    /// The socket has shown who it is.
    pub(super) fn admit(&self) {
        if !self.admitted.swap(true, Ordering::Relaxed) {
            lock(&self.doorway.places).change(self.network, |count| count.pending -= 1);
        }
    }

    /// Whether the socket may try once more to show a token.
    pub(super) fn tries(&self) -> bool {
        self.tries.fetch_add(1, Ordering::Relaxed) < TRIES
    }

    /// Whether the socket belongs to this sign-in; from now on it does, where it belonged to none.
    pub(super) fn belongs_to(&self, session: SessionId) -> bool {
        *self.session.get_or_init(|| session) == session
    }

    /// The socket goes on over this connection.
    pub(super) fn upgrade(&self, link: Weak<Link>) {
        *lock(&self.link) = Some(link);
    }

    /// Whether a request belongs to the polling session, as the module says.
    pub(super) fn lets(&self, request: &Shown) -> bool {
        match (request.token, self.session.get()) {
            (Token::Missing, _) => !self.shown && network(request.address) == self.network,
            (shown, Some(own)) => shown == Token::Of(*own),
            // A bad token at the handshake is told of over the socket, so the session goes on until then.
            (_, None) => network(request.address) == self.network,
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let pending = usize::from(!*self.admitted.get_mut());
        lock(&self.doorway.places).change(self.network, |count| {
            count.sockets -= 1;
            count.pending -= pending;
        });
        if let Some(sid) = self.sid.get() {
            lock(&self.doorway.polling).remove(sid);
        }
    }
}

impl Places {
    fn change(&mut self, network: IpAddr, change: impl Fn(&mut Count)) {
        change(&mut self.all);
        let near = self.by_network.entry(network).or_default();
        change(near);
        if near.sockets == 0 {
            self.by_network.remove(&network);
        }
    }
}

pub(super) fn permit_of(socket: &SocketRef) -> Option<&Arc<Permit>> {
    socket.req_parts().extensions.get()
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << 8)).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 72)).into(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_networks_cannot_take_every_place() {
        let doorway = Doorway::new(Bounds::default());
        let open = |address: &str| {
            let shown = Shown { address: address.parse().unwrap(), token: Token::Missing };
            doorway.permit(&shown, None)
        };
        // First with sockets that stay strangers, then with sockets that have joined.
        for (joins, few, most) in [(false, 6, 1_000), (true, 8, 20_000)] {
            let mut held = Vec::new();
            for n in 0..few {
                while let Some(permit) = open(&format!("203.0.{n}.1")) {
                    if joins {
                        permit.admit();
                    }
                    held.push(permit);
                }
            }
            assert!(held.len() > most * 9 / 10, "{} of {most}", held.len());
            let others: Vec<_> = (0..10).map_while(|_| open("198.51.100.7")).collect();
            assert_eq!(others.len(), 10);
        }
    }
}
