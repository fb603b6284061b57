//! The routes of the contract. Every message route stands under both roots.

/// The two roots of the message routes; the document uses both.
pub const MESSAGE_ROOTS: [&str; 2] = ["/message", "/api/message"];

/// The root that our own client uses.
pub const MESSAGE: &str = "/api/message";

/// `POST`: search one's messages.
pub const MESSAGE_SEARCH: &str = "/api/message/search";

/// `GET`, no authentication: what the server is and can do. 404 means a plain documented server.
pub const CAPABILITIES: &str = "/api/capabilities";

/// `GET`, no authentication: the OpenAPI document of the server.
pub const OPENAPI: &str = "/api/openapi.json";

/// `GET`, no authentication: the same as a page for people.
pub const DOCS: &str = "/api/docs";

/// `GET`: the change feed (extension `sync-1`).
pub const SYNC: &str = "/api/sync";

/// `POST`: make an account.
pub const REGISTER: &str = "/api/auth/register";

/// `POST`: sign in.
pub const LOGIN: &str = "/api/auth/login";

/// `POST`: exchange a refresh token for a new pair.
pub const REFRESH: &str = "/api/auth/refresh";

/// `POST`: end the session.
pub const LOGOUT: &str = "/api/auth/logout";

/// `GET`: one's own account.
pub const PROFILE: &str = "/api/auth/profile";

/// `PATCH`: change one's password.
pub const CHANGE_PASSWORD: &str = "/api/auth/change-password";

/// `GET`: one's sessions; `DELETE`: all but the caller's.
pub const SESSIONS: &str = "/api/auth/sessions";

/// `POST`: invite somebody; `GET`: the invitations that concern the caller; `DELETE` with an id: take one back.
pub const INVITE: &str = "/api/invite";

/// `POST`, no authentication: what an invitation's code is good for.
pub const INVITE_CHECK: &str = "/api/invite/check";

/// `GET`, no authentication: the page behind an invitation's link, which has its code after a `#`.
pub const JOIN: &str = "/join";

/// `GET`: what somebody did (extension `activity`).
pub const ACTIVITY: &str = "/api/activity";

/// `GET`: every account, for administrators; `PATCH` with an id: change one.
pub const ADMIN_USERS: &str = "/api/admin/users";

/// `GET`: what administrators did, for administrators.
pub const ADMIN_AUDIT: &str = "/api/admin/audit";

/// `GET`: people; `PATCH`: one's own account.
pub const USER: &str = "/api/user";

/// `GET`: who is connected (extension `presence`).
pub const PRESENCE: &str = "/api/user/presence";

/// `POST`: search people.
pub const USER_SEARCH: &str = "/api/user/search";

/// The header that makes a send idempotent (extension `idempotency`): a UUID made by the client.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The header of `GET /message` that says of which history the answer is (extension `sync-1`), as
/// [`SyncPage::history`](crate::sync::SyncPage::history) does.
pub const HISTORY: &str = "sync-history";
