//! What administrators see and do, and what is kept of what people did.

use serde_json::{Value, json};

use crate::harness::{Answer, Person, Server, Socket};

const ADMIN_ONLY: &str = "Only administrators may do this";

async fn change(server: &Server, by: &Person, whose: &str, body: Value) -> Answer {
    server.ask("PATCH", &format!("/api/admin/users/{whose}"), by, body).await
}

async fn acts(server: &Server, admin: &Person) -> Vec<String> {
    let entries = server.ask("GET", "/api/admin/audit", admin, None).await.json();
    entries.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

async fn login(server: &Server, name: &str, password: &str) -> Answer {
    server.ask("POST", "/api/auth/login", None, json!({"userName": name, "password": password})).await
}

#[tokio::test]
async fn administrators_see_every_account_and_nobody_else_does() {
    let (server, rosa) = Server::start_with_admin(|_| ()).await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    change(&server, &rosa, &ben.id, json!({"disabled": true})).await;
    let page = server.ask("GET", "/api/admin/users?limit=2", &rosa, None).await;
    assert_eq!(page.json().as_array().unwrap().len(), 2);
    let next = format!("/api/admin/users?query=&limit=2&after={}", ana.id);
    assert_eq!(page.headers["link"], format!("<{next}>; rel=\"next\""));
    let last = server.ask("GET", &next, &rosa, None).await.json();
    let told = &last[0];
    assert_eq!(
        (&told["_id"], &told["disabled"], &told["external"]),
        (&json!(ben.id), &json!(true), &json!(false))
    );
    assert_eq!((&told["email"], &told["role"]), (&json!("ben@example.org"), &json!("student")));
    let found = server.ask("GET", "/api/admin/users?query=BEN%40ex", &rosa, None).await.json();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["_id"]), (1, &json!(ben.id)));

    for path in ["/api/admin/users", "/api/admin/audit"] {
        server.ask("GET", path, &ana, None).await.is_error(403, ADMIN_ONLY);
        server.ask("GET", path, None, None).await.is_error(401, "Authentication required");
    }
    for (body, text) in [
        (json!({}), "User data are required"),
        (json!({"role": "root"}), "a role is one of admin, coordinator, student"),
        (json!({"disabled": "yes"}), "disabled must be true or false"),
        (json!({"password": "short"}), "password is too short: at least 8 characters"),
    ] {
        change(&server, &rosa, &ana.id, body).await.is_error(400, text);
    }
    change(&server, &ana, &ana.id, json!({"role": "admin"})).await.is_error(403, ADMIN_ONLY);
    let nobody = "507f1f77bcf86cd799439011";
    change(&server, &rosa, nobody, json!({"disabled": true})).await.is_error(404, "User not found");
    server.stop().await;
}

#[tokio::test]
async fn a_disabled_user_is_out_within_five_seconds_and_cannot_come_back() {
    let (server, rosa) = Server::start_with_admin(|_| ()).await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let mut socket = Socket::of(&server, &ana).await;
    let told = change(&server, &rosa, &ana.id, json!({"disabled": true})).await;
    assert_eq!((told.status.as_u16(), &told.json()["disabled"]), (200, &json!(true)));
    server.ask("GET", "/message", &ana, None).await.is_error(401, "Invalid token");
    assert_eq!(socket.event().await, ("error".to_owned(), json!({"message": "Invalid token"})));
    login(&server, "ana", "password of ana").await.is_error(401, "Invalid credentials");
    let refresh = json!({"refreshToken": ana.refresh});
    server
        .ask("POST", "/api/auth/refresh", None, refresh.clone())
        .await
        .is_error(401, "Invalid refresh token");
    let body = json!({"receiver": ana.id, "content": "hi"});
    server.ask("POST", "/message", &ben, body).await.is_error(404, "User not found");

    change(&server, &rosa, &ana.id, json!({"disabled": false})).await;
    server.ask("POST", "/api/auth/refresh", None, refresh).await.is_error(401, "Invalid refresh token");
    assert_eq!(login(&server, "ana", "password of ana").await.status, 200);
    assert_eq!(acts(&server, &rosa).await, ["userEnabled", "userDisabled", "userAdded"]);
    server.stop().await;
}

#[tokio::test]
async fn a_password_that_was_set_for_somebody_ends_their_sessions() {
    let (server, rosa) = Server::start_with_admin(|_| ()).await;
    let ana = server.register("ana").await;
    let told = change(&server, &rosa, &ana.id, json!({"password": "a new password"})).await;
    assert!(told.status == 200 && !told.text.contains("argon2"), "{}", told.text);
    server.ask("GET", "/message", &ana, None).await.is_error(401, "Invalid token");
    login(&server, "ana", "password of ana").await.is_error(401, "Invalid credentials");
    assert_eq!(login(&server, "ana", "a new password").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn the_last_administrator_stays_one_however_many_try_at_once() {
    let (server, rosa) = Server::start_with_admin(|_| ()).await;
    let ana = server.register("ana").await;
    let last = "The last administrator can't be demoted or disabled";
    change(&server, &rosa, &rosa.id, json!({"disabled": true})).await.is_error(409, last);
    change(&server, &rosa, &rosa.id, json!({"role": "student"})).await.is_error(409, last);
    assert_eq!(change(&server, &rosa, &ana.id, json!({"role": "admin"})).await.status, 200);
    // Each demotes the other: one of them is left.
    let (one, two) = tokio::join!(
        change(&server, &rosa, &ana.id, json!({"role": "student"})),
        change(&server, &ana, &rosa.id, json!({"role": "student"})),
    );
    let done = [&one, &two].iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "{} {}", one.text, two.text);
    server.stop().await;
}

#[tokio::test]
async fn each_act_is_one_entry_with_who_and_to_whom() {
    let (server, rosa) = Server::start_with_admin(|_| ()).await;
    let ana = server.register("ana").await;
    let both = json!({"role": "coordinator", "password": "a new password"});
    change(&server, &rosa, &ana.id, both.clone()).await;
    change(&server, &rosa, &ana.id, json!({"role": "coordinator", "disabled": false})).await;
    let entries = server.ask("GET", "/api/admin/audit?limit=2", &rosa, None).await;
    assert!(!entries.text.contains("argon2") && !entries.text.contains("a new password"));
    let told = entries.json();
    assert_eq!((&told[0]["action"], &told[1]["action"]), (&json!("passwordReset"), &json!("roleChanged")));
    assert_eq!(
        (&told[1]["actor"], &told[1]["subject"], &told[1]["detail"]),
        (&json!(rosa.id), &json!(ana.id), &json!("coordinator"))
    );
    let link = entries.headers["link"].to_str().unwrap();
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    let rest = server.ask("GET", next, &rosa, None).await.json();
    assert_eq!((rest.as_array().unwrap().len(), &rest[0]["action"]), (1, &json!("userAdded")));
    assert!(rest[0].get("actor").is_none(), "the command line is nobody");
    server.stop().await;
}

#[tokio::test]
async fn one_sees_what_one_did_and_administrators_what_anybody_did() {
    let (server, rosa) = Server::start_with_admin(|_| ()).await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let secret = "the content of a message";
    let id = server.send(&ana, &ben, secret).await;
    server.ask("PATCH", "/message", &ana, json!({"_id": id, "content": "another"})).await;
    server.ask("GET", &format!("/message/{id}"), &ana, None).await;
    server.ask("GET", "/message", &ana, None).await;
    server.ask("POST", "/message/search", &ana, json!({"content": "another"})).await;
    server.ask("PATCH", &format!("/message/{id}/read"), &ben, None).await;
    server.ask("PATCH", &format!("/api/message/conversation/{}/read", ana.id), &ben, None).await;
    server.ask("DELETE", &format!("/message/{id}"), &ana, None).await;
    login(&server, "ana", "wrong password").await;
    login(&server, "ana", "password of ana").await;
    server.ask("POST", "/api/auth/logout", &ana, None).await;
    let ana = Person::of(&login(&server, "ana", "password of ana").await.json()["data"]);

    let expected = [
        "messageDeleted",
        "messageEdited",
        "messageSent",
        "messageViewed",
        "messagesFetched",
        "messagesSearched",
        "registered",
        "signInFailed",
        "signedIn",
        "signedIn",
        "signedIn",
        "signedOut",
    ];
    // Looking is kept by and by.
    let kinds = tokio::time::timeout(crate::harness::PATIENCE, async {
        loop {
            let answer = server.ask("GET", "/api/activity", &ana, None).await;
            assert!(!answer.text.contains(secret) && !answer.text.contains("another"));
            let mut kinds: Vec<String> = answer
                .json()
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["kind"].as_str().unwrap().to_owned())
                .collect();
            if kinds.len() >= expected.len() {
                kinds.sort();
                return kinds;
            }
        }
    });
    assert_eq!(kinds.await.unwrap(), expected);
    let sent = server.ask("GET", "/api/activity", &ana, None).await.json();
    let sent = sent.as_array().unwrap().iter().find(|entry| entry["kind"] == "messageSent").unwrap().clone();
    assert_eq!(sent["subject"], json!(id));

    let of_ben = format!("/api/activity?user={}", ben.id);
    let told = server.ask("GET", &of_ben, &rosa, None).await.json();
    let kinds: Vec<&str> =
        told.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["conversationRead", "messageRead", "signedIn", "registered"], "newest first");
    server.ask("GET", &of_ben, &ana, None).await.is_error(403, ADMIN_ONLY);
    let page = server.ask("GET", &format!("{of_ben}&limit=1"), &rosa, None).await;
    let link = page.headers["link"].to_str().unwrap();
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    assert_eq!(server.ask("GET", next, &rosa, None).await.json()[0]["kind"], "messageRead");
    server
        .ask("GET", "/api/activity?before=x", &ana, None)
        .await
        .is_error(400, "before must be a whole number");
    server.stop().await;
}
