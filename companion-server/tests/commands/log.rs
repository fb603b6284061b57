//! What a running server writes to its log, and what never stands there.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{PATIENCE, Running, command};

const CONTENT: &str = "meet me behind the gymnasium";
const PASSWORD: &str = "correct horse battery";
const WRONG: &str = "wrong horse battery";

struct Session {
    token: String,
    refresh: String,
    id: String,
}

async fn register(http: &reqwest::Client, base: &str, name: &str) -> Session {
    let body = json!({
        "userName": name, "firstName": name, "lastName": "Cruz", "email": format!("{name}@example.org"),
        "password": PASSWORD,
    });
    let answer: Value = http
        .post(format!("{base}/api/auth/register"))
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let data = &answer["data"];
    Session {
        token: text(&data["accessToken"]),
        refresh: text(&data["refreshToken"]),
        id: text(&data["user"]["_id"]),
    }
}

/// Does with everything that is secret what people do with it. The secrets.
async fn live(base: &str) -> Vec<String> {
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let (ana, ben) = (register(&http, base, "ana").await, register(&http, base, "ben").await);

    let address = base.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket";
    let (mut socket, _) = tokio_tungstenite::connect_async(address).await.unwrap();
    socket.next().await.unwrap().unwrap();
    socket.send(Message::text(format!("40{}", json!({"token": ben.token})))).await.unwrap();
    // Pings come in between.
    while !socket.next().await.unwrap().unwrap().to_text().unwrap().starts_with("40") {}

    let ask = |method: &str, path: String, body: Value| {
        let request = http.request(method.parse().unwrap(), format!("{base}{path}"));
        request.bearer_auth(&ana.token).json(&body).send()
    };
    let sent = ask("POST", "/message".into(), json!({"receiver": ben.id, "content": CONTENT})).await.unwrap();
    assert_eq!(sent.status(), 200);
    while !socket.next().await.unwrap().unwrap().to_text().unwrap().contains(CONTENT) {}
    let calls = [
        ("POST", "/message/search".to_owned(), json!({"content": CONTENT})),
        ("GET", format!("/message?peer={}", ben.id), json!({})),
        ("GET", "/api/sync".to_owned(), json!({})),
        ("POST", "/api/auth/login".to_owned(), json!({"userName": "ana", "password": WRONG})),
        ("POST", "/api/auth/refresh".to_owned(), json!({"refreshToken": ben.refresh})),
        ("POST", "/message".to_owned(), json!({"receiver": ben.id, "content": [CONTENT]})),
        ("GET", format!("/nowhere/{CONTENT}?token={}", ana.token), json!({})),
    ];
    for (method, path, body) in calls {
        assert!(!ask(method, path, body).await.unwrap().status().is_server_error());
    }
    let mut secrets = vec![CONTENT.to_owned(), CONTENT.replace(' ', "%20"), "gymnasium".to_owned()];
    secrets.extend([PASSWORD, WRONG, "horse", "@example.org", "$argon2id"].map(str::to_owned));
    secrets.extend([ana, ben].into_iter().flat_map(|session| [session.token, session.refresh]));
    secrets
}

#[tokio::test]
async fn no_secret_and_no_message_gets_into_the_log_however_much_is_logged() {
    for format in ["text", "json"] {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().to_str().unwrap();
        let running = Running::start(&mut command(&[
            "serve",
            "--data-dir",
            data,
            "--listen",
            "127.0.0.1:0",
            "--registration",
            "open",
            "--log",
            "trace",
            "--log-format",
            format,
            "--slow-query-ms",
            "0",
        ]));
        let secrets = tokio::time::timeout(PATIENCE, live(&running.base)).await.expect("it answers");
        let (log, well) = running.stop();
        assert!(well && log.contains("slow_query") && log.contains("INSERT INTO messages"), "{log}");
        for secret in secrets {
            assert!(!log.contains(&secret), "{secret} is in the log:\n{log}");
        }
    }
}

#[tokio::test]
async fn each_request_has_one_line_with_its_name_and_its_route() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let serve = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0", "--log-format", "json"];
    let running = Running::start(command(&serve).env("ROOST_TRUSTED_PROXIES", "127.0.0.1"));
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let mut ids = Vec::new();
    for path in ["/message/000000000000000000000000?x=y", "/nowhere", "/healthz"] {
        let request = http.get(format!("{}{path}", running.base)).header("x-forwarded-for", "203.0.113.9");
        let answer = request.send().await.unwrap();
        ids.push(answer.headers()["x-request-id"].to_str().unwrap().to_owned());
    }
    let (log, _) = running.stop();
    // What is told beside the log, such as the first administrator's link, is no JSON.
    let told = log.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<Value> = told.map(|line| serde_json::from_str(line).unwrap()).collect();
    let access: Vec<&Value> = lines.iter().filter(|line| line["target"] == "access").collect();
    assert_eq!(access.len(), 2, "what watches the server is not told by default: {log}");
    for (line, (id, route, status)) in
        access.iter().zip([(&ids[0], "/message/{id}", 401), (&ids[1], "(none)", 404)])
    {
        assert_eq!(line["span"]["id"], **id, "{line}");
        assert_eq!((&line["method"], &line["route"]), (&json!("GET"), &json!(route)));
        assert_eq!((&line["status"], &line["client"]), (&json!(status), &json!("203.0.113.9")));
        assert!(line["ms"].is_u64() && line["bytes"].as_u64().unwrap() > 10, "{line}");
    }
}
