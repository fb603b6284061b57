//! Places at which a test makes the server stop in mid-flight. Without the feature `failpoints` there are none.

/// Hangs for ever where `ROOST_FAILPOINT` names this place, so that a test can kill the process right here.
#[cfg(feature = "failpoints")]
pub(crate) async fn reach(name: &str) {
    if std::env::var("ROOST_FAILPOINT").is_ok_and(|wanted| wanted == name) {
        tracing::warn!(name, "hanging at a failpoint");
        std::future::pending::<()>().await;
    }
}

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "the same signature as with the feature")]
pub(crate) async fn reach(_: &str) {}
