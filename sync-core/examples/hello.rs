//! Signs in, writes one message, and waits until the server has it.

use std::{env, sync::Arc};

use sync_core::{Anchor, Client, Connection, KeyringSecrets, Options, SessionState, Status, Update};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [folder, server, name, friend] = ["CHAT_FOLDER", "CHAT_SERVER", "CHAT_NAME", "CHAT_FRIEND"]
        .map(|key| env::var(key).unwrap_or_default());

    // What is stored is encrypted: with a passphrase here, and with a key in the keyring by `Client::open`.
    let options = Options { profile_dir: folder.into(), secrets: Arc::new(KeyringSecrets::new()) };
    let client = Client::open_with_passphrase(options, &env::var("CHAT_PASSPHRASE")?).await?;
    let mut updates = client.updates();

    if client.session() == SessionState::SignedOut {
        let found = Client::probe(&server).await?;
        client.sign_in(&found.url, &name, &env::var("CHAT_PASSWORD")?).await?;
    }
    // Only for finding people: everything else works offline.
    while !matches!(client.connection(), Connection::Online { .. }) {
        updates.next().await;
    }
    let found = client.people(&friend).await?;
    let friend = &found.people.first().ok_or("nobody of that name")?.id;

    // Stored when this returns, and sent when it can be: now, or after the next start.
    let hello = client.send(friend, "Good morning").await?;

    // An update says what changed; what it is now is read from the database.
    while let Some(update) = updates.next().await {
        if update == Update::Timeline(friend.clone()) || update == Update::Everything {
            let page = client.timeline(friend, Anchor::Newest, 50).await?;
            let mine = page.items.iter().find(|item| item.key == hello);
            if let Some(Status::Sent | Status::Delivered | Status::Read) =
                mine.and_then(|item| item.status.as_ref())
            {
                break;
            }
        }
    }
    client.close().await;
    Ok(())
}
