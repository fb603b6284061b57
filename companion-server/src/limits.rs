//! How much anybody may ask for: allowances per user, per client address and per name that somebody signs in with.
//!
//! An allowance is a number of acts at once and a rate at which they come back (GCRA, as a leaky bucket). What is over
//! it is refused by 429 with `Retry-After`, and costs nothing: whoever waits as long as told gets on. The allowances
//! are in [`Kind::allowance`]. Those per address are generous, because a whole school may sit behind one; IPv6
//! addresses are counted by /64, which one device may have to itself.
//!
//! Signing in under one name is slowed down for each address apart ([`Limits::sign_in`]), and for all of them together
//! ([`Limits::guess`]), so that guesses from many addresses are slow too. Many addresses could use up the latter for as
//! long as they like, so somebody at an address where the account is signed in is not held to it. What is left: during
//! such an attack the owner waits at an address that is new, and at one from which somebody guesses as well.
//!
//! Memory is bounded by [`KEYS`] for each kind. Keys that nobody used for as long as their allowance takes to fill up
//! are forgotten by [`Limits::forget`], and at once where there is no room. Whoever finds none even then shares one of
//! [`SHARED`] allowances, chosen by a hash that nobody can foresee.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock as GovernorClock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use protocol::UserId;

use crate::{
    clock::Clock,
    metrics::{KindLabels, Refusals},
};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user's new messages.
    Send,
    /// A user's edits, deletions, reads and changes of the account.
    Change,
    /// A user's searches, for messages or people.
    Search,
    /// A user's lists of messages.
    List,
    /// A user's pulls from the feed.
    Pull,
    /// Whatever else a user looks at.
    Look,
    /// A user's change of password, which takes a hash.
    Password,
    /// A user's sockets that join.
    Socket,
    /// What a user sends over sockets.
    Event,
    /// Signing in and registering, by address.
    SignIn,
    /// Signing in under one name from one address.
    SignInAs,
    /// Signing in under one name from anywhere.
    Name,
    /// Renewing sessions, by address.
    Refresh,
    /// Other requests without a good token, by address.
    Anonymous,
    /// Handshakes of sockets, by address.
    Handshake,
}

/// Whose allowance it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// A user's.
    User(UserId),
    /// That of an address or, with IPv6, a /64.
    Address(IpAddr),
    /// That of a name, or of a name at an address; hashed, so that no names are kept.
    Name(u64),
    /// One of those of everybody for whom there is no room.
    Others(u64),
}

/// More than the allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// After how many seconds there is more; at least 1.
    pub(crate) retry_after: u32,
}

/// Counts; cheap to clone.
#[derive(Clone)]
pub(crate) struct Limits(Option<Arc<Inner>>);

struct Inner {
    limiters: [Limiter; Kind::ALL.len()],
    /// When each limiter, having no room, was last swept: in seconds, so that it is swept once in each at most.
    swept: [AtomicU64; Kind::ALL.len()],
    hasher: RandomState,
    clock: Ticker,
    refusals: Refusals,
}

/// How many users, addresses or names are counted apart.
const KEYS: usize = 50_000;

/// How many allowances there are for those who are not counted apart.
const SHARED: u64 = 1_024;

/// How often [`Limits::forget`] is due.
pub(crate) const FORGET_INTERVAL: Duration = Duration::from_secs(30);

/// So many at once, and then one more after each such time.
struct Allowance {
    burst: u32,
    every: Duration,
}

impl Kind {
    const ALL: [Self; 15] = [
        Self::Send,
        Self::Change,
        Self::Search,
        Self::List,
        Self::Pull,
        Self::Look,
        Self::Password,
        Self::Socket,
        Self::Event,
        Self::SignIn,
        Self::SignInAs,
        Self::Name,
        Self::Refresh,
        Self::Anonymous,
        Self::Handshake,
    ];

    /// Every allowance there is.
    const fn allowance(self) -> Allowance {
        let (burst, every) = match self {
            // An app that was offline sends what waits in bursts, as `Retry-After` lets it.
            Self::Send => (50, Duration::from_millis(200)),
            Self::Change | Self::Pull | Self::Look => (200, Duration::from_millis(50)),
            Self::Search => (30, Duration::from_millis(500)),
            // Back-filling pages through the whole history of a new device.
            Self::List => (100, Duration::from_millis(100)),
            Self::Password => (5, Duration::from_secs(10)),
            Self::Socket => (60, Duration::from_secs(1)),
            Self::Event => (300, Duration::from_millis(50)),
            // A school signs in at eight o'clock.
            Self::SignIn => (300, Duration::from_millis(200)),
            Self::SignInAs => (10, Duration::from_secs(6)),
            Self::Name => (100, Duration::from_secs(1)),
            Self::Refresh => (1_000, Duration::from_millis(50)),
            Self::Anonymous | Self::Handshake => (1_000, Duration::from_millis(20)),
        };
        Allowance { burst, every }
    }
}

impl Limits {
    /// Counts where `on`, lets everything pass where not.
    pub(crate) fn new(on: bool, clock: Arc<dyn Clock>) -> Self {
        let clock = Ticker(clock);
        let inner = || Inner {
            limiters: Kind::ALL.map(|kind| limiter(&kind.allowance(), clock.clone())),
            swept: [const { AtomicU64::new(0) }; Kind::ALL.len()],
            hasher: RandomState::new(),
            clock: clock.clone(),
            refusals: Refusals::default(),
        };
        Self(on.then(|| Arc::new(inner())))
    }

    /// Takes one of the allowance.
    pub(crate) fn take(&self, kind: Kind, who: Who) -> Result<(), TooMany> {
        let Some(inner) = &self.0 else { return Ok(()) };
        inner.make_room(kind);
        inner.limiters[kind as usize].check_key(&who).map_err(|refused| {
            inner.refusals.get_or_create(&KindLabels { kind: format!("{kind:?}") }).inc();
            let wait = refused.wait_time_from(inner.clock.now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            TooMany { retry_after: u32::try_from(seconds).unwrap_or(u32::MAX).max(1) }
        })
    }

    /// Takes one of the allowance for signing in under a name at this address.
    pub(crate) fn sign_in(&self, name: &str, address: IpAddr) -> Result<(), TooMany> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let at = inner.hasher.hash_one((name.to_lowercase(), block(address)));
        self.take(Kind::SignInAs, Who::Name(at))
    }

    /// Takes one of the allowance for signing in under a name from anywhere.
    pub(crate) fn guess(&self, name: &str) -> Result<(), TooMany> {
        let Some(inner) = &self.0 else { return Ok(()) };
        self.take(Kind::Name, Who::Name(inner.hasher.hash_one(name.to_lowercase())))
    }

    /// How often each kind of allowance was used up.
    pub(crate) fn refusals(&self) -> Refusals {
        self.0.as_ref().map(|inner| inner.refusals.clone()).unwrap_or_default()
    }

    /// Forgets those whose allowance is whole again.
    pub(crate) fn forget(&self) {
        for limiter in self.0.iter().flat_map(|inner| &inner.limiters) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

impl Inner {
    /// Forgets those whose allowance is whole again, where there is no room for others.
    fn make_room(&self, kind: Kind) {
        let limiter = &self.limiters[kind as usize];
        if limiter.len() < KEYS {
            return;
        }
        let now = self.clock.now().as_secs();
        if self.swept[kind as usize].swap(now, Ordering::Relaxed) != now {
            limiter.retain_recent();
        }
    }
}

impl Who {
    /// Whoever sits at this address.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self::Address(block(address))
    }
}

/// What is counted as one place: the address itself or, with IPv6, the first address of its /64.
pub(crate) fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

type Limiter = RateLimiter<Who, Keys, Ticker, NoOpMiddleware<Duration>>;

fn limiter(Allowance { burst, every }: &Allowance, clock: Ticker) -> Limiter {
    let burst = NonZeroU32::new(*burst).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(*every).unwrap_or(Quota::per_second(burst));
    RateLimiter::new(quota.allow_burst(burst), Keys::default(), clock)
}

/// Our clock as the limiters read it.
#[derive(Clone)]
struct Ticker(Arc<dyn Clock>);

impl GovernorClock for Ticker {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// For each key the time at which its allowance will be whole again.
#[derive(Default)]
struct Keys(Mutex<HashMap<Who, Nanos>>);

impl Keys {
    fn lock(&self) -> MutexGuard<'_, HashMap<Who, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Keys {
    type Key = Who;

    fn measure_and_replace<T, F, E>(&self, key: &Who, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut keys = self.lock();
        let key = if keys.len() >= KEYS && !keys.contains_key(key) {
            Who::Others(keys.hasher().hash_one(key) % SHARED)
        } else {
            *key
        };
        let (outcome, next) = measure(keys.get(&key).copied())?;
        keys.insert(key, next);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<Who> for Keys {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, whole| *whole >= drop_below);
    }

    fn shrink_to_fit(&self) {
        self.lock().shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use protocol::{ObjectId, Timestamp};

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::clamped(self.0.load(Ordering::SeqCst))
        }
    }

    fn limits() -> (Limits, Arc<Hand>) {
        let clock = Arc::new(Hand::default());
        (Limits::new(true, Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    fn user(n: u8) -> Who {
        Who::User(UserId(ObjectId::from_bytes([n; 12])))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn whoever_waits_as_long_as_told_gets_on() {
        let (limits, clock) = limits();
        let (mut sent, mut waits) = (0, 0);
        while sent < 200 {
            match limits.take(Kind::Send, user(1)) {
                Ok(()) => sent += 1,
                Err(TooMany { retry_after }) => {
                    clock.0.fetch_add(i64::from(retry_after) * 1000, Ordering::SeqCst);
                    assert_eq!(limits.take(Kind::Send, user(1)), Ok(()), "the wait was long enough");
                    (sent, waits) = (sent + 1, waits + 1);
                }
            }
        }
        assert_eq!(waits, 30, "an outbox of 200 messages leaves in half a minute");
    }

    #[test]
    fn one_users_haste_is_nobody_elses() {
        let (limits, _) = limits();
        while limits.take(Kind::Search, user(1)).is_ok() {}
        assert_eq!(limits.take(Kind::Search, user(2)), Ok(()));
        assert_eq!(limits.take(Kind::Send, user(1)), Ok(()), "other kinds have their own allowance");
    }

    #[test]
    fn addresses_are_counted_by_what_one_device_may_have() {
        for (one, other, same) in [
            ("10.0.0.1", "10.0.0.2", false),
            ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            assert_eq!(Who::at(address(one)) == Who::at(address(other)), same, "{one} {other}");
        }
    }

    #[test]
    fn a_name_is_slowed_down_where_somebody_guesses_and_never_locked() {
        let (limits, clock) = limits();
        let (thief, owner) = (address("203.0.113.9"), address("198.51.100.7"));
        let mut guesses = 0;
        for _ in 0..3_600 {
            clock.0.fetch_add(1_000, Ordering::SeqCst);
            guesses += u32::from(limits.sign_in("ana", thief).is_ok());
        }
        assert!((600..=620).contains(&guesses), "{guesses} guesses in an hour");
        assert!(limits.sign_in("ANA", thief).is_err(), "without regard to case");
        assert_eq!(limits.sign_in("ana", owner), Ok(()), "the owner gets in");
        assert_eq!(limits.sign_in("ben", thief), Ok(()), "under another name");
    }

    #[test]
    fn guesses_from_many_addresses_are_slow_and_leave_the_owner_their_own_allowance() {
        let (limits, clock) = limits();
        let thieves: Vec<IpAddr> = (0..12).map(|n| address(&format!("203.0.113.{n}"))).collect();
        let (mut tried, mut guesses) = (0, 0);
        for _ in 0..200 {
            clock.0.fetch_add(1_000, Ordering::SeqCst);
            for _ in thieves.iter().filter(|thief| limits.sign_in("ana", **thief).is_ok()) {
                tried += 1;
                guesses += u32::from(limits.guess("Ana").is_ok());
            }
        }
        assert!((480..=540).contains(&tried), "{tried} tries");
        assert!((280..=301).contains(&guesses), "{guesses} guesses in 200 seconds");
        while limits.guess("ana").is_ok() {}
        let owner = address("198.51.100.7");
        assert_eq!(limits.sign_in("ana", owner), Ok(()), "all that holds where the owner is signed in");
        assert_eq!(limits.guess("ben"), Ok(()));
    }

    #[test]
    fn newcomers_get_their_own_allowance_once_others_need_theirs_no_more() {
        let (limits, clock) = limits();
        let here = address("203.0.113.9");
        for n in 0..KEYS {
            assert_eq!(limits.sign_in(&format!("user {n}"), here), Ok(()));
        }
        // There is no room: many share, though not all of them one.
        let newcomers = |limits: &Limits| {
            (0..2_000).filter(|n| limits.sign_in(&format!("newcomer {n}"), here).is_ok()).count()
        };
        assert!(newcomers(&limits) > 1_900);
        while newcomers(&limits) > 0 {}
        clock.0.fetch_add(29_000, Ordering::SeqCst);
        for _ in 0..10 {
            assert_eq!(limits.sign_in("fresh", here), Ok(()), "without waiting for the next sweep");
        }
        assert!(limits.sign_in("fresh", here).is_err());
    }

    #[test]
    fn memory_is_bounded_and_comes_back() {
        let (limits, clock) = limits();
        for n in 0..u32::try_from(KEYS).unwrap() + 5_000 {
            limits.take(Kind::Handshake, Who::at(IpAddr::V4(n.into()))).ok();
        }
        let keys = || limits.0.as_ref().unwrap().limiters[Kind::Handshake as usize].len();
        let full = keys();
        assert!((KEYS + 900..=KEYS + 1_024).contains(&full), "newcomers share: {full}");
        limits.forget();
        assert_eq!(keys(), full, "as long as it matters");
        clock.0.fetch_add(60_000, Ordering::SeqCst);
        limits.forget();
        assert_eq!(keys(), 0);
    }

    #[test]
    fn nothing_is_counted_where_limits_are_off() {
        let limits = Limits::new(false, Arc::new(Hand::default()));
        assert!((0..10_000).all(|_| limits.take(Kind::Password, user(1)).is_ok()));
    }

    #[test]
    fn each_kind_has_its_own_place() {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
    }
}
