//! Holds requests to the allowances of [`crate::limits`]: those of users by what they ask for, those without a good
//! token by the client's address. Every request is counted by [`count`] before its route sees it, whether or not the
//! route asks who the caller is. What is over an allowance is answered by 429 before the body is read.

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Extensions, HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::ApiError;
use crate::{
    app::App,
    auth::{AuthError, Identity, bearer},
    limits::{Kind, Who},
    serve::ClientAddress,
};

/// Whoever signs in, registers or shows an invitation, by their address; counted as such.
pub(super) struct Newcomer(pub(super) IpAddr);

/// Whoever renews a session; counted as such.
pub(super) struct Renewer;

/// What [`count`] found out about the caller.
#[derive(Clone)]
pub(super) struct Found(pub(super) Result<Identity, ApiError>);

impl FromRequestParts<App> for Newcomer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let address = address(&parts.extensions);
        app.limits.take(Kind::SignIn, Who::at(address))?;
        Ok(Self(address))
    }
}

impl FromRequestParts<App> for Renewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        app.limits.take(Kind::Refresh, Who::at(address(&parts.extensions)))?;
        Ok(Self)
    }
}

/// Counts a request: for its user where it shows a good token, otherwise for its address.
pub(super) async fn count(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let found = identify(&app, request.headers()).await;
    match &found {
        Ok(caller) => {
            let kind = kind(request.method(), request.uri().path());
            app.limits.take(kind, Who::User(caller.account.id))?;
        }
        Err(_) => app.limits.take(Kind::Anonymous, Who::at(address(request.extensions())))?,
    }
    request.extensions_mut().insert(Found(found.map_err(ApiError::from)));
    Ok(next.run(request).await)
}

async fn identify(app: &App, headers: &HeaderMap) -> Result<Identity, AuthError> {
    let header = headers.get(header::AUTHORIZATION).ok_or(AuthError::Missing)?;
    let token = header.to_str().ok().and_then(bearer).ok_or(AuthError::Missing)?;
    app.authenticator.identify(token).await
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
