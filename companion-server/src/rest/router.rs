//! Every route, in one place.

use axum::{
    Router,
    http::{HeaderValue, Method, StatusCode, header},
    middleware,
    routing::{get, patch, post},
};
use protocol::paths;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, AllowOrigin, Any, CorsLayer},
};

use super::{ApiError, access, account, capabilities, health, limits, message, respond, sync, user};
use crate::{app::App, realtime, serve::X_REQUEST_ID};

/// Which origins browsers may call from (C14): any where the list is empty.
#[derive(Debug, Clone, Default)]
pub struct Browsers {
    /// Origins, such as `https://chat.example.org`.
    pub origins: Vec<HeaderValue>,
}

/// How long browsers may remember the answer to a preflight request.
const PREFLIGHT_AGE: std::time::Duration = std::time::Duration::from_hours(1);

/// The whole server as one service: the routes, and `sockets` in front of them at `/socket.io`.
pub fn router(app: &App, browsers: Browsers, sockets: realtime::Endpoint) -> Router {
    let routes = Router::new()
        .merge(messages())
        .merge(accounts())
        .route(paths::CAPABILITIES, get(capabilities::get))
        .route(paths::SYNC, get(sync::get))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || ApiError::not_found("Not found"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        })
        .with_state(app.clone())
        .layer(middleware::from_fn_with_state(app.clone(), limits::anonymous))
        .layer(CatchPanicLayer::custom(respond::panicked))
        .layer(middleware::from_fn(access::note_route));
    // The layers outside of the sockets stand around them as well: errors, headers and origins are the same there.
    let cors = cors(&browsers);
    sockets
        .in_front_of(routes)
        .layer(middleware::from_fn_with_state(browsers, refuse_foreign_origins))
        .layer(cors)
        .layer(middleware::from_fn_with_state(app.clone(), respond::respond))
}

fn messages() -> Router<App> {
    paths::MESSAGE_ROOTS.into_iter().fold(Router::new(), |router, root| {
        router
            .route(root, post(message::create::post).get(message::list::get).patch(message::update::patch))
            .route(&format!("{root}/search"), post(message::search::post))
            .route(&format!("{root}/{{id}}"), get(message::view::get).delete(message::delete::delete))
            .route(&format!("{root}/{{id}}/read"), patch(message::read::patch))
            .route(&format!("{root}/conversation/{{user}}/read"), patch(message::read_conversation::patch))
    })
}

fn accounts() -> Router<App> {
    Router::new()
        .route(paths::REGISTER, post(account::register::post))
        .route(paths::LOGIN, post(account::login::post))
        .route(paths::REFRESH, post(account::refresh::post))
        .route(paths::LOGOUT, post(account::logout::post))
        .route(paths::PROFILE, get(account::profile::get))
        .route(paths::CHANGE_PASSWORD, patch(account::change_password::patch))
        .route(paths::USER, get(user::list::get).patch(user::update::patch))
        .route(paths::USER_SEARCH, post(user::search::post))
        .route(&format!("{}/{{id}}", paths::USER), get(user::view::get))
}

/// Refuses what comes from a page of another origin. A request without `Origin` comes from no page.
async fn refuse_foreign_origins(
    axum::extract::State(browsers): axum::extract::State<Browsers>,
    request: axum::extract::Request,
    next: middleware::Next,
) -> Result<axum::response::Response, ApiError> {
    let origin = request.headers().get(header::ORIGIN);
    if !browsers.origins.is_empty() && origin.is_some_and(|origin| !browsers.origins.contains(origin)) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "This origin is not allowed"));
    }
    Ok(next.run(request).await)
}

fn cors(browsers: &Browsers) -> CorsLayer {
    let origins = if browsers.origins.is_empty() {
        AllowOrigin::from(Any)
    } else {
        AllowOrigin::list(browsers.origins.iter().cloned())
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::LINK, header::RETRY_AFTER, X_REQUEST_ID])
        .max_age(PREFLIGHT_AGE)
}
