//! The change feed, and what is published.

use super::*;

#[tokio::test]
async fn the_feed_tells_each_change_to_both_and_a_message_once_a_page() {
    on_each_backend(async |store| {
        let (ana, ben) = (person(store, "ana").await, person(store, "ben").await);
        let start = store.snapshot(ben).await.unwrap().next;
        assert_eq!(start.seq, 0);
        let one = send(store, ana, ben, "one").await;
        let two = send(store, ana, ben, "two").await;
        let edit = Change::Content("ONE".into());
        store.change(one.id, Box::new(move |_| Ok(Some(edit)))).await.unwrap();
        delete(store, &two).await;

        let page = store.feed(ben, start, 100).await.unwrap();
        let told: Vec<(u64, MessageId, bool)> = page
            .changes
            .iter()
            .map(|change| (change.seq, change.message.id, change.message.deleted_at.is_some()))
            .collect();
        assert_eq!(told, [(3, one.id, false), (4, two.id, true)]);
        assert_eq!(page.changes[0].message.content, "ONE");
        assert_eq!(page.people.iter().map(|person| person.id).collect::<Vec<_>>(), [ana]);
        assert!(!page.more);
        assert_eq!(page.next, store.snapshot(ben).await.unwrap().next);

        let (told, end) = follow(store, ana, start, 1).await;
        assert_eq!(told.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert!(store.feed(ana, end, 10).await.unwrap().changes.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_another_history_is_gone() {
    on_each_backend(async |store| {
        let (ana, ben) = (person(store, "ana").await, person(store, "ben").await);
        send(store, ana, ben, "hi").await;
        let now = store.snapshot(ana).await.unwrap().next;
        for other in [
            Cursor { nonce: now.nonce ^ 1, ..now },
            Cursor { seq: now.seq + 1, ..now },
            Cursor { seq: u64::MAX, ..now },
            Cursor { epoch: [0; 16], ..now },
            Cursor { epoch: [0; 16], seq: 0, nonce: 0 },
            store.snapshot(ben).await.unwrap().next,
        ] {
            assert!(matches!(store.feed(ana, other, 10).await, Err(FeedError::Gone)), "{other:?}");
        }
        assert!(store.feed(ana, now, 10).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_many_writers_a_readers_cursor_skips_nothing_and_there_is_no_gap() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path());
    let mut people = Vec::new();
    for n in 0..5 {
        people.push(person(&*open.store, &format!("user{n}")).await);
    }
    let reader = people[0];
    let start = (&*open.store as &dyn Store).snapshot(reader).await.unwrap().next;
    let writers: Vec<_> = (0..16)
        .map(|writer: usize| {
            let (store, people) = (Arc::clone(&open.store), people.clone());
            tokio::spawn(async move {
                for n in 0..40_usize {
                    let (from, to) = (people[(writer + n) % 5], people[(writer + 3 * n + 1) % 5]);
                    if from != to {
                        send(&*store, from, to, "x").await;
                    }
                }
            })
        })
        .collect();
    // Reads while they write.
    let (mut told, mut cursor) = (Vec::new(), start);
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        let (more, next) = follow(&*open.store, reader, cursor, 7).await;
        told.extend(more);
        cursor = next;
        tokio::task::yield_now().await;
    }
    let (more, end) = follow(&*open.store, reader, cursor, 7).await;
    told.extend(more);
    let seqs: Vec<u64> = told.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(seqs, (1..=end.seq).collect::<Vec<_>>());
    assert!(told.is_sorted_by(|(_, a), (_, b)| a.position() < b.position()), "feed order is commit order");
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn what_is_committed_is_published_in_the_order_of_the_feed() {
    let dir = tempfile::tempdir().unwrap();
    let mut open = open(dir.path());
    let (ana, ben) = (person(&*open.store, "ana").await, person(&*open.store, "ben").await);
    let message = send(&*open.store, ana, ben, "one").await;
    read(&*open.store, &message).await;
    send(&*open.store, ana, ben, "two").await;
    (&*open.store as &dyn Store).read_conversation(ben, ana, None).await.unwrap();
    for place in 1..=4 {
        let (sender, receiver) = match open.committed.recv().await.unwrap() {
            Committed::Sent { seqs, .. } | Committed::Changed { seqs, .. } => (seqs.sender, seqs.receiver),
            Committed::ConversationRead { messages, seq, .. } => (Some(messages[0].1), seq),
        };
        assert_eq!((sender, receiver), (Some(place), place));
    }
}

#[tokio::test]
async fn after_a_restore_that_went_on_differently_old_cursors_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (live, copy) = (dir.path().join("live"), dir.path().join("copy"));
    let first = open(&live);
    let (ana, ben) = (person(&*first.store, "ana").await, person(&*first.store, "ben").await);
    send(&*first.store, ana, ben, "before the backup").await;
    let early = (&*first.store as &dyn Store).snapshot(ben).await.unwrap().next;
    std::fs::create_dir(&copy).unwrap();
    rusqlite::Connection::open(live.join("roost.db"))
        .unwrap()
        .execute("VACUUM INTO ?1", [copy.join("roost.db").to_str().unwrap()])
        .unwrap();
    send(&*first.store, ana, ben, "lost with the disk").await;
    let late = (&*first.store as &dyn Store).snapshot(ben).await.unwrap().next;

    let restored = open(&copy);
    let restored: &dyn Store = &*restored.store;
    assert!(matches!(restored.feed(ben, late, 10).await, Err(FeedError::Gone)), "ahead of the copy");
    send(restored, ana, ben, "another second message").await;
    assert!(matches!(restored.feed(ben, late, 10).await, Err(FeedError::Gone)), "same place, other change");
    assert_eq!(restored.feed(ben, early, 10).await.unwrap().changes.len(), 1);
}

const DAY: i64 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn what_is_older_than_the_retention_goes_and_no_cursor_skips_it() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path());
    let store: &dyn Store = &*open.store;
    let (ana, ben) = (person(store, "ana").await, person(store, "ben").await);
    let now = async || store.snapshot(ben).await.unwrap().next;
    let mut cursors = vec![now().await];
    for n in 0..1_205 {
        send(store, ana, ben, &n.to_string()).await;
        cursors.push(now().await);
    }
    let retention = Retention { feed_days: 90, ..Retention::default() };
    assert!(store.clear_away(retention).await.unwrap().is_nothing(), "all are young");

    open.clock.set(BEGIN + 90 * DAY);
    send(store, ana, ben, "exactly the retention younger").await;
    assert!(store.clear_away(retention).await.unwrap().is_nothing(), "at the edge they stay");
    open.clock.set(BEGIN + 90 * DAY + 1);
    let cleared = store.clear_away(retention).await.unwrap();
    assert_eq!(cleared.feed_positions, 2 * 1_204, "all but the newest old one, for both");
    assert!(store.clear_away(retention).await.unwrap().is_nothing());

    for old in &cursors[..1_205] {
        assert!(matches!(store.feed(ben, *old, 10).await, Err(FeedError::Expired)), "{old:?}");
    }
    let page = store.feed(ben, cursors[1_205], 10).await.unwrap();
    assert_eq!(page.changes.len(), 1, "the cursor of whoever had seen everything old is good");
    open.clock.set(BEGIN + 1_000 * DAY);
    store.clear_away(retention).await.unwrap();
    let end = page.next;
    assert!(store.feed(ben, end, 10).await.unwrap().changes.is_empty(), "and stays so for years");
    assert_eq!(now().await, end);
}

#[tokio::test]
async fn tombstones_and_keys_outlive_the_feed() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path());
    let store: &dyn Store = &*open.store;
    let (ana, ben) = (person(store, "ana").await, person(store, "ben").await);
    let key = Some(Key { id: Uuid::from_u128(7), body: [1; 32] });
    let sent = store.send(Draft { key, ..draft(ana, ben, "gone soon") }).await.unwrap().message;
    delete(store, &sent).await;
    for n in 0..5 {
        send(store, ana, ben, &n.to_string()).await;
    }
    open.clock.set(BEGIN + 1_000 * DAY);
    assert!(store.clear_away(Retention::default()).await.unwrap().feed_positions > 0);
    let again = store.send(Draft { key, ..draft(ana, ben, "gone soon") }).await.unwrap();
    assert!(again.replayed && again.message.deleted_at.is_some());
    let edit = store.change(sent.id, Box::new(move |message| rules::read(message, ben))).await;
    assert!(matches!(edit, Err(ChangeError::Refused(rules::Refusal::NotFound))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_that_is_overtaken_is_told_and_never_skips() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path());
    let (ana, ben) = (person(&*open.store, "ana").await, person(&*open.store, "ben").await);
    let begin = (&*open.store as &dyn Store).snapshot(ben).await.unwrap().next;
    let (writing, clock) = (Arc::clone(&open.store), Arc::clone(&open.clock));
    // A day passes with every message, and whatever is older than two hundred days is cleared away.
    let writer = tokio::spawn(async move {
        for n in 0..1_500 {
            clock.set(BEGIN + n * DAY);
            send(&*writing, ana, ben, &n.to_string()).await;
            if n % 20 == 0 {
                (&*writing as &dyn Store)
                    .clear_away(Retention { feed_days: 200, ..Retention::default() })
                    .await
                    .unwrap();
            }
        }
    });
    let store: &dyn Store = &*open.store;
    let (mut cursor, mut overtaken, mut followed) = (begin, 0, 0);
    while !writer.is_finished() {
        // A slow device, and one that begins anew when it is told to.
        for limit in [1, 3, 50] {
            match store.feed(ben, cursor, limit).await {
                Ok(page) => {
                    let seqs: Vec<u64> = page.changes.iter().map(|change| change.seq).collect();
                    assert_eq!(seqs, (cursor.seq + 1..=page.next.seq).collect::<Vec<_>>());
                    followed += seqs.len();
                    cursor = page.next;
                }
                Err(FeedError::Expired) => {
                    overtaken += 1;
                    cursor = store.snapshot(ben).await.unwrap().next;
                }
                Err(error) => panic!("{error}"),
            }
        }
        if followed > 100 {
            // Falls behind, so that it is overtaken.
            cursor = begin;
            followed = 0;
        }
    }
    writer.await.unwrap();
    assert!(overtaken > 0, "nothing was ever cleared away before the reader");
    assert!(matches!(store.feed(ben, begin, 1).await, Err(FeedError::Expired)));
}
