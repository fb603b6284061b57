//! `GET /join`: the page behind an invitation's link. It is the same for everybody: the code stands in the address's
//! fragment, which no server or proxy ever sees, and the page's script shows it to `POST /api/invite/check` only.

use axum::http::{HeaderName, HeaderValue, header};

/// A file with its type and what browsers may do with it.
type File = ([(HeaderName, HeaderValue); 2], &'static str);

/// The page loads its own script and style, speaks to its own server, and does nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

pub(super) async fn page() -> File {
    file("text/html; charset=utf-8", include_str!("join/join.html"))
}

pub(super) async fn script() -> File {
    file("text/javascript; charset=utf-8", include_str!("join/join.js"))
}

pub(super) async fn style() -> File {
    file("text/css; charset=utf-8", include_str!("join/join.css"))
}

fn file(kind: &'static str, text: &'static str) -> File {
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, text)
}
