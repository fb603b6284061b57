//! `GET /api/sync` and `GET /api/capabilities`.

use serde_json::{Value, json};

use crate::harness::{PATIENCE, Person, Server, Socket};

#[tokio::test]
async fn the_capabilities_need_no_token() {
    let server = Server::start_with(|config| config.name = "Northside".into()).await;
    let told = server.ask("GET", "/api/capabilities", None, None).await.json();
    assert_eq!((&told["name"], &told["registration"]), (&json!("Northside"), &json!("open")));
    let extensions = [
        "idempotency",
        "sync-1",
        "delivery",
        "edits",
        "bulk-read",
        "typing",
        "presence",
        "accounts",
        "sessions",
        "invites",
        "administration",
        "activity",
        "heartbeat",
    ];
    assert_eq!(told["extensions"], json!(extensions));
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.ask("GET", path, None, None).await.status, 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_new_device_starts_with_the_conversations_and_follows_the_feed() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    server.send(&ana, &ben, "one").await;
    let two = server.send(&ana, &ben, "two").await;
    let start = server.ask("GET", "/api/sync", &ben, None).await.json();
    let conversation = &start["conversations"][0];
    assert_eq!((&conversation["peer"]["_id"], &conversation["unreadCount"]), (&json!(ana.id), &json!(2)));
    assert_eq!(conversation["lastMessage"]["content"], "two");
    assert_eq!((&start["changes"], &start["more"]), (&json!([]), &json!(false)));

    let three = server.send(&ana, &ben, "three").await;
    server.ask("DELETE", &format!("/message/{two}"), &ana, None).await;
    let mut at_ana = Socket::of(&server, &ana).await;
    let next = |page: &Value| format!("/api/sync?since={}&limit=1", page["next"].as_str().unwrap());
    let page = server.ask("GET", &next(&start), &ben, None).await.json();
    assert_eq!((&page["changes"][0]["_id"], &page["more"]), (&json!(three), &json!(true)));
    assert_eq!(page["users"][0]["_id"], ana.id);
    assert!(page.get("conversations").is_none());
    let page = server.ask("GET", &next(&page), &ben, None).await.json();
    let tombstone = &page["changes"][0];
    assert_eq!(tombstone["_id"], two);
    assert!(tombstone["deletedAt"].is_string() && tombstone.get("content").is_none());

    // What the receiver pulled is delivered, and the sender hears of it.
    let (name, delivered) = at_ana.event().await;
    assert_eq!((&*name, &delivered["messageId"]), ("messageDelivered", &json!(three)));
    let page = server.ask("GET", &next(&page), &ben, None).await.json();
    assert_eq!(page["changes"][0]["deliveredAt"], delivered["deliveredAt"]);
    let page = server.ask("GET", &next(&page), &ben, None).await.json();
    assert_eq!((&page["changes"], &page["more"]), (&json!([]), &json!(false)));
    server.stop().await;
}

#[tokio::test]
async fn the_key_of_a_send_is_told_to_the_senders_devices_only() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let start = async |person| server.ask("GET", "/api/sync", person, None).await.json()["next"].clone();
    let (from_ana, from_ben) = (start(&ana).await, start(&ben).await);
    let key = "0199c3a0-7c00-7000-8000-000000000001";
    let request = server.request("POST", "/message").bearer_auth(&ana.token).header("Idempotency-Key", key);
    request.json(&json!({"receiver": ben.id, "content": "hi"})).send().await.unwrap();
    for (person, since, told) in [(&ana, from_ana, json!(key)), (&ben, from_ben, Value::Null)] {
        let path = format!("/api/sync?since={}", since.as_str().unwrap());
        let page = server.ask("GET", &path, person, None).await.json();
        assert_eq!(page["changes"][0]["clientMessageId"], told);
    }
    server.stop().await;
}

#[tokio::test]
async fn every_page_names_the_history_that_it_is_of() {
    let (server, other) = (Server::start().await, Server::start().await);
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    server.send(&ana, &ben, "hi").await;
    let start = server.ask("GET", "/api/sync", &ben, None).await.json();
    let page =
        server.ask("GET", &format!("/api/sync?since={}", start["next"].as_str().unwrap()), &ben, None).await;
    let list = server.ask("GET", &format!("/api/message?peer={}&limit=10", ana.id), &ben, None).await;
    assert_eq!(page.json()["history"], start["history"]);
    assert_eq!(list.headers["sync-history"].to_str().unwrap(), start["history"].as_str().unwrap());
    let foreign = other.register("ana").await;
    assert_ne!(other.ask("GET", "/api/sync", &foreign, None).await.json()["history"], start["history"]);
    other.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_cursor_that_cannot_be_honoured_is_410_and_a_malformed_one_400() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    server.send(&ana, &ben, "hi").await;
    let other = Server::start().await;
    let foreign = other.register("ana").await;
    let cursor = other.ask("GET", "/api/sync", &foreign, None).await.json()["next"].clone();
    let path = format!("/api/sync?since={}", cursor.as_str().unwrap());
    server.ask("GET", &path, &ana, None).await.is_error(410, "Cursor can no longer be honoured");
    for since in ["0", "", "AAAA", "%7B%22$gt%22:0%7D"] {
        let path = format!("/api/sync?since={since}");
        server.ask("GET", &path, &ana, None).await.is_error(400, "since is not a cursor of this server");
    }
    let path = "/api/sync?limit=1001";
    server.ask("GET", path, &ana, None).await.is_error(400, "limit must be a whole number from 1 to 1000");
    server.ask("GET", "/api/sync", None, None).await.is_error(401, "Authentication required");
    other.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn the_server_clears_old_positions_away_by_itself() {
    let server = Server::start_with(|config| {
        config.upkeep_interval = std::time::Duration::from_millis(10);
        config.retention.feed_days = 30;
    })
    .await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let start = server.ask("GET", "/api/sync", &ben, None).await.json();
    let since = format!("/api/sync?since={}", start["next"].as_str().unwrap());
    server.send(&ana, &ben, "one").await;
    server.send(&ana, &ben, "two").await;
    assert_eq!(server.ask("GET", &since, &ben, None).await.status, 200);

    server.clock.advance(31 * 24 * 60 * 60);
    let login = json!({"userName": "ben", "password": "password of ben"});
    let ben = server.ask("POST", "/api/auth/login", None, login).await;
    let ben = Person::of(&ben.json()["data"]);
    tokio::time::timeout(PATIENCE, async {
        while server.ask("GET", &since, &ben, None).await.status == 200 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("the upkeep's turn");
    let refused = server.ask("GET", &since, &ben, None).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]),
        (410, &json!("Cursor can no longer be honoured"))
    );
    assert_eq!(refused.json()["reason"], "expired", "what is missing from a fresh copy was deleted");
    server.stop().await;
}
