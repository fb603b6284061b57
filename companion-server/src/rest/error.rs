//! Failures of requests, and how they are told (C10).

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use protocol::{
    error::{self, ErrorReason},
    request::Invalid,
};

use crate::{
    auth::{AuthError, password::PasswordError},
    limits::TooMany,
    model::rules::Refusal,
    store::{ChangeError, StoreError},
};

/// An answer that is not a success: a status and a text for people. The layer [`super::respond`] makes the documented
/// body of it, and writes the cause, if there is one, to the log.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    text: Cow<'static, str>,
    retry_after: Option<u32>,
    reason: Option<ErrorReason>,
    cause: Option<String>,
}

/// How long clients are asked to wait when the server is busy, in seconds.
const BUSY_SECONDS: u32 = 1;

/// How long they are asked to wait when its disk is full, in seconds: somebody has to make room first.
const FULL_SECONDS: u32 = 10;

impl ApiError {
    /// A failure with this status and text.
    #[must_use]
    pub fn new(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, text: text.into(), retry_after: None, reason: None, cause: None }
    }

    /// 400.
    #[must_use]
    pub fn bad_request(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// 404.
    #[must_use]
    pub fn not_found(text: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    /// 401.
    #[must_use]
    pub fn unauthorized(text: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text)
    }

    /// 500 with the constant text; the cause goes to the log.
    #[must_use]
    pub fn internal(cause: &(impl ToString + ?Sized)) -> Self {
        let mut error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, error::INTERNAL);
        error.cause = Some(cause.to_string());
        error
    }

    /// 503: too much is going on.
    #[must_use]
    pub fn busy() -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server is busy, try again shortly");
        error.retry_after = Some(BUSY_SECONDS);
        error
    }

    /// 503: the disk is full. The store has written so to the log, once for each batch.
    #[must_use]
    pub fn full() -> Self {
        let text = "The server has no space left, try again later";
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, text);
        error.retry_after = Some(FULL_SECONDS);
        error
    }

    /// With which of several causes it was, for clients.
    #[must_use]
    pub fn reason(mut self, reason: ErrorReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Which of several causes it was.
    #[must_use]
    pub fn told_reason(&self) -> Option<ErrorReason> {
        self.reason
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The text for people.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the log is told.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

/// A response without a body that carries the error to the layer which makes the body.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if matches!(self.status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
            // The rest of the body is not read, so nothing else can come over this connection; a client that was not
            // told so would send its next request into a connection that is being closed.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::bad_request(invalid.0)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::not_found(error::MESSAGE_NOT_FOUND),
            Refusal::Forbidden(text) => Self::new(StatusCode::FORBIDDEN, text),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Closed => Self::busy(),
            StoreError::Full => Self::full(),
            StoreError::Backend(_) => Self::internal(&error),
        }
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => refusal.into(),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<TooMany> for ApiError {
    fn from(TooMany { retry_after }: TooMany) -> Self {
        let text = format!("Too many requests, try again in {retry_after} s");
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, text);
        error.retry_after = Some(retry_after);
        error
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing => Self::unauthorized(error::AUTHENTICATION_REQUIRED),
            AuthError::Invalid => Self::unauthorized(error::INVALID_TOKEN),
            AuthError::Expired => Self::unauthorized(error::TOKEN_EXPIRED),
            AuthError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::busy(),
            PasswordError::Hash(_) => Self::internal(&error),
        }
    }
}
