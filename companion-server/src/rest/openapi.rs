//! The OpenAPI document of the server (`GET /api/openapi.json`), made of what stands beside each handler.
//!
//! [`super::router`] registers a handler together with its `#[utoipa::path]`, so that no route can be missing. A handler
//! names only what is particular to it; what routes have in common (the token, the errors of bodies, parameters and
//! tokens, the body of every error) is added by [`rules`], the bounds of request fields by [`bounds`], and the socket
//! events by [`events`].

mod bounds;
mod events;
mod page;
mod rules;

use axum::{
    Extension,
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use protocol::paths;
use serde_json::Value;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Paths,
    path::PathItem,
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    tag::{Tag, TagBuilder},
};

/// The tag of the message routes.
pub(super) const MESSAGES: &str = "Messages";
/// The tag of accounts and sessions.
pub(super) const ACCOUNTS: &str = "Accounts";
/// The tag of invitations.
pub(super) const INVITATIONS: &str = "Invitations";
/// The tag of administration.
pub(super) const ADMINISTRATION: &str = "Administration";
/// The tag of people.
pub(super) const PEOPLE: &str = "People";
/// The tag of the change feed.
pub(super) const SYNC: &str = "Sync";
/// The tag of what tells about the server.
pub(super) const SERVER: &str = "Server";

/// The name of the one way to authenticate.
const TOKEN: &str = "token";

/// What browsers may do with the page: show it with its own style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The finished document, as it is sent.
#[derive(Clone)]
pub(super) struct Document {
    json: Bytes,
    page: Bytes,
}

impl Document {
    /// Finishes what the registration of the routes has gathered.
    pub(super) fn of(described: &OpenApi) -> Self {
        let document = finished(described);
        Self { json: document.to_string().into(), page: page::render(&document).into() }
    }
}

/// The whole document.
#[must_use]
pub fn document() -> Value {
    finished(&super::router::routes().into_openapi())
}

fn finished(described: &OpenApi) -> Value {
    let mut document = serde_json::to_value(described).unwrap_or_default();
    rules::apply(&mut document);
    events::describe(&mut document);
    bounds::apply(&mut document);
    document
}

/// What the document says before the first route.
pub(super) fn head() -> OpenApi {
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0"));
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The access token of registering, signing in or refreshing"));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Roost")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(include_str!("openapi/introduction.md")))
                .license(Some(license.build())),
        )
        .tags(Some([
            tag(
                MESSAGES,
                "Write, read and search. Each route stands under `/api/message` and `/message` alike.",
            ),
            tag(SYNC, "The change feed, by which a device keeps a copy (extension `sync-1`)."),
            tag(ACCOUNTS, "Accounts and sessions (extension `accounts`)."),
            tag(INVITATIONS, "Who may make an account, and as what (extension `invites`)."),
            tag(ADMINISTRATION, "Looking after accounts, for administrators (extension `administration`)."),
            tag(PEOPLE, "Who there is to write to (extension `accounts`)."),
            tag(SERVER, "What the server is, and how it does. No token is needed."),
        ]))
        .security(Some([SecurityRequirement::new(TOKEN, [""; 0])]))
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme(TOKEN, SecurityScheme::Http(token.build()))
                .schema_from::<protocol::ErrorBody>()
                .schema_from::<protocol::error::ErrorReason>()
                .schema_from::<protocol::Timestamp>()
                .build(),
        ))
        .build()
}

/// The OpenAPI document of this server
#[utoipa::path(
    get, path = paths::OPENAPI, tag = SERVER, operation_id = "getDocument", security(()),
    responses((status = 200, description = "The document that you are reading", body = Object))
)]
pub(super) async fn get(Extension(document): Extension<Document>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document.json).into_response()
}

/// The same for people.
pub(super) async fn page(Extension(document): Extension<Document>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, document.page)
}

/// How the page looks.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("openapi/page/style.css"))
}

/// The same message routes below `/message`, which the contract uses as well.
pub(super) fn at_root(paths: &Paths) -> Paths {
    let mut again = paths.clone();
    again.paths = std::mem::take(&mut again.paths)
        .into_iter()
        .map(|(path, mut item)| {
            operations(&mut item).for_each(|id| id.push_str("AtRoot"));
            (path.strip_prefix("/api").map(str::to_owned).unwrap_or(path), item)
        })
        .collect();
    again
}

/// The ids of the operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut String> {
    [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete]
        .into_iter()
        .flatten()
        .filter_map(|operation| operation.operation_id.as_mut())
}

fn tag(name: &str, description: &str) -> Tag {
    TagBuilder::new().name(name).description(Some(description)).build()
}
