//! Every route, in one place.

use axum::{
    Extension, Router,
    http::{HeaderValue, Method, StatusCode, header},
    middleware,
    routing::get,
};
use protocol::paths;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, AllowOrigin, Any, CorsLayer},
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use super::{
    ApiError, access, account, activity, admin, capabilities, health, invite, join, limits, message, openapi,
    respond, sync, user,
};
use crate::{app::App, realtime, serve::X_REQUEST_ID};

/// Which origins browsers may call from (C14): any where the list is empty.
#[derive(Debug, Clone, Default)]
pub struct Browsers {
    /// Origins, such as `https://chat.example.org`.
    pub origins: Vec<HeaderValue>,
}

impl Browsers {
    /// These origins and, where there are any, the server's own: the page of [`paths::JOIN`] calls from it.
    #[must_use]
    pub fn of(mut origins: Vec<HeaderValue>, url: &str) -> Self {
        if !origins.is_empty() {
            let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/").to_ascii_lowercase();
            origins.extend(HeaderValue::try_from(origin));
        }
        Self { origins }
    }
}

/// How long browsers may remember the answer to a preflight request.
const PREFLIGHT_AGE: std::time::Duration = std::time::Duration::from_hours(1);

/// The whole server as one service: the routes, and `sockets` in front of them at `/socket.io`.
pub fn router(app: &App, browsers: Browsers, sockets: realtime::Endpoint) -> Router {
    let (routes, described) = routes().split_for_parts();
    let routes = routes
        .merge(pages())
        .layer(Extension(openapi::Document::of(&described)))
        .fallback(async || ApiError::not_found("Not found"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        })
        .with_state(app.clone())
        .layer(middleware::from_fn_with_state(app.clone(), limits::count))
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

/// The routes with what the document says of them: one registration, so that neither is without the other.
pub(super) fn routes() -> OpenApiRouter<App> {
    let router = OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(account::register::post))
        .routes(routes!(account::login::post))
        .routes(routes!(account::refresh::post))
        .routes(routes!(account::logout::post))
        .routes(routes!(account::profile::get))
        .routes(routes!(account::change_password::patch))
        .routes(routes!(account::sessions::get, account::sessions::delete_others))
        .routes(routes!(account::sessions::delete_one))
        .routes(routes!(activity::get))
        .routes(routes!(admin::users::get))
        .routes(routes!(admin::change::patch))
        .routes(routes!(admin::audit::get))
        .routes(routes!(invite::create::post, invite::list::get))
        .routes(routes!(invite::check::post))
        .routes(routes!(invite::revoke::delete))
        .routes(routes!(user::list::get, user::update::patch))
        .routes(routes!(user::presence::get))
        .routes(routes!(user::search::post))
        .routes(routes!(user::view::get))
        .routes(routes!(sync::get))
        .routes(routes!(capabilities::get))
        .routes(routes!(openapi::get))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready));
    messages().into_iter().fold(router, |router, (schemas, paths, methods)| {
        let again = openapi::at_root(&paths);
        router.routes((schemas, paths, methods.clone())).routes((Vec::new(), again, methods))
    })
}

/// The message routes, which stand under `/api/message` and under `/message`; the contract uses both.
fn messages() -> [UtoipaMethodRouter<App>; 5] {
    [
        routes!(message::create::post, message::list::get, message::update::patch),
        routes!(message::search::post),
        routes!(message::view::get, message::delete::delete),
        routes!(message::read::patch),
        routes!(message::read_conversation::patch),
    ]
}

/// What is for people and not for programs, so that the document leaves it out: the page that it is shown on, and the
/// one behind the links of invitations.
fn pages() -> Router<App> {
    Router::new()
        .route(paths::DOCS, get(openapi::page))
        .route(&format!("{}/style.css", paths::DOCS), get(openapi::style))
        .route(paths::JOIN, get(join::page))
        .route(&format!("{}/join.js", paths::JOIN), get(join::script))
        .route(&format!("{}/join.css", paths::JOIN), get(join::style))
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
        .expose_headers([header::LINK, header::RETRY_AFTER, X_REQUEST_ID, message::list::SYNC_HISTORY])
        .max_age(PREFLIGHT_AGE)
}
