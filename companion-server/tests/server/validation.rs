//! Bad input: each documented text in the documented body, never a 5xx, nothing stored.

use serde_json::{Value, json};

use crate::harness::{Answer, Server};

const NOBODY: &str = "507f1f77bcf86cd799439011";

#[tokio::test]
async fn posting_checks_in_the_documented_order() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    for root in ["/message", "/api/message"] {
        server.ask("POST", root, &ana, None).await.is_error(400, "Message data are required");
        for (body, status, text) in [
            (json!({}), 400, "Message data are required"),
            (json!([]), 400, "Message data are required"),
            (json!({"content": "hi"}), 400, "Receiver is required"),
            (json!({"receiver": ben.id}), 400, "Content is required"),
            (json!({"receiver": ben.id, "content": " \n "}), 400, "Content is required"),
            (json!({"receiver": ana.id, "content": "hi"}), 400, "Cannot send message to yourself"),
            (json!({"receiver": NOBODY, "content": "hi"}), 404, "User not found"),
            (json!({"receiver": "user-456", "content": "hi"}), 400, "User ID is invalid"),
            (json!({"receiver": {"$ne": null}, "content": "hi"}), 400, "User ID is invalid"),
            (json!({"receiver": ben.id, "content": {"$gt": ""}}), 400, "Content must be a string"),
            (
                json!({"receiver": ben.id, "content": "x".repeat(10_001)}),
                400,
                "Content is too long: at most 10000 characters",
            ),
        ] {
            server.ask("POST", root, &ana, body).await.is_error(status, text);
        }
    }
    assert_eq!(server.ask("GET", "/message", &ana, None).await.json(), json!([]));
    assert_eq!(server.ask("GET", "/message", &ben, None).await.json(), json!([]));
    server.stop().await;
}

#[tokio::test]
async fn patching_needs_an_id_and_something_to_change() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let id = server.send(&ana, &ben, "hi").await;
    server.ask("PATCH", "/message", &ana, None).await.is_error(400, "Message ID is required");
    for (body, status, text) in [
        (json!({}), 400, "Message ID is required"),
        (json!({"_id": {"$gt": ""}, "content": "x"}), 400, "Message ID is invalid"),
        (json!({"_id": "1", "content": "x"}), 400, "Message ID is invalid"),
        (json!({"_id": id}), 400, "Message data are required"),
        (json!({"_id": id, "content": ""}), 400, "Content is required"),
        (json!({"_id": id, "isRead": "true"}), 400, "isRead must be true or false"),
        (json!({"_id": NOBODY, "content": "x"}), 404, "Message not found"),
    ] {
        server.ask("PATCH", "/message", &ana, body).await.is_error(status, text);
    }
    server.stop().await;
}

#[tokio::test]
async fn ids_in_paths_and_queries_are_ids() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    for (method, path) in [("GET", ""), ("DELETE", ""), ("PATCH", "/read")] {
        for id in ["1", "%FF%FE", "{\"$ne\":1}", "507f1f77bcf86cd79943901g"] {
            let answer = server.ask(method, &format!("/message/{id}{path}"), &ana, None).await;
            answer.is_error(400, "Message ID is invalid");
        }
        let answer = server.ask(method, &format!("/message/{NOBODY}{path}"), &ana, None).await;
        answer.is_error(404, "Message not found");
    }
    for (query, status, text) in [
        ("limit=0", 400, "limit must be a whole number from 1 to 1000"),
        ("limit=1001", 400, "limit must be a whole number from 1 to 1000"),
        ("limit=-1", 400, "limit must be a whole number from 1 to 1000"),
        ("peer=x", 400, "User ID is invalid"),
        ("before=x", 400, "Message ID is invalid"),
        ("after[$gt]=", 400, ""),
        ("after=507f1f77bcf86cd799439011", 404, "Message not found"),
    ] {
        let answer = server.ask("GET", &format!("/message?{query}"), &ana, None).await;
        if text.is_empty() {
            assert_eq!(answer.status, 200, "an unknown parameter is ignored");
        } else {
            answer.is_error(status, text);
        }
    }
    let path = "/message/conversation/x/read";
    server.ask("PATCH", path, &ana, None).await.is_error(400, "User ID is invalid");
    let path = format!("/message/conversation/{NOBODY}/read");
    server.ask("PATCH", &path, &ana, None).await.is_error(404, "User not found");
    server
        .ask("PATCH", &path, &ana, json!({"upTo": {"$gt": ""}}))
        .await
        .is_error(400, "upTo must be a string");
    server.stop().await;
}

#[tokio::test]
async fn a_search_is_of_the_documented_language_or_refused_by_name() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    server.send(&ana, &ben, "hi").await;
    server.ask("POST", "/message/search", &ana, None).await.is_error(400, "Message data are required");
    for (body, text) in [
        (json!({"$where": "sleep(1000)"}), "Field $where is not supported in a search"),
        (json!({"content": {"$regex": ".*"}}), "Operator $regex is not supported"),
        (json!({"sender": {"$ne": ana.id}}), "Operator $ne is not supported"),
        (json!({"content' OR 1=1 --": "x"}), "Field content' OR 1=1 -- is not supported in a search"),
    ] {
        server.ask("POST", "/message/search", &ana, body).await.is_error(400, text);
    }
    let body = json!({"content": "' OR 1=1 --"});
    server.ask("POST", "/message/search", &ana, body).await.is_error(404, "Message not found");
    server.stop().await;
}

#[tokio::test]
async fn bodies_are_json_and_of_bounded_size() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let post = |kind: &'static str, body: Vec<u8>| {
        let request = server.request("POST", "/message").bearer_auth(&ana.token);
        Answer::of(request.header("content-type", kind).body(body))
    };
    post("application/json", b"{\"receiver\":".to_vec()).await.is_error(400, "Malformed JSON");
    post("application/json", vec![0xff, 0xfe]).await.is_error(400, "Malformed JSON");
    post("application/json", b"[".repeat(50_000)).await.is_error(400, "Malformed JSON");
    post("text/plain", b"{}".to_vec()).await.is_error(415, "Content-Type must be application/json");
    post("application/json; charset=utf-8", b"{}".to_vec()).await.is_error(400, "Message data are required");
    let too_large = "Body is too large: at most 65536 bytes";
    let answer = post("application/json", vec![b' '; 65_537]).await;
    answer.is_error(413, too_large);
    assert_eq!(answer.headers["connection"], "close", "clients are told not to use it again");
    // Without a length, the body is counted as it comes.
    let chunks = (0..100).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1_000]));
    let request = server.request("POST", "/message").bearer_auth(&ana.token);
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    Answer::of(request.header("content-type", "application/json").body(body)).await.is_error(413, too_large);
    server.stop().await;
}

#[tokio::test]
async fn unknown_routes_and_methods_have_the_documented_body() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    for path in ["/", "/nothing", "/api", "/api/message/a/b/c", "/api/auth/nothing"] {
        server.ask("GET", path, &ana, None).await.is_error(404, "Not found");
    }
    for (method, path) in [("PUT", "/message"), ("DELETE", "/api/message"), ("POST", "/api/sync")] {
        server.ask(method, path, &ana, None).await.is_error(405, "Method not allowed");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_the_clients_to_say_is_ignored() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let body = json!({
        "receiver": ben.id, "content": "hi", "isRead": true, "sender": ben.id, "_id": NOBODY,
        "sentAt": "1999-01-01T00:00:00.000Z", "seenAt": "1999-01-01T00:00:00.000Z",
    });
    let told = server.ask("POST", "/message", &ana, body).await.json();
    assert_eq!((&told["sender"], &told["isRead"]), (&Value::from(ana.id), &Value::from(false)));
    assert_eq!(told["sentAt"], "2025-10-08T10:30:00.000Z");
    assert!(told["_id"] != NOBODY && told.get("seenAt").is_none());
    server.stop().await;
}

#[tokio::test]
async fn operators_and_names_of_prototypes_are_plain_data_everywhere() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let id = server.send(&ana, &ben, "hi").await;
    let before = server.tables();
    let operators =
        [json!({"$ne": null}), json!({"$gt": ""}), json!({"$where": "1"}), json!({"$regex": "."})];
    for operator in operators {
        for (method, path, body) in [
            ("POST", "/message", json!({"receiver": operator, "content": "hi"})),
            ("POST", "/message", json!({"receiver": ben.id, "content": operator})),
            ("PATCH", "/message", json!({"_id": operator, "content": "x"})),
            ("PATCH", "/message", json!({"_id": id, "isRead": operator})),
            ("PATCH", "/api/message/conversation/x/read", json!({"upTo": operator})),
            ("POST", "/message/search", json!({"$or": operator})),
            ("POST", "/message/search", json!({"sender": {"$in": operator}})),
            ("POST", "/api/auth/login", json!({"userName": "ana", "password": operator})),
            ("POST", "/api/auth/login", json!({"userName": operator, "password": "password of ana"})),
            ("POST", "/api/auth/refresh", json!({"refreshToken": operator})),
            ("POST", "/api/user/search", json!({"query": operator})),
            ("PATCH", "/api/user", json!({"firstName": operator})),
        ] {
            let answer = server.ask(method, path, &ana, body.clone()).await;
            assert_eq!(answer.status, 400, "{method} {path} {body}: {}", answer.text);
        }
    }
    for name in ["__proto__", "constructor", "prototype", "toString"] {
        let body = json!({name: true});
        let text = format!("Field {name} is not supported in a search");
        server.ask("POST", "/message/search", &ana, body).await.is_error(400, &text);
        let answer = server.ask("GET", &format!("/message?{name}[isRead]=true&{name}=1"), &ana, None).await;
        assert_eq!(answer.json()[0]["isRead"], false);
    }
    assert_eq!(server.tables(), before);
    // As fields of a message they are ignored like any other that is not documented.
    let body = json!({
        "receiver": ben.id, "content": "hello", "__proto__": {"isRead": true}, "constructor": {"prototype": {}},
    });
    let told = server.ask("POST", "/message", &ana, body).await.json();
    assert_eq!(
        (&told["isRead"], told.get("__proto__"), told.get("constructor")),
        (&json!(false), None, None)
    );
    server.stop().await;
}
