//! Looks at everything that a server needs, and says what to do about what is wrong.
//!
//! Nothing is changed and nothing is made. A server may run meanwhile.

use std::{
    cmp::Ordering,
    fs,
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
    path::Path,
};

use protocol::Timestamp;

use crate::{
    auth::secret::{self, Secret},
    config::Config,
    serve::{Lock, LockError, TlsFiles},
    store::sqlite::{self, copy},
};

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub verdict: Verdict,
    /// What was looked at.
    pub what: &'static str,
    /// What was seen, and what to do where it is not well.
    pub text: String,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and should be looked at.
    Warn,
    /// It does not work.
    Fail,
}

/// How many of what is wrong with a database are told.
const TOLD: usize = 10;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// How long before its end a certificate is complained of.
const RENEW_BEFORE: i64 = 14 * DAY;

/// How far messages may lie in the future before the clock is doubted.
const CLOCK_TOLERANCE: i64 = 5 * 60 * 1000;

/// 2025-01-01: a clock that shows less was never set.
const CLOCK_FLOOR: i64 = 1_735_689_600_000;

/// The least free space that is enough, in bytes.
const SPACE_WARN: u64 = 1024 * 1024 * 1024;
const SPACE_FAIL: u64 = 64 * 1024 * 1024;

/// What a server with these settings would find.
#[must_use]
pub fn examine(config: &Config, now: Timestamp) -> Vec<Finding> {
    let dir = &config.data_dir;
    let mut findings = vec![permissions(dir)];
    let running = lock(dir, &mut findings);
    let (latest, bytes) = database(dir, &mut findings);
    findings.push(clock(now, latest));
    findings.push(token_secret(config));
    findings.extend(space(dir, bytes));
    findings.extend(open_files(config));
    findings.extend(certificate(config, now));
    findings.push(port(config.listen, running));
    findings
}

fn ok(what: &'static str, text: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Ok, what, text: text.into() }
}

fn warn(what: &'static str, text: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Warn, what, text: text.into() }
}

fn fail(what: &'static str, text: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Fail, what, text: text.into() }
}

fn permissions(dir: &Path) -> Finding {
    const WHAT: &str = "permissions";
    let Ok(entries) = fs::read_dir(dir) else {
        return match fs::metadata(dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                ok(WHAT, format!("{} is not there yet; the first start makes it", dir.display()))
            }
            _ => fail(WHAT, format!("{} cannot be read: run this as the user of the server", dir.display())),
        };
    };
    let paths = entries.flatten().map(|entry| entry.path()).chain([dir.to_owned()]);
    let open: Vec<String> =
        paths.filter(|path| is_open_to_others(path)).map(|path| path.display().to_string()).collect();
    if open.is_empty() {
        return ok(WHAT, format!("only the owner reads {}", dir.display()));
    }
    warn(WHAT, format!("others on this machine can read {}: run chmod go= on them", open.join(", ")))
}

fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Whether a server runs.
fn lock(dir: &Path, findings: &mut Vec<Finding>) -> bool {
    const WHAT: &str = "server";
    if !dir.is_dir() {
        return false;
    }
    // Taken for a moment only: it is let go of at once.
    match Lock::look(dir) {
        Ok(()) => {
            findings.push(ok(WHAT, "none is running on this data directory"));
            false
        }
        Err(LockError::Taken(_)) => {
            findings.push(ok(WHAT, "one is running on this data directory"));
            true
        }
        Err(error @ LockError::File { .. }) => {
            findings.push(fail(WHAT, format!("{error}: run this as the user of the server")));
            false
        }
    }
}

/// The time of the latest message, and the size of the database.
fn database(dir: &Path, findings: &mut Vec<Finding>) -> (i64, u64) {
    const WHAT: &str = "database";
    let path = dir.join(sqlite::FILE_NAME);
    if !path.exists() {
        let lost = dir.join(secret::FILE_NAME).exists();
        findings.push(if lost {
            fail(WHAT, format!("{} is missing: restore a backup", path.display()))
        } else {
            ok(WHAT, "there is none yet; the first start makes it")
        });
        return (0, 0);
    }
    let bytes = fs::metadata(&path).map_or(0, |file| file.len());
    let facts = match copy::facts(&path) {
        Ok(facts) => facts,
        Err(error) => {
            findings.push(fail(WHAT, format!("{error}: restore a backup")));
            return (0, bytes);
        }
    };
    let rows = |table: &str| facts.rows.get(table).copied().unwrap_or(0);
    let found =
        format!("{} messages of {} users, schema version {}", rows("messages"), rows("users"), facts.schema);
    findings.push(match facts.schema.cmp(&copy::SCHEMA) {
        Ordering::Equal => ok(WHAT, found),
        Ordering::Less => {
            warn(WHAT, format!("{found}: the next start copies it and brings it to version {}", copy::SCHEMA))
        }
        Ordering::Greater => {
            let known = copy::SCHEMA;
            fail(WHAT, format!("{found}, and this server knows versions up to {known}: use the newer server"))
        }
    });
    findings.push(integrity(&path, facts.schema));
    (facts.latest, bytes)
}

/// Whether the file is sound and everything that is kept in sum agrees with what it sums up. What is kept in sum is that
/// of the newest schema.
fn integrity(path: &Path, schema: usize) -> Finding {
    const WHAT: &str = "integrity";
    let told = |problems: Vec<String>| {
        if problems.is_empty() {
            return ok(WHAT, "every page, index, reference and sum is sound");
        }
        fail(WHAT, format!("{}: restore a backup", problems.join("; ")))
    };
    if schema == copy::SCHEMA {
        return match sqlite::check(path) {
            Ok(problems) => told(problems.iter().take(TOLD).map(ToString::to_string).collect()),
            Err(error) => fail(WHAT, error.to_string()),
        };
    }
    match copy::problems(path) {
        Ok(problems) => told(problems),
        Err(error) => fail(WHAT, format!("{error}: restore a backup")),
    }
}

fn clock(now: Timestamp, latest: i64) -> Finding {
    const WHAT: &str = "clock";
    if now.millis() < CLOCK_FLOOR {
        return fail(WHAT, format!("it shows {now}: set it, and keep it right with NTP"));
    }
    if latest > now.millis() + CLOCK_TOLERANCE {
        let latest = Timestamp::clamped(latest);
        return warn(WHAT, format!("it shows {now}, and there are messages of {latest}: check it, use NTP"));
    }
    ok(WHAT, format!("it shows {now}"))
}

fn token_secret(config: &Config) -> Finding {
    const WHAT: &str = "secret";
    if config.jwt_secret.is_some() {
        return ok(WHAT, "tokens are signed with jwt-secret: it is not in backups, keep it");
    }
    let path = config.data_dir.join(secret::FILE_NAME);
    match fs::read_to_string(&path) {
        Ok(text) => match Secret::parse(text.trim()) {
            Ok(_) => ok(WHAT, format!("tokens are signed with {}", path.display())),
            Err(error) => fail(WHAT, format!("{} cannot be used: {error}", path.display())),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            ok(WHAT, "there is none yet; the first start makes it")
        }
        Err(error) => fail(WHAT, format!("{} cannot be read: {error}", path.display())),
    }
}

#[cfg(unix)]
fn space(dir: &Path, database: u64) -> Option<Finding> {
    const WHAT: &str = "disk space";
    // Where the directory is not there yet, its parent's disk is the one that counts.
    let dir = dir.ancestors().find(|dir| dir.is_dir()).unwrap_or(Path::new("."));
    let disk = rustix::fs::statvfs(dir).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let text = format!("{} MiB are free", free / 1024 / 1024);
    Some(if free < SPACE_FAIL {
        fail(WHAT, format!("{text}: make room, or messages are refused"))
    } else if free < SPACE_WARN.max(database.saturating_mul(2)) {
        warn(WHAT, format!("{text}: a backup beside the data needs twice the database"))
    } else {
        ok(WHAT, text)
    })
}

#[cfg(not(unix))]
fn space(_: &Path, _: u64) -> Option<Finding> {
    None
}

#[cfg(unix)]
fn open_files(config: &Config) -> Option<Finding> {
    const WHAT: &str = "open files";
    /// Files that are no connections.
    const OTHERS: u64 = 100;
    let allowed = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    let needed = config.connections as u64 + OTHERS;
    Some(if allowed < needed {
        let text = format!("{allowed} are allowed and {needed} may be needed for max-connections");
        warn(WHAT, format!("{text}: set LimitNOFILE={needed} in the systemd unit"))
    } else {
        ok(WHAT, format!("{allowed} are allowed"))
    })
}

#[cfg(not(unix))]
fn open_files(_: &Config) -> Option<Finding> {
    None
}

fn certificate(config: &Config, now: Timestamp) -> Option<Finding> {
    const WHAT: &str = "certificate";
    let files: TlsFiles = config.tls().ok()??;
    let pair = match files.load() {
        Ok(pair) => pair,
        Err(error) => return Some(fail(WHAT, error.to_string())),
    };
    if files.key_is_open_to_others() {
        return Some(warn(WHAT, format!("others can read {}: run chmod o= on it", files.key.display())));
    }
    let Some(until) = pair.until else { return Some(warn(WHAT, "it does not say until when it holds")) };
    Some(if until <= now {
        fail(WHAT, format!("it ended at {until}: renew it"))
    } else if until.millis() - now.millis() < RENEW_BEFORE {
        warn(WHAT, format!("it ends at {until}: renew it; the server reads it again by itself"))
    } else {
        ok(WHAT, format!("it holds until {until}"))
    })
}

fn port(address: SocketAddr, running: bool) -> Finding {
    const WHAT: &str = "port";
    match TcpListener::bind(address) {
        Ok(_) if running => {
            warn(WHAT, format!("the server that runs does not listen on {address}: it has other settings"))
        }
        Ok(_) => ok(WHAT, format!("{address} is free")),
        Err(error) if running && error.kind() == ErrorKind::AddrInUse => ok(
            WHAT,
            format!("something listens on {address}; `companion-server healthcheck` asks whether it answers"),
        ),
        Err(error) => fail(WHAT, format!("cannot listen on {address}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_doubted_where_messages_come_from_the_future() {
        let now = Timestamp::clamped(1_759_919_400_000);
        for (now, latest, verdict) in [
            (now, 0, Verdict::Ok),
            (now, now.millis() + 1000, Verdict::Ok),
            (now, now.millis() + DAY, Verdict::Warn),
            (Timestamp::clamped(0), 0, Verdict::Fail),
        ] {
            assert_eq!(clock(now, latest).verdict, verdict);
        }
    }
}
