//! `GET /message`: everything, and in pages (C7).

use serde_json::Value;

use crate::harness::{Person, Server, Socket};

fn contents(listed: &Value) -> Vec<&str> {
    listed.as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap()).collect()
}

/// Follows `Link: rel="next"` to the end.
async fn pages(server: &Server, caller: &Person, first: &str) -> Vec<Vec<String>> {
    let (mut pages, mut path) = (Vec::new(), first.to_owned());
    loop {
        let answer = server.ask("GET", &path, caller, None).await;
        pages.push(contents(&answer.json()).into_iter().map(str::to_owned).collect());
        let Some(link) = answer.headers.get("link") else { return pages };
        let link = link.to_str().unwrap();
        let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        next.clone_into(&mut path);
    }
}

#[tokio::test]
async fn a_long_list_is_streamed_whole_and_in_order() {
    let server = Server::start().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let wanted: Vec<String> = (0..350).map(|n| format!("message {n}")).collect();
    for (n, content) in wanted.iter().enumerate() {
        let (from, to) = if n % 3 == 0 { (&ben, &ana) } else { (&ana, &ben) };
        server.send(from, to, content).await;
    }
    let mut at_ben = Socket::of(&server, &ben).await;
    let answer = server.ask("GET", "/message", &ben, None).await;
    assert_eq!(contents(&answer.json()), wanted);
    assert!(answer.headers.get("content-length").is_none(), "the length is not known before the end");
    let (name, fetched) = at_ben.event().await;
    assert_eq!((&*name, &fetched["messagesCount"]), ("messagesFetched", &Value::from(350)));

    let whole = server.ask("GET", "/message?limit=200", &ben, None).await;
    assert_eq!(contents(&whole.json()), &wanted[..200]);
    server.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_both_ways() {
    let server = Server::start().await;
    let (ana, ben, eve) =
        (server.register("ana").await, server.register("ben").await, server.register("eve").await);
    let mut ids = Vec::new();
    for content in ["a", "b", "c", "d", "e"] {
        ids.push(server.send(&ana, &ben, content).await);
        server.send(&eve, &ana, "other").await;
    }
    let peer = &ben.id;
    let forward = pages(&server, &ana, &format!("/api/message?peer={peer}&limit=2")).await;
    assert_eq!(forward, [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
    let backward = format!("/message?peer={peer}&limit=2&before={}", ids[4]);
    assert_eq!(pages(&server, &ana, &backward).await, [["c", "d"], ["a", "b"]]);
    let between = format!("/message?peer={peer}&limit=1&after={}&before={}", ids[0], ids[3]);
    assert_eq!(pages(&server, &ana, &between).await, [["b"], ["c"]]);
    let after = format!("/message?peer={peer}&after={}", ids[2]);
    assert_eq!(pages(&server, &ana, &after).await, [["d", "e"]]);
    let before = format!("/message?peer={peer}&before={}", ids[2]);
    assert_eq!(pages(&server, &ana, &before).await, [["a", "b"]]);
    assert_eq!(pages(&server, &ana, "/message?limit=10").await[0].len(), 10);
    let foreign = format!("/message?after={}", ids[0]);
    server.ask("GET", &foreign, &eve, None).await.is_error(404, "Message not found");
    server.stop().await;
}
