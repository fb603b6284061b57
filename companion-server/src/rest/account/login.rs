//! `POST /api/auth/login`: sign in by user name or e-mail address.
//!
//! An unknown user, a disabled one and a wrong password get the same status and text after the same work.

use std::net::IpAddr;

use axum::{Json, extract::State};
use protocol::{
    UserId,
    auth::{Answer, Login, Session},
    error, limits, paths,
};

use super::super::{
    ApiError,
    extract::{JsonBody, Origin},
    limits::Newcomer,
    openapi,
};
use crate::{
    app::App,
    auth::imported,
    limits::block,
    model::{Account, activity},
};

/// Sign in
#[utoipa::path(
    post, path = paths::LOGIN, tag = openapi::ACCOUNTS, operation_id = "login", security(()),
    request_body = Login,
    responses(
        (status = 200, description = "A session begins", body = Answer<Session>),
        (status = 401, description = "Unknown or disabled user, or wrong password: all the same")
    )
)]
pub(in crate::rest) async fn post(
    State(app): State<App>,
    Newcomer(address): Newcomer,
    Origin(device): Origin,
    body: JsonBody,
) -> Result<Json<Answer<Session>>, ApiError> {
    let mut fields = body.fields();
    let (user_name, email) = (fields.text("userName")?, fields.text("email")?);
    let login = if user_name.trim().is_empty() { email.trim() } else { user_name.trim() };
    let password = fields.text("password")?;
    if login.is_empty() {
        return Err(ApiError::bad_request("userName or email is required"));
    }
    if password.is_empty() {
        return Err(ApiError::bad_request("password is required"));
    }
    let refused = || ApiError::unauthorized(error::INVALID_CREDENTIALS);
    if login.len() > limits::EMAIL_BYTES.max(4 * limits::USER_NAME_CHARS)
        || password.len() > limits::PASSWORD_MAX_BYTES
    {
        return Err(refused());
    }
    app.limits.sign_in(login, address)?;
    let credentials = app.store.credentials(login).await?.filter(|found| !found.account.disabled);
    if let Err(refused) = app.limits.guess(login) {
        let account = credentials.as_ref().map(|found| found.account.id);
        if !is_signed_in_at(&app, account, address).await? {
            return Err(refused.into());
        }
    }
    let (account, hash) = credentials.map(|found| (found.account, found.password_hash)).unzip();
    // Somebody who signs in elsewhere has no password here.
    let hash = hash.filter(|hash| !hash.is_empty());
    let genuine = app.passwords.verify(password.clone(), hash.clone()).await?;
    let (Some(account), Some(hash), true) = (account.as_ref(), hash, genuine) else {
        if let Some(account) = account {
            app.activity.note(account.id, activity::Kind::SignInFailed, None);
        }
        return Err(refused());
    };
    let verified = modern(&app, account, password, hash).await?.ok_or_else(refused)?;
    let session = super::begin_session(&app, account, &verified, device).await?;
    Ok(Json(Answer::success("Signed in", session)))
}

/// Whether a user is signed in at this place, so that it is none where strangers guess.
async fn is_signed_in_at(app: &App, user: Option<UserId>, address: IpAddr) -> Result<bool, ApiError> {
    let Some(user) = user else { return Ok(false) };
    let sessions = app.store.sessions(user, app.clock.now()).await?;
    let places = sessions.iter().filter_map(|session| session.device.address.parse().ok());
    Ok(places.map(block).any(|place| place == block(address)))
}

/// The hash that a password was checked against, with an imported one replaced now that its password is known. `None`
/// where somebody changed the password in between.
async fn modern(
    app: &App,
    account: &Account,
    password: String,
    hash: String,
) -> Result<Option<String>, ApiError> {
    if imported::cost(&hash).is_none() || !imported::is_whole(&password) {
        return Ok(Some(hash));
    }
    let new = app.passwords.hash(password.clone()).await?;
    if app.store.replace_password_hash(account.id, hash, new.clone()).await? {
        return Ok(Some(new));
    }
    // Another sign-in was quicker, or the password is another one now.
    let now = app.store.password_hash(account.id).await?;
    let genuine = app.passwords.verify(password, now.clone()).await?;
    Ok(now.filter(|_| genuine))
}
