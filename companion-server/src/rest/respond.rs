//! The layer around every route: error bodies, security headers, the request's name and its line in the log.

use std::{any::Any, sync::Arc};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use protocol::ErrorBody;

use tracing::Instrument as _;

use super::{ApiError, access::Access};
use crate::{
    app::App,
    serve::{RequestId, X_REQUEST_ID},
};

/// What browsers are told about every answer: it is data, it is not to be kept, it goes into no frame.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Gives every error its documented body and every answer its security headers and the request's name, which stands
/// in every line of the log that the request causes.
pub(super) async fn respond(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    // At the level of errors, so that no filter takes the name from a line that is written.
    let span = tracing::error_span!("request", id = id.as_ref().map(tracing::field::display));
    let access = Access::of(&request, span.clone(), Arc::clone(&app.metrics));
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        if let Some(cause) = error.cause() {
            span.in_scope(|| tracing::error!(cause, "a request failed"));
        }
        response = with_body(&app, &response, &error);
    }
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    if let Some(id) = id.and_then(|id| id.header()) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    access.note(response)
}

/// Answers for a handler that panicked.
#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    ApiError::internal(&format!("a handler panicked: {}", text.unwrap_or_default())).into_response()
}

fn with_body(app: &App, response: &Response, error: &ApiError) -> Response {
    let body = ErrorBody {
        error: error.text().to_owned(),
        status_code: error.status().as_u16(),
        timestamp: app.clock.now(),
        reason: error.told_reason(),
    };
    let mut told = (error.status(), Json(body)).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            told.headers_mut().insert(name, value.clone());
        }
    }
    *told.extensions_mut() = response.extensions().clone();
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_by_a_constant_text_and_logged_with_its_own() {
        for panic in [Box::new("boom") as Box<dyn Any + Send>, Box::new("boom".to_owned())] {
            let response = panicked(panic);
            let error = response.extensions().get::<ApiError>().unwrap();
            assert_eq!((error.status().as_u16(), error.text()), (500, "Internal server error"));
            assert_eq!(error.cause(), Some("a handler panicked: boom"));
        }
    }
}
