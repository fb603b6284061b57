//! Messages: sending, listing, reading, deleting, searching.

use super::*;

#[tokio::test]
async fn a_conversation_has_the_order_in_which_messages_were_taken() {
    on_each_backend(async |store| {
        let (ana, ben, eve) =
            (person(store, "ana").await, person(store, "ben").await, person(store, "eve").await);
        let mut all = Vec::new();
        for n in 0..5 {
            all.push(send(store, ana, ben, &format!("a{n}")).await);
            all.push(send(store, ben, ana, &format!("b{n}")).await);
            send(store, ana, eve, "other").await;
        }
        assert!(all.is_sorted_by(|a, b| a.position() < b.position()));

        let page = Page { peer: Some(ben), limit: Some(4), ..Page::default() };
        let bounds = store.bounds(ana, page).await.unwrap();
        assert_eq!(bounds.ends, Some((all[0].position(), all[3].position())));
        assert!(bounds.more);
        let range = |from: &Message, to: &Message| Range { from: from.position(), to: to.position() };
        let listed = store.range(ana, Some(ben), range(&all[0], &all[3]), 100).await.unwrap();
        assert_eq!(contents(&listed), ["a0", "b0", "a1", "b1"]);

        let before = Page { before: Some(all[8].id), ..page };
        let bounds = store.bounds(ana, before).await.unwrap();
        assert_eq!((bounds.ends, bounds.more), (Some((all[4].position(), all[7].position())), true));
        let between = Page { after: Some(all[6].id), before: Some(all[8].id), ..page };
        let bounds = store.bounds(ana, between).await.unwrap();
        assert_eq!((bounds.ends, bounds.more), (Some((all[7].position(), all[7].position())), false));

        let whole = store.bounds(ana, Page::default()).await.unwrap().ends.unwrap();
        let whole = Range { from: whole.0, to: whole.1 };
        assert_eq!(store.range(ana, None, whole, 1_000).await.unwrap().len(), 15);
        assert_eq!(store.range(ana, None, whole, 7).await.unwrap().len(), 7);
        assert!(store.bounds(eve, Page { peer: Some(ben), ..page }).await.unwrap().ends.is_none());
        for anchor in [all[0].id, MessageId(ObjectId::from_bytes([1; 12]))] {
            let foreign = store.bounds(eve, Page { after: Some(anchor), ..Page::default() }).await;
            assert!(matches!(foreign, Err(PageError::AnchorNotFound)));
        }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_message_is_listed_nowhere_but_still_pages() {
    on_each_backend(async |store| {
        let (ana, ben) = (person(store, "ana").await, person(store, "ben").await);
        let first = send(store, ana, ben, "one").await;
        let second = send(store, ana, ben, "two").await;
        delete(store, &first).await;
        assert!(store.message(first.id).await.unwrap().is_none());
        let after = store.bounds(ben, Page { after: Some(first.id), ..Page::default() }).await.unwrap();
        assert_eq!(after.ends, Some((second.position(), second.position())));
        let everything = Condition::All(Vec::new());
        assert_eq!(contents(&store.search(ana, everything, 10).await.unwrap()), ["two"]);
        let again = store.change(first.id, Box::new(move |message| rules::delete(message, ana))).await;
        assert!(matches!(again, Err(ChangeError::Refused(rules::Refusal::NotFound))));
    })
    .await;
}

#[tokio::test]
async fn messages_go_to_people_who_are_there() {
    on_each_backend(async |store| {
        let ana = person(store, "ana").await;
        let nobody = UserId(ObjectId::from_bytes([9; 12]));
        let refused = store.send(draft(ana, nobody, "hello?")).await;
        assert!(matches!(refused, Err(SendError::ReceiverNotFound)));
        assert!(store.bounds(ana, Page::default()).await.unwrap().ends.is_none());
        assert!(matches!(store.read_conversation(ana, nobody, None).await, Err(ReadError::PeerNotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_key_names_one_message_for_ever() {
    on_each_backend(async |store| {
        let (ana, ben) = (person(store, "ana").await, person(store, "ben").await);
        let keyed = |sender, receiver, body: u8| Draft {
            key: Some(Key { id: Uuid::from_u128(7), body: [body; 32] }),
            ..draft(sender, receiver, "once")
        };
        let first = store.send(keyed(ana, ben, 1)).await.unwrap();
        assert!(!first.replayed);
        let again = store.send(keyed(ana, ben, 1)).await.unwrap();
        assert_eq!((again.replayed, again.message.id), (true, first.message.id));
        assert!(matches!(store.send(keyed(ana, ben, 2)).await, Err(SendError::KeyConflict)));
        assert!(!store.send(keyed(ben, ana, 2)).await.unwrap().replayed, "keys belong to their sender");

        delete(store, &first.message).await;
        let after = store.send(keyed(ana, ben, 1)).await.unwrap();
        assert!(after.replayed && after.message.deleted_at.is_some() && after.message.content.is_empty());
        assert!(matches!(store.send(keyed(ana, ben, 2)).await, Err(SendError::KeyConflict)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_sends_at_once_with_one_key_one_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let mut open = open(dir.path());
    let (ana, ben) = (person(&*open.store, "ana").await, person(&*open.store, "ben").await);
    let sends = (0..20).map(|_| {
        let store = Arc::clone(&open.store);
        let key = Some(Key { id: Uuid::from_u128(7), body: [1; 32] });
        tokio::spawn(async move {
            use companion_server::store::MessageStore as _;
            store.send(Draft { key, ..draft(ana, ben, "once") }).await.unwrap()
        })
    });
    let mut sent = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        sent.push(send.await.unwrap());
    }
    let ids: HashSet<MessageId> = sent.iter().map(|sent| sent.message.id).collect();
    assert_eq!((ids.len(), sent.iter().filter(|sent| !sent.replayed).count()), (1, 1));
    open.store.close().await;
    drop(open.store);
    let published = open.committed.recv().await;
    assert!(matches!(published, Some(Committed::Sent { .. })));
    assert!(open.committed.recv().await.is_none(), "a replay publishes nothing");
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    on_each_backend(async |store| {
        let (ana, ben) = (person(store, "ana").await, person(store, "ben").await);
        let message = send(store, ana, ben, "hi").await;
        let before = store.snapshot(ben).await.unwrap().next;
        let forbidden = store.change(message.id, Box::new(move |message| rules::delete(message, ben))).await;
        assert!(matches!(forbidden, Err(ChangeError::Refused(rules::Refusal::Forbidden(_)))));
        let kept = store.change(message.id, Box::new(|_| Ok(None))).await.unwrap();
        assert_eq!((kept.message, kept.seqs), (message, None));
        assert_eq!(store.snapshot(ben).await.unwrap().next, before);
    })
    .await;
}

#[tokio::test]
async fn the_snapshot_says_where_each_conversation_stands() {
    on_each_backend(async |store| {
        let (ana, ben, eve) =
            (person(store, "ana").await, person(store, "ben").await, person(store, "eve").await);
        let one = send(store, ana, ben, "one").await;
        let two = send(store, ana, ben, "two").await;
        send(store, eve, ben, "three").await;
        let stands = async |user| -> Vec<(UserId, String, u64)> {
            let snapshot = store.snapshot(user).await.unwrap();
            let each = snapshot.conversations.into_iter();
            each.map(|conversation| (conversation.peer.id, conversation.last.content, conversation.unread))
                .collect()
        };
        assert_eq!(stands(ben).await, [(eve, "three".into(), 1), (ana, "two".into(), 2)]);
        assert_eq!(stands(ana).await, [(ben, "two".into(), 0)]);

        read(store, &one).await;
        read(store, &one).await;
        assert_eq!(stands(ben).await[1], (ana, "two".into(), 1));
        delete(store, &two).await;
        assert_eq!(stands(ben).await[1], (ana, "one".into(), 0));
        assert_eq!(stands(ana).await, [(ben, "one".into(), 0)]);
        delete(store, &one).await;
        assert_eq!(stands(ben).await, [(eve, "three".into(), 1)]);
        assert_eq!(stands(ana).await, []);
        send(store, ben, ana, "again").await;
        assert_eq!(stands(ana).await, [(ben, "again".into(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_read_up_to_a_message_or_whole_however_long() {
    on_each_backend(async |store| {
        let (ana, ben, eve) =
            (person(store, "ana").await, person(store, "ben").await, person(store, "eve").await);
        let mut sent = Vec::new();
        for n in 0..1_200 {
            sent.push(send(store, ana, ben, &n.to_string()).await);
        }
        send(store, eve, ben, "unrelated").await;
        let some = store.read_conversation(ben, ana, Some(sent[9].id)).await.unwrap();
        assert_eq!(some.updated, 10);
        let rest = store.read_conversation(ben, ana, None).await.unwrap();
        assert_eq!(rest.updated, 1_190);
        assert_eq!(store.read_conversation(ben, ana, None).await.unwrap().updated, 0);
        let foreign = store.read_conversation(ben, eve, Some(sent[0].id)).await;
        assert!(matches!(foreign, Err(ReadError::AnchorNotFound)));
        let unread: Vec<u64> =
            store.snapshot(ben).await.unwrap().conversations.iter().map(|c| c.unread).collect();
        assert_eq!(unread, [1, 0]);
    })
    .await;
}

#[tokio::test]
async fn deliveries_are_noted_once_and_only_by_the_receiver() {
    on_each_backend(async |store| {
        let (ana, ben, eve) =
            (person(store, "ana").await, person(store, "ben").await, person(store, "eve").await);
        let message = send(store, ana, ben, "hi").await;
        let unknown = MessageId(ObjectId::from_bytes([1; 12]));
        for other in [ana, eve] {
            store.mark_delivered(other, vec![message.id, unknown]).await.unwrap();
        }
        assert!(store.message(message.id).await.unwrap().unwrap().message.delivered_at.is_none());
        store.mark_delivered(ben, vec![unknown, message.id, message.id]).await.unwrap();
        let once = store.snapshot(ana).await.unwrap().next;
        assert_eq!(once.seq, 2);
        store.mark_delivered(ben, vec![message.id]).await.unwrap();
        assert_eq!(store.snapshot(ana).await.unwrap().next, once);
        assert!(store.message(message.id).await.unwrap().unwrap().message.delivered_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn searches_find_what_the_filter_says_and_nothing_of_others() {
    on_each_backend(async |store| {
        let (ana, ben, eve) =
            (person(store, "ana").await, person(store, "ben").await, person(store, "eve").await);
        let one = send(store, ana, ben, "OJT starts ÉTÉ").await;
        let two = send(store, ben, ana, "100% ojt_done").await;
        send(store, ben, eve, "secret ojt").await;
        read(store, &one).await;
        let find = async |body: Value| -> Vec<String> {
            let condition = Filter::parse(Some(&body)).unwrap().condition;
            let found = store.search(ana, condition, 10).await.unwrap();
            found.into_iter().map(|message| message.content).collect()
        };
        let (first, second) = (&*one.content, &*two.content);
        assert_eq!(find(json!({"content": "ojt"})).await, [second, first]);
        assert_eq!(find(json!({"content": "été"})).await, [first]);
        assert_eq!(find(json!({"content": "%"})).await, [second]);
        assert_eq!(find(json!({"content": "_"})).await, [second]);
        assert_eq!(find(json!({"content": "secret"})).await, [] as [&str; 0]);
        assert_eq!(find(json!({"sender": ana.to_string()})).await, [first]);
        assert_eq!(find(json!({"receiver": {"$in": [ana.to_string()]}})).await, [second]);
        assert_eq!(find(json!({"isRead": true})).await, [first]);
        assert_eq!(find(json!({"_id": two.id.to_string()})).await, [second]);
        assert_eq!(find(json!({"_id": {"$lt": two.id.to_string()}})).await, [first]);
        assert_eq!(find(json!({"sentAt": {"$gte": one.sent_at.to_string()}})).await.len(), 2);
        assert_eq!(find(json!({"sentAt": {"$gt": two.sent_at.to_string()}})).await.len(), 0);
        assert_eq!(find(json!({})).await.len(), 2);
        let either =
            json!({"$or": [{"content": "starts"}, {"$and": [{"content": "done"}, {"isRead": false}]}]});
        assert_eq!(find(either).await, [second, first]);
        assert_eq!(
            find(json!({"$or": [{"sender": eve.to_string()}, {"receiver": eve.to_string()}]})).await.len(),
            0
        );
    })
    .await;
}
