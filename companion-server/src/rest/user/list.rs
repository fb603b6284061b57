//! `GET /api/user?limit=&after=`: people by id, a page at a time.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
};
use protocol::{User, limits, paths, request};
use serde::Deserialize;

use super::super::{
    ApiError,
    extract::{Caller, Params, page_limit},
};
use crate::app::App;

#[derive(Deserialize)]
pub(in crate::rest) struct Asked {
    limit: Option<String>,
    after: Option<String>,
}

pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    Params(asked): Params<Asked>,
) -> Result<(HeaderMap, Json<Vec<User>>), ApiError> {
    let limit = page_limit(asked.limit.as_deref(), limits::USERS_MAX)?.unwrap_or(limits::USERS_MAX);
    let after = asked.after.as_deref().map(request::user_id).transpose()?;
    let mut accounts = app.store.accounts(after, limit + 1).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = accounts.len() > wanted;
    accounts.truncate(wanted);
    let mut headers = HeaderMap::new();
    if let Some(last) = accounts.last().filter(|_| more) {
        let link = format!("<{}?limit={limit}&after={}>; rel=\"next\"", paths::USER, last.id);
        headers
            .insert(header::LINK, HeaderValue::try_from(link).map_err(|error| ApiError::internal(&error))?);
    }
    Ok((headers, Json(accounts.iter().map(|account| account.to_wire(&caller.account)).collect())))
}
