//! `POST /api/auth/refresh`: exchange a refresh token for a new pair.

use axum::{Json, extract::State};
use protocol::{
    auth::{Answer, Refresh, Session},
    error, paths,
};

use super::super::{
    ApiError,
    extract::{JsonBody, Origin},
    limits::Renewer,
    openapi,
};
use crate::{app::App, auth::token::RefreshToken, store::RefreshError};

/// Exchange a refresh token for a new pair
///
/// Each refresh token is good for one exchange. Using one again ends its session, unless the answer to the first
/// exchange was lost.
#[utoipa::path(
    post, path = paths::REFRESH, tag = openapi::ACCOUNTS, operation_id = "refresh", security(()),
    request_body = Refresh,
    responses(
        (status = 200, description = "The session goes on", body = Answer<Session>),
        (status = 401, description = "The refresh token is unknown, used up or revoked")
    )
)]
pub(in crate::rest) async fn post(
    State(app): State<App>,
    _: Renewer,
    Origin(device): Origin,
    body: JsonBody,
) -> Result<Json<Answer<Session>>, ApiError> {
    let presented = body.fields().text("refreshToken")?;
    if presented.is_empty() {
        return Err(ApiError::bad_request("refreshToken is required"));
    }
    let next = RefreshToken::random();
    let renewed = app.store.renew_session(RefreshToken::hash(&presented), next.hash, device).await;
    let renewed = renewed.map_err(|error| match error {
        RefreshError::Invalid => ApiError::unauthorized(error::INVALID_REFRESH_TOKEN),
        RefreshError::Reused => {
            tracing::warn!("a refresh token was used twice; its session was ended");
            ApiError::unauthorized(error::INVALID_REFRESH_TOKEN)
        }
        RefreshError::Store(error) => error.into(),
    })?;
    let session = super::tokens(&app, &renewed.account, renewed.session, next)?;
    Ok(Json(Answer::success("Session renewed", session)))
}
