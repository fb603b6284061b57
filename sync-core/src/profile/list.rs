//! Several profiles side by side: one folder for each account.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{domain::Protection, error::OpenError, limits, secrets::SecretStore};

use super::{
    folder::{self, DATABASE, Folder},
    manifest::{KeyPlace, Manifest},
};

/// The profiles below one folder. All of them can be open at once, each by one client. Everything here blocks, briefly.
#[derive(Debug, Clone)]
pub struct Profiles {
    root: PathBuf,
}

/// What is known of a profile without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its folder, to be opened by [`crate::Client::open`].
    pub folder: PathBuf,
    /// The name that its account signs in with; `None` where nobody has signed in yet.
    pub user_name: Option<String>,
    /// What people call the account's server.
    pub server_name: Option<String>,
    /// What protects the key to its messages; `None` where nothing has been encrypted yet.
    pub protection: Option<Protection>,
}

impl Profiles {
    /// The profiles below this folder, which need not exist yet.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The profiles that there are, by the names of their folders; at most [`limits::PROFILES`].
    ///
    /// # Errors
    /// Where the folder cannot be read, or a newer version wrote one of them.
    pub fn list(&self) -> Result<Vec<Profile>, OpenError> {
        let mut found = Vec::new();
        for folder in self.folders()? {
            let manifest = Manifest::read(&folder)?;
            if manifest.is_none() && !folder.join(DATABASE).is_file() {
                continue;
            }
            found.push(Profile::of(folder, manifest));
            if found.len() == limits::PROFILES {
                break;
            }
        }
        Ok(found)
    }

    /// The folder for a program that shows one profile: the first one's, or where there is none, one for a new profile. It
    /// is the same again until something is in it.
    ///
    /// # Errors
    /// As [`Profiles::list`]; and where a folder cannot be made.
    pub fn first(&self) -> Result<PathBuf, OpenError> {
        let first = self.list()?.into_iter().next().map(|profile| profile.folder);
        match first.or(self.folders()?.into_iter().next()) {
            Some(folder) => Ok(folder),
            None => self.create(),
        }
    }

    /// A new folder for one more profile.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(&self) -> Result<PathBuf, OpenError> {
        let path = self.root.join(uuid::Uuid::new_v4().to_string());
        folder::make_folder(&path).map_err(|error| folder::unusable(&path, error))?;
        Ok(path)
    }

    /// Removes a profile from this device for good: its key, its tokens, its messages, and what waits to be sent.
    ///
    /// # Errors
    /// Where it is open, or cannot be removed.
    pub fn remove(&self, profile: &Path, secrets: &dyn SecretStore) -> Result<(), OpenError> {
        let folder = Folder::open(profile)?;
        if let Some(manifest) = Manifest::read(profile)? {
            for name in [manifest.key_name(), manifest.secret_name] {
                if let Err(error) = secrets.delete(&name) {
                    tracing::warn!(%error, "a removed profile's entry stays in the keyring");
                }
            }
        }
        folder.remove_all()
    }

    /// The folders that there are, by their names, with or without a profile.
    fn folders(&self) -> Result<Vec<PathBuf>, OpenError> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(folder::unusable(&self.root, error)),
        };
        let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        // Systems leave files of their own in every folder that somebody has looked into.
        folders.retain(|path| path.is_dir());
        folders.sort_unstable();
        Ok(folders)
    }
}

impl Profile {
    fn of(folder: PathBuf, manifest: Option<Manifest>) -> Self {
        let protection = manifest.as_ref().map(|manifest| match manifest.key {
            KeyPlace::Keyring => Protection::Keyring,
            KeyPlace::Passphrase(_) => Protection::Passphrase,
        });
        let account = manifest.and_then(|manifest| manifest.account);
        Self {
            folder,
            user_name: account.as_ref().map(|account| account.user_name.clone()),
            server_name: account.map(|account| account.server_name),
            protection,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Client, MemorySecrets, Options, domain::Account, profile::Vault, store::people};

    async fn open(folder: &Path, secrets: &Arc<MemorySecrets>) -> Client {
        let secrets = Arc::<MemorySecrets>::clone(secrets);
        Client::open(Options { profile_dir: folder.to_owned(), secrets }).await.unwrap()
    }

    #[tokio::test]
    async fn several_are_open_at_once_and_each_is_removed_by_itself_with_its_key() {
        let (root, secrets) = (tempfile::tempdir().unwrap(), Arc::<MemorySecrets>::default());
        let profiles = Profiles::at(&root.path().join("profiles"));
        assert_eq!(profiles.list().unwrap(), []);
        let (one, other) = (profiles.create().unwrap(), profiles.create().unwrap());
        assert_eq!(profiles.list().unwrap(), [], "nothing is in them yet");

        let (first, second) = (open(&one, &secrets).await, open(&other, &secrets).await);
        assert_eq!(
            (first.conversations().await.unwrap(), second.conversations().await.unwrap()),
            (vec![], vec![])
        );
        assert_eq!(profiles.list().unwrap().len(), 2);
        assert!(matches!(profiles.remove(&one, secrets.as_ref()), Err(OpenError::InUse)));
        first.close().await;
        let name = Manifest::read(&one).unwrap().unwrap().key_name();
        assert!(secrets.get(&name).unwrap().is_some());
        profiles.remove(&one, secrets.as_ref()).unwrap();
        assert_eq!(secrets.get(&name).unwrap(), None);
        let left = profiles.list().unwrap();
        assert_eq!(left.iter().map(|profile| &profile.folder).collect::<Vec<_>>(), [&other]);
        second.close().await;
        open(&other, &secrets).await.close().await;
    }

    #[tokio::test]
    async fn the_first_one_is_the_same_again_and_one_that_is_open_comes_before_an_empty_folder() {
        let (root, secrets) = (tempfile::tempdir().unwrap(), Arc::<MemorySecrets>::default());
        let profiles = Profiles::at(&root.path().join("profiles"));
        let empty = profiles.first().unwrap();
        assert_eq!((profiles.first().unwrap(), profiles.list().unwrap()), (empty, vec![]));
        // Named as the first versions named it, and next to what a system leaves there.
        let first = root.path().join("profiles/zzz");
        open(&first, &secrets).await.close().await;
        fs::write(root.path().join("profiles/.DS_Store"), "x").unwrap();
        assert_eq!((profiles.first().unwrap(), profiles.list().unwrap().len()), (first, 1));
    }

    #[test]
    fn whose_a_profile_is_can_be_told_while_it_is_locked() {
        let root = tempfile::tempdir().unwrap();
        let profiles = Profiles::at(root.path());
        let folder = profiles.create().unwrap();
        let vault = Vault::open(&folder, Arc::<MemorySecrets>::default(), Some("mango tree 42")).unwrap();
        let account = Account {
            user: people::nameless("u1".into()),
            user_name: "ana".to_owned(),
            server: "https://chat.example.org/".parse().unwrap(),
            server_name: "Chat".to_owned(),
            trusted: None,
        };
        vault.set_account(Some(&account)).unwrap();
        drop(vault);
        let expected = Profile {
            folder,
            user_name: Some("ana".to_owned()),
            server_name: Some("Chat".to_owned()),
            protection: Some(Protection::Passphrase),
        };
        assert_eq!(profiles.list().unwrap(), [expected]);
    }
}
