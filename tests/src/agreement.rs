//! What must hold once everybody is quiet: what the writers were told, what the server has and what the devices show
//! are the same.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, ensure};
use sync_core::{Connection, History, Status, TimelineItem, UserId};

use crate::{
    Replica,
    journal::{Told, told},
    rest::{Rest, Stored},
    wait::within,
};

/// How long devices may take to come to rest.
const REST: Duration = Duration::from_mins(3);

/// Everybody with an account, their devices, and the journals of who wrote on them.
pub struct Party {
    /// The account, asked past all our client code.
    pub account: Rest,
    /// The devices.
    pub replicas: Vec<Replica>,
    /// The journals of its writers.
    pub journals: Vec<PathBuf>,
}

/// Waits until every device is at rest, and then checks that
///
/// - what a call returned for is on the server, as it was last changed (I1, I8), and nothing is there twice (I2);
/// - what one writer wrote to one person stands in the order in which it was written (I3);
/// - each device shows exactly what the server has, in the server's order, and two devices of one account show the
///   same to the last field (I4);
/// - nothing waits, and nothing was refused.
///
/// How many messages were written, and how many of them are still there.
///
/// # Errors
/// What does not hold.
pub async fn everybody_agrees(parties: &[Party]) -> anyhow::Result<(usize, usize)> {
    let (mut written, mut kept) = (0, 0);
    for party in parties {
        for replica in &party.replicas {
            at_rest(replica).await?;
        }
    }
    for party in parties {
        let list = party.account.messages().await?;
        let sent = is_what_was_told(party.account.id(), &party.journals, &list)?;
        (written, kept) = (written + sent.0, kept + sent.1);
        for replica in &party.replicas {
            let who = replica.profile().display().to_string();
            within(REST, &format!("{who} to show what the server has"), async || {
                shows(replica, party, &list).await
            })
            .await?;
        }
        for twins in party.replicas.windows(2) {
            within(REST, "two devices to show the same", async || {
                for peer in peers(party, &list) {
                    ensure!(
                        visible(&twins[0], &peer).await? == visible(&twins[1], &peer).await?,
                        "the devices of {} differ in the conversation with {peer}",
                        party.account.id()
                    );
                }
                Ok(())
            })
            .await?;
        }
    }
    Ok((written, kept))
}

async fn at_rest(replica: &Replica) -> anyhow::Result<()> {
    within(REST, &format!("{} to come to rest", replica.profile().display()), async || {
        let (waiting, connection) = (replica.client.waiting().await?, replica.client.connection());
        ensure!(waiting == 0, "{waiting} wait, and it is {connection:?}");
        ensure!(matches!(connection, Connection::Online { .. }), "it is {connection:?}");
        Ok(())
    })
    .await
}

/// What the server has from this account is what its writers were told.
fn is_what_was_told(me: &str, journals: &[PathBuf], all: &[Stored]) -> anyhow::Result<(usize, usize)> {
    let mut found: HashMap<&str, (usize, &Stored)> = HashMap::new();
    for (place, stored) in all.iter().enumerate().filter(|(_, stored)| stored.sender == me) {
        ensure!(found.insert(stored.name(), (place, stored)).is_none(), "{} is there twice", stored.name());
    }
    let (mut written, kept) = (0, found.len());
    for journal in journals {
        let mut latest: BTreeMap<UserId, usize> = BTreeMap::new();
        for Told { name, to, may_say } in told(journal)? {
            written += 1;
            let stored = found.remove(name.as_str());
            let says = stored.map(|(_, stored)| stored.content.clone());
            ensure!(may_say.contains(&says), "{name} says {says:?}, and was told to say {may_say:?}");
            let Some((place, stored)) = stored else { continue };
            ensure!(stored.receiver == to.as_str(), "{name} went to {}, not to {to}", stored.receiver);
            let before = latest.insert(to, place);
            ensure!(
                before.is_none_or(|before| before < place),
                "{name} stands before what was written earlier"
            );
        }
    }
    ensure!(found.is_empty(), "nobody wrote {:?}", found.keys());
    Ok((written, kept))
}

/// The device shows what the server has.
async fn shows(replica: &Replica, party: &Party, list: &[Stored]) -> anyhow::Result<()> {
    let me = party.account.id();
    for peer in peers(party, list) {
        let page = replica.client.timeline(&peer, sync_core::Anchor::Newest, 1).await?;
        ensure!(page.history == History::Complete, "its history with {peer} is {:?}", page.history);
        let items = visible(replica, &peer).await?;
        let shown = items.iter().map(|item| (item.mine, item.content.as_str()));
        let stored =
            list.iter().filter(|stored| stored.sender == peer.as_str() || stored.receiver == peer.as_str());
        let stored = stored.map(|stored| (stored.sender == me, stored.content.as_str()));
        let (shown, stored): (Vec<_>, Vec<_>) = (shown.collect(), stored.collect());
        let differs = shown.iter().zip(&stored).position(|(shown, stored)| shown != stored);
        ensure!(
            shown == stored,
            "it shows {} messages with {peer}, the server has {}; the first that differs is number {:?}: {:?} and {:?}",
            shown.len(),
            stored.len(),
            differs,
            differs.map(|place| shown[place]),
            differs.map(|place| stored[place]),
        );
        for item in &items {
            ensure!(item.pending.is_none(), "{item:?} waits");
            let done = matches!(item.status, None | Some(Status::Sent | Status::Delivered | Status::Read));
            ensure!(done, "{item:?} is not confirmed");
        }
    }
    Ok(())
}

/// With whom this account has messages.
fn peers(party: &Party, list: &[Stored]) -> Vec<UserId> {
    let me = party.account.id();
    let mut peers: Vec<&str> =
        list.iter().flat_map(|stored| [stored.sender.as_str(), stored.receiver.as_str()]).collect();
    peers.sort_unstable();
    peers.dedup();
    peers.into_iter().filter(|peer| *peer != me).map(UserId::from).collect()
}

async fn visible(replica: &Replica, peer: &UserId) -> anyhow::Result<Vec<TimelineItem>> {
    let items = replica.items(peer).await.with_context(|| format!("the conversation with {peer}"))?;
    Ok(items.into_iter().filter(|item| !item.deleted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Entry, Journal};

    /// What the server has of Ana's: each content once, for Ben.
    fn has(contents: &[&str]) -> Vec<Stored> {
        let stored = contents.iter().enumerate().map(|(number, &content)| Stored {
            id: number.to_string(),
            sender: "ana".to_owned(),
            receiver: "ben".to_owned(),
            content: content.to_owned(),
        });
        stored.collect()
    }

    /// What is wrong, where Ana was told that she had written `a/1 one` and then `a/2 two`.
    fn wrong(contents: &[&str]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        let mut journal = Journal::open(&file).unwrap();
        for text in ["a/1 one", "a/2 two"] {
            journal.note(&Entry::Sending { to: "ben".to_owned(), text: text.to_owned() }).unwrap();
            journal.note(&Entry::Sent { name: text[..3].to_owned() }).unwrap();
        }
        is_what_was_told("ana", &[file], &has(contents)).err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_missing_doubled_changed_foreign_or_out_of_order_is_found() {
        assert_eq!(wrong(&["a/1 one", "a/2 two"]), None);
        for (contents, found) in [
            (vec!["a/1 one"], "a/2 says None"),
            (vec!["a/1 one", "a/2 two", "a/1 one"], "a/1 is there twice"),
            (vec!["a/1 one", "a/2 other"], "a/2 says Some"),
            (vec!["a/1 one", "a/2 two", "b/1 three"], "nobody wrote"),
            (vec!["a/2 two", "a/1 one"], "a/2 stands before"),
        ] {
            let wrong = wrong(&contents).unwrap();
            assert!(wrong.contains(found), "{contents:?}: {wrong}");
        }
    }
}
