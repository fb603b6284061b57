//! What a user keeps from others: on every path on which it could be told.

use serde_json::{Value, json};

use crate::harness::{Answer, PATIENCE, Person, Server, Socket};

async fn hide_receipts(server: &Server, person: &Person, hide: bool) {
    let answer = server.ask("PATCH", "/api/user", person, json!({"sendReadReceipts": !hide})).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["sendReadReceipts"]), (200, &json!(!hide)));
}

async fn list(server: &Server, person: &Person) -> Value {
    server.ask("GET", "/message", person, None).await.json()
}

async fn feed(server: &Server, person: &Person, since: &str) -> Value {
    server.ask("GET", &format!("/api/sync?since={since}"), person, None).await.json()
}

async fn cursor(server: &Server, person: &Person) -> String {
    server.ask("GET", "/api/sync", person, None).await.json()["next"].as_str().unwrap().to_owned()
}

/// Reads or looks at a message in each of the four ways.
async fn read_all(server: &Server, reader: &Person, writer: &Person, ids: &[String; 4]) {
    for (method, path, body) in [
        ("GET", format!("/message/{}", ids[0]), None),
        ("PATCH", format!("/message/{}/read", ids[0]), None),
        ("PATCH", "/message".to_owned(), Some(json!({"_id": ids[1], "isRead": true}))),
        ("PATCH", format!("/message/conversation/{}/read", writer.id), None),
    ] {
        let answer = server.ask(method, &path, reader, body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
    }
}

async fn four(server: &Server, from: &Person, to: &Person) -> [String; 4] {
    let mut ids = Vec::new();
    for content in ["one", "two", "three", "four"] {
        ids.push(server.send(from, to, content).await);
    }
    ids.try_into().unwrap()
}

#[tokio::test]
async fn only_oneself_is_told_what_one_hides() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let profile =
        async || server.ask("GET", "/api/auth/profile", &ana, None).await.json()["data"]["user"].clone();
    let before = profile().await;
    assert_eq!((&before["showPresence"], &before["sendReadReceipts"]), (&json!(true), &json!(true)));
    let change = json!({"showPresence": false, "sendReadReceipts": false});
    server.ask("PATCH", "/api/user", &ana, change).await;
    let after = profile().await;
    assert_eq!((&after["showPresence"], &after["sendReadReceipts"]), (&json!(false), &json!(false)));
    assert_eq!(after["firstName"], before["firstName"]);
    let told = server.ask("GET", &format!("/api/user/{}", ana.id), &ben, None).await.json();
    assert!(told.get("showPresence").is_none() && told.get("sendReadReceipts").is_none(), "{told}");
    server
        .ask("PATCH", "/api/user", &ana, json!({"showPresence": "no"}))
        .await
        .is_error(400, "showPresence must be true or false");
    server.stop().await;
}

#[tokio::test]
async fn a_hidden_read_is_told_to_the_reader_and_to_nobody_else() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    hide_receipts(&server, &ben, true).await;
    let ids = four(&server, &ana, &ben).await;
    let (before, at) = (list(&server, &ana).await, cursor(&server, &ana).await);
    let bens = cursor(&server, &ben).await;
    let (mut at_ana, mut at_ben) = (Socket::of(&server, &ana).await, Socket::of(&server, &ben).await);
    server.clock.advance(60);
    read_all(&server, &ben, &ana, &ids).await;
    // Once more, because the document promises the events each time.
    read_all(&server, &ben, &ana, &ids).await;

    assert!(at_ana.is_silent().await, "no event");
    let page = feed(&server, &ana, &at).await;
    assert_eq!((&page["changes"], &page["next"]), (&json!([]), &json!(at)), "no place in the feed");
    assert_eq!(list(&server, &ana).await, before, "no field of the list");
    assert_eq!(at_ana.event().await.0, "messagesFetched");
    for (at, id) in ids.iter().enumerate() {
        let mut one = server.ask("GET", &format!("/message/{id}"), &ana, None).await.json();
        for field in ["sender", "receiver"] {
            one[field] = one[field]["_id"].clone();
        }
        assert_eq!(one, before[at], "no field of the message itself");
    }
    let search = async |who: &Person, is_read: bool| {
        let found = server.ask("POST", "/message/search", who, json!({"$and": [{"isRead": is_read}]})).await;
        found.json().as_array().unwrap().len()
    };
    assert_eq!((search(&ana, true).await, search(&ana, false).await), (0, 4), "no filter finds out");
    let summary = server.ask("GET", "/api/sync", &ana, None).await.json();
    assert_eq!(summary["conversations"][0]["lastMessage"]["isRead"], false);

    // The reader's own devices learn of it: of what was read at once by its last place in their feed, which begins
    // with four messages and a look.
    let mut places = Vec::new();
    while places.len() < 3 {
        match at_ben.event().await {
            (name, event) if name == "conversationRead" => places.push(event["seq"].clone()),
            (name, _) => assert_eq!(name, "messageViewed"),
        }
    }
    assert_eq!(places, [6, 7, 9]);
    assert_eq!((search(&ben, true).await, search(&ben, false).await), (4, 0));
    let page = feed(&server, &ben, &bens).await;
    let changes = page["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 4);
    for change in changes {
        assert_eq!((&change["isRead"], &change["readAt"]), (&json!(true), &change["updatedAt"]), "{change}");
    }
    let summary = server.ask("GET", "/api/sync", &ben, None).await.json();
    assert_eq!(summary["conversations"][0]["unreadCount"], 0);
    server.stop().await;
}

#[tokio::test]
async fn a_hidden_read_stays_hidden_whatever_happens_to_the_message() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let body = json!({"receiver": ben.id, "content": "hi"});
    let key = "018f3f3e-0000-7000-8000-000000000001";
    let write = async || {
        let request = server.request("POST", "/message").bearer_auth(&ana.token);
        Answer::of(request.header("idempotency-key", key).json(&body)).await.json()
    };
    let sent = write().await;
    let path = format!("/message/{}", sent["_id"].as_str().unwrap());
    hide_receipts(&server, &ben, true).await;
    server.ask("PATCH", &format!("{path}/read"), &ben, None).await;
    hide_receipts(&server, &ben, false).await;

    // Being asked again, by a client that has lost the answer.
    assert_eq!(write().await, sent);
    // What the sender says of `isRead` is compared with what the sender is told.
    let edit = |is_read: bool| json!({"_id": sent["_id"], "content": "hello", "isRead": is_read});
    server
        .ask("PATCH", "/message", &ana, edit(true))
        .await
        .is_error(403, "Unauthorized to mark this message as read");
    let edited = server.ask("PATCH", "/message", &ana, edit(false)).await.json();
    assert_eq!((&edited["content"], &edited["isRead"]), (&json!("hello"), &json!(false)));
    assert!(edited.get("readAt").is_none() && edited.get("seenAt").is_none(), "{edited}");
    assert_eq!(list(&server, &ben).await[0]["isRead"], true, "the reader has read it all along");
    // A later look, now in the open, tells of itself alone.
    let mut at_ana = Socket::of(&server, &ana).await;
    server.ask("GET", &path, &ben, None).await;
    assert_eq!(at_ana.event().await.0, "messageSeen");
    let told = list(&server, &ana).await[0].clone();
    assert!(told.get("seenAt").is_some() && told.get("readAt").is_none(), "{told}");
    assert_eq!(at_ana.event().await.0, "messagesFetched");
    server.ask("DELETE", &path, &ana, None).await;
    assert_eq!(at_ana.event().await.0, "messageDeleted");
    server.stop().await;
}

#[tokio::test]
async fn whoever_hides_receipts_is_told_none() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    hide_receipts(&server, &ana, true).await;
    let ids = four(&server, &ana, &ben).await;
    let before = list(&server, &ana).await;
    let mut at_ana = Socket::of(&server, &ana).await;
    read_all(&server, &ben, &ana, &ids).await;
    assert!(at_ana.is_silent().await);
    assert_eq!(list(&server, &ana).await, before);
    server.stop().await;
}

#[tokio::test]
async fn an_administrator_is_not_told_what_somebody_reads_who_hides_it() {
    let (server, rosa) = Server::start_with_admin(|_| ()).await;
    let ben = server.register("ben").await;
    let kinds = async || -> Vec<String> {
        let path = format!("/api/activity?user={}", ben.id);
        let told = server.ask("GET", &path, &rosa, None).await.json();
        let kind = |entry: &Value| entry["kind"].as_str().unwrap().to_owned();
        told.as_array().unwrap().iter().map(kind).collect()
    };
    hide_receipts(&server, &ben, true).await;
    read_all(&server, &ben, &rosa, &four(&server, &rosa, &ben).await).await;
    // What is done without changing anything is kept by and by, in its order.
    list(&server, &ben).await;
    let kept = async {
        loop {
            let kinds = kinds().await;
            if kinds.iter().any(|kind| kind == "messagesFetched") {
                return kinds;
            }
        }
    };
    let kept = tokio::time::timeout(PATIENCE, kept).await.unwrap();
    assert_eq!(kept, ["messagesFetched", "signedIn", "registered"]);
    // What was hidden is not told later either, and what is no secret is.
    hide_receipts(&server, &ben, false).await;
    read_all(&server, &ben, &rosa, &four(&server, &rosa, &ben).await).await;
    let open = kinds().await;
    let count = |kind: &str| open.iter().filter(|kept| *kept == kind).count();
    assert_eq!((count("messageRead"), count("conversationRead")), (2, 1), "{open:?}");
    server.stop().await;
}
