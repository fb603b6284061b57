//! A name for each request, by which its lines in the log and its answer belong together.

use std::{fmt, sync::Arc};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The name of a request, among its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

/// The header that carries it.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest name that a proxy may give.
const LENGTH: usize = 64;

impl RequestId {
    /// A new name, or the one that a trusted proxy gave, if it is one that fits into a log.
    pub(super) fn of(headers: &HeaderMap, trusted: bool) -> Self {
        let given = headers.get(X_REQUEST_ID).filter(|_| trusted).and_then(|value| value.to_str().ok());
        let given = given.filter(|text| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            !text.is_empty() && text.len() <= LENGTH && text.bytes().all(plain)
        });
        Self(given.map_or_else(|| format!("{:016x}", rand::random::<u64>()).into(), Arc::from))
    }

    /// As the value of [`X_REQUEST_ID`].
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_names_a_request_and_only_plainly() {
        let id = |text: &str, trusted| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_str(text).unwrap());
            RequestId::of(&headers, trusted).to_string()
        };
        assert_eq!(id("a-1_b.C", true), "a-1_b.C");
        for (text, trusted) in
            [("a-1_b.C", false), ("", true), ("a b", true), ("a\"b", true), (&"x".repeat(65), true)]
        {
            let id = id(text, trusted);
            assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        }
        assert_ne!(id("", true), id("", true));
    }
}
