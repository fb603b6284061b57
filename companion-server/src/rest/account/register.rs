//! `POST /api/auth/register`: make an account and sign in.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    Role,
    auth::{Answer, Session},
    error,
    sync::Registration,
};

use super::super::{ApiError, extract::JsonBody, limits::Address};
use crate::{
    app::App,
    limits::{Kind, Who},
    model::form,
    store::{AddAccountError, NewAccount},
};

pub(in crate::rest) async fn post(
    State(app): State<App>,
    Address(address): Address,
    body: JsonBody,
) -> Result<(StatusCode, Json<Answer<Session>>), ApiError> {
    if app.registration != Registration::Open {
        return Err(ApiError::new(StatusCode::FORBIDDEN, error::REGISTRATION_CLOSED));
    }
    app.limits.take(Kind::SignIn, Who::at(address))?;
    let mut fields = body.fields();
    let user_name = form::user_name(&fields.text("userName")?)?;
    let first_name = form::first_name(&fields.text("firstName")?)?;
    let last_name = form::last_name(&fields.text("lastName")?)?;
    let email = form::email(&fields.text("email")?)?;
    let password = form::password("password", &fields.text("password")?)?;
    // A role may be asked for, because the contract's clients do; nobody makes themselves more than a student.
    if let Some(role) = fields.optional("role")? {
        role.parse::<Role>().map_err(|error| ApiError::bad_request(error.to_string()))?;
    }
    let password_hash = app.passwords.hash(password).await?;
    let new = NewAccount {
        user_name,
        first_name,
        last_name,
        email,
        role: Role::Student,
        password_hash: password_hash.clone(),
    };
    let account = app.store.add_account(new).await.map_err(|error| match error {
        AddAccountError::UserNameTaken => ApiError::new(StatusCode::CONFLICT, "This user name is taken"),
        AddAccountError::EmailTaken => ApiError::new(StatusCode::CONFLICT, "This e-mail address is taken"),
        AddAccountError::Store(error) => error.into(),
    })?;
    let session = super::begin_session(&app, &account, &password_hash).await?;
    Ok((StatusCode::CREATED, Json(Answer::success("Account created", session))))
}
