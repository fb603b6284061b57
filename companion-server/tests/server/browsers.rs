//! What browsers are told: origins (C14) and security headers.

use serde_json::json;

use crate::harness::{Answer, Server};

const OURS: &str = "https://chat.example.org";

#[tokio::test]
async fn any_origin_may_call_unless_narrowed() {
    let server = Server::start().await;
    for path in ["/api/capabilities", "/nothing", "/socket.io/?EIO=4&transport=polling"] {
        let answer =
            Answer::of(server.request("GET", path).header("origin", "https://anywhere.example")).await;
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
    }
    let preflight = server
        .request("OPTIONS", "/message")
        .header("origin", "https://anywhere.example")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization,content-type,idempotency-key");
    let answer = Answer::of(preflight).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["access-control-allow-headers"], "authorization,content-type,idempotency-key");
    server.stop().await;
}

#[tokio::test]
async fn a_foreign_origin_is_refused_on_rest_polling_and_websocket_alike() {
    let server = Server::start_with(|config| config.cors_origins = vec![OURS.parse().unwrap()]).await;
    let websocket = "/socket.io/?EIO=4&transport=websocket";
    for path in ["/api/capabilities", "/socket.io/?EIO=4&transport=polling", websocket] {
        let foreign = server.request("GET", path).header("origin", "https://evil.example");
        let answer = Answer::of(foreign).await;
        answer.is_error(403, "This origin is not allowed");
        assert!(answer.headers.get("access-control-allow-origin").is_none(), "{path}");
    }
    let ours = Answer::of(server.request("GET", "/api/capabilities").header("origin", OURS)).await;
    assert_eq!(
        (ours.status.as_u16(), &ours.headers["access-control-allow-origin"]),
        (200, &OURS.parse().unwrap())
    );
    let none = server.ask("GET", "/api/capabilities", None, None).await;
    assert_eq!(none.status, 200, "what comes from no page has no origin");
    server.stop().await;
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let server = Server::start().await;
    let login = json!({"userName": "a", "password": "b"});
    for answer in [
        server.ask("GET", "/api/capabilities", None, None).await,
        server.ask("GET", "/nothing", None, None).await,
        server.ask("POST", "/api/auth/login", None, login).await,
        server.ask("GET", "/socket.io/?EIO=4&transport=polling", None, None).await,
    ] {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.headers[name], value, "{}", answer.text);
        }
    }
    server.stop().await;
}
