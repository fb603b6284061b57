//! `POST /api/auth/register`: make an account and sign in.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    Role,
    auth::{Answer, Register, Session},
    paths,
    sync::Registration,
};

use super::super::{
    ApiError,
    extract::{JsonBody, Origin},
    limits::Newcomer,
    openapi,
};
use crate::{
    app::App,
    model::form,
    store::{AddAccountError, Joining, NewAccount},
};

/// Make an account, and sign in
///
/// Whoever registers becomes a student, whatever role is asked for.
#[utoipa::path(
    post, path = paths::REGISTER, tag = openapi::ACCOUNTS, operation_id = "register", security(()),
    request_body = Register,
    responses(
        (status = 201, description = "The account was made", body = Answer<Session>),
        (status = 403, description = "The server takes no registrations"),
        (status = 409, description = "The user name or the e-mail address is taken")
    )
)]
pub(in crate::rest) async fn post(
    State(app): State<App>,
    _: Newcomer,
    Origin(device): Origin,
    body: JsonBody,
) -> Result<(StatusCode, Json<Answer<Session>>), ApiError> {
    let mut fields = body.fields();
    let joining = joining(&app, &fields.text("inviteCode")?).await?;
    let user_name = form::user_name(&fields.text("userName")?)?;
    let first_name = form::first_name(&fields.text("firstName")?)?;
    let last_name = form::last_name(&fields.text("lastName")?)?;
    let email = form::email(&fields.text("email")?)?;
    let password = form::password("password", &fields.text("password")?)?;
    // A role may be asked for, because the contract's clients do; nobody makes themselves more than they are invited
    // to, or than a student.
    if let Some(role) = fields.optional("role")? {
        role.parse::<Role>().map_err(|error| ApiError::bad_request(error.to_string()))?;
    }
    let password_hash = app.passwords.hash(password).await?;
    let new = NewAccount { user_name, first_name, last_name, email, password_hash: password_hash.clone() };
    let account = app.store.add_account(new, joining).await.map_err(|error| match error {
        AddAccountError::UserNameTaken => ApiError::new(StatusCode::CONFLICT, "This user name is taken"),
        AddAccountError::EmailTaken => ApiError::new(StatusCode::CONFLICT, "This e-mail address is taken"),
        AddAccountError::InviteNotValid => super::invite_not_valid(),
        AddAccountError::Store(error) => error.into(),
    })?;
    let session = super::begin_session(&app, &account, &password_hash, device).await?;
    Ok((StatusCode::CREATED, Json(Answer::success("Account created", session))))
}

/// How the caller comes in. A code is looked at before any password is hashed, so that guessing codes costs the server
/// a read each; whether it still lets somebody in is decided again when the account is made.
async fn joining(app: &App, code: &str) -> Result<Joining, ApiError> {
    if app.registration == Registration::Open && code.trim().is_empty() {
        return Ok(Joining::Open);
    }
    let (hash, _) = super::invitation(app, code).await?;
    Ok(Joining::Invited(hash))
}
