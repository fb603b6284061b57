//! The server is killed again and again while people write, edit, read and delete. Whatever was answered with success
//! is there afterwards, once, and everything that the database keeps in sum agrees with its messages.
//!
//! 200 kills; `ROOST_KILLS=1000 cargo test -p roost-tests --test sigkill_server` for as many as one likes.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use reqwest::Method;
use roost_tests::{
    Server,
    people::{ANA, BEN},
    rest::Rest,
};
use serde_json::{Value, json};

/// How many write at the same time.
const WRITERS: u64 = 8;

/// What a message may be, as far as its writer was told: one state, or two after a change without an answer.
#[derive(Default)]
struct Told {
    /// By id: each content that it may have; `None` stands for a deleted message.
    states: HashMap<String, Vec<Option<String>>>,
    /// What was sent, answered or not.
    sent: Vec<String>,
}

#[tokio::test]
async fn whatever_was_answered_survives_being_killed_in_the_middle() {
    let kills: u64 =
        std::env::var("ROOST_KILLS").map_or(200, |kills| kills.parse().expect("ROOST_KILLS is a number"));
    let mut server = Server::new().unwrap().arg("--rate-limits=off");
    server.start().await.unwrap();
    for person in [&ANA, &BEN] {
        server.add(person).unwrap();
    }
    let (ana, ben) =
        (Rest::sign_in(&server, &ANA).await.unwrap(), Rest::sign_in(&server, &BEN).await.unwrap());
    let (numbers, mut told) = (AtomicU64::new(0), Told::default());
    for kill in 0..kills {
        let (writing, ()) = tokio::join!(
            futures_util::future::join_all((0..WRITERS).map(|_| write(&ana, &ben, &numbers))),
            async {
                // From before the first answer to well into the work.
                tokio::time::sleep(Duration::from_millis(kill * 37 % 240)).await;
                server.kill();
            }
        );
        for one in writing {
            told.states.extend(one.states);
            told.sent.extend(one.sent);
        }
        server.start().await.unwrap();
    }

    let list = ana.any(Method::GET, "/api/message").send().await.unwrap().error_for_status().unwrap();
    let list: Vec<Value> = list.json().await.unwrap();
    let mut found: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut contents: HashMap<&str, u32> = HashMap::new();
    for message in &list {
        let content = message["content"].as_str().unwrap();
        found.entry(message["_id"].as_str().unwrap()).or_default().push(content);
        *contents.entry(content).or_default() += 1;
    }
    for (id, states) in &told.states {
        let found = found.remove(id.as_str()).unwrap_or_default();
        assert!(found.len() <= 1, "{id} is there {} times", found.len());
        let state = found.first().map(|content| (*content).to_owned());
        assert!(states.contains(&state), "{id} is {state:?}, and was told to be {states:?}");
    }
    for content in &told.sent {
        assert!(contents.get(content.as_str()).is_none_or(|count| *count == 1), "{content} is there twice");
    }
    assert!(told.states.len() > usize::try_from(kills).unwrap(), "hardly anything was answered");
    check(&server).unwrap();
    server.stop().await.unwrap();
    check(&server).unwrap();
    println!("{kills} kills, {} messages answered, {} there", told.states.len(), list.len());
}

/// The server's own doctor finds every page, index, reference and sum of the database sound.
fn check(server: &Server) -> anyhow::Result<()> {
    let findings = server.run(&["doctor", "--listen", "127.0.0.1:0"])?;
    anyhow::ensure!(findings.lines().any(|line| line.starts_with("ok    integrity:")), "{findings}");
    Ok(())
}

/// Writes, edits, reads and deletes until the server is gone.
async fn write(ana: &Rest, ben: &Rest, numbers: &AtomicU64) -> Told {
    let mut told = Told::default();
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let (from, to) = if number.is_multiple_of(2) { (ana, ben) } else { (ben, ana) };
        let content = format!("message number {number}");
        told.sent.push(content.clone());
        let body = json!({"receiver": to.id(), "content": content});
        let Some(sent) = answered(from.any(Method::POST, "/api/message").json(&body)).await else {
            return told;
        };
        let id = sent["_id"].as_str().unwrap_or_default().to_owned();
        let (change, state) = match number % 5 {
            0 => {
                let edited = format!("edited number {number}");
                let body = json!({"_id": id, "content": edited});
                (from.any(Method::PATCH, "/api/message").json(&body), Some(edited))
            }
            1 => (from.any(Method::DELETE, &format!("/api/message/{id}")), None),
            2 => (to.any(Method::PATCH, &format!("/api/message/{id}/read")), Some(content.clone())),
            _ => {
                told.states.insert(id, vec![Some(content)]);
                continue;
            }
        };
        if answered(change).await.is_some() {
            told.states.insert(id, vec![state]);
        } else {
            told.states.insert(id, vec![Some(content), state]);
            return told;
        }
    }
}

/// The answer; `None` where there is none, because the server was killed.
async fn answered(request: reqwest::RequestBuilder) -> Option<Value> {
    let answer = request.send().await.ok()?;
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.ok()
}
