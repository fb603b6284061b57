//! Pictures of people, from their own server alone.
//!
//! Who somebody is shown with a picture is nobody else's business: an address at any other place would tell whoever runs
//! it who reads what, and when. So only the account's server is asked, without a token, and of its answer nothing reaches
//! a screen but what is drawn anew (`picture`). Pictures are kept in memory; whoever has none has initials.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use url::Url;

use crate::{
    domain::{Account, UserId},
    error::StoreError,
    limits, picture,
    transport::http::HttpError,
};

use super::Client;

/// A picture as PNG, or that there is none at its address.
type Kept = Option<Arc<[u8]>>;

/// The pictures that were fetched.
#[derive(Default)]
pub(super) struct Pictures {
    kept: Mutex<Shelf>,
    /// Held while one is fetched and drawn: none twice, and never many at once.
    turn: tokio::sync::Mutex<()>,
}

/// At most [`limits::PICTURES`], and the order in which they came.
#[derive(Default)]
struct Shelf {
    by_address: HashMap<Url, Kept>,
    order: VecDeque<Url>,
}

impl Pictures {
    /// Forgets all of them.
    pub(super) fn forget(&self) {
        *self.shelf() = Shelf::default();
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, address: &Url) -> Option<Kept> {
        self.shelf().by_address.get(address).cloned()
    }

    fn put(&self, address: Url, kept: Kept) {
        let mut held = self.shelf();
        if held.by_address.insert(address.clone(), kept).is_none() {
            held.order.push_back(address);
        }
        if held.order.len() > limits::PICTURES
            && let Some(oldest) = held.order.pop_front()
        {
            held.by_address.remove(&oldest);
        }
    }
}

impl Client {
    /// A small square picture of somebody as PNG, [`limits::PICTURE_SIDE`] pixels wide; `None` where there is none, where
    /// it is not on the account's own server, or where that can't be reached and it was not fetched before.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn picture(&self, id: &UserId) -> Result<Option<Arc<[u8]>>, StoreError> {
        let Some(account) = self.session().account().cloned() else { return Ok(None) };
        let told =
            if *id == account.user.id { account.user.avatar.clone() } else { self.avatar_of(id).await? };
        let Some(address) = told.and_then(|told| address_of(&account, &told)) else { return Ok(None) };
        let pictures = &self.inner.pictures;
        if let Some(kept) = pictures.get(&address) {
            return Ok(kept);
        }
        let _turn = pictures.turn.lock().await;
        if let Some(kept) = pictures.get(&address) {
            return Ok(kept);
        }
        let Some(kept) = self.fetch_picture(&address).await else { return Ok(None) };
        pictures.put(address, kept.clone());
        Ok(kept)
    }

    async fn avatar_of(&self, id: &UserId) -> Result<Option<String>, StoreError> {
        Ok(self.person(id).await?.and_then(|person| person.avatar))
    }

    /// What there is at this address, as far as that is sure: a server that is away or in trouble is asked again.
    async fn fetch_picture(&self, address: &Url) -> Option<Kept> {
        let engine = self.inner.engine.read().await;
        let api = engine.as_ref().filter(|engine| engine.reachable())?.api();
        drop(engine);
        let asked = tokio::time::timeout(limits::PICTURE_TIME, api.picture(address.clone())).await;
        let bytes = match asked {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(HttpError::NoAnswer { .. } | HttpError::Status { status: 429 | 500.., .. })) | Err(_) => {
                return None;
            }
            // Too large, not there, elsewhere.
            Ok(Err(_)) => return Some(None),
        };
        // A decoder that panics has found no picture either.
        let drawn = tokio::task::spawn_blocking(move || picture::drawn(&bytes)).await.ok().flatten();
        Some(drawn.map(Into::into))
    }
}

/// Where the picture is, if that is on the account's own server.
fn address_of(account: &Account, told: &str) -> Option<Url> {
    let address = account.server.join(told).ok()?;
    let plain = address.username().is_empty() && address.password().is_none();
    (plain && address.origin() == account.server.origin()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Person;

    #[test]
    fn only_the_accounts_own_server_is_asked() {
        let person = Person {
            id: "ana".into(),
            first_name: String::new(),
            last_name: String::new(),
            role: None,
            avatar: None,
        };
        let server: Url = "https://chat.school.edu/".parse().unwrap();
        let account = Account {
            user: person,
            user_name: String::new(),
            server,
            server_name: String::new(),
            trusted: None,
        };
        let asked = |told: &str| address_of(&account, told).map(String::from);
        for told in
            ["/a/ana.png", "a/ana.png", "https://chat.school.edu/a/ana.png", "//chat.school.edu/a/ana.png"]
        {
            assert_eq!(asked(told).as_deref(), Some("https://chat.school.edu/a/ana.png"), "{told}");
        }
        for told in [
            "http://chat.school.edu/a.png",
            "https://chat.school.edu:8443/a.png",
            "https://elsewhere.org/a.png",
            "//elsewhere.org/a.png",
            "https://ana:secret@chat.school.edu/a.png",
            "data:image/png;base64,AAAA",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
        ] {
            assert_eq!(asked(told), None, "{told}");
        }
    }

    #[test]
    fn no_more_are_kept_than_the_bound() {
        let pictures = Pictures::default();
        let address = |n: usize| -> Url { format!("https://chat.school.edu/{n}").parse().unwrap() };
        for n in 0..limits::PICTURES + 10 {
            pictures.put(address(n), None);
            pictures.put(address(n), None);
        }
        let held = pictures.shelf();
        assert_eq!((held.by_address.len(), held.order.len()), (limits::PICTURES, limits::PICTURES));
        drop(held);
        assert_eq!((pictures.get(&address(0)), pictures.get(&address(limits::PICTURES))), (None, Some(None)));
        pictures.forget();
        assert_eq!(pictures.shelf().by_address.len(), 0);
    }
}
