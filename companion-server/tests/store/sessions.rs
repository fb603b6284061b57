//! Sessions and their refresh tokens; the tests are named as the arrows of the diagram in `store::accounts`.

use super::*;

#[tokio::test]
async fn a_session_lives_until_it_is_ended() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        let one = store.begin_session(ana, [1; 32], Device::default()).await.unwrap();
        let two = store.begin_session(ana, [2; 32], Device::default()).await.unwrap();
        assert_eq!(store.session(one).await.unwrap().unwrap().id, ana);
        assert_eq!(store.living(vec![one, two]).await.unwrap(), HashSet::from([one, two]));
        assert!(store.change_password(ana, "hash of ana".into(), "new".into(), two).await.unwrap());
        assert!(store.session(one).await.unwrap().is_none());
        assert!(matches!(
            store.renew_session([1; 32], [3; 32], Device::default()).await,
            Err(RefreshError::Invalid)
        ));
        assert_eq!(store.password_hash(ana).await.unwrap().as_deref(), Some("new"));
        store.end_session(two).await.unwrap();
        assert!(store.living(vec![one, two]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_change_of_password_that_comes_too_late_changes_nothing() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        let one = store.begin_session(ana, [1; 32], Device::default()).await.unwrap();
        let two = store.begin_session(ana, [2; 32], Device::default()).await.unwrap();
        let change = async |verified: &str, new: &str, session| {
            store.change_password(ana, verified.into(), new.into(), session).await.unwrap()
        };
        // Both were checked against the same hash; the first ends the session of the second.
        assert!(change("hash of ana", "first", two).await);
        assert!(!change("hash of ana", "second", two).await, "the hash is another one by now");
        assert!(!change("first", "third", one).await, "the session has ended");
        let ben = person(store, "ben").await;
        let bens = store.begin_session(ben, [3; 32], Device::default()).await.unwrap();
        assert!(!change("first", "fourth", bens).await, "the session is somebody else's");
        assert_eq!(store.password_hash(ana).await.unwrap().as_deref(), Some("first"));
        assert_eq!(store.living(vec![one, two, bens]).await.unwrap(), HashSet::from([two, bens]));
    })
    .await;
}

#[tokio::test]
async fn a_user_has_a_bounded_number_of_sessions() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        let mut sessions = Vec::new();
        for n in 0..60_u8 {
            sessions.push(store.begin_session(ana, [n; 32], Device::default()).await.unwrap());
        }
        let living = store.living(sessions.clone()).await.unwrap();
        assert_eq!(living.len(), 50);
        assert!(living.contains(&sessions[59]));
    })
    .await;
}

#[tokio::test]
async fn generation_0_present_generation_1_present_generation_2() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        let session = store.begin_session(ana, [0; 32], Device::default()).await.unwrap();
        for n in 0..5_u8 {
            let renewed = store.renew_session([n; 32], [n + 1; 32], Device::default()).await.unwrap();
            assert_eq!((renewed.session, renewed.account.id), (session, ana));
        }
        assert!(matches!(
            store.renew_session([99; 32], [100; 32], Device::default()).await,
            Err(RefreshError::Invalid)
        ));
        assert!(store.session(session).await.unwrap().is_some(), "an unknown token ends nothing");
    })
    .await;
}

#[tokio::test]
async fn generation_0_again_before_1_is_used_one_more_of_generation_1() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        let session = store.begin_session(ana, [0; 32], Device::default()).await.unwrap();
        store.renew_session([0; 32], [1; 32], Device::default()).await.unwrap();
        store.renew_session([0; 32], [2; 32], Device::default()).await.unwrap();
        // Either answer may be the one that arrived.
        store.renew_session([1; 32], [3; 32], Device::default()).await.unwrap();
        assert!(store.session(session).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn generation_0_again_after_1_was_used_the_session_ends() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        let session = store.begin_session(ana, [0; 32], Device::default()).await.unwrap();
        store.renew_session([0; 32], [1; 32], Device::default()).await.unwrap();
        store.renew_session([1; 32], [2; 32], Device::default()).await.unwrap();
        assert!(matches!(
            store.renew_session([0; 32], [9; 32], Device::default()).await,
            Err(RefreshError::Reused)
        ));
        assert!(store.session(session).await.unwrap().is_none());
        assert!(matches!(
            store.renew_session([2; 32], [9; 32], Device::default()).await,
            Err(RefreshError::Invalid)
        ));
    })
    .await;
}

#[tokio::test]
async fn lost_answers_are_bounded() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        store.begin_session(ana, [0; 32], Device::default()).await.unwrap();
        let mut next = 1..=255_u8;
        let outcomes =
            next.by_ref().take(9).map(|n| store.renew_session([0; 32], [n; 32], Device::default()));
        let mut refused = 0;
        for outcome in outcomes {
            refused += usize::from(outcome.await.is_err());
        }
        assert_eq!(refused, 1);
    })
    .await;
}
