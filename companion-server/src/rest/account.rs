//! The routes of `/api/auth`: accounts and sessions (extension `accounts`).

pub(super) mod change_password;
pub(super) mod login;
pub(super) mod logout;
pub(super) mod profile;
pub(super) mod refresh;
pub(super) mod register;
pub(super) mod sessions;

use axum::http::StatusCode;
use protocol::{auth::Session, error, sync::Registration};

use super::ApiError;
use crate::{
    app::App,
    auth::{invite_code::InviteCode, token::RefreshToken},
    model::{Account, Invite, SessionId},
    store::{CodeHash, Device},
};

/// Begins a session and makes its first tokens. `verified` is the hash that the password was checked against.
async fn begin_session(
    app: &App,
    account: &Account,
    verified: &str,
    device: Device,
) -> Result<Session, ApiError> {
    let refresh = RefreshToken::random();
    let session = app.store.begin_session(account.id, refresh.hash, device).await?;
    // A change of password that came in between has ended the sessions that it saw, and not this one.
    if app.store.password_hash(account.id).await?.as_deref() != Some(verified) {
        app.store.end_session(session).await?;
        return Err(ApiError::unauthorized(error::INVALID_CREDENTIALS));
    }
    tokens(app, account, session, refresh)
}

/// The invitation of a code, if it lets somebody in now, and the code's hash.
pub(super) async fn invitation(app: &App, code: &str) -> Result<(CodeHash, Invite), ApiError> {
    if app.registration == Registration::Closed {
        return Err(ApiError::new(StatusCode::FORBIDDEN, error::REGISTRATION_CLOSED));
    }
    if code.trim().is_empty() {
        return Err(ApiError::bad_request(error::INVITE_CODE_REQUIRED));
    }
    let hash = InviteCode::hash(code).ok_or_else(invite_not_valid)?;
    let invite = app.store.valid_invite(hash, app.clock.now()).await?;
    invite.map(|invite| (hash, invite)).ok_or_else(invite_not_valid)
}

/// One answer for every code that lets nobody in, whatever the reason.
fn invite_not_valid() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, error::INVITE_NOT_VALID)
}

/// What registering, signing in and refreshing answer.
fn tokens(
    app: &App,
    account: &Account,
    session: SessionId,
    refresh: RefreshToken,
) -> Result<Session, ApiError> {
    let access_token =
        app.tokens.make(account, session, app.clock.now()).map_err(|error| ApiError::internal(&error))?;
    Ok(Session { user: account.to_wire(account), access_token, refresh_token: refresh.text })
}
