//! What users did.

use companion_server::{
    model::activity::{Activity, Kind},
    store::ActivityStore as _,
};

use super::*;

#[tokio::test]
async fn wrong_passwords_push_nothing_else_out() {
    let dir = tempfile::tempdir().unwrap();
    let Open { store, clock, .. } = open(dir.path());
    let (ana, ben) = (person(&*store, "ana").await, person(&*store, "ben").await);
    let failed = |user| Activity { user, kind: Kind::SignInFailed, subject: None };
    let fetched = Activity { user: ana, kind: Kind::MessagesFetched, subject: None };
    let kinds = async |user| -> Vec<String> {
        store.activity(user, None, 100).await.unwrap().into_iter().map(|kept| kept.kind).collect()
    };
    // Whatever the user does in between.
    store.note(vec![failed(ana), fetched, failed(ana), failed(ben)]).await.unwrap();
    clock.set(BEGIN + 10 * 60 * 1000 - 1);
    store.note(vec![failed(ana), fetched]).await.unwrap();
    let fetched = "messagesFetched";
    assert_eq!(kinds(ana).await, [fetched, fetched, "signInFailed", "registered"]);
    assert_eq!(kinds(ben).await, ["signInFailed", "registered"], "each is told of their own");
    clock.set(BEGIN + 10 * 60 * 1000);
    store.note(vec![failed(ana)]).await.unwrap();
    assert_eq!(kinds(ana).await[0], "signInFailed", "it goes on, and that is told");
    store.close().await;
}
