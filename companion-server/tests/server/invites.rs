//! Invitations over HTTP: who may make them, what their codes are good for, and the page behind their links.

use protocol::sync::Registration;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, Server};

const GONE: &str = "This invitation is not valid any more";

fn form(name: &str, code: &Value) -> Value {
    json!({
        "userName": name, "firstName": "Ana", "lastName": "Cruz", "email": format!("{name}@example.org"),
        "password": "correct horse", "inviteCode": code,
    })
}

async fn register(server: &Server, name: &str, code: &Value) -> Answer {
    server.ask("POST", "/api/auth/register", None, form(name, code)).await
}

/// Makes somebody with the role, by invitation.
async fn person(server: &Server, admin: &Person, name: &str, role: &str) -> Person {
    let made = server.ask("POST", "/api/invite", admin, json!({"role": role})).await.json();
    let answer = register(server, name, &made["code"]).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["data"]["user"]["role"]), (201, &json!(role)));
    Person::of(&answer.json()["data"])
}

#[tokio::test]
async fn the_first_administrator_comes_by_the_servers_own_invitation() {
    let (server, code) = Server::start_with_code(|config| config.registration = Registration::Invite).await;
    let answer = register(&server, "rosa", &json!(code)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["data"]["user"]["role"]), (201, &json!("admin")));
    register(&server, "eve", &json!(code)).await.is_error(403, GONE);
    server.stop().await;
}

#[tokio::test]
async fn an_invitation_lets_in_whom_it_says_and_nobody_else() {
    let (server, rosa) = Server::start_with_admin(|config| config.registration = Registration::Invite).await;
    let anonymous = json!({
        "userName": "eve", "firstName": "Eve", "email": "eve@example.org", "password": "correct horse", "role": "admin",
    });
    let refused = server.ask("POST", "/api/auth/register", None, anonymous).await;
    refused.is_error(400, "inviteCode is required");
    for (code, status, text) in [
        (json!(""), 400, "inviteCode is required"),
        (json!(7), 400, "inviteCode must be a string"),
        (json!({"$gt": ""}), 400, "inviteCode must be a string"),
        (json!("0000-0000-0000-0000-0000-0000-0000"), 403, GONE),
        (json!("x".repeat(10_000)), 403, GONE),
    ] {
        register(&server, "eve", &code).await.is_error(status, text);
        let body = json!({"inviteCode": code});
        server.ask("POST", "/api/invite/check", None, body).await.is_error(status, text);
    }

    let body = json!({"role": "coordinator", "expiresInHours": 1, "note": " for Carl "});
    let answer = server.ask("POST", "/api/invite", &rosa, body).await;
    assert_eq!(answer.status, 201);
    let made = answer.json();
    let code = &made["code"];
    assert_eq!(
        (&made["role"], &made["note"], &made["maxUses"], &made["uses"], &made["createdBy"]),
        (&json!("coordinator"), &json!("for Carl"), &json!(1), &json!(0), &json!(rosa.id))
    );
    assert_eq!(made["link"], format!("{}/join#{}", server.base, code.as_str().unwrap()));

    let check = async || server.ask("POST", "/api/invite/check", None, json!({"inviteCode": code})).await;
    let offer = check().await.json();
    assert_eq!((&offer["role"], &offer["serverName"]), (&json!("coordinator"), &json!("Roost")));
    assert_eq!(offer.as_object().unwrap().len(), 3, "{offer}");
    // However it was copied, and whatever is asked for.
    let typed = json!(code.as_str().unwrap().to_uppercase().replace('-', " "));
    let mut asked = form("carl", &typed);
    asked["role"] = json!("admin");
    let answer = server.ask("POST", "/api/auth/register", None, asked).await;
    assert_eq!(answer.json()["data"]["user"]["role"], "coordinator");
    register(&server, "eve", code).await.is_error(403, GONE);
    check().await.is_error(403, GONE);

    let listed = server.ask("GET", "/api/invite", &rosa, None).await;
    assert!(!listed.text.contains(code.as_str().unwrap()), "a code is told once");
    assert_eq!(listed.json()[0]["uses"], 1);
    server.stop().await;
}

#[tokio::test]
async fn an_expired_and_a_revoked_invitation_get_the_same_answer() {
    let (server, rosa) = Server::start_with_admin(|config| config.registration = Registration::Invite).await;
    let invite = async || {
        server.ask("POST", "/api/invite", &rosa, json!({"expiresInHours": 1, "maxUses": 5})).await.json()
    };
    let (revoked, expired) = (invite().await, invite().await);
    let path = format!("/api/invite/{}", revoked["_id"].as_str().unwrap());
    let answer = server.ask("DELETE", &path, &rosa, None).await;
    assert!(answer.status == 200 && answer.json()["revokedAt"].is_string(), "{}", answer.text);
    register(&server, "eve", &revoked["code"]).await.is_error(403, GONE);
    server.clock.advance(60 * 60);
    register(&server, "eve", &expired["code"]).await.is_error(403, GONE);
    server.stop().await;
}

#[tokio::test]
async fn admins_invite_anybody_coordinators_students_and_students_nobody() {
    let (server, rosa) = Server::start_with_admin(|config| config.registration = Registration::Invite).await;
    let carl = person(&server, &rosa, "carl", "coordinator").await;
    let cora = person(&server, &rosa, "cora", "coordinator").await;
    let ana = person(&server, &carl, "ana", "student").await;
    let forbidden = "You may not invite people to this role";
    for (caller, role) in [(&carl, "admin"), (&carl, "coordinator"), (&ana, "student")] {
        server.ask("POST", "/api/invite", caller, json!({"role": role})).await.is_error(403, forbidden);
    }
    server.ask("POST", "/api/invite", None, json!({})).await.is_error(401, "Authentication required");

    let staff = "Only coordinators and administrators may do this";
    server.ask("GET", "/api/invite", &ana, None).await.is_error(403, staff);
    let own = server.ask("GET", "/api/invite", &carl, None).await.json();
    let all = server.ask("GET", "/api/invite?limit=2", &rosa, None).await;
    assert_eq!((own.as_array().unwrap().len(), all.json().as_array().unwrap().len()), (1, 2));
    let link = all.headers["link"].to_str().unwrap();
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    assert!(!server.ask("GET", next, &rosa, None).await.json().as_array().unwrap().is_empty());

    let path = format!("/api/invite/{}", own[0]["_id"].as_str().unwrap());
    server.ask("DELETE", &path, &ana, None).await.is_error(403, staff);
    server.ask("DELETE", &path, &cora, None).await.is_error(404, "Invitation not found");
    server.ask("DELETE", "/api/invite/1", &rosa, None).await.is_error(400, "Invitation ID is invalid");
    assert_eq!(server.ask("DELETE", &path, &rosa, None).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn an_invitation_that_cannot_be_made_is_refused_by_name() {
    let (server, rosa) = Server::start_with_admin(|_| ()).await;
    for (body, text) in [
        (json!({"role": "root"}), "a role is one of admin, coordinator, student"),
        (json!({"expiresInHours": 0}), "expiresInHours must be from 1 to 2160"),
        (json!({"expiresInHours": 2_161}), "expiresInHours must be from 1 to 2160"),
        (json!({"expiresInHours": "1"}), "expiresInHours must be a whole number"),
        (json!({"maxUses": 1_001}), "maxUses must be from 1 to 1000"),
        (json!({"note": "x".repeat(201)}), "note is too long: at most 200 characters"),
        (json!({"note": "a\nb"}), "note must not contain control characters"),
    ] {
        server.ask("POST", "/api/invite", &rosa, body).await.is_error(400, text);
    }
    for _ in 0..500 {
        assert_eq!(server.ask("POST", "/api/invite", &rosa, json!({})).await.status, 201);
    }
    let text = "You have too many open invitations: revoke some first";
    server.ask("POST", "/api/invite", &rosa, json!({})).await.is_error(409, text);
    server.stop().await;
}

#[tokio::test]
async fn an_open_server_honours_invitations_and_a_closed_one_none() {
    let (server, rosa) = Server::start_with_admin(|config| config.registration = Registration::Open).await;
    person(&server, &rosa, "carl", "coordinator").await;
    server.register("ana").await;
    register(&server, "eve", &json!("0000")).await.is_error(403, GONE);
    server.stop().await;

    let (server, rosa) = Server::start_with_admin(|config| config.registration = Registration::Closed).await;
    let closed = "Registration is closed";
    server.ask("POST", "/api/invite", &rosa, json!({})).await.is_error(403, closed);
    server.ask("POST", "/api/invite/check", None, json!({"inviteCode": "0"})).await.is_error(403, closed);
    register(&server, "eve", &json!("0000")).await.is_error(403, closed);
    server.stop().await;
}

#[tokio::test]
async fn the_page_of_an_invitation_runs_its_own_script_and_nothing_else() {
    let server = Server::start().await;
    for (path, kind) in [
        ("/join", "text/html; charset=utf-8"),
        ("/join/join.js", "text/javascript; charset=utf-8"),
        ("/join/join.css", "text/css; charset=utf-8"),
    ] {
        let answer = server.ask("GET", path, None, None).await;
        assert_eq!((answer.status.as_u16(), answer.headers["content-type"].to_str().unwrap()), (200, kind));
        assert_eq!(
            answer.headers["content-security-policy"],
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    }
    let page = server.ask("GET", "/join", None, None).await.text;
    for inline in ["<script>", " style=", " onclick=", "javascript:", "http://", "https://"] {
        assert!(!page.contains(inline), "{inline}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_page_may_call_its_own_server_where_origins_are_narrowed() {
    let server = Server::start_with(|config| {
        config.cors_origins = vec!["https://app.example.org".parse().unwrap()];
        config.public_url = Some("https://Chat.example.org/roost".to_owned());
    })
    .await;
    for (origin, status) in [
        ("https://chat.example.org", 403),
        ("https://app.example.org", 403),
        ("https://evil.example.org", 403),
    ] {
        let body = json!({"inviteCode": "0000"});
        let request = server.request("POST", "/api/invite/check").header("origin", origin).json(&body);
        let answer = Answer::of(request).await;
        let refused = "This origin is not allowed";
        answer.is_error(status, if origin.contains("evil") { refused } else { GONE });
    }
    server.stop().await;
}
