//! `POST /api/auth/login`: sign in by user name or e-mail address.
//!
//! An unknown user, a disabled one and a wrong password get the same status and text after the same work.

use axum::{Json, extract::State};
use protocol::{
    auth::{Answer, Login, Session},
    error, limits, paths,
};

use super::super::{
    ApiError,
    extract::{JsonBody, Origin},
    limits::Address,
    openapi,
};
use crate::{
    app::App,
    limits::{Kind, Who},
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
    Address(address): Address,
    Origin(device): Origin,
    body: JsonBody,
) -> Result<Json<Answer<Session>>, ApiError> {
    app.limits.take(Kind::SignIn, Who::at(address))?;
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
    let (account, hash) = credentials.map(|found| (found.account, found.password_hash)).unzip();
    let genuine = app.passwords.verify(password, hash.clone()).await?;
    let account = account.filter(|_| genuine).ok_or_else(refused)?;
    let session = super::begin_session(&app, &account, hash.as_deref().unwrap_or_default(), device).await?;
    Ok(Json(Answer::success("Signed in", session)))
}
