//! A long history, on a server and on a device.

use std::fmt::Write as _;

use anyhow::ensure;
use roost_tests::{
    Device, Person, Server,
    people::{ANA, BEN},
    rest::Rest,
    wait,
};
use serde_json::json;

/// With how many others Ana has a conversation, and how long each is.
const OTHERS: usize = 40;
const SHORT: usize = 25;

/// The first message's time, and from one to the next, in milliseconds.
const BEGIN: usize = 1_700_000_000_000;
const STEP: usize = 600_000;

/// What messages are made of.
const WORDS: &str = "training report hours this week the office is closed on friday please send your log before noon \
                     thank you coordinator salamat po bukas meeting at nine we finished survey and café see";

/// A word that one in so many messages has.
const RARE: (&str, usize) = ("zephyr", 5_000);

/// Fills a server, and starts it.
pub(crate) async fn fill(server: &mut Server, messages: usize) -> anyhow::Result<()> {
    server.start().await?;
    for person in [&ANA, &BEN] {
        server.add(person)?;
    }
    let id = |person: &'static Person| {
        let server = &*server;
        async move { anyhow::Ok(Rest::sign_in(server, person).await?.id().to_owned()) }
    };
    let (ana, ben) = (id(&ANA).await?, id(&BEN).await?);
    server.stop().await?;
    let folder = tempfile::tempdir()?;
    let (users, lines) = (folder.path().join("users.json"), folder.path().join("messages.json"));
    std::fs::write(&users, people())?;
    std::fs::write(&lines, texts(&ana, &ben, messages)?)?;
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    server.run(&["import", "--users", &path(&users), "--messages", &path(&lines)])?;
    server.start().await
}

/// Signs Ana in on a device, and waits until all is there.
pub(crate) async fn fetch(server: &Server, device: &Device, messages: usize) -> anyhow::Result<()> {
    let app = device.open().await?;
    app.sign_in(&server.url(), &ANA).await?;
    let expected = messages + OTHERS * SHORT;
    let deadline = std::time::Duration::from_mins(30);
    // Closing the window ends the app, and nothing is asked about it.
    let call = "const [done] = arguments;
        const { invoke } = window.__TAURI_INTERNALS__;
        const set = (settings) => invoke('set_settings', { settings: { ...settings, closeToTray: false } });
        invoke('settings').then(set).then(done, done)";
    app.evaluate(call).await?;
    let call = "const [done] = arguments; window.__TAURI_INTERNALS__.invoke('progress').then(done, done)";
    wait::within(deadline, "the whole history", async || {
        let progress = app.evaluate(call).await?;
        let [have, complete, of] =
            ["messages", "complete", "conversations"].map(|name| progress[name].as_u64().unwrap_or(0));
        ensure!(of > 0 && complete == of && have >= expected as u64, "{progress}");
        Ok(())
    })
    .await?;
    app.kill().await
}

fn people() -> String {
    let person = |number: usize| {
        let (first, last) =
            (["Mia", "Jose", "Lea", "Paulo", "Rosa"][number % 5], ["Cruz", "Lim", "Tan"][number % 3]);
        json!({
            "_id": other(number), "firstName": first, "lastName": format!("{last} {number}"),
            "email": format!("other{number}@example.org"), "userName": format!("other{number}"), "role": "student",
        })
        .to_string()
    };
    (0..OTHERS).map(person).fold(String::new(), |text, line| text + &line + "\n")
}

fn other(number: usize) -> String {
    format!("50000000bcf86cd7{number:08x}")
}

fn texts(ana: &str, ben: &str, messages: usize) -> anyhow::Result<String> {
    let mut lines = String::new();
    let mut write = |number: usize, from: &str, to: &str, time: usize| {
        writeln!(
            lines,
            r#"{{"_id":"60000000bcf86cd7{number:08x}","sender":"{from}","receiver":"{to}","content":"{}","isRead":true,"sentAt":{{"$date":{time}}}}}"#,
            text(number)
        )
    };
    for number in 0..messages {
        let (from, to) = if number % 3 == 0 { (ana, ben) } else { (ben, ana) };
        write(number, from, to, BEGIN + number * STEP)?;
    }
    for number in 0..OTHERS * SHORT {
        let other = other(number % OTHERS);
        // All of them before the last of the long conversation, which is the first of the list so.
        let time = BEGIN + messages.saturating_sub(2 + OTHERS * SHORT - number) * STEP;
        write(messages + number, &other, ana, time)?;
    }
    Ok(lines)
}

/// Between one word and some sixty, most of them few; the same each time.
fn text(number: usize) -> String {
    let mut state = number as u64 ^ 0x9e37_79b9_7f4a_7c15;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    let words: Vec<&str> = WORDS.split(' ').collect();
    let count = if random(8) == 0 { 20 + random(40) } else { 1 + random(14) };
    let mut text = format!("no {number}");
    for _ in 0..count {
        text.push(' ');
        text.push_str(words[random(words.len())]);
    }
    if number % RARE.1 == RARE.1 / 2 {
        text.push(' ');
        text.push_str(RARE.0);
    }
    text
}
