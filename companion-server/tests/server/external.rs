//! Tokens that another system signs with the same secret.

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket};

const SECRET: &str = "a secret that an existing system shares with us";
const ID: &str = "507f1f77bcf86cd799439011";

/// What the existing system says of somebody, for an hour.
fn claims(server: &Server) -> Value {
    let now = seconds(server);
    json!({"id": ID, "email": "ext@example.org", "role": "student", "iat": now, "exp": now + 3_600})
}

fn seconds(server: &Server) -> i64 {
    companion_server::clock::Clock::now(&*server.clock).millis() / 1000
}

fn signed(claims: &Value, secret: &str) -> Person {
    let key = EncodingKey::from_secret(secret.as_bytes());
    let token = jsonwebtoken::encode(&Header::default(), claims, &key).unwrap();
    Person { id: ID.to_owned(), token, refresh: String::new() }
}

fn with(mut claims: Value, field: &str, value: Value) -> Value {
    claims[field] = value;
    claims
}

async fn start(trusting: bool) -> (Server, Person) {
    Server::start_with_admin(|config| {
        config.jwt_secret = Some(SECRET.to_owned());
        config.trust_external_tokens = trusting;
    })
    .await
}

async fn profile(server: &Server, person: &Person) -> Value {
    let answer = server.ask("GET", "/api/auth/profile", person, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["data"]["user"].clone()
}

#[tokio::test]
async fn a_trusted_token_makes_its_user_known_and_keeps_them_in_step() {
    let (server, rosa) = start(true).await;
    let named = with(with(claims(&server), "firstName", json!("Eli")), "userName", json!("eli"));
    let eli = signed(&named, SECRET);
    let told = profile(&server, &eli).await;
    assert_eq!(
        (&told["_id"], &told["firstName"], &told["userName"], &told["role"]),
        (&json!(ID), &json!("Eli"), &json!("eli"), &json!("student"))
    );
    // Others write to them, and they hear of it.
    let mut socket = Socket::of(&server, &eli).await;
    server.send(&rosa, &eli, "welcome").await;
    assert_eq!(socket.event().await.0, "newMessage");

    server.clock.advance(1);
    let promoted = signed(&with(claims(&server), "role", json!("coordinator")), SECRET);
    let told = profile(&server, &promoted).await;
    assert_eq!((&told["role"], &told["firstName"]), (&json!("coordinator"), &json!("Eli")));
    server.clock.advance(1);
    let moved = signed(&with(claims(&server), "email", json!("new@example.org")), SECRET);
    assert_eq!(profile(&server, &moved).await["email"], "new@example.org");

    let listed = server.ask("GET", &format!("/api/admin/users?query={}", "new%40"), &rosa, None).await.json();
    assert_eq!((&listed[0]["_id"], &listed[0]["external"]), (&json!(ID), &json!(true)));
    let login = json!({"userName": "eli", "password": ""});
    server.ask("POST", "/api/auth/login", None, login).await.is_error(400, "password is required");
    for password in ["password", "$argon2id$"] {
        let login = json!({"userName": "eli", "password": password});
        server.ask("POST", "/api/auth/login", None, login).await.is_error(401, "Invalid credentials");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_older_token_brings_no_role_back() {
    let (server, rosa) = start(true).await;
    let token = |role: &str| signed(&with(claims(&server), "role", json!(role)), SECRET);
    let role = async |person: &Person| profile(&server, person).await["role"].clone();
    let first = token("student");
    server.clock.advance(1);
    let (admin, same_second) = (token("admin"), token("coordinator"));
    server.clock.advance(1);
    let demoted = token("student");
    // The one between is older than what was said last, also where that changed nothing.
    assert_eq!([role(&first).await, role(&demoted).await, role(&admin).await], ["student"; 3]);
    server.clock.advance(1);
    let again = token("admin");
    assert_eq!([role(&again).await, role(&demoted).await, role(&same_second).await], ["admin"; 3]);

    // What an administrator set here stays until a token says otherwise that was made after it.
    server.clock.advance(1);
    let before = token("admin");
    server.clock.advance(1);
    let path = format!("/api/admin/users/{ID}");
    assert_eq!(server.ask("PATCH", &path, &rosa, json!({"role": "student"})).await.status, 200);
    assert_eq!([role(&again).await, role(&before).await], ["student"; 2]);
    server.clock.advance(1);
    assert_eq!(role(&token("coordinator")).await, "coordinator");

    // Each change is one entry, by whoever asked for it.
    let entries = server.ask("GET", "/api/admin/audit?limit=4", &rosa, None).await.json();
    let entries: Vec<[&Value; 4]> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| ["external", "actor", "action", "detail"].map(|field| &entry[field]))
        .collect();
    let issuer = |action, detail| [json!(true), Value::Null, json!(action), json!(detail)];
    let expected = [
        issuer("roleChanged", "coordinator"),
        [json!(false), json!(rosa.id), json!("roleChanged"), json!("student")],
        issuer("roleChanged", "admin"),
        issuer("userAdded", "student"),
    ];
    assert_eq!(entries, expected.each_ref().map(<[Value; 4]>::each_ref));
    server.stop().await;
}

#[tokio::test]
async fn a_token_does_not_demote_the_last_administrator() {
    let (server, rosa) = start(true).await;
    let token = |role: &str| signed(&with(claims(&server), "role", json!(role)), SECRET);
    let admin = token("admin");
    let path = format!("/api/admin/users/{}", rosa.id);
    assert_eq!(server.ask("PATCH", &path, &admin, json!({"disabled": true})).await.status, 200);
    server.clock.advance(1);
    let demoted = token("student");
    assert_eq!(profile(&server, &demoted).await["role"], "admin", "nobody else is one");
    assert_eq!(server.ask("PATCH", &path, &admin, json!({"disabled": false})).await.status, 200);
    server.clock.advance(1);
    assert_eq!(profile(&server, &token("student")).await["role"], "student");
    server
        .ask("GET", "/api/admin/users", &admin, None)
        .await
        .is_error(403, "Only administrators may do this");
    server.stop().await;
}

#[tokio::test]
async fn names_and_addresses_that_others_took_stop_nobody_else() {
    let (server, _) = start(true).await;
    for name in ["eli".to_owned(), format!("eli-{ID}")] {
        server.register(&name).await;
    }
    // However often somebody comes whose address is somebody else's, newcomers have room.
    let taken = signed(&with(claims(&server), "email", json!("ROSA@example.org")), SECRET);
    for _ in 0..301 {
        server.ask("GET", "/message", &taken, None).await.is_error(401, "Invalid token");
    }
    let eli = signed(&with(claims(&server), "userName", json!("eli")), SECRET);
    let name = profile(&server, &eli).await["userName"].as_str().unwrap().to_owned();
    assert!(name.starts_with("eli-") && name.len() == "eli-".len() + 32, "{name}");
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_good_until_its_time_is_over_or_its_user_is_disabled() {
    let (server, rosa) = start(true).await;
    let eli = signed(&claims(&server), SECRET);
    profile(&server, &eli).await;
    let mut socket = Socket::of(&server, &eli).await;
    let path = format!("/api/admin/users/{ID}");
    assert_eq!(server.ask("PATCH", &path, &rosa, json!({"disabled": true})).await.status, 200);
    assert_eq!(socket.event().await, ("error".to_owned(), json!({"message": "Invalid token"})));
    server.ask("GET", "/message", &eli, None).await.is_error(401, "Invalid token");
    assert_eq!(server.ask("PATCH", &path, &rosa, json!({"disabled": false})).await.status, 200);
    let mut socket = Socket::of(&server, &eli).await;
    server.clock.advance(3_600);
    assert_eq!(socket.event().await, ("error".to_owned(), json!({"message": "Token expired"})));
    server.ask("GET", "/message", &eli, None).await.is_error(401, "Token expired");
    server.stop().await;
}

#[tokio::test]
async fn a_token_that_is_not_quite_right_is_refused() {
    let (server, rosa) = start(true).await;
    let good = claims(&server);
    let mut endless = good.clone();
    endless.as_object_mut().unwrap().remove("exp");
    for claims in [
        endless,
        with(good.clone(), "id", json!("user-123")),
        // None that is made in the next year would be followed.
        with(good.clone(), "iat", json!(seconds(&server) + 301)),
        with(good.clone(), "email", json!("nowhere")),
        with(good.clone(), "role", json!("root")),
        // Somebody else has this address.
        with(good.clone(), "email", json!("ROSA@example.org")),
        // A session that is not there is not made up for.
        with(good.clone(), "sid", json!("00000000000000000000000000000000")),
    ] {
        let person = signed(&claims, SECRET);
        server.ask("GET", "/message", &person, None).await.is_error(401, "Invalid token");
    }
    let foreign = signed(&good, "another secret than the one that is shared");
    server.ask("GET", "/message", &foreign, None).await.is_error(401, "Invalid token");
    // An account that was made here stays as it is, whatever a token says of it.
    let own = with(with(good, "id", json!(rosa.id)), "role", json!("student"));
    assert_eq!(profile(&server, &signed(&own, SECRET)).await["role"], "admin");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_was_not_told_to_trust_does_not() {
    let (server, _) = start(false).await;
    let eli = signed(&claims(&server), SECRET);
    server.ask("GET", "/message", &eli, None).await.is_error(401, "Invalid token");
    assert_eq!(
        Socket::connect(&server, json!({"token": eli.token})).await.err().as_deref(),
        Some("Invalid token")
    );
    server.stop().await;
}
