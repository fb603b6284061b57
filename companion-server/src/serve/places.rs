//! How many connections there may be: in all, and from one client. A few clients can't take all of them, because none
//! gets more than [`share`] leaves it.

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
            let count = taken.by_client.get(&client).copied().unwrap_or_default();
            if count >= share(self.0.all, taken.all - count).min(self.0.per_client) {
                return Err(Full::Client);
            }
            taken.by_client.insert(client, count + 1);
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

/// How many of all places one may have: half of those that others have not taken, and one at least. So however many
/// come and take what they can, the next one finds a place nearly always.
pub(crate) fn share(all: usize, others: usize) -> usize {
    (all.saturating_sub(others) / 2).max(1)
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
        let places = Places::new(5, 2);
        let first = take(&places, "192.0.2.1").unwrap();
        let second = take(&places, "::ffff:192.0.2.1").unwrap();
        assert_eq!(take(&places, "192.0.2.1").unwrap_err(), Full::Client);
        let third = take(&places, "2001:db8::1").unwrap();
        assert_eq!(take(&places, "2001:db8::ffff:0:0:3").unwrap_err(), Full::Client, "half of what is left");
        let proxies = [places.take(None).unwrap(), places.take(None).unwrap()];
        assert_eq!(take(&places, "2001:db9::1").unwrap_err(), Full::All);
        assert_eq!(places.taken(), 5);
        drop(first);
        assert_eq!(take(&places, "2001:db8::2").unwrap_err(), Full::Client);
        let fourth = take(&places, "2001:db9::1").unwrap();
        drop((second, third, fourth, proxies));
        assert_eq!(places.taken(), 0);
        assert!(places.lock().by_client.is_empty(), "nobody is remembered who has no connection");
    }

    #[test]
    fn a_few_clients_cannot_take_every_place() {
        let places = Places::new(20_000, 5_000);
        let mut held = Vec::new();
        for n in 0..6 {
            let address = format!("192.0.2.{n}");
            while let Ok(place) = take(&places, &address) {
                held.push(place);
            }
        }
        assert!(places.taken() > 19_000, "{}", places.taken());
        let school: Vec<_> = (0..100).map_while(|_| take(&places, "198.51.100.7").ok()).collect();
        assert_eq!(school.len(), 100);
    }
}
