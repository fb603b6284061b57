//! Holds requests to the allowances of [`crate::limits`]: those of users by what they ask for, those without a good
//! token by the client's address. What is over them is answered by 429.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Extensions, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::ApiError;
use crate::{
    app::App,
    auth::Identity,
    limits::{Kind, Who},
    serve::ClientAddress,
};

/// The address of the client.
pub(super) struct Address(pub(super) IpAddr);

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(address(&parts.extensions)))
    }
}

/// Counts a request that shows a token: for its user where the token is good, otherwise for its address.
pub(super) fn count(app: &App, parts: &Parts, caller: Option<&Identity>) -> Result<(), ApiError> {
    match caller {
        Some(caller) => {
            let kind = kind(&parts.method, parts.uri.path());
            app.limits.take(kind, Who::User(caller.account.id))?;
        }
        None => app.limits.take(Kind::Anonymous, Who::at(address(&parts.extensions)))?,
    }
    Ok(())
}

/// Counts a request that shows no token.
pub(super) async fn anonymous(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if !request.headers().contains_key(header::AUTHORIZATION) {
        app.limits.take(Kind::Anonymous, Who::at(address(request.extensions())))?;
    }
    Ok(next.run(request).await)
}

/// Which of a user's allowances a request takes from.
fn kind(method: &Method, path: &str) -> Kind {
    let path = path.strip_prefix("/api").unwrap_or(path);
    match (method.as_str(), path) {
        ("POST", "/message") => Kind::Send,
        ("GET", "/message") => Kind::List,
        ("GET", "/sync") => Kind::Pull,
        ("POST", "/message/search" | "/user/search") => Kind::Search,
        ("PATCH", "/auth/change-password") => Kind::Password,
        ("GET" | "HEAD", _) => Kind::Look,
        _ => Kind::Change,
    }
}

/// Every connection tells its address; a request that came by none is counted with all such.
pub(crate) fn address(extensions: &Extensions) -> IpAddr {
    extensions.get().map_or(Ipv4Addr::UNSPECIFIED.into(), |ClientAddress(address)| *address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_roots_take_from_the_same_allowance() {
        for (method, path, kind_) in [
            (Method::POST, "/message", Kind::Send),
            (Method::POST, "/api/message", Kind::Send),
            (Method::GET, "/api/message", Kind::List),
            (Method::GET, "/message/507f1f77bcf86cd799439013", Kind::Look),
            (Method::PATCH, "/message", Kind::Change),
            (Method::DELETE, "/api/message/507f1f77bcf86cd799439013", Kind::Change),
            (Method::POST, "/message/search", Kind::Search),
            (Method::POST, "/api/user/search", Kind::Search),
            (Method::GET, "/api/sync", Kind::Pull),
            (Method::PATCH, "/api/auth/change-password", Kind::Password),
        ] {
            assert_eq!(kind(&method, path), kind_, "{method} {path}");
        }
    }
}
