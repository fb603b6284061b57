//! `GET /api/admin/audit?before=&limit=`: what administrators did, newest first.

use axum::extract::State;
use protocol::{admin::AuditEntry, limits, paths};
use serde::Deserialize;

use super::super::{
    ApiError,
    extract::{Caller, Params, number, page_limit},
    openapi,
    page::{Paged, page},
};
use crate::{app::App, model::audit};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Asked {
    /// Only what was done before this entry.
    #[param(value_type = i64, required = false, minimum = 0)]
    before: Option<String>,
    /// How many at most; 100 where it is absent.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// What administrators did
///
/// Over HTTP and on the command line; each act is an entry. It is kept for 400 days.
#[utoipa::path(
    get, path = paths::ADMIN_AUDIT, tag = openapi::ADMINISTRATION, operation_id = "listAudit",
    params(Asked),
    responses(
        (
            status = 200, description = "A page, newest first", body = Vec<AuditEntry>,
            headers(("Link" = String, description = "The next page, where there is one: `<…>; rel=\"next\"`"))
        ),
        (status = 403, description = "The caller is no administrator")
    )
)]
pub(in crate::rest) async fn get(
    State(app): State<App>,
    Caller(caller): Caller,
    Params(asked): Params<Asked>,
) -> Result<Paged<AuditEntry>, ApiError> {
    super::administrator(&caller)?;
    let limit = page_limit(asked.limit.as_deref(), limits::ENTRIES_MAX)?.unwrap_or(limits::ENTRIES_MAX);
    let before = number("before", asked.before.as_deref())?;
    let entries = app.store.audit(before, limit + 1).await?;
    let next = |last: &audit::AuditEntry| format!("{}?limit={limit}&before={}", paths::ADMIN_AUDIT, last.n);
    page(entries, limit, audit::AuditEntry::to_wire, next)
}
