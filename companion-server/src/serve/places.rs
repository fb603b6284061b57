//! How many connections there may be: in all, and from one client.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts the connections there are.
#[derive(Debug, Clone)]
pub(super) struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    all: usize,
    per_client: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Only of those who have a connection, so there are never more entries than connections.
    by_client: HashMap<IpAddr, usize>,
}

/// A connection's place; free again once it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    client: Option<IpAddr>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// There are too many connections.
    All,
    /// There are too many of this client.
    Client,
}

impl Places {
    pub(super) fn new(all: usize, per_client: usize) -> Self {
        Self(Arc::new(Inner { all, per_client, taken: Mutex::default() }))
    }

    /// A place for a connection of this client; of nobody where the peer is a proxy that speaks for many.
    pub(super) fn take(&self, client: Option<IpAddr>) -> Result<Place, Full> {
        let client = client.map(network);
        let mut taken = self.lock();
        if taken.all >= self.0.all {
            return Err(Full::All);
        }
        if let Some(client) = client {
            let count = taken.by_client.entry(client).or_default();
            if *count >= self.0.per_client {
                return Err(Full::Client);
            }
            *count += 1;
        }
        taken.all += 1;
        Ok(Place { places: self.clone(), client })
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all -= 1;
        if let Some(client) = self.client
            && let Some(count) = taken.by_client.get_mut(&client)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

/// What one client has: an IPv4 address, or the 64 bits of an IPv6 network that it can choose addresses from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(places: &Places, address: &str) -> Result<Place, Full> {
        places.take(Some(address.parse().unwrap()))
    }

    #[test]
    fn places_are_bounded_in_all_and_for_each_client_and_come_back() {
        let places = Places::new(4, 2);
        let first = take(&places, "192.0.2.1").unwrap();
        let second = take(&places, "::ffff:192.0.2.1").unwrap();
        assert_eq!(take(&places, "192.0.2.1").unwrap_err(), Full::Client);
        let third = take(&places, "2001:db8::1").unwrap();
        let fourth = take(&places, "2001:db8::2").unwrap();
        assert_eq!(take(&places, "2001:db9::1").unwrap_err(), Full::All);
        assert_eq!(places.taken(), 4);
        drop(first);
        assert_eq!(take(&places, "2001:db8::ffff:0:0:3").unwrap_err(), Full::Client);
        let proxy = places.take(None).unwrap();
        drop((second, third, fourth, proxy));
        assert_eq!(places.taken(), 0);
        assert!(places.lock().by_client.is_empty(), "nobody is remembered who has no connection");
    }
}
