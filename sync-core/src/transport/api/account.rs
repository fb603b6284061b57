//! The routes of one's own account (extensions `accounts`, `sessions` and `invites`).

use reqwest::Method;
use serde_json::{Map, json};

use protocol::paths;

use crate::{
    convert::account,
    domain::{Device, DeviceId, Invitation, NewInvitation, OwnProfile, ProfileChange},
    transport::{http::HttpError, token::TokenError},
};

use super::{Api, route};

impl Api {
    /// Where this account is signed in.
    pub(crate) async fn devices(&self) -> Result<Vec<Device>, TokenError> {
        let answer = self.call(Method::GET, route(&self.server, paths::SESSIONS), None, None).await?;
        Ok(account::devices(&answer.body).map_err(HttpError::from)?)
    }

    /// Signs out there.
    pub(crate) async fn sign_out_device(&self, DeviceId(id): &DeviceId) -> Result<(), TokenError> {
        let mut url = route(&self.server, paths::SESSIONS);
        // As one segment, whatever is in it. An address with a host can have segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(id);
        }
        self.call(Method::DELETE, url, None, None).await.map(drop)
    }

    /// Signs out everywhere but here.
    pub(crate) async fn sign_out_others(&self) -> Result<(), TokenError> {
        self.call(Method::DELETE, route(&self.server, paths::SESSIONS), None, None).await.map(drop)
    }

    /// Changes the password.
    pub(crate) async fn change_password(&self, current: &str, new: &str) -> Result<(), TokenError> {
        let body = json!({ "currentPassword": current, "newPassword": new });
        self.call(Method::PATCH, route(&self.server, paths::CHANGE_PASSWORD), Some(body), None)
            .await
            .map(drop)
    }

    /// Who one is.
    pub(crate) async fn profile(&self) -> Result<OwnProfile, TokenError> {
        let answer = self.call(Method::GET, route(&self.server, paths::PROFILE), None, None).await?;
        self.own(&answer.body)
    }

    /// Changes who one is, and what one keeps to oneself.
    pub(crate) async fn change_profile(&self, change: &ProfileChange) -> Result<OwnProfile, TokenError> {
        let ProfileChange { first_name, last_name, show_presence, send_read_receipts } = change;
        let fields = [
            ("firstName", first_name.as_ref().map(|name| json!(name))),
            ("lastName", last_name.as_ref().map(|name| json!(name))),
            ("showPresence", show_presence.map(|show| json!(show))),
            ("sendReadReceipts", send_read_receipts.map(|send| json!(send))),
        ];
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let body = fields.collect::<Map<_, _>>().into();
        let answer = self.call(Method::PATCH, route(&self.server, paths::USER), Some(body), None).await?;
        self.own(&answer.body)
    }

    /// Makes an invitation.
    pub(crate) async fn invite(&self, new: &NewInvitation) -> Result<Invitation, TokenError> {
        let NewInvitation { role, hours, uses } = new;
        let body = json!({ "role": role.as_str(), "expiresInHours": hours, "maxUses": uses });
        let answer = self.call(Method::POST, route(&self.server, paths::INVITE), Some(body), None).await?;
        Ok(account::invitation(&answer.body).map_err(HttpError::from)?)
    }

    /// A profile, which has to be this account's.
    fn own(&self, body: &[u8]) -> Result<OwnProfile, TokenError> {
        let profile = account::profile(body).map_err(HttpError::from)?;
        if profile.person.id != self.me {
            return Err(HttpError::Unreadable("the answer is somebody else's account".to_owned()).into());
        }
        Ok(profile)
    }
}
