//! `GET /metrics`, on a listener of its own, without authentication: whoever reaches it may read it.

use std::sync::Arc;

use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use super::places::Places;
use crate::{
    auth::Passwords,
    limits::Limits,
    metrics::{Metrics, Sight},
    realtime::Live,
};

/// How many connections may ask for metrics at the same time.
pub(super) const CONNECTIONS: usize = 16;

const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is told, and where to look for it.
#[derive(Clone)]
pub(super) struct Gauges {
    pub(super) metrics: Arc<Metrics>,
    pub(super) places: Places,
    pub(super) live: Live,
    pub(super) passwords: Arc<Passwords>,
    pub(super) limits: Limits,
}

/// The one route.
pub(super) fn router(gauges: Gauges) -> Router {
    Router::new().route("/metrics", get(async move || tell(&gauges)))
}

fn tell(gauges: &Gauges) -> Response {
    let sight = Sight {
        connections: gauges.places.taken(),
        sockets: gauges.live.sockets(),
        passwords: gauges.passwords.at_work(),
        refusals: gauges.limits.refusals(),
    };
    match gauges.metrics.told(sight) {
        Ok(text) => ([(header::CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
