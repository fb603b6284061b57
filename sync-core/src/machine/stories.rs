//! The promises of what is kept, as stories.

use super::fixture::{Device, at, ben, from_ana, from_ben};
use crate::{
    apply::{Message, Stored},
    domain::{Anchor, History, Pending, Position, Status, TimelinePage},
    machine::Tables,
    outbox::State,
    store::summaries,
};

fn deleted(message: Message) -> Message {
    Message { deleted_at: Some(at(900)), content: String::new(), ..message }
}

fn edited(message: Message, content: &str, time: i64) -> Message {
    Message { content: content.to_owned(), edited_at: Some(at(time)), ..message }
}

fn read(message: Message) -> Message {
    Message { is_read: true, read_at: Some(at(950)), ..message }
}

#[test]
fn a_new_device_shows_the_newest_message_and_fills_up_downwards() {
    let device = Device::new();
    device.snapshot(from_ben(30), 3, "c1");
    assert_eq!((device.contents(), device.unread()), (vec!["text 30".to_owned()], 3));
    let page = device.page(&Anchor::Newest, 10);
    assert_eq!((page.has_older, page.history), (true, History::Loading));

    device.history("m030", vec![from_ben(10), from_ben(20)], false);
    assert_eq!(
        (device.contents(), device.unread()),
        (["text 10", "text 20", "text 30"].map(str::to_owned).into(), 3)
    );
    device.history("m010", vec![read(from_ben(5))], true);
    let page = device.page(&Anchor::Newest, 10);
    assert_eq!((page.items.len(), page.has_older, page.history), (4, false, History::Complete));
    assert_eq!(page.first_unread, Some("m010".into()));
    assert_eq!(device.unread(), 3);
}

#[test]
fn a_change_of_a_message_that_is_not_filled_yet_is_kept_and_shown_when_its_page_comes() {
    let device = Device::new();
    device.snapshot(from_ben(30), 2, "c1");
    device.feed("c1", vec![(edited(from_ben(10), "new", 40), 7), (deleted(from_ben(15)), 8)], "c2");
    assert_eq!(device.contents(), ["text 30"], "there may be messages between the two");
    // The page was asked for before the changes, and is stored after them.
    device.history("m030", vec![from_ben(10), from_ben(15), from_ben(20)], true);
    assert_eq!(device.contents(), ["new", "", "text 20", "text 30"]);
    assert_eq!(device.unread(), 3, "exact once the history is complete");
}

#[test]
fn the_cursor_and_its_changes_are_stored_once_and_together() {
    let device = Device::new();
    device.snapshot(from_ben(10), 0, "c1");
    device.feed("c1", vec![(from_ben(20), 1)], "c2");
    // A page that was asked for at an older cursor comes late.
    device.feed("c1", vec![(deleted(from_ben(20)), 1)], "c1b");
    assert_eq!((device.cursor().as_deref(), device.contents().len()), (Some("c2"), 2));
    assert_eq!(device.contents()[1], "text 20");
}

#[test]
fn after_a_lost_cursor_everything_is_kept_and_what_the_server_says_replaces_it() {
    let device = Device::new();
    device.snapshot(from_ben(10), 0, "c1");
    device.history("m010", Vec::new(), true);
    device.feed("c1", vec![(from_ben(20), 1), (edited(from_ben(25), "old edit", 99), 2)], "c2");
    let key = device.send("mine");
    device.forget();
    device.snapshot(from_ben(40), 2, "d1");
    assert_eq!(device.contents(), ["text 10", "text 20", "old edit", "text 40", "mine"]);
    assert_eq!(device.outbox(), ["Send key-mine"]);
    device.feed("d1", vec![(edited(from_ben(30), "of the new history", 50), 1)], "d2");
    device.history("m040", vec![from_ben(10), from_ben(25), from_ben(30)], true);
    // The server no longer has message 20: it was written on this side of the copy, and is not thrown away.
    assert_eq!(device.contents(), ["text 10", "text 20", "text 25", "of the new history", "text 40", "mine"]);
    device.answer(from_ana(50, &key));
    assert_eq!(device.outbox(), Vec::<String>::new());
}

#[test]
fn a_send_is_confirmed_by_whoever_tells_first_and_keeps_its_key() {
    for by_feed in [true, false] {
        let device = Device::new();
        device.snapshot(from_ben(10), 0, "c1");
        device.history("m010", Vec::new(), true);
        let (first, second) = (device.send("one"), device.send("two"));
        device.tried(1, &State::InFlight, 1);
        assert_eq!(device.statuses(), [None, Some(Status::Sending), Some(Status::Waiting)]);
        let told = Message { content: "one".to_owned(), ..from_ana(20, &first) };
        if by_feed {
            device.feed("c1", vec![(told.clone(), 1)], "c2");
            device.answer(told);
        } else {
            device.answer(told.clone());
            device.feed("c1", vec![(told, 1)], "c2");
        }
        let items = device.page(&Anchor::Newest, 10).items;
        let keys: Vec<_> = items.iter().map(|item| item.key.clone()).collect();
        assert_eq!(keys, ["m010".into(), first, second]);
        assert_eq!(device.outbox(), ["Send key-two"]);
        assert_eq!(items[1].status, Some(Status::Sent));
    }
}

#[test]
fn a_key_that_a_server_gives_to_a_second_message_stays_with_the_first() {
    let device = Device::new();
    let key = device.send("one");
    device.answer(from_ana(20, &key));
    device.answer(from_ana(30, &key));
    let keys: Vec<_> = device.page(&Anchor::Newest, 10).items.into_iter().map(|item| item.key).collect();
    assert_eq!(keys, [key, "m030".into()]);
    // And a message does not move to another conversation.
    device.answer(Message { peer: "eve".into(), ..from_ben(20) });
    assert_eq!(device.contents().len(), 2);
}

#[test]
fn a_message_that_was_never_tried_is_edited_and_cancelled_in_place() {
    let device = Device::new();
    let key = device.send("tow");
    device.edit(&key, "two");
    assert_eq!(
        (device.contents(), device.outbox()),
        (vec!["two".to_owned()], vec!["Send key-tow".to_owned()])
    );
    device.delete(&key);
    assert_eq!((device.contents().len(), device.outbox().len()), (0, 0));
}

#[test]
fn a_message_of_unknown_outcome_is_edited_and_deleted_behind_its_send() {
    let device = Device::new();
    let key = device.send("tow");
    device.tried(1, &State::Unknown, 1);
    device.edit(&key, "two");
    let item = device.page(&Anchor::Newest, 1).items.remove(0);
    assert_eq!((item.content.as_str(), item.pending), ("two", Some(Pending::Edit)));
    assert_eq!(device.outbox(), ["Send key-tow", "Edit key-tow"]);
    device.edit(&key, "tow");
    assert_eq!(device.outbox(), ["Send key-tow"], "an edit back to what was sent is none");
    device.delete(&key);
    assert_eq!(device.outbox(), ["Send key-tow", "Delete key-tow"]);
    device.answer(from_ana(20, &key));
    let item = device.page(&Anchor::Newest, 1).items.remove(0);
    assert_eq!((item.key, item.pending), (key.clone(), Some(Pending::Delete)));
    device.answer(deleted(from_ana(20, &key)));
    assert_eq!((device.contents(), device.outbox()), (vec![String::new()], Vec::new()));
}

#[test]
fn what_is_read_here_stays_read_whatever_comes_late() {
    let device = Device::new();
    device.snapshot(from_ben(30), 3, "c1");
    device.mark_read("m030");
    assert_eq!((device.unread(), device.outbox()), (0, vec!["Read m030".to_owned()]));
    // Neither older pages nor a feed that the reading has not reached yet bring it back.
    device.history("m030", vec![from_ben(10), from_ben(20)], true);
    device.feed("c1", vec![(from_ben(30), 1), (from_ben(40), 2)], "c2");
    assert_eq!(device.unread(), 1);
    assert_eq!(device.page(&Anchor::Newest, 10).first_unread, Some("m040".into()));
    device.mark_read("m040");
    assert_eq!(device.outbox(), ["Read m040"], "the reading that waits goes further instead of once more");
    device.mark_read("m020");
    assert_eq!(device.outbox(), ["Read m040"]);
}

#[test]
fn what_the_server_lost_stays_visible_and_is_neither_unread_nor_to_be_told_of() {
    let device = Device::new();
    device.snapshot(from_ben(10), 0, "c1");
    device.history("m010", Vec::new(), true);
    device.feed("c1", vec![(from_ben(20), 1), (from_ben(30), 2)], "c2");
    let kept = device.rows().message(&"m020".into()).unwrap().unwrap();
    device.rows().put_message(&Stored { lost: true, ..kept }).unwrap();
    let page = device.page(&Anchor::Newest, 10);
    let shown: Vec<_> = page.items.iter().map(|item| (item.content.as_str(), item.lost)).collect();
    assert_eq!(shown, [("text 10", false), ("text 20", true), ("text 30", false)]);
    assert_eq!((page.first_unread, device.unread()), (Some("m010".into()), 2));
    let kept = device.rows().message(&"m030".into()).unwrap().unwrap();
    device.rows().put_message(&Stored { lost: true, ..kept.clone() }).unwrap();
    let line = summaries::list(&device.db()).unwrap().remove(0);
    assert_eq!(
        (line.last.unwrap().preview.as_str(), line.unread),
        ("text 30", 1),
        "the list as the timeline"
    );
    device.rows().put_message(&kept).unwrap();
    device.mark_read("m010");
    assert_eq!(device.page(&Anchor::Newest, 10).first_unread, Some("m030".into()));
}

fn walk(device: &Device, step: u32) -> Vec<String> {
    let ids = |page: &TimelinePage| page.items.iter().map(|item| item.key.to_string()).collect::<Vec<_>>();
    let mut page = device.page(&Anchor::Newest, step);
    let mut all = ids(&page);
    assert!(!page.has_newer);
    while page.has_older {
        page = device.page(&Anchor::Before(page.items[0].position.clone()), step);
        assert!(page.has_newer && !page.items.is_empty());
        all.splice(0..0, ids(&page));
    }
    let mut forward = Vec::new();
    let mut from = Some(Anchor::From(page.items[0].position.clone()));
    while let Some(anchor) = from.take() {
        page = device.page(&anchor, step);
        forward.extend(ids(&page));
        from = page.has_newer.then(|| Anchor::After(page.items[page.items.len() - 1].position.clone()));
    }
    assert_eq!(forward, all, "forwards as backwards, {step} at a time");
    all
}

#[test]
fn pages_of_any_size_join_without_a_gap_or_a_repetition() {
    let device = Device::new();
    device.snapshot(from_ben(5), 0, "c1");
    let twin = |id: &str| Message { id: id.into(), ..from_ben(20) };
    device.history("m005", Vec::new(), true);
    device.feed("c1", vec![(twin("b"), 1), (twin("a"), 2), (from_ben(30), 3), (twin("c"), 4)], "c2");
    device.send("one");
    device.send("two");
    let all = ["m005", "a", "b", "c", "m030", "key-one", "key-two"];
    for step in 1..=8 {
        assert_eq!(walk(&device, step), all, "{step} at a time");
    }
}

#[test]
fn a_window_that_began_with_a_waiting_message_is_read_anew_after_it_was_sent() {
    let device = Device::new();
    let key = device.send("one");
    let position = device.page(&Anchor::Newest, 10).items[0].position.clone();
    device.answer(from_ana(20, &key));
    assert_eq!(device.page(&Anchor::From(position), 10).items[0].key, key);
    let nonsense = Anchor::From(Position("nonsense".to_owned()));
    assert_eq!(device.page(&nonsense, 10).items[0].key, key);
}

#[test]
fn the_list_shows_the_newest_line_of_each_conversation_newest_first() {
    let device = Device::new();
    device.snapshot(from_ben(10), 1, "c1");
    device.feed("c1", vec![(Message { peer: "eve".into(), ..from_ben(20) }, 1)], "c2");
    let lines = || summaries::list(&device.db()).unwrap();
    assert_eq!(lines().iter().map(|line| line.peer.id.as_str()).collect::<Vec<_>>(), ["eve", "ben"]);
    device.send("first line\nsecond");
    let first = lines().remove(0);
    let last = first.last.unwrap();
    assert_eq!((first.peer.id, first.unread), (ben(), 1));
    assert_eq!((last.preview.as_str(), last.status), ("first line second", Some(Status::Waiting)));
}
