//! The key to the messages on a device: where it is, and what happens without it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sync_core::{Client, MemorySecrets, OpenError, Options, Protection, SecretError, SecretStore};

/// A keyring that can be locked, and emptied.
#[derive(Default)]
struct Keyring {
    kept: MemorySecrets,
    locked: AtomicBool,
}

impl Keyring {
    fn lock(&self, locked: bool) {
        self.locked.store(locked, Ordering::SeqCst);
    }

    fn asked(&self) -> Result<&MemorySecrets, SecretError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(SecretError { details: "locked".to_owned() });
        }
        Ok(&self.kept)
    }
}

impl SecretStore for Keyring {
    fn get(&self, name: &str) -> Result<Option<String>, SecretError> {
        self.asked()?.get(name)
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), SecretError> {
        self.asked()?.set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.asked()?.delete(name)
    }

    fn lasts(&self) -> bool {
        true
    }
}

const PASSPHRASE: &str = "mango tree 42";

fn options(folder: &Path, keyring: &Arc<Keyring>) -> Options {
    Options { profile_dir: folder.to_owned(), secrets: Arc::<Keyring>::clone(keyring) }
}

/// Opens the profile, and closes it again.
async fn open(folder: &Path, keyring: &Arc<Keyring>) -> Result<Protection, OpenError> {
    let client = Client::open(options(folder, keyring)).await?;
    client.close().await;
    Ok(client.protection())
}

async fn open_with(folder: &Path, keyring: &Arc<Keyring>, passphrase: &str) -> Result<Protection, OpenError> {
    let client = Client::open_with_passphrase(options(folder, keyring), passphrase).await?;
    client.close().await;
    Ok(client.protection())
}

/// The bytes of the database; none where there is no such file.
fn database(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("roost.db")).unwrap_or_default()
}

#[tokio::test]
async fn a_lost_key_stops_and_asks_and_nothing_is_touched() {
    let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::default());
    assert_eq!(open(folder.path(), &keyring).await.unwrap(), Protection::Keyring);
    let before = database(folder.path());
    assert!(!before.is_empty());

    let emptied = Arc::<Keyring>::default();
    for _ in 0..2 {
        let refused = open(folder.path(), &emptied).await;
        assert!(matches!(refused, Err(OpenError::KeyLost)), "{refused:?}");
    }
    assert_eq!(database(folder.path()), before);
    assert_eq!(open(folder.path(), &keyring).await.unwrap(), Protection::Keyring, "the key is back");
}

#[tokio::test]
async fn a_key_that_is_not_the_profiles_counts_as_lost() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let keyring = Arc::default();
    open(one.path(), &keyring).await.unwrap();
    open(other.path(), &keyring).await.unwrap();
    let before = database(one.path());
    for file in ["profile.json", "profile.copy.json"] {
        let text = std::fs::read_to_string(one.path().join(file)).unwrap();
        let name = |text: &str| text.split("secretName\": \"").nth(1).unwrap()[..36].to_owned();
        let theirs = std::fs::read_to_string(other.path().join(file)).unwrap();
        std::fs::write(one.path().join(file), text.replace(&name(&text), &name(&theirs))).unwrap();
    }
    assert!(matches!(open(one.path(), &keyring).await, Err(OpenError::KeyLost)));
    assert_eq!(database(one.path()), before);
}

#[tokio::test]
async fn a_locked_keyring_is_waited_for() {
    let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::<Keyring>::default());
    keyring.lock(true);
    let refused = open(folder.path(), &keyring).await;
    assert!(matches!(refused, Err(OpenError::NoKeyring { .. })), "no key can be kept: {refused:?}");
    assert!(!folder.path().join("roost.db").exists());

    keyring.lock(false);
    open(folder.path(), &keyring).await.unwrap();
    keyring.lock(true);
    let refused = open(folder.path(), &keyring).await;
    assert!(matches!(refused, Err(OpenError::KeyringLocked { .. })), "{refused:?}");
    keyring.lock(false);
    open(folder.path(), &keyring).await.unwrap();
}

#[tokio::test]
async fn a_passphrase_takes_the_keyrings_place_and_gives_it_back() {
    let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::<Keyring>::default());
    let none = Arc::<Keyring>::default();
    none.lock(true);
    let client = Client::open(options(folder.path(), &keyring)).await.unwrap();
    assert!(matches!(
        client.protect_with_passphrase("short").await,
        Err(OpenError::PassphraseTooShort { .. })
    ));
    client.protect_with_passphrase(PASSPHRASE).await.unwrap();
    assert_eq!(client.protection(), Protection::Passphrase);
    client.close().await;

    assert!(matches!(open(folder.path(), &keyring).await, Err(OpenError::PassphraseNeeded)));
    let refused = open_with(folder.path(), &keyring, "mango tree 43").await;
    assert!(matches!(refused, Err(OpenError::WrongPassphrase)), "{refused:?}");
    // It needs no keyring any more.
    assert_eq!(open_with(folder.path(), &none, PASSPHRASE).await.unwrap(), Protection::Passphrase);

    let client = Client::open_with_passphrase(options(folder.path(), &keyring), PASSPHRASE).await.unwrap();
    client.protect_with_passphrase("another passphrase").await.unwrap();
    client.close().await;
    assert!(matches!(open_with(folder.path(), &none, PASSPHRASE).await, Err(OpenError::WrongPassphrase)));

    let again = options(folder.path(), &keyring);
    let client = Client::open_with_passphrase(again, "another passphrase").await.unwrap();
    client.protect_with_keyring().await.unwrap();
    client.close().await;
    assert_eq!(open(folder.path(), &keyring).await.unwrap(), Protection::Keyring);
}

#[tokio::test]
async fn a_device_without_a_keyring_begins_with_a_passphrase() {
    let (folder, none) = (tempfile::tempdir().unwrap(), Arc::<Keyring>::default());
    none.lock(true);
    assert!(matches!(open(folder.path(), &none).await, Err(OpenError::NoKeyring { .. })));
    assert_eq!(open_with(folder.path(), &none, PASSPHRASE).await.unwrap(), Protection::Passphrase);
    assert_eq!(open_with(folder.path(), &none, PASSPHRASE).await.unwrap(), Protection::Passphrase);
}

#[tokio::test]
async fn starting_over_is_asked_for_and_puts_everything_aside() {
    let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::default());
    open(folder.path(), &keyring).await.unwrap();
    let before = database(folder.path());
    assert!(!before.is_empty());
    let emptied = Arc::<Keyring>::default();
    assert!(matches!(open(folder.path(), &emptied).await, Err(OpenError::KeyLost)));

    Client::start_over(folder.path()).await.unwrap();
    let client = Client::open(options(folder.path(), &emptied)).await.unwrap();
    let refused = Client::start_over(folder.path()).await;
    assert!(matches!(refused, Err(OpenError::InUse)), "{refused:?}");
    client.close().await;

    // The key turns up: what was put aside opens as it was.
    let aside = folder.path().join("locked-1");
    assert_eq!(database(&aside), before);
    open(&aside, &keyring).await.unwrap();
}

#[tokio::test]
async fn without_what_tells_where_the_key_is_the_database_is_left_alone() {
    let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::default());
    open(folder.path(), &keyring).await.unwrap();
    let before = database(folder.path());
    assert!(!before.is_empty());
    std::fs::write(folder.path().join("profile.json"), "{").unwrap();
    open(folder.path(), &keyring).await.unwrap();

    std::fs::remove_file(folder.path().join("profile.json")).unwrap();
    std::fs::remove_file(folder.path().join("profile.copy.json")).unwrap();
    assert!(matches!(open(folder.path(), &keyring).await, Err(OpenError::KeyLost)));
    assert_eq!(database(folder.path()), before);
}

#[tokio::test]
async fn no_file_of_a_profile_holds_its_key_or_anything_in_plain_text() {
    let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::<Keyring>::default());
    open(folder.path(), &keyring).await.unwrap();
    let manifest = std::fs::read_to_string(folder.path().join("profile.json")).unwrap();
    let name = format!("{}.key", &manifest.split("secretName\": \"").nth(1).unwrap()[..36]);
    let key = keyring.get(&name).unwrap().unwrap();
    assert_eq!(key.len(), 64);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for text in [key.as_str(), "CREATE TABLE", "SQLite format"] {
            let found = bytes.windows(text.len()).any(|bytes| bytes == text.as_bytes());
            assert!(!found, "{} holds {text}", path.display());
        }
    }
}
