//! Who is there and who is writing, and what the server offers. All of it is in memory alone, and empty while the server
//! cannot be reached.

use protocol::{Role, sync::extension};

use crate::{
    domain::{Offers, Presence, RegistrationMode, UserId},
    engine::Engine,
};

use super::Client;

impl Client {
    /// Tells `peer` that a message to them is being written, or not any more. To be called with each key that is pressed,
    /// and once with `false` when the text is blank or left alone: the server is told now and then
    /// ([`crate::limits::TYPING_PAUSE`]). [`Client::send`] ends it by itself.
    pub async fn set_typing(&self, peer: &UserId, is_typing: bool) {
        if let Some(engine) = self.inner.engine.read().await.as_ref() {
            engine.typing(peer, is_typing);
        }
    }

    /// Who is writing to this account at the moment, by id. [`crate::Update::Typing`] tells when it changes.
    pub async fn writing(&self) -> Vec<UserId> {
        self.inner.engine.read().await.as_ref().map(Engine::writing).unwrap_or_default()
    }

    /// What is known of these people, in their order. Who is not in it hides, or is not known yet: the server is asked
    /// about whomever it was not asked yet, and [`crate::Update::Presence`] tells when more is known.
    pub async fn presence(&self, people: &[UserId]) -> Vec<Presence> {
        let engine = self.inner.engine.read().await;
        engine.as_ref().map(|engine| engine.presence(people)).unwrap_or_default()
    }

    /// What the server offers. [`crate::Update::Connection`] tells when it may have changed.
    pub async fn offers(&self) -> Offers {
        let role = self.session().account().and_then(|account| account.user.role);
        let Some(api) = self.inner.engine.read().await.as_ref().map(Engine::api) else {
            return Offers::default();
        };
        let invites = api.offers(extension::INVITES) && api.registration() != RegistrationMode::Closed;
        Offers {
            accounts: api.offers(extension::ACCOUNTS),
            devices: api.offers(extension::SESSIONS),
            presence: api.offers(extension::PRESENCE),
            typing: api.offers(extension::TYPING),
            invites: match role.filter(|_| invites) {
                Some(Role::Admin) => vec![Role::Student, Role::Coordinator, Role::Admin],
                Some(Role::Coordinator) => vec![Role::Student],
                Some(Role::Student) | None => Vec::new(),
            },
        }
    }
}
