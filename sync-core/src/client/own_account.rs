//! One's own account on its server. All of it is the server's, so nothing of it can be done while the server cannot be
//! reached.

use protocol::sync::extension;

use crate::{
    domain::{Device, DeviceId, Invitation, NewInvitation, OwnProfile, ProfileChange, SessionState},
    engine::Engine,
    error::{AccountError, StoreError},
    store::people,
    transport::{
        api::Api,
        http::{HttpError, NoAnswer},
        probe,
        token::TokenError,
    },
};

use super::Client;

impl Client {
    /// Where this account is signed in, as the server lists it.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn devices(&self) -> Result<Vec<Device>, AccountError> {
        let api = self.account(extension::SESSIONS).await?;
        self.told(&api, api.devices().await).await
    }

    /// Signs out at another device. One that is gone already is no error.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn sign_out_device(&self, device: &DeviceId) -> Result<(), AccountError> {
        let api = self.account(extension::SESSIONS).await?;
        match api.sign_out_device(device).await {
            Err(TokenError::Http(error)) if error.is_not_found() => Ok(()),
            outcome => self.told(&api, outcome).await,
        }
    }

    /// Signs out at every other device.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn sign_out_other_devices(&self) -> Result<(), AccountError> {
        let api = self.account(extension::SESSIONS).await?;
        self.told(&api, api.sign_out_others().await).await
    }

    /// Changes the password. This signs out at every other device.
    ///
    /// # Errors
    /// [`AccountError`]: [`AccountError::WrongPassword`] where `current` is not the password, and
    /// [`AccountError::Refused`] where the server does not take the new one.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), AccountError> {
        let api = self.account(extension::ACCOUNTS).await?;
        match api.change_password(current, new).await {
            Err(TokenError::Http(HttpError::Status { status: 403, .. })) => Err(AccountError::WrongPassword),
            outcome => self.told(&api, outcome).await,
        }
    }

    /// Who one is, and what one keeps to oneself.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn profile(&self) -> Result<OwnProfile, AccountError> {
        let api = self.account(extension::ACCOUNTS).await?;
        let profile = self.told(&api, api.profile().await).await?;
        self.keep(&profile).await?;
        Ok(profile)
    }

    /// Changes one's name, or what one keeps to oneself. Answers everything as it is now.
    ///
    /// # Errors
    /// [`AccountError`]; then nothing was changed, unless the server's answer was lost.
    pub async fn change_profile(&self, change: &ProfileChange) -> Result<OwnProfile, AccountError> {
        let api = self.account(extension::ACCOUNTS).await?;
        let profile = self.told(&api, api.change_profile(change).await).await?;
        self.keep(&profile).await?;
        if change.show_presence.is_some()
            && let Some(engine) = self.inner.engine.read().await.as_ref()
        {
            engine.ask_presence_anew();
        }
        Ok(profile)
    }

    /// Makes a link that lets people make accounts. Whom one may invite is in [`crate::Offers::invites`].
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn invite(&self, new: &NewInvitation) -> Result<Invitation, AccountError> {
        let api = self.account(extension::INVITES).await?;
        self.told(&api, api.invite(new).await).await
    }

    /// The way to the server, where it offers this as far as is known.
    async fn account(&self, extension: &str) -> Result<Api, AccountError> {
        if !matches!(self.session(), SessionState::SignedIn(_)) {
            return Err(AccountError::SignedOut);
        }
        let api = self.inner.engine.read().await.as_ref().map(Engine::api).ok_or(AccountError::SignedOut)?;
        if api.lacks(extension) { Err(AccountError::NotOffered) } else { Ok(api) }
    }

    /// What the server told, or why not.
    async fn told<T>(&self, api: &Api, outcome: Result<T, TokenError>) -> Result<T, AccountError> {
        let error = match outcome {
            Ok(value) => return Ok(value),
            Err(TokenError::SessionOver) => {
                // The engine finds the same with its next request, and ends the session.
                self.retry_now();
                return Err(AccountError::SignedOut);
            }
            Err(TokenError::Http(error)) => error,
        };
        Err(match error {
            HttpError::NoAnswer { cause: NoAnswer::Locked, details } => {
                AccountError::KeyringLocked { details }
            }
            HttpError::Status { status: 404 | 405, .. } => AccountError::NotOffered,
            HttpError::Status { status: 429, retry_after, .. } => {
                AccountError::TooMany { seconds: retry_after.map_or(60, |wait| wait.as_secs()) }
            }
            HttpError::Status { status: 400..=499, reason, .. } => AccountError::Refused { reason },
            error => probe::explained(api.server(), &error, api.trusted()).await.into(),
        })
    }

    /// Stores who one is now, and lets everybody see it.
    async fn keep(&self, profile: &OwnProfile) -> Result<(), StoreError> {
        let person = profile.person.clone();
        let store = &self.inner.face.store;
        store
            .write(move |connection, changed| {
                if people::put(connection, &person)? {
                    changed.people();
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        self.inner.face.set_user(&profile.person);
        Ok(())
    }
}
