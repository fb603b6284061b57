//! What handlers take from a request. Every refusal here is an [`ApiError`] with a documented body.

use std::{str::FromStr, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use protocol::{error, limits, request::Invalid};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{ApiError, limits::Found};
use crate::{
    app::App,
    auth::{AuthError, Identity},
    model::SessionId,
    serve::ClientAddress,
    store::Device,
};

/// Whoever makes the request, by its bearer token (C11).
pub(super) struct Caller(pub(super) Identity);

/// The program and the address that a request comes from, for whoever looks at their sessions.
pub(super) struct Origin(pub(super) Device);

/// The JSON body, if there is one.
pub(super) struct JsonBody(pub(super) Option<Value>);

/// An id from the path.
pub(super) struct PathId<T>(pub(super) T);

/// The query, as the type says.
pub(super) struct Params<T>(pub(super) T);

/// How much of a program's name for itself is kept.
const USER_AGENT_CHARS: usize = 200;

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let Found(found) = parts.extensions.remove().ok_or(AuthError::Missing)?;
        Ok(Self(found?))
    }
}

impl FromRequestParts<App> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let address = parts.extensions.get::<ClientAddress>().map(|address| address.0.to_string());
        Ok(Self(Device {
            user_agent: agent.unwrap_or_default().chars().take(USER_AGENT_CHARS).collect(),
            address: address.unwrap_or_default(),
        }))
    }
}

impl FromRequest<App> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body, app.body_timeout).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(None));
        }
        if !is_json(&parts.headers) {
            let text = "Content-Type must be application/json";
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        let value = serde_json::from_slice(&bytes).map_err(|_| ApiError::bad_request("Malformed JSON"))?;
        Ok(Self(Some(value)))
    }
}

impl JsonBody {
    /// The body's fields; none at all where it is missing.
    pub(super) fn fields(self) -> Fields {
        match self.0 {
            Some(Value::Object(fields)) => Fields(Some(fields)),
            None | Some(Value::Null) => Fields(Some(Map::new())),
            Some(_) => Fields(None),
        }
    }
}

/// The fields of a body, for routes whose errors name the field; `None` where the body is no object.
pub(super) struct Fields(Option<Map<String, Value>>);

impl Fields {
    /// A text that may be absent.
    pub(super) fn optional(&mut self, name: &str) -> Result<Option<String>, Invalid> {
        match self.take(name)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Invalid(format!("{name} must be a string").into())),
        }
    }

    /// A text; empty where it is absent.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Invalid> {
        Ok(self.optional(name)?.unwrap_or_default())
    }

    /// A whole number that may be absent.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<u64>, Invalid> {
        match self.take(name)? {
            None => Ok(None),
            Some(value) => value
                .as_u64()
                // To JSON, 1.0 is the whole number 1.
                .or_else(|| value.as_f64()?.to_string().parse().ok())
                .map(Some)
                .ok_or_else(|| Invalid(format!("{name} must be a whole number").into())),
        }
    }

    /// `true` or `false`; may be absent.
    pub(super) fn switch(&mut self, name: &str) -> Result<Option<bool>, Invalid> {
        match self.take(name)? {
            None => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(on)),
            Some(_) => Err(Invalid(format!("{name} must be true or false").into())),
        }
    }

    /// Whether there is no field left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(Map::is_empty)
    }

    fn take(&mut self, name: &str) -> Result<Option<Value>, Invalid> {
        let fields = self.0.as_mut().ok_or("The body must be a JSON object")?;
        Ok(fields.remove(name).filter(|value| !value.is_null()))
    }
}

impl<T: IdOfPath> FromRequestParts<App> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| ApiError::bad_request(T::INVALID))?;
        Ok(Self(text.parse().map_err(|_| ApiError::bad_request(T::INVALID))?))
    }
}

/// The kinds of ids that stand in paths.
pub(super) trait IdOfPath: FromStr {
    /// What the client is told of a text that is none.
    const INVALID: &'static str;
}

impl IdOfPath for protocol::MessageId {
    const INVALID: &'static str = error::MESSAGE_ID_INVALID;
}

impl IdOfPath for protocol::UserId {
    const INVALID: &'static str = error::USER_ID_INVALID;
}

impl IdOfPath for protocol::InviteId {
    const INVALID: &'static str = error::INVITE_ID_INVALID;
}

impl IdOfPath for SessionId {
    const INVALID: &'static str = error::SESSION_ID_INVALID;
}

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let query = Query::<T>::from_request_parts(parts, app).await;
        Ok(Self(query.map_err(|_| ApiError::bad_request("Malformed query"))?.0))
    }
}

/// The number of an entry from a query.
pub(super) fn number(name: &str, text: Option<&str>) -> Result<Option<i64>, Invalid> {
    let number = text.map(|text| text.parse::<i64>().ok().filter(|number| *number >= 0).ok_or(()));
    number.transpose().map_err(|()| Invalid(format!("{name} must be a whole number").into()))
}

/// A page size from a query.
pub(super) fn page_limit(text: Option<&str>, most: u32) -> Result<Option<u32>, Invalid> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<u32>() {
        Ok(limit) if (1..=most).contains(&limit) => Ok(Some(limit)),
        _ => Err(Invalid(format!("limit must be a whole number from 1 to {most}").into())),
    }
}

async fn read(headers: &HeaderMap, body: Body, timeout: Duration) -> Result<axum::body::Bytes, ApiError> {
    let too_large = || {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("Body is too large: at most {} bytes", limits::BODY_BYTES),
        )
    };
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits::BODY_BYTES as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(timeout, to_bytes(body, limits::BODY_BYTES)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_length_limit(&error) => Err(too_large()),
        Ok(Err(_)) => Err(ApiError::bad_request("The body ended early")),
        Err(_) => Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive")),
    }
}

/// Whether a body was cut because it is too long.
fn is_length_limit(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(header) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
