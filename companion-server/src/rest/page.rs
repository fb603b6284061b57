//! A page of a list, and where the next one is (RFC 8288).

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
};
use serde::Serialize;

use super::ApiError;

/// The answer with a page and, where there is more, its `Link` header.
pub(super) type Paged<T> = (HeaderMap, Json<Vec<T>>);

/// Makes a page of up to `limit` rows out of rows that were asked for with one more than that. `next` is the address of
/// the page after the row that it is given.
pub(super) fn page<R, T: Serialize>(
    mut rows: Vec<R>,
    limit: u32,
    tell: impl Fn(&R) -> T,
    next: impl FnOnce(&R) -> String,
) -> Result<Paged<T>, ApiError> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let mut headers = HeaderMap::new();
    if let Some(last) = rows.last().filter(|_| more) {
        let link = format!("<{}>; rel=\"next\"", next(last));
        let link = HeaderValue::try_from(link).map_err(|error| ApiError::internal(&error))?;
        headers.insert(header::LINK, link);
    }
    Ok((headers, Json(rows.iter().map(tell).collect())))
}
