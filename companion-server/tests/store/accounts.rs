//! Accounts.

use super::*;

#[tokio::test]
async fn accounts_are_unique_without_regard_to_case() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        let again = |user_name: &str, email: &str| NewAccount {
            user_name: user_name.into(),
            first_name: "A".into(),
            last_name: String::new(),
            email: email.into(),
            password_hash: String::new(),
        };
        let taken = store.add_account(again("ANA", "other@example.org"), Joining::Open).await;
        assert!(matches!(taken, Err(AddAccountError::UserNameTaken)));
        let taken = store.add_account(again("other", "ANA@Example.org"), Joining::Open).await;
        assert!(matches!(taken, Err(AddAccountError::EmailTaken)));

        for login in ["ana", "Ana", "ana@example.org", "ANA@EXAMPLE.ORG"] {
            let found = store.credentials(login).await.unwrap().unwrap();
            assert_eq!((found.account.id, &*found.password_hash), (ana, "hash of ana"), "{login}");
        }
        assert!(store.credentials("nobody").await.unwrap().is_none());
        assert!(store.account(UserId(ObjectId::from_bytes([9; 12]))).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_part_of_their_name_and_listed_in_pages() {
    on_each_backend(async |store| {
        let ids = [person(store, "ana").await, person(store, "ÉMILE").await, person(store, "zoe").await];
        let found = async |text: &str| -> Vec<UserId> {
            store.search_accounts(text, 10).await.unwrap().iter().map(|account| account.id).collect()
        };
        assert_eq!(found("NA cr").await, [ids[0]]);
        assert_eq!(found("émi").await, [ids[1]]);
        assert_eq!(found("100%").await, []);
        assert_eq!(found("").await.len(), 3);
        assert_eq!(store.accounts(None, 2).await.unwrap().len(), 2);
        assert_eq!(store.accounts(Some(ids[1]), 10).await.unwrap()[0].id, ids[2]);

        let change = AccountChange { first_name: Some("Anna".into()), ..AccountChange::default() };
        let changed = store.change_account(ids[0], change).await.unwrap().unwrap();
        assert_eq!((&*changed.first_name, &*changed.last_name), ("Anna", "Cruz"));
    })
    .await;
}
