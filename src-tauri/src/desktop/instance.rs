//! One instance for each data directory: a second start hands its link to the first one and ends.
//!
//! ```text
//!   claim ──the lock is free──► First: listens, and writes `instance` (port and token, for the owner alone)
//!     └─────it is not─────────► asks the port in `instance` with the token ──it answers──► Passed
//!                                                                          └─it does not─► Alone
//! ```
//!
//! The operating system lets go of the lock when a process ends, however it ends, so nothing stale is ever believed. It is
//! the same on every system, which single-instance names of a session bus or a window class are not: those are per user.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    thread,
    time::Duration,
};

const LOCK: &str = "instance.lock";
const ADDRESS: &str = "instance";
/// The longest request: the token, a blank, a link, in bytes.
const REQUEST_BYTES: u64 = 4 * 1_024;
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a second start looks whether the first one listens yet, and how long it waits in between.
const LOOKS: u32 = 50;
const LOOK: Duration = Duration::from_millis(100);
const DONE: &str = "ok\n";

/// What a start finds.
pub(crate) enum Claim {
    /// This is the first; it is that for as long as this is held.
    First(Instance),
    /// Another one runs here, and has been told.
    Passed,
    /// Another one seems to run here, or nothing can be known about it. The profile has a lock of its own.
    Alone,
}

/// The first instance of a data directory.
pub(crate) struct Instance {
    lock: File,
    listener: TcpListener,
    token: String,
}

/// Finds out whether this is the first start here, and passes `link` on where it is not.
pub(crate) fn claim(data_dir: &Path, link: Option<&str>) -> Claim {
    let claimed = fs::create_dir_all(data_dir).and_then(|()| {
        private(OpenOptions::new().create(true).write(true).truncate(false)).open(data_dir.join(LOCK))
    });
    let lock = match claimed {
        Ok(lock) => lock,
        Err(error) => {
            tracing::warn!(%error, "it cannot be known whether the app runs already");
            return Claim::Alone;
        }
    };
    match lock.try_lock() {
        Ok(()) => listen(data_dir, lock).map_or_else(
            |error| {
                tracing::warn!(%error, "a second start will not find this one");
                Claim::Alone
            },
            Claim::First,
        ),
        Err(TryLockError::WouldBlock) => pass(data_dir, link),
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, "it cannot be known whether the app runs already");
            Claim::Alone
        }
    }
}

impl Instance {
    /// Calls `started` with the link of every later start, from a thread of its own.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(crate) fn heed(self, started: impl Fn(Option<&str>) + Send + 'static) -> io::Result<()> {
        let Self { lock, listener, token } = self;
        thread::Builder::new().name("instance".to_owned()).spawn(move || {
            // Held for as long as it is listened: until the process ends.
            let _held = lock;
            for caller in listener.incoming() {
                let heard = caller.and_then(|caller| hear(&caller, &token));
                match heard {
                    Ok(link) => started(link.as_deref()),
                    Err(error) => tracing::debug!(%error, "somebody called who is no second start"),
                }
            }
        })?;
        Ok(())
    }
}

fn listen(data_dir: &Path, lock: File) -> io::Result<Instance> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let [high, low] = rand::random::<[u128; 2]>();
    let token = format!("{high:032x}{low:032x}");
    let new = data_dir.join(format!("{ADDRESS}.new"));
    let mut file = private(OpenOptions::new().create(true).write(true).truncate(true)).open(&new)?;
    write!(file, "{} {token}", listener.local_addr()?.port())?;
    fs::rename(&new, data_dir.join(ADDRESS))?;
    Ok(Instance { lock, listener, token })
}

/// One request of a second start, answered before it is acted upon. Whoever is slow, long or does not know the token is
/// not listened to.
fn hear(mut caller: &TcpStream, token: &str) -> io::Result<Option<String>> {
    caller.set_read_timeout(Some(PATIENCE))?;
    caller.set_write_timeout(Some(PATIENCE))?;
    let mut request = String::new();
    BufReader::new(caller.take(REQUEST_BYTES)).read_line(&mut request)?;
    let (given, link) = request.strip_suffix('\n').and_then(|line| line.split_once(' ')).unwrap_or_default();
    if !same(given, token) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "not the token"));
    }
    caller.write_all(DONE.as_bytes())?;
    Ok((!link.is_empty()).then(|| link.to_owned()))
}

/// Compares without saying by its time how much is right.
fn same(given: &str, token: &str) -> bool {
    given.len() == token.len() && given.bytes().zip(token.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn pass(data_dir: &Path, link: Option<&str>) -> Claim {
    for look in 0..LOOKS {
        if look > 0 {
            thread::sleep(LOOK);
        }
        match tell(data_dir, link) {
            Ok(()) => return Claim::Passed,
            Err(error) => tracing::debug!(%error, "the first instance does not answer yet"),
        }
    }
    tracing::warn!("the app runs already, and does not answer");
    Claim::Alone
}

fn tell(data_dir: &Path, link: Option<&str>) -> io::Result<()> {
    let address = fs::read_to_string(data_dir.join(ADDRESS))?;
    let (port, token) = address.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let port: u16 = port.parse().map_err(|_| io::ErrorKind::InvalidData)?;
    let mut first = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), PATIENCE)?;
    first.set_read_timeout(Some(PATIENCE))?;
    first.set_write_timeout(Some(PATIENCE))?;
    // A link with a line's end in it is none.
    let link = link.filter(|link| !link.contains('\n')).unwrap_or_default();
    first.write_all(format!("{token} {link}\n").as_bytes())?;
    let mut answer = String::new();
    first.take(DONE.len() as u64).read_to_string(&mut answer)?;
    if answer == DONE { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Files for their owner alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_second_start_tells_the_first_and_knows_that_it_did() {
        let folder = tempfile::tempdir().unwrap();
        let Claim::First(first) = claim(folder.path(), None) else { panic!("nobody else is here") };
        let (sender, started) = mpsc::channel();
        first.heed(move |link| sender.send(link.map(str::to_owned)).unwrap()).unwrap();
        assert!(matches!(claim(folder.path(), Some("roost://open?peer=b1")), Claim::Passed));
        assert_eq!(started.recv().unwrap().as_deref(), Some("roost://open?peer=b1"));
        assert!(matches!(claim(folder.path(), None), Claim::Passed));
        assert_eq!(started.recv().unwrap(), None);
        assert!(matches!(claim(folder.path(), Some("two\nlines")), Claim::Passed));
        assert_eq!(started.recv().unwrap(), None);
    }

    #[test]
    fn each_data_directory_has_its_own() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = claim(one.path(), None);
        assert!(matches!(first, Claim::First(_)));
        assert!(matches!(claim(other.path(), None), Claim::First(_)));
    }

    #[test]
    fn what_an_ended_instance_left_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        drop(claim(folder.path(), None));
        assert!(folder.path().join(ADDRESS).exists());
        assert!(matches!(claim(folder.path(), None), Claim::First(_)));
    }

    #[test]
    fn whoever_does_not_know_the_token_is_not_heard() {
        let folder = tempfile::tempdir().unwrap();
        let Claim::First(first) = claim(folder.path(), None) else { panic!("nobody else is here") };
        let port = first.listener.local_addr().unwrap().port();
        let token = first.token.clone();
        let (sender, started) = mpsc::channel();
        first.heed(move |link| sender.send(link.map(str::to_owned)).unwrap()).unwrap();
        let long = "x".repeat(10_000);
        for request in
            ["\n", " \n", "wrong link\n", &format!("{token}\n"), &format!("{}x link\n", &token[1..]), &long]
        {
            let mut caller = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            // A long request may be cut while it is written.
            let _ = caller.write_all(request.as_bytes());
            let mut answer = String::new();
            let _ = caller.read_to_string(&mut answer);
            assert_eq!(answer, "");
        }
        // It goes on, and heard nothing of all that.
        assert!(matches!(claim(folder.path(), Some("roost://join")), Claim::Passed));
        assert_eq!(started.recv().unwrap().as_deref(), Some("roost://join"));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_token() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let _first = claim(folder.path(), None);
        let mode = fs::metadata(folder.path().join(ADDRESS)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
