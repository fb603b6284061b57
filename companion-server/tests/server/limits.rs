//! Allowances: what is over them is refused and told when to come again, and nobody else pays for it.

use protocol::sync::Registration;
use serde_json::json;

use crate::harness::{Answer, Server};

async fn limited() -> Server {
    Server::start_with(|config| {
        config.rate_limits = true;
        config.trusted_proxies = "127.0.0.1".parse().unwrap();
        config.sockets.pending = 5_000;
        config.sockets.pending_per_network = 5_000;
        config.registration = Registration::Open;
    })
    .await
}

async fn sign_in(server: &Server, from: &str, name: &str, password: &str) -> Answer {
    let body = json!({"userName": name, "password": password});
    let request = server.request("POST", "/api/auth/login").header("x-forwarded-for", from).json(&body);
    Answer::of(request).await
}

#[tokio::test]
async fn an_outbox_of_two_hundred_leaves_by_obeying_retry_after() {
    let server = limited().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let (mut sent, mut refused) = (0, 0);
    while sent < 200 {
        let body = json!({"receiver": ben.id, "content": format!("message {sent}")});
        let answer = server.ask("POST", "/message", &ana, body).await;
        if answer.status == 200 {
            sent += 1;
            continue;
        }
        if refused == 0 {
            let body = json!({"receiver": ana.id, "content": "others write on"});
            assert_eq!(server.ask("POST", "/message", &ben, body).await.status, 200);
            assert_eq!(server.ask("GET", "/message?limit=1", &ana, None).await.status, 200);
        }
        refused += 1;
        answer.is_error(429, "Too many requests, try again in 1 s");
        let seconds = answer.headers["retry-after"].to_str().unwrap();
        server.clock.advance(seconds.parse().unwrap());
    }
    assert_eq!(refused, 30);
    let listed = server.ask("GET", "/message", &ben, None).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 201, "a refused message was not stored");
    server.stop().await;
}

#[tokio::test]
async fn whoever_guesses_is_slowed_down_and_the_owner_gets_in() {
    let server = limited().await;
    server.register("ana").await;
    for _ in 0..10 {
        sign_in(&server, "203.0.113.9", "ana", "a wrong guess").await.is_error(401, "Invalid credentials");
    }
    let slowed = sign_in(&server, "203.0.113.9", "ANA", "a wrong guess").await;
    slowed.is_error(429, "Too many requests, try again in 6 s");
    assert_eq!(slowed.headers["retry-after"], "6");
    // The right password does not help there, so that being refused says nothing about it.
    assert_eq!(sign_in(&server, "203.0.113.9", "ana", "password of ana").await.status, 429);
    assert_eq!(sign_in(&server, "198.51.100.7", "ana", "password of ana").await.status, 200);
    server.clock.advance(6);
    assert_eq!(sign_in(&server, "203.0.113.9", "ana", "password of ana").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn many_who_guess_keep_the_owner_out_of_no_place_where_they_are_signed_in() {
    let server = limited().await;
    server.register("ana").await;
    for known in ["198.51.100.7", "2001:db8:1:2::7"] {
        assert_eq!(sign_in(&server, known, "ana", "password of ana").await.status, 200);
    }
    let guess =
        async |n: u8| sign_in(&server, &format!("203.0.113.{n}"), "ana", "a wrong guess").await.status;
    for n in 0..98 {
        assert_eq!(guess(n / 10).await, 401);
    }
    assert_eq!(guess(11).await, 429, "a hundred from all addresses together");
    assert_eq!(sign_in(&server, "192.0.2.1", "ana", "password of ana").await.status, 429, "a new place");
    for known in ["198.51.100.7", "2001:db8:1:2::8"] {
        assert_eq!(sign_in(&server, known, "ana", "password of ana").await.status, 200, "{known}");
    }
    assert_eq!(sign_in(&server, "198.51.100.7", "ana", "a wrong guess").await.status, 401);
    assert_eq!(sign_in(&server, "198.51.100.7", "nobody", "a wrong guess").await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn requests_without_a_good_token_are_counted_by_address() {
    let server = limited().await;
    let ana = server.register("ana").await;
    let look = async |from: &str, token: Option<&str>| {
        let mut request = server.request("GET", "/api/user").header("x-forwarded-for", from);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Answer::of(request).await.status.as_u16()
    };
    let (mut none, mut bad) = (0, 0);
    while look("2001:db8::1", None).await == 401 {
        none += 1;
    }
    while look("198.51.100.7", Some("x.y.z")).await == 401 {
        bad += 1;
    }
    assert_eq!((none, bad), (1_000, 1_000));
    assert_eq!(look("2001:db8::2", None).await, 429, "the same /64");
    assert_eq!(look("2001:db8:0:1::1", None).await, 401);
    assert_eq!(look("198.51.100.7", Some(&ana.token)).await, 200, "whoever shows a good token gets on");
    server.stop().await;
}

#[tokio::test]
async fn a_token_that_is_none_does_not_keep_a_request_from_being_counted() {
    let server = limited().await;
    let ana = server.register("ana").await;
    let ask = async |method: &str, path: &str, token: &str| {
        let request = server.request(method, path).header("x-forwarded-for", "203.0.113.9");
        Answer::of(request.header("authorization", token)).await.status.as_u16()
    };
    let mut ready = 0;
    while ready < 2_000 && ask("GET", "/readyz", "x").await == 200 {
        ready += 1;
    }
    assert_eq!(ready, 1_000);
    for (method, path) in [
        ("GET", "/api/capabilities"),
        ("GET", "/api/openapi.json"),
        ("GET", "/join"),
        ("GET", "/nowhere"),
        ("PUT", "/message"),
        ("POST", "/api/auth/login"),
    ] {
        assert_eq!(ask(method, path, "Bearer x.y.z").await, 429, "{method} {path}");
    }
    // Whoever shows a good token is counted there too, for themselves.
    let good = format!("Bearer {}", ana.token);
    let mut looks = 0;
    while looks < 2_000 && ask("GET", "/readyz", &good).await == 200 {
        looks += 1;
    }
    assert_eq!(looks, 200);
    server.stop().await;
}

#[tokio::test]
async fn whoever_signs_in_is_counted_before_the_body_is_read() {
    let server = limited().await;
    let ask = async |path: &str| {
        let request = server.request("POST", path).header("x-forwarded-for", "203.0.113.9");
        Answer::of(request.header("content-type", "application/json").body("{")).await.status.as_u16()
    };
    for _ in 0..300 {
        assert_eq!(ask("/api/auth/login").await, 400);
    }
    for path in ["/api/auth/login", "/api/auth/register", "/api/invite/check"] {
        assert_eq!(ask(path).await, 429, "{path}");
    }
    assert_eq!(ask("/api/auth/refresh").await, 400, "renewing has its own allowance");
    server.stop().await;
}

#[tokio::test]
async fn handshakes_are_counted_by_address() {
    let server = limited().await;
    let open = async |from: &str| {
        let path = "/socket.io/?EIO=4&transport=polling";
        Answer::of(server.request("GET", path).header("x-forwarded-for", from)).await
    };
    let mut opened = 0;
    let refused = loop {
        let answer = open("203.0.113.9").await;
        if answer.status != 200 {
            break answer;
        }
        opened += 1;
    };
    assert_eq!(opened, 1_000);
    refused.is_error(429, "Too many requests, try again in 1 s");
    assert_eq!(open("198.51.100.7").await.status, 200);
    server.stop().await;
}
