//! The model keeps the promises of a server itself (I1, I2, I5, I6 and the order of the feed).

use super::*;
use crate::machine::feed::FeedPage;

fn at(millis: i64) -> Timestamp {
    Timestamp::clamped(millis)
}

fn pull(server: &mut Server, person: usize, since: &str) -> Result<FeedPage, HttpError> {
    server.changes(person, since, at(99))
}

fn send(server: &mut Server, key: &str, content: &str) -> Result<Message, HttpError> {
    server.send(0, &name(1), content, Some(key), at(10))
}

#[test]
fn a_key_makes_one_message_and_only_of_the_same_words() {
    let mut server = Server::new(Dialect::Extended, 2);
    let first = send(&mut server, "k0-0", "hi").unwrap();
    assert_eq!(send(&mut server, "k0-0", "hi").unwrap().id, first.id);
    assert_eq!(
        send(&mut server, "k0-0", "ho").err(),
        Some(status(409, "Idempotency-Key was used for a different message"))
    );
    assert_eq!(server.messages().len(), 1);
    let mut plain = Server::new(Dialect::Plain, 2);
    send(&mut plain, "k0-0", "hi").unwrap();
    send(&mut plain, "k0-0", "hi").unwrap();
    assert_eq!(plain.messages().len(), 2, "a plain server takes no notice of keys");
}

#[test]
fn following_the_feed_in_pages_tells_every_message_as_it_is() {
    let mut server = Server::new(Dialect::Extended, 2);
    let start = server.snapshot(1).next;
    for nth in 0..20 {
        send(&mut server, &format!("k0-{nth}"), "hi").unwrap();
    }
    server.edit(0, &"m00003".into(), "ho", at(20)).unwrap();
    server.delete(0, &"m00004".into(), at(21)).unwrap();
    let (mut since, mut told) = (start, std::collections::BTreeMap::new());
    loop {
        let page = pull(&mut server, 1, &since).unwrap();
        assert!(page.changes.len() <= FEED_PAGE && page.changes.is_sorted_by_key(|(_, seq)| *seq));
        for (message, _) in page.changes {
            told.insert(message.id.clone(), (message.content.clone(), message.deleted_at.is_some()));
        }
        since = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(told.len(), 20);
    assert_eq!(told[&"m00003".into()], ("ho".to_owned(), false));
    assert_eq!(told[&"m00004".into()], (String::new(), true));
}

#[test]
fn history_leads_to_the_beginning_in_pages() {
    let mut server = Server::new(Dialect::Extended, 2);
    for nth in 0..10 {
        send(&mut server, &format!("k0-{nth}"), "hi").unwrap();
    }
    let mut before = server.snapshot(1).conversations[0].last.id.clone();
    let mut seen = 1;
    loop {
        let page = server.page(1, &name(0), &before).unwrap();
        seen += page.messages.len();
        if page.done {
            break;
        }
        before = page.messages[0].id.clone();
    }
    assert_eq!(seen, 10);
}

#[test]
fn a_cursor_is_good_in_its_own_history_alone_and_while_the_feed_reaches_back() {
    let mut server = Server::new(Dialect::Extended, 2);
    let start = server.snapshot(1).next;
    server.back_up();
    for nth in 0..5 {
        send(&mut server, &format!("k0-{nth}"), "hi").unwrap();
    }
    let later = server.snapshot(1).next;
    server.prune(1, 2);
    assert_eq!(pull(&mut server, 1, &start).err(), Some(HttpError::Expired));
    assert!(pull(&mut server, 1, &later).is_ok());
    server.restore();
    assert_eq!(pull(&mut server, 1, &later).err(), Some(status(410, "gone")));
    assert_eq!((server.messages().len(), server.gone().len()), (0, 5));
    assert_eq!(send(&mut server, "k0-0", "hi").unwrap().id, "m00006".into(), "no id is given twice");
}

#[test]
fn time_goes_back_on_a_plain_server_alone() {
    for (dialect, expected) in [(Dialect::Extended, 50), (Dialect::Plain, 20)] {
        let mut server = Server::new(dialect, 2);
        server.send(0, &name(1), "hi", None, at(50)).unwrap();
        assert_eq!(server.send(0, &name(1), "ho", None, at(20)).unwrap().sent_at, at(expected));
    }
}

#[test]
fn what_was_read_stays_read_and_what_was_deleted_stays_deleted() {
    let mut server = Server::new(Dialect::Extended, 2);
    let id = send(&mut server, "k0-0", "hi").unwrap().id;
    assert!(server.read_one(0, &id, at(20)).is_err(), "only the receiver reads");
    server.read_one(1, &id, at(20)).unwrap();
    server.edit(0, &id, "ho", at(30)).unwrap();
    assert!(server.find(&id).unwrap().read_at.is_some());
    assert!(server.delete(1, &id, at(40)).is_err(), "only the sender deletes");
    server.delete(0, &id, at(40)).unwrap();
    assert_eq!(server.edit(0, &id, "again", at(50)).err(), Some(status(404, "Message not found")));
    assert_eq!(server.unread(1, 0), 0);
}
