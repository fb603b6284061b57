//! What is told to those who watch the server.

use std::{collections::HashSet, sync::Arc};

use companion_server::{clock::SystemClock, config::Config, serve};
use protocol::sync::Registration;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

#[tokio::test]
async fn metrics_count_what_happens_and_name_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path().join("data"));
    config.registration = Registration::Open;
    let (listener, metrics) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let base = format!("http://{}", listener.local_addr().unwrap());
    let watched = format!("http://{}/metrics", metrics.local_addr().unwrap());
    let server = serve::open(config, Arc::new(SystemClock)).unwrap().with_metrics(metrics);
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(listener, async {
        stopped.await.ok();
    }));

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut people = Vec::new();
    for name in ["ana", "ben"] {
        let body = json!({
            "userName": name, "firstName": name, "lastName": "Cruz", "email": format!("{name}@example.org"),
            "password": "correct horse",
        });
        let answer = http.post(format!("{base}/api/auth/register")).json(&body).send().await.unwrap();
        people.push(answer.json::<Value>().await.unwrap()["data"].take());
    }
    let token = people[0]["accessToken"].as_str().unwrap();
    let ben = people[1]["user"]["_id"].as_str().unwrap();
    for _ in 0..3 {
        let body = json!({"receiver": ben, "content": "hello"});
        let sent = http.post(format!("{base}/message")).bearer_auth(token).json(&body).send().await.unwrap();
        let id = sent.json::<Value>().await.unwrap()["_id"].as_str().unwrap().to_owned();
        http.get(format!("{base}/message/{id}")).bearer_auth(token).send().await.unwrap();
    }
    let made_up = http.request("MADEUP".parse().unwrap(), format!("{base}/made/up/{ben}"));
    assert_eq!(made_up.send().await.unwrap().status(), 404);
    assert_eq!(
        http.get(format!("{base}/metrics")).send().await.unwrap().status(),
        404,
        "only on its own listener"
    );

    // What was looked at is kept by and by.
    let idle = async {
        while !http
            .get(&watched)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("roost_store_queue 0\n")
        {}
    };
    tokio::time::timeout(crate::harness::PATIENCE, idle).await.unwrap();
    let told = http.get(&watched).send().await.unwrap();
    assert!(told.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let told = told.text().await.unwrap();
    for line in [
        "roost_http_requests_total{method=\"POST\",route=\"/message\",status=\"200\"} 3",
        "roost_http_requests_total{method=\"GET\",route=\"/message/{id}\",status=\"200\"} 3",
        "roost_http_requests_total{method=\"other\",route=\"(none)\",status=\"404\"} 1",
        "roost_http_request_duration_seconds_count{route=\"/message\"} 3",
        "roost_messages_sent_total 3",
        "roost_store_queue 0",
        "roost_sockets 0",
        "roost_passwords 0",
    ] {
        assert!(told.lines().any(|told| told == line), "{line} is missing:\n{told}");
    }
    assert!(
        told.contains(concat!("roost_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1")),
        "{told}"
    );
    assert!(told.contains("roost_store_batch_count") && told.contains("roost_process_resident_memory_bytes"));
    assert!(!told.contains(ben) && !told.contains("MADEUP"), "{told}");
    let series: HashSet<&str> =
        told.lines().filter_map(|line| line.rsplit_once(' ')).map(|(name, _)| name).collect();
    assert_eq!(series.len(), told.lines().filter(|line| line.contains(' ')).count(), "each is told once");

    stop.send(()).unwrap();
    running.await.unwrap();
}
