//! The restore drill: a backup is made under write load and restored elsewhere. It holds what was answered before it
//! began, and is the source as it was at one instant; clients that saw more are told so, and converge.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, ensure};
use roost_tests::{
    Server,
    people::{ANA, BEN},
    replica::open,
    rest::Rest,
    wait::until,
};
use rusqlite::{Connection, OpenFlags, types::Value};
use sync_core::{Anchor, Client, Connection as Online, Url, UserId};
use tokio::sync::Semaphore;

/// How many write at the same time.
const WRITERS: usize = 4;

/// How many messages there are before the backup begins, the most that come while it is made, and how many come after
/// it has ended. Together they fit on a [`PAGE`].
const BEFORE: usize = 120;
const DURING: usize = 1_400;
const AFTER: usize = 60;

/// The most messages that the device shows on a page.
const PAGE: u32 = 2_000;

/// Writers who never rest as long as they may write, and what was answered.
struct Load {
    answered: Arc<Mutex<Vec<String>>>,
    /// One for each message that may still be written.
    permits: Arc<Semaphore>,
    writers: Vec<tokio::task::JoinHandle<anyhow::Result<()>>>,
}

impl Load {
    fn start(rest: &Arc<Rest>, to: &str) -> Self {
        let answered = Arc::<Mutex<Vec<String>>>::default();
        let (permits, number) = (Arc::new(Semaphore::new(BEFORE)), Arc::new(AtomicUsize::new(0)));
        let write = || {
            let (rest, to, answered, permits, number) = (
                Arc::clone(rest),
                to.to_owned(),
                Arc::clone(&answered),
                Arc::clone(&permits),
                Arc::clone(&number),
            );
            async move {
                // It fails once the load ends.
                while let Ok(permit) = permits.acquire().await {
                    permit.forget();
                    let number = number.fetch_add(1, Ordering::SeqCst);
                    let key = format!("00000000-0000-7000-8000-{number:012}");
                    let id = rest.send(&to, &format!("Message {number}"), &key).await?;
                    lock(&answered).push(id);
                }
                Ok(())
            }
        };
        let writers = (0..WRITERS).map(|_| tokio::spawn(write())).collect();
        Self { answered, permits, writers }
    }

    /// Lets the writers write so many more.
    fn allow(&self, count: usize) {
        self.permits.add_permits(count);
    }

    fn answered(&self) -> Vec<String> {
        lock(&self.answered).clone()
    }

    async fn reaches(&self, count: usize) -> anyhow::Result<()> {
        until(&format!("{count} messages"), async || {
            let answered = self.answered().len();
            ensure!(answered >= count, "there are {answered}");
            Ok(())
        })
        .await
    }

    async fn end(self) -> anyhow::Result<Vec<String>> {
        self.permits.close();
        for writer in self.writers {
            writer.await??;
        }
        Ok(lock(&self.answered).clone())
    }
}

/// The rows of a query, as they are.
fn rows(data: &Path, query: &str) -> anyhow::Result<Vec<Vec<Value>>> {
    let database = Connection::open_with_flags(data.join("roost.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select = database.prepare(query)?;
    let width = select.column_count();
    let rows = select.query_map([], |row| (0..width).map(|column| row.get(column)).collect())?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every row of the restored database stands in the source as it is, and nothing is missing in between: it is the
/// source as it was at one instant. What happens to a message later (its delivery) is left out.
fn is_a_prefix(restored: &Path, source: &Path) -> anyhow::Result<()> {
    let same = ["SELECT * FROM users ORDER BY id", "SELECT id, user, created_at FROM sessions ORDER BY id"];
    for query in same {
        assert_eq!(rows(restored, query)?, rows(source, query)?, "{query}");
    }
    let growing = [
        "SELECT n, id, sender, receiver, content, sent_at, client_key, body_hash FROM messages ORDER BY n",
        "SELECT seq, user, message, nonce, at FROM changes ORDER BY seq, user",
    ];
    for query in growing {
        let (restored, source) = (rows(restored, query)?, rows(source, query)?);
        assert!(!restored.is_empty() && restored.len() < source.len(), "{query}");
        // One feed may be ahead of the other, so rows are looked up, and each feed's own end is compared by `doctor`.
        assert!(restored.iter().all(|row| source.contains(row)), "{query}");
    }
    let messages = "SELECT n FROM messages ORDER BY n";
    let restored = rows(restored, messages)?;
    assert_eq!(restored, rows(source, messages)?[..restored.len()], "no message is left out");
    Ok(())
}

/// A new device of Ben's.
async fn device(profile: &Path, server: &Server) -> anyhow::Result<Client> {
    let device = open(profile).await?;
    device.sign_in(&Url::parse(&server.url())?, BEN.user_name, BEN.password).await?;
    Ok(device)
}

/// The contents that somebody's device shows.
async fn shown(device: &Client, peer: &UserId) -> anyhow::Result<Vec<String>> {
    let page = device.timeline(peer, Anchor::Newest, PAGE).await?;
    Ok(page.items.into_iter().map(|item| item.content).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_one_instant_and_clients_converge_on_it() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let backup = folder.path().join("backup.tar");
    let backup = backup.to_str().context("the path is text")?;
    let mut server = Server::new()?.arg("--rate-limits").arg("off");
    server.start().await?;
    for person in [&ANA, &BEN] {
        server.add(person)?;
    }
    let ana = Arc::new(Rest::sign_in(&server, &ANA).await?);
    let ben = device(&folder.path().join("ben"), &server).await?;
    let ben_id = ben.session().account().context("nobody is signed in")?.user.id.clone();
    let ana_id: UserId = ana.id().into();

    let load = Load::start(&ana, &ben_id.to_string());
    load.reaches(BEFORE).await?;
    let before = load.answered();
    load.allow(DURING);
    server.run(&["backup", backup])?;
    let during = load.answered().len() - before.len();
    assert!(during > 0, "nothing was written while the backup was made");
    load.allow(AFTER);
    load.reaches(before.len() + during + AFTER).await?;
    let all = load.end().await?;
    until("everything on the device", async || {
        let shown = shown(&ben, &ana_id).await?.len();
        ensure!(shown == all.len(), "it shows {shown} of {}", all.len());
        Ok(())
    })
    .await?;
    let address = server.url().strip_prefix("http://").context("an address")?.parse()?;
    server.kill();
    ben.send(&ana_id, "Written while there was no server").await?;

    let mut restored =
        Server::with_data(folder.path().join("elsewhere")).at(address).arg("--rate-limits").arg("off");
    restored.run(&["restore", backup])?;
    is_a_prefix(restored.data(), server.data())?;
    let examined = restored.run(&["doctor", "--listen", &address.to_string()])?;
    assert!(examined.contains("sum is sound"), "{examined}");

    restored.start().await?;
    let kept: BTreeSet<String> = rows(restored.data(), "SELECT lower(hex(id)) FROM messages")?
        .into_iter()
        .flatten()
        .map(text)
        .collect();
    assert!(before.iter().all(|id| kept.contains(id)), "what was answered before the backup began is in it");
    assert!(kept.len() < all.len());

    // The device saw more. It is told so, takes what there is, and keeps what the server lost; what it wrote meanwhile
    // arrives.
    until("everything of the server on the device", async || {
        ensure!(matches!(ben.connection(), Online::Online { .. }), "it is not connected");
        let (shown, held) = (shown(&ben, &ana_id).await?, ana.contents().await?);
        ensure!(
            held.last().is_some_and(|last| last.starts_with("Written while")),
            "the last is {:?}",
            held.last()
        );
        ensure!(shown.len() == all.len() + 1, "the device shows {}", shown.len());
        let mut rest = shown.iter();
        ensure!(held.iter().all(|held| rest.any(|shown| shown == held)), "it shows less than the server has");
        Ok(())
    })
    .await?;
    // What is written from now on arrives, and a new device shows what the server has and nothing else.
    ana.send(&ben_id.to_string(), "After the restore", "00000000-0000-7000-8000-ffffffffffff").await?;
    let fresh = device(&folder.path().join("ben-2"), &restored).await?;
    for device in [&ben, &fresh] {
        until("what is new", async || {
            let last = shown(device, &ana_id).await?.pop();
            ensure!(last.as_deref() == Some("After the restore"), "the last is {last:?}");
            Ok(())
        })
        .await?;
    }
    until("the same on a new device and the server", async || {
        let (shown, held) = (shown(&fresh, &ana_id).await?, ana.contents().await?);
        ensure!(shown == held, "the device shows {}, the server has {}", shown.len(), held.len());
        Ok(())
    })
    .await?;
    let told =
        restored.log().find(|line| (line.contains("/api/sync") && line.contains("status=410")).then_some(()));
    assert!(told.is_some(), "the old cursor was answered by 410");
    assert_eq!(ana.contents().await?.len(), kept.len() + 2);
    fresh.close().await;
    ben.close().await;
    Ok(())
}

fn text(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        other => format!("{other:?}"),
    }
}

fn lock(answered: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    answered.lock().unwrap_or_else(PoisonError::into_inner)
}
