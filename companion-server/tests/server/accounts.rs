//! Accounts and sessions over HTTP.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::sync::Registration;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, Server};

fn form(name: &str) -> Value {
    json!({
        "userName": name, "firstName": "Ana", "lastName": "Cruz", "email": format!("{name}@example.org"),
        "password": "correct horse",
    })
}

fn with_token(token: String) -> Person {
    Person { id: String::new(), token, refresh: String::new() }
}

#[tokio::test]
async fn one_registers_signs_in_and_out() {
    let server = Server::start().await;
    let answer = server.ask("POST", "/api/auth/register", None, form("ana")).await;
    assert_eq!(answer.status, 201);
    let told = answer.json();
    assert_eq!(told["status"], "success");
    let user = &told["data"]["user"];
    assert_eq!(
        (&user["userName"], &user["email"], &user["role"]),
        (&json!("ana"), &json!("ana@example.org"), &json!("student"))
    );
    assert!(!answer.text.contains("horse") && !answer.text.contains("argon2"));

    for login in [json!({"userName": "ANA"}), json!({"email": "Ana@example.org"})] {
        let mut body = login;
        body["password"] = json!("correct horse");
        let answer = server.ask("POST", "/api/auth/login", None, body).await;
        assert_eq!(answer.status, 200);
        let session = Person::of(&answer.json()["data"]);
        let profile = server.ask("GET", "/api/auth/profile", &session, None).await.json();
        assert_eq!(profile["data"]["user"], *user);
        assert_eq!(server.ask("POST", "/api/auth/logout", &session, None).await.status, 200);
        server.ask("GET", "/api/auth/profile", &session, None).await.is_error(401, "Invalid token");
        let body = json!({"refreshToken": session.refresh});
        server.ask("POST", "/api/auth/refresh", None, body).await.is_error(401, "Invalid refresh token");
    }
    server.stop().await;
}

#[tokio::test]
async fn nobody_makes_themselves_more_than_a_student() {
    let server = Server::start().await;
    for role in ["admin", "coordinator", "student"] {
        let mut body = form(role);
        body["role"] = json!(role);
        let told = server.ask("POST", "/api/auth/register", None, body).await.json();
        assert_eq!(told["data"]["user"]["role"], "student");
    }
    let mut body = form("eve");
    body["role"] = json!("root");
    let text = "a role is one of admin, coordinator, student";
    server.ask("POST", "/api/auth/register", None, body).await.is_error(400, text);
    server.stop().await;
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_is_refused_by_name() {
    let server = Server::start().await;
    server.register("ana").await;
    for (field, value, status, text) in [
        ("userName", json!(""), 400, "userName is required"),
        ("userName", json!({"$ne": ""}), 400, "userName must be a string"),
        ("userName", json!("Ana"), 409, "This user name is taken"),
        ("firstName", Value::Null, 400, "firstName is required"),
        ("email", json!("nowhere"), 400, "email must be an e-mail address"),
        ("email", json!("ANA@example.org"), 409, "This e-mail address is taken"),
        ("password", json!("short"), 400, "password is too short: at least 8 characters"),
        ("password", json!(["a"]), 400, "password must be a string"),
    ] {
        let mut body = form("new");
        body[field] = value;
        server.ask("POST", "/api/auth/register", None, body).await.is_error(status, text);
    }
    server.ask("POST", "/api/auth/register", None, None).await.is_error(400, "userName is required");
    server.stop().await;
}

#[tokio::test]
async fn a_closed_server_takes_no_registrations() {
    let server = Server::start_with(|config| config.registration = Registration::Closed).await;
    server.ask("POST", "/api/auth/register", None, form("ana")).await.is_error(403, "Registration is closed");
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_get_the_same_answer() {
    let server = Server::start().await;
    server.register("ana").await;
    for body in [
        json!({"userName": "ana", "password": "wrong password"}),
        json!({"userName": "nobody", "password": "wrong password"}),
        json!({"email": "nobody@example.org", "password": "password of ana"}),
        json!({"userName": "' OR 1=1 --", "password": "password of ana"}),
        json!({"userName": "ana", "password": "x".repeat(2_000)}),
    ] {
        server.ask("POST", "/api/auth/login", None, body).await.is_error(401, "Invalid credentials");
    }
    for (body, text) in [
        (json!({}), "userName or email is required"),
        (json!({"userName": "ana"}), "password is required"),
        (json!({"userName": {"$gt": ""}, "password": "x"}), "userName must be a string"),
        (json!({"userName": "ana", "password": {"$gt": ""}}), "password must be a string"),
    ] {
        server.ask("POST", "/api/auth/login", None, body).await.is_error(400, text);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_genuine_and_of_today_or_refused() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let claims = |token: &str| -> Value {
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    };
    let told = claims(&ana.token);
    assert_eq!(
        (&told["id"], &told["email"], &told["role"]),
        (&json!(ana.id), &json!("ana@example.org"), &json!("student"))
    );

    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", encode(json!({"alg": "none", "typ": "JWT"})), encode(told));
    let mut tampered = ana.token.clone();
    tampered.replace_range(tampered.len() - 4.., "AAAA");
    for token in [unsigned, tampered, "x".into(), "x.y.z".into(), ana.refresh.clone()] {
        server.ask("GET", "/message", &with_token(token), None).await.is_error(401, "Invalid token");
    }
    for header in ["", "Bearer", "Basic abc"] {
        let request = server.request("GET", "/message").header("authorization", header);
        Answer::of(request).await.is_error(401, "Authentication required");
    }
    server.clock.advance(3_599);
    assert_eq!(server.ask("GET", "/message", &ana, None).await.status, 200);
    server.clock.advance(1);
    server.ask("GET", "/message", &ana, None).await.is_error(401, "Token expired");
    server.stop().await;
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_exchange_and_for_a_lost_answer() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let refresh = async |token: &str| {
        server.ask("POST", "/api/auth/refresh", None, json!({"refreshToken": token})).await
    };
    let lost = refresh(&ana.refresh).await;
    assert_eq!(lost.status, 200);
    // The answer was lost: the same token again.
    let again = Person::of(&refresh(&ana.refresh).await.json()["data"]);
    assert_eq!(server.ask("GET", "/message", &again, None).await.status, 200);
    let next = Person::of(&refresh(&again.refresh).await.json()["data"]);
    assert_eq!(server.ask("GET", "/message", &next, None).await.status, 200);
    // Now the first is a sign of theft, and the session ends for everybody.
    refresh(&ana.refresh).await.is_error(401, "Invalid refresh token");
    refresh(&next.refresh).await.is_error(401, "Invalid refresh token");
    server.ask("GET", "/message", &next, None).await.is_error(401, "Invalid token");
    refresh("nonsense").await.is_error(401, "Invalid refresh token");
    refresh("").await.is_error(400, "refreshToken is required");
    server.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let login = async |password: &str| {
        let body = json!({"userName": "ana", "password": password});
        server.ask("POST", "/api/auth/login", None, body).await
    };
    let other = Person::of(&login("password of ana").await.json()["data"]);
    let change = async |current: &str, new: &str| {
        let body = json!({"currentPassword": current, "newPassword": new});
        server.ask("PATCH", "/api/auth/change-password", &ana, body).await
    };
    change("wrong password", "another password").await.is_error(403, "The current password is wrong");
    change("password of ana", "short").await.is_error(400, "newPassword is too short: at least 8 characters");
    assert_eq!(change("password of ana", "another password").await.status, 200);
    assert_eq!(server.ask("GET", "/message", &ana, None).await.status, 200);
    server.ask("GET", "/message", &other, None).await.is_error(401, "Invalid token");
    login("password of ana").await.is_error(401, "Invalid credentials");
    assert_eq!(login("another password").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn of_changes_of_a_password_that_meet_one_alone_is_made() {
    let server = Server::start().await;
    let mut people = vec![server.register("ana").await];
    for _ in 0..3 {
        people.push(server.sign_in("ana").await);
    }
    let passwords: Vec<String> = (0..people.len()).map(|n| format!("password number {n}")).collect();
    let changes = people.iter().zip(&passwords).map(|(person, new)| {
        let body = json!({"currentPassword": "password of ana", "newPassword": new});
        server.ask("PATCH", "/api/auth/change-password", person, body)
    });
    let answers = futures_util::future::join_all(changes).await;
    let made: Vec<&String> = passwords
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| answer.status == 200)
        .map(|(new, _)| new)
        .collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        // Too late after the check, before it, or before the request.
        assert!([409, 403, 401].contains(&answer.status.as_u16()), "{}", answer.text);
    }
    let body = json!({"userName": "ana", "password": made[0]});
    assert_eq!(server.ask("POST", "/api/auth/login", None, body).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_sign_in_that_meets_a_change_of_password_does_not_outlive_it() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let change = json!({"currentPassword": "password of ana", "newPassword": "another password"});
    let body = json!({"userName": "ana", "password": "password of ana"});
    let sign_ins = (0..24).map(|_| server.ask("POST", "/api/auth/login", None, body.clone()));
    let (changed, sign_ins) = tokio::join!(
        server.ask("PATCH", "/api/auth/change-password", &ana, change),
        futures_util::future::join_all(sign_ins)
    );
    assert_eq!(changed.status, 200);
    for answer in sign_ins {
        if answer.status == 200 {
            let late = Person::of(&answer.json()["data"]);
            server.ask("GET", "/message", &late, None).await.is_error(401, "Invalid token");
        } else {
            answer.is_error(401, "Invalid credentials");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn people_see_each_other_but_not_their_addresses() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let told = server.ask("GET", &format!("/api/user/{}", ben.id), &ana, None).await.json();
    assert_eq!((&told["userName"], told.get("email")), (&json!("ben"), None));
    let own = server.ask("GET", &format!("/api/user/{}", ana.id), &ana, None).await.json();
    assert_eq!(own["email"], "ana@example.org");
    let unknown = "/api/user/507f1f77bcf86cd799439011";
    server.ask("GET", unknown, &ana, None).await.is_error(404, "User not found");
    server.ask("GET", "/api/user/1", &ana, None).await.is_error(400, "User ID is invalid");

    let search = async |body| server.ask("POST", "/api/user/search", &ana, body).await;
    let found = search(json!({"query": "BE"})).await.json();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["_id"]), (1, &json!(ben.id)));
    assert_eq!(search(json!({"query": "", "limit": 1})).await.json().as_array().unwrap().len(), 1);
    search(json!({"query": {"$gt": ""}})).await.is_error(400, "query must be a string");
    search(json!({"query": "a", "limit": 0})).await.is_error(400, "limit must be from 1 to 100");

    let page = server.ask("GET", "/api/user?limit=1", &ana, None).await;
    assert_eq!(page.json()[0]["_id"], ana.id);
    let link = format!("</api/user?limit=1&after={}>; rel=\"next\"", ana.id);
    assert_eq!(page.headers["link"], link);
    let last = server.ask("GET", &format!("/api/user?limit=1&after={}", ana.id), &ana, None).await;
    assert_eq!((&last.json()[0]["_id"], last.headers.get("link")), (&json!(ben.id), None));
    server.stop().await;
}

#[tokio::test]
async fn one_changes_ones_own_name_and_picture() {
    let server = Server::start().await;
    let ana = server.register("ana").await;
    let change = async |body| server.ask("PATCH", "/api/user", &ana, body).await;
    let told = change(json!({"firstName": " Anna ", "avatar": "https://example.org/a.png", "role": "admin"}))
        .await
        .json();
    assert_eq!(
        (&told["firstName"], &told["lastName"], &told["role"]),
        (&json!("Anna"), &json!("Cruz"), &json!("student"))
    );
    assert_eq!(told["avatar"], "https://example.org/a.png");
    assert!(change(json!({"avatar": ""})).await.json().get("avatar").is_none());
    change(json!({"avatar": "javascript:alert(1)"}))
        .await
        .is_error(400, "avatar must be an http or https address");
    change(json!({})).await.is_error(400, "User data are required");
    server.stop().await;
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_signs_out_there() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let login = async |agent: &str| {
        let body = json!({"userName": "ana", "password": "password of ana"});
        let request = server.request("POST", "/api/auth/login").header("user-agent", agent).json(&body);
        Person::of(&Answer::of(request).await.json()["data"])
    };
    server.clock.advance(1);
    let phone = login("Roost for phones").await;
    server.clock.advance(1);
    let laptop = login(&"x".repeat(1_000)).await;
    let listed = async |person: &Person| {
        let answer = server.ask("GET", "/api/auth/sessions", person, None).await;
        assert_eq!(answer.status, 200);
        answer.json()["data"].as_array().unwrap().clone()
    };
    let sessions = listed(&phone).await;
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions[0]["userAgent"].as_str().unwrap().len(), 200, "what is kept is bounded");
    assert_eq!(
        (&sessions[1]["userAgent"], &sessions[1]["current"]),
        (&json!("Roost for phones"), &json!(true))
    );
    assert_eq!((&sessions[1]["address"], &sessions[0]["current"]), (&json!("127.0.0.1"), &json!(false)));

    let path = |session: &Value| format!("/api/auth/sessions/{}", session["_id"].as_str().unwrap());
    server.ask("DELETE", &path(&sessions[0]), &ben, None).await.is_error(404, "Session not found");
    server.ask("DELETE", "/api/auth/sessions/1", &ana, None).await.is_error(400, "Session ID is invalid");
    assert_eq!(server.ask("DELETE", &path(&sessions[0]), &phone, None).await.status, 200);
    server.ask("DELETE", &path(&sessions[0]), &phone, None).await.is_error(404, "Session not found");
    server.ask("GET", "/message", &laptop, None).await.is_error(401, "Invalid token");
    server.ask("GET", "/api/auth/sessions", None, None).await.is_error(401, "Authentication required");

    let ended = server.ask("DELETE", "/api/auth/sessions", &phone, None).await.json();
    assert_eq!(ended["data"]["ended"], 1);
    server.ask("GET", "/message", &ana, None).await.is_error(401, "Invalid token");
    assert_eq!(listed(&phone).await.len(), 1);
    assert_eq!(listed(&ben).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_password_that_another_system_hashed_is_checked_and_hashed_anew() {
    // “U*U”, from the test vectors of the original implementation of bcrypt.
    let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    let server = Server::start_with_hash("ivo", hash).await;
    let login = async |password: &str| {
        server.ask("POST", "/api/auth/login", None, json!({"userName": "ivo", "password": password})).await
    };
    login("U*U*").await.is_error(401, "Invalid credentials");
    // However many come at once, each gets in, and the session lasts.
    let sign_ins = futures_util::future::join_all((0..8).map(|_| login("U*U"))).await;
    for answer in sign_ins {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let ivo = Person::of(&answer.json()["data"]);
        assert_eq!(server.ask("GET", "/message", &ivo, None).await.status, 200);
    }
    assert_eq!(login("U*U").await.status, 200);
    let stored = server.password_hash("ivo");
    assert!(stored.starts_with("$argon2id$"), "{stored}");
    login("U*U*").await.is_error(401, "Invalid credentials");
    server.stop().await;
}
