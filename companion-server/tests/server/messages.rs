//! The message routes: who may do what, what is answered, which events follow, and to whom.

use serde_json::{Value, json};

use crate::harness::{Answer, Server, Socket};

#[tokio::test]
async fn the_documented_workflow_with_its_events() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let (mut at_ana, mut at_ben) = (Socket::of(&server, &ana).await, Socket::of(&server, &ben).await);

    let body = json!({"receiver": ben.id, "content": "Hello! <b>OJT</b>?", "isRead": false});
    let sent = server.ask("POST", "/message", &ana, body).await.json();
    let id = sent["_id"].clone();
    for field in ["sender", "receiver", "content", "isRead", "sentAt", "createdAt", "updatedAt"] {
        assert!(sent.get(field).is_some(), "{field} is missing in {sent}");
    }
    let (name, news) = at_ben.event().await;
    assert_eq!((&*name, &news["_id"], &news["seq"]), ("newMessage", &id, &json!(1)));
    let profile = json!({"_id": ana.id, "firstName": "ana", "lastName": "Cruz", "role": "student"});
    assert_eq!((&news["sender"], &news["receiver"]), (&profile, &json!(ben.id)));
    let (name, confirmed) = at_ana.event().await;
    assert_eq!((&*name, &confirmed["_id"], &confirmed["content"]), ("messageSent", &id, &sent["content"]));
    assert!(confirmed.get("clientMessageId").is_none());

    let path = format!("/message/{}", id.as_str().unwrap());
    let seen = server.ask("GET", &path, &ben, None).await.json();
    assert_eq!(seen["sender"], profile);
    let event = json!({"messageId": id, "seenBy": ben.id, "seenAt": seen["seenAt"], "seq": 2});
    assert_eq!(at_ana.event().await, ("messageSeen".into(), event));
    let event = json!({"messageId": id, "viewedAt": seen["seenAt"]});
    assert_eq!(at_ben.event().await, ("messageViewed".into(), event));
    // A later look keeps the first time, and the sender hears of it without a place in the feed.
    server.clock.advance(60);
    assert_eq!(server.ask("GET", &path, &ben, None).await.json()["seenAt"], seen["seenAt"]);
    let event = json!({"messageId": id, "seenBy": ben.id, "seenAt": seen["seenAt"]});
    assert_eq!(at_ana.event().await, ("messageSeen".into(), event));
    assert_eq!(at_ben.event().await.0, "messageViewed");
    // The sender's own look is nobody else's business.
    server.ask("GET", &path, &ana, None).await;
    assert_eq!(at_ana.event().await.0, "messageViewed");

    let body = json!({"_id": id, "content": "Hello again"});
    let edited = server.ask("PATCH", "/message", &ana, body).await.json();
    assert_eq!(edited["content"], "Hello again");
    for (at, seq) in [(&mut at_ana, 3), (&mut at_ben, 3)] {
        let event = json!({
            "messageId": id, "content": "Hello again", "updatedAt": edited["updatedAt"], "seq": seq
        });
        assert_eq!(at.event().await, ("messageUpdated".into(), event));
    }

    let read = server.ask("PATCH", &format!("{path}/read"), &ben, None).await.json();
    assert_eq!(read["isRead"], true);
    let event = json!({"messageId": id, "isRead": true, "seq": 4});
    assert_eq!(at_ana.event().await, ("messageRead".into(), event));
    let event = json!({"peerId": ana.id, "readAt": read["readAt"], "seq": 4});
    assert_eq!(at_ben.event().await, ("conversationRead".into(), event));
    // Once more, the document promises the event to the sender, and for the reader there is nothing new.
    server.ask("PATCH", &format!("{path}/read"), &ben, None).await;
    assert_eq!(at_ana.event().await, ("messageRead".into(), json!({"messageId": id, "isRead": true})));

    let listed = server.ask("GET", "/message", &ben, None).await.json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let (name, fetched) = at_ben.event().await;
    assert_eq!(
        (&*name, &fetched["userId"], &fetched["messagesCount"]),
        ("messagesFetched", &json!(ben.id), &json!(1))
    );

    let query = json!({"content": "AGAIN"});
    let found = server.ask("POST", "/message/search", &ben, query.clone()).await.json();
    assert_eq!(found["_id"], id);
    let (name, searched) = at_ben.event().await;
    assert_eq!(
        (&*name, &searched["searchQuery"], &searched["resultFound"]),
        ("messageSearched", &query, &json!(true))
    );
    server
        .ask("POST", "/message/search", &ben, json!({"content": "nothing"}))
        .await
        .is_error(404, "Message not found");
    assert_eq!(at_ben.event().await.1["resultFound"], false);
    let both =
        json!({"$or": [{"sender": ana.id, "receiver": ben.id}, {"sender": ben.id, "receiver": ana.id}]});
    assert_eq!(server.ask("POST", "/message/search", &ben, both).await.json()[0]["_id"], id);
    at_ben.event().await;

    let deleted = server.ask("DELETE", &path, &ana, None).await;
    assert_eq!((deleted.status.as_u16(), &*deleted.text), (200, "\"Message deleted successfully\""));
    for at in [&mut at_ana, &mut at_ben] {
        let (name, event) = at.event().await;
        assert_eq!((&*name, &event["messageId"], &event["seq"]), ("messageDeleted", &id, &json!(5)));
    }
    server.ask("GET", &path, &ben, None).await.is_error(404, "Message not found");
    assert!(at_ana.is_silent().await && at_ben.is_silent().await);
    server.stop().await;
}

#[tokio::test]
async fn each_route_tells_participants_and_outsiders_apart() {
    let server = Server::start().await;
    let (ana, ben, eve) =
        (server.register("ana").await, server.register("ben").await, server.register("eve").await);
    let id = server.send(&ana, &ben, "between us").await;
    let mut at_eve = Socket::of(&server, &eve).await;
    let one = format!("/message/{id}");
    let read = format!("/message/{id}/read");
    let edit = json!({"_id": id, "content": "changed"});
    let mark = json!({"_id": id, "isRead": true});
    for (method, path, body, expected) in [
        ("GET", &*one, None, [(&eve, 404), (&ana, 200), (&ben, 200)]),
        ("PATCH", "/message", Some(edit), [(&eve, 404), (&ben, 403), (&ana, 200)]),
        ("PATCH", "/message", Some(mark), [(&eve, 404), (&ana, 403), (&ben, 200)]),
        ("PATCH", &read, None, [(&eve, 404), (&ana, 403), (&ben, 200)]),
        ("DELETE", &one, None, [(&eve, 404), (&ben, 403), (&ben, 403)]),
    ] {
        for (caller, status) in expected {
            let answer = server.ask(method, path, caller, body.clone()).await;
            assert_eq!(answer.status, status, "{method} {path} {}", answer.text);
        }
        server.ask(method, path, None, body).await.is_error(401, "Authentication required");
    }
    assert_eq!(server.ask("GET", "/message", &eve, None).await.json(), json!([]));
    assert_eq!(at_eve.event().await.0, "messagesFetched");
    let all = json!({"$or": [{"_id": id}, {"sender": ana.id}]});
    assert_eq!(server.ask("POST", "/message/search", &eve, all).await.json(), json!([]));
    assert_eq!(at_eve.event().await.0, "messageSearched");
    assert!(at_eve.is_silent().await, "an outsider hears nothing");
    let kept = server.ask("GET", &one, &ben, None).await.json();
    assert_eq!((&kept["content"], &kept["isRead"]), (&json!("changed"), &json!(true)));
    server.stop().await;
}

#[tokio::test]
async fn a_patch_that_oversteps_changes_nothing() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let id = server.send(&ana, &ben, "hi").await;
    for (caller, body, text) in [
        (
            &ana,
            json!({"_id": id, "content": "new", "isRead": true}),
            "Unauthorized to mark this message as read",
        ),
        (&ben, json!({"_id": id, "content": "new", "isRead": true}), "Unauthorized to update this message"),
    ] {
        server.ask("PATCH", "/message", caller, body).await.is_error(403, text);
    }
    let kept = server.ask("GET", &format!("/message/{id}"), &ana, None).await.json();
    assert_eq!((&kept["content"], &kept["isRead"]), (&json!("hi"), &json!(false)));
    // What equals the stored state is accepted.
    let same = json!({"_id": id, "content": "hi", "isRead": true});
    assert_eq!(server.ask("PATCH", "/message", &ben, same).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_is_read_at_once() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let ids = [
        server.send(&ana, &ben, "1").await,
        server.send(&ana, &ben, "2").await,
        server.send(&ana, &ben, "3").await,
    ];
    let (mut at_ana, mut at_ben) = (Socket::of(&server, &ana).await, Socket::of(&server, &ben).await);
    let path = format!("/api/message/conversation/{}/read", ana.id);
    let read = server.ask("PATCH", &path, &ben, json!({"upTo": ids[1]})).await.json();
    assert_eq!(read["updated"], 2);
    for (id, seq) in [(&ids[0], 4), (&ids[1], 5)] {
        assert_eq!(
            at_ana.event().await,
            ("messageRead".into(), json!({"messageId": id, "isRead": true, "seq": seq}))
        );
    }
    let event = json!({"peerId": ben.id, "upTo": ids[1], "readAt": read["readAt"], "seq": 5});
    assert_eq!(at_ana.event().await, ("conversationReadByPeer".into(), event));
    let event = json!({"peerId": ana.id, "readAt": read["readAt"], "seq": 5});
    assert_eq!(at_ben.event().await, ("conversationRead".into(), event));
    let read = server.ask("PATCH", &path, &ben, None).await.json();
    assert_eq!(read["updated"], 1);
    let event = json!({"peerId": ana.id, "readAt": read["readAt"], "seq": 6});
    assert_eq!(at_ben.event().await, ("conversationRead".into(), event));
    assert_eq!(server.ask("PATCH", &path, &ben, json!({})).await.json()["updated"], 0);
    let unknown = json!({"upTo": ana.id});
    server.ask("PATCH", &path, &ben, unknown).await.is_error(404, "Message not found");
    assert!(at_ben.is_silent().await, "what was read before is no news");
    server.stop().await;
}

#[tokio::test]
async fn an_idempotent_send_is_taken_once() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let (mut at_ana, mut at_ben) = (Socket::of(&server, &ana).await, Socket::of(&server, &ben).await);
    let key = "0199c3a0-7c00-7000-8000-000000000001";
    let post = async |key: &str, content: &str| {
        let request =
            server.request("POST", "/message").bearer_auth(&ana.token).header("Idempotency-Key", key);
        Answer::of(request.json(&json!({"receiver": ben.id, "content": content}))).await
    };
    let first = post(key, "once").await.json();
    assert_eq!(first["clientMessageId"], key);
    let (_, confirmed) = at_ana.event().await;
    assert_eq!(confirmed["clientMessageId"], key);
    let (_, news) = at_ben.event().await;
    assert!(news.get("clientMessageId").is_none(), "the key is told to the sender only");

    assert_eq!(post(key, "once").await.json(), first);
    let other = post(key, "twice").await;
    other.is_error(409, "Idempotency-Key was used for a different message");
    post("not a uuid", "x").await.is_error(400, "Idempotency-Key must be a UUID");
    assert!(at_ana.is_silent().await && at_ben.is_silent().await, "a replay has no events");

    let path = format!("/message/{}", first["_id"].as_str().unwrap());
    server.ask("DELETE", &path, &ana, None).await;
    let after = post(key, "once").await.json();
    assert_eq!((&after["_id"], &after["content"]), (&first["_id"], &json!("once")));
    assert!(after["deletedAt"].is_string());
    assert_eq!(server.ask("GET", "/message", &ben, None).await.json(), Value::Array(Vec::new()));
    server.stop().await;
}

#[tokio::test]
async fn what_is_written_comes_back_verbatim() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let content = " <script>alert('é')</script>\r\n\u{202e}\u{0}\"\\ 👩‍👩‍👧 ";
    let id = server.send(&ana, &ben, content).await;
    let answer = server.ask("GET", &format!("/message/{id}"), &ben, None).await;
    assert_eq!(answer.json()["content"], content);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    server.stop().await;
}
