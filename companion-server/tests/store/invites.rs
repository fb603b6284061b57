//! Invitations; the tests are named as the arrows of the diagram in `model::invite`.

use super::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn new(code: u8, by: Actor, role: Role, max_uses: u32) -> NewInvite {
    NewInvite { code: [code; 32], role, note: "for a test".into(), lasts: DAY, max_uses, by }
}

async fn invite(store: &dyn Store, code: u8, role: Role, max_uses: u32) -> Invite {
    store.add_invite(new(code, Actor::Console, role, max_uses)).await.unwrap()
}

async fn join(store: &dyn Store, name: &str, code: u8) -> Result<Role, AddAccountError> {
    let account = store.add_account(form(name), Joining::Invited([code; 32])).await;
    account.map(|account| account.role)
}

async fn made(store: &dyn Store, name: &str, role: Role) -> UserId {
    store.add_account(form(name), Joining::Added { by: Actor::Console, role }).await.unwrap().id
}

#[tokio::test]
async fn made_used_max_uses_times_used_up() {
    on_each_backend(async |store| {
        let made = invite(store, 1, Role::Coordinator, 2).await;
        assert_eq!(join(store, "ana", 1).await.unwrap(), Role::Coordinator);
        assert!(matches!(join(store, "ANA", 1).await, Err(AddAccountError::UserNameTaken)));
        assert_eq!(join(store, "ben", 1).await.unwrap(), Role::Coordinator, "a failure uses nothing up");
        assert!(matches!(join(store, "eva", 1).await, Err(AddAccountError::InviteNotValid)));
        assert!(matches!(join(store, "eva", 2).await, Err(AddAccountError::InviteNotValid)));
        let kept = &store.invites(None, None, 10).await.unwrap()[0];
        assert_eq!((kept.id, kept.uses, kept.max_uses), (made.id, 2, 2));
    })
    .await;
}

#[tokio::test]
async fn of_many_who_race_for_the_last_use_one_gets_in() {
    on_each_backend(async |store| {
        invite(store, 1, Role::Student, 1).await;
        let names: Vec<String> = (0..16).map(|n| format!("racer{n}")).collect();
        let racing = names.iter().map(|name| join(store, name, 1));
        let outcomes = futures_util::future::join_all(racing).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(store.accounts(None, 100).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn made_its_time_is_over_expired() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path());
    let store: &dyn Store = &*open.store;
    invite(store, 1, Role::Student, 2).await;
    open.clock.set(BEGIN + DAY - 1);
    assert!(store.valid_invite([1; 32], open.clock.now()).await.unwrap().is_some());
    assert!(join(store, "ana", 1).await.is_ok());
    open.clock.set(BEGIN + DAY);
    assert!(store.valid_invite([1; 32], open.clock.now()).await.unwrap().is_none());
    assert!(matches!(join(store, "ben", 1).await, Err(AddAccountError::InviteNotValid)));
    store.close().await;
}

#[tokio::test]
async fn made_somebody_revokes_it_revoked() {
    on_each_backend(async |store| {
        let one = invite(store, 1, Role::Student, 2).await;
        let revoked = store.revoke_invite(one.id, Actor::Console).await.unwrap();
        assert!(revoked.revoked_at.is_some());
        assert_eq!(store.revoke_invite(one.id, Actor::Console).await.unwrap(), revoked, "once is enough");
        assert!(matches!(join(store, "ana", 1).await, Err(AddAccountError::InviteNotValid)));
        let acts: Vec<_> = store
            .audit(None, 10)
            .await
            .unwrap()
            .into_iter()
            .map(|entry| (entry.action, entry.subject))
            .collect();
        let id = Some(one.id.0);
        assert_eq!(acts, [("inviteRevoked".to_owned(), id), ("inviteCreated".to_owned(), id)]);
    })
    .await;
}

#[tokio::test]
async fn staff_invite_as_their_role_allows_and_revoke_their_own() {
    on_each_backend(async |store| {
        let admin = Actor::Person(made(store, "rosa", Role::Admin).await);
        let carl = made(store, "carl", Role::Coordinator).await;
        let cora = Actor::Person(made(store, "cora", Role::Coordinator).await);
        let student = Actor::Person(made(store, "ana", Role::Student).await);
        for (code, (by, role, may)) in (10..).zip([
            (admin, Role::Admin, true),
            (Actor::Person(carl), Role::Student, true),
            (Actor::Person(carl), Role::Coordinator, false),
            (student, Role::Student, false),
            (Actor::Person(UserId(ObjectId::from_bytes([9; 12]))), Role::Student, false),
        ]) {
            let made = store.add_invite(new(code, by, role, 1)).await;
            assert_eq!(made.is_ok(), may, "{by:?} {role}");
            assert!(may || matches!(made, Err(AddInviteError::Forbidden)));
        }
        let own = store.invites(Some(carl), None, 10).await.unwrap();
        assert_eq!((own.len(), own[0].created_by), (1, Some(carl)));
        for by in [cora, student] {
            assert!(matches!(store.revoke_invite(own[0].id, by).await, Err(RevokeError::NotFound)));
        }
        assert!(store.revoke_invite(own[0].id, Actor::Person(carl)).await.is_ok());
        let all = store.invites(None, None, 1).await.unwrap();
        assert_eq!(store.invites(None, Some(all[0].id), 10).await.unwrap().len(), 1, "pages, newest first");
    })
    .await;
}

#[tokio::test]
async fn an_invitation_for_the_first_administrator_is_good_while_there_is_none() {
    on_each_backend(async |store| {
        let first = store.add_bootstrap_invite([1; 32], DAY).await.unwrap().unwrap();
        assert_eq!((first.role, first.max_uses), (Role::Admin, 1));
        store.add_bootstrap_invite([2; 32], DAY).await.unwrap().unwrap();
        assert!(matches!(join(store, "eve", 1).await, Err(AddAccountError::InviteNotValid)), "revoked");
        made(store, "rosa", Role::Admin).await;
        assert!(matches!(join(store, "eve", 2).await, Err(AddAccountError::InviteNotValid)), "not needed");
        assert!(store.add_bootstrap_invite([3; 32], DAY).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn what_is_over_is_cleared_away_and_what_is_not_stays() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path());
    let store: &dyn Store = &*open.store;
    let ana = person(store, "ana").await;
    store.begin_session(ana, [1; 32], Device::default()).await.unwrap();
    invite(store, 1, Role::Student, 1).await;
    let retention = Retention::default();
    assert!(store.clear_away(retention).await.unwrap().is_nothing());
    open.clock.set(BEGIN + 91 * DAY);
    store.begin_session(ana, [2; 32], Device::default()).await.unwrap();
    let cleared = store.clear_away(retention).await.unwrap();
    assert_eq!((cleared.activities, cleared.invites, cleared.audit_entries), (2, 1, 0));
    assert_eq!(store.activity(ana, None, 10).await.unwrap().len(), 1);
    assert_eq!(store.sessions(ana, open.clock.now()).await.unwrap().len(), 1);
    open.clock.set(BEGIN + 401 * DAY);
    let cleared = store.clear_away(retention).await.unwrap();
    assert_eq!((cleared.activities, cleared.sessions, cleared.audit_entries), (1, 1, 1));
    store.close().await;
}
