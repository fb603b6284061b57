//! What the store needs from time to time, for as long as the server runs: old rows are cleared away, and new messages
//! are added to the index of texts. And whether hashes of imported passwords are left.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior};

use crate::{
    auth::Passwords,
    store::{Retention, Store},
};

/// How often there is a look at what is too old, unless a test says otherwise.
pub(crate) const INTERVAL: Duration = Duration::from_mins(10);

/// How often there is a look at whether enough new messages wait for the index.
const INDEX_INTERVAL: Duration = Duration::from_secs(1);

/// How much longer than adding a piece to the index the pause after it is. A store that has much to do takes longer,
/// and so is left alone for longer.
const INDEX_PAUSE: u32 = 3;

/// Does all until it is dropped.
pub(super) async fn run(
    store: Arc<dyn Store>,
    passwords: Arc<Passwords>,
    retention: Retention,
    interval: Duration,
) {
    let counting = expect_imported(&*store, &passwords, interval);
    tokio::join!(clear_away(&*store, retention, interval), index(&*store), counting);
}

/// Tells those who check passwords, at once and then every `interval`, how costly the hashes of bcrypt are that are left.
async fn expect_imported(store: &dyn Store, passwords: &Passwords, interval: Duration) {
    let mut turns = tokio::time::interval(interval);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        match store.imported_cost().await {
            Ok(cost) => passwords.expect_imported(cost),
            Err(error) => tracing::warn!(%error, "imported passwords could not be counted"),
        }
    }
}

async fn index(store: &dyn Store) {
    loop {
        let begun = Instant::now();
        let pause = match store.index_texts().await {
            Ok(true) => begun.elapsed() * INDEX_PAUSE,
            Ok(false) => INDEX_INTERVAL,
            Err(error) => {
                tracing::warn!(%error, "new messages could not be added to the index of texts");
                INDEX_INTERVAL
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Clears away at once and then every `interval`. A failure is logged, and the next turn tries again.
async fn clear_away(store: &dyn Store, retention: Retention, interval: Duration) {
    let mut turns = tokio::time::interval(interval);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        match store.clear_away(retention).await {
            Ok(cleared) if cleared.is_nothing() => {}
            Ok(cleared) => tracing::info!(?cleared, "old rows were cleared away"),
            Err(error) => tracing::warn!(%error, "old rows could not be cleared away"),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::{
        clock::SystemClock,
        store::{AccountStore as _, Joining, NewAccount, sqlite::SqliteStore},
    };

    #[tokio::test]
    async fn checks_are_as_long_as_the_imported_hashes_that_are_left_and_no_longer_than_bearable() {
        let dir = tempfile::tempdir().unwrap();
        let (facts, _committed) = mpsc::channel(10);
        let store = Arc::new(SqliteStore::open(dir.path(), Arc::new(SystemClock), facts).unwrap());
        let hash = "$2b$14$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy".to_owned();
        let new = NewAccount {
            user_name: "ivo".into(),
            first_name: "Ivo".into(),
            last_name: String::new(),
            email: "ivo@example.org".into(),
            password_hash: hash.clone(),
        };
        let ivo = store.add_account(new, Joining::Open).await.unwrap().id;
        let passwords = Arc::new(Passwords::new(1).unwrap());
        let counting = Arc::clone(&store) as Arc<dyn Store>;
        let interval = Duration::from_millis(5);
        let running = tokio::spawn(run(counting, Arc::clone(&passwords), Retention::default(), interval));
        let becomes = async |cost: u32| {
            let reached = async {
                while passwords.padding() != cost {
                    tokio::time::sleep(interval).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap();
        };
        becomes(12).await;
        assert!(store.replace_password_hash(ivo, hash, "$argon2id$".into()).await.unwrap());
        becomes(0).await;
        running.abort();
    }
}
