//! What happens within the app, by its page's own clock, and by the display where the page does not know.

use std::time::UNIX_EPOCH;

use anyhow::{Context, ensure};
use roost_tests::{App, people::BEN};
use serde::Deserialize;
use serde_json::json;

use crate::{memory, picture::Picture};

/// How often each of the short things is done.
const TIMES: usize = 11;

/// How many frames are scrolled at once, and by how many pixels each: as fast as a wheel is turned.
const FRAMES: usize = 300;
const PIXELS: i64 = 60;

/// How many messages are scrolled through to see what stays behind: some, and then as many again.
const FAR: [usize; 2] = [20_000, 40_000];

/// What each script begins with: waiting for what is looked for to be painted.
const PRELUDE: &str = "
    const done = arguments[arguments.length - 1];
    const all = (id) => [...document.querySelectorAll(`[data-testid='${id}']`)];
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const task = () => new Promise((next) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { port1.close(); next(); };
        port2.postMessage(null);
    });
    // A frame's callbacks run before it is painted, the next task after that.
    const painted = async (looks) => {
        for (;;) {
            await frame();
            if (looks()) return task().then(() => performance.now());
        }
    };
    const put = (field, text) => {
        const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value');
        set.call(field, text);
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    const run = async () => {";

const END: &str = "};
    run().then(done, (error) => done({ error: String(error) }));";

/// What was found.
pub(crate) struct Inside {
    /// From a click on a conversation of this many messages until its newest are painted, in milliseconds.
    pub(crate) opening: Vec<f64>,
    /// From Enter until something new is on the display, in milliseconds; the frame in which the bubble is; and until it
    /// is stored and the composer is empty.
    pub(crate) sending: Vec<f64>,
    pub(crate) frame: Vec<f64>,
    pub(crate) storing: Vec<f64>,
    /// Each word that was searched, and the time from the last key until its hits are painted, in milliseconds.
    pub(crate) searching: Vec<(&'static str, Vec<f64>)>,
    pub(crate) up: Frames,
    pub(crate) down: Frames,
    /// Frames of a page that scrolls just as far and asks for nothing: what this machine can do.
    pub(crate) plain: Frames,
    /// What is held after scrolling through so many messages.
    pub(crate) held: Vec<(usize, Held)>,
}

/// How long the frames took, in milliseconds.
pub(crate) struct Frames(pub(crate) Vec<f64>);

/// What a page holds.
pub(crate) struct Held {
    pub(crate) elements: u64,
    /// Of each process, by name, in KiB.
    pub(crate) memory: Vec<(String, u64)>,
}

/// Measures everything.
pub(crate) async fn measure(app: &App, newest: &Picture, messages: usize) -> anyhow::Result<Inside> {
    ask::<bool>(app, "await painted(() => all('conversation').length > 1); return true;").await?;
    let opening = times(app, open).await?;
    let mut held = vec![(0, hold(app).await?)];
    let plain = scroll(app, "document.createElement('div')", PIXELS).await?;
    let timeline = "all('timeline')[0]";
    let up = scroll(app, timeline, -PIXELS).await?;
    let down = scroll(app, timeline, PIXELS).await?;
    for far in FAR.map(|far| far.min(messages)) {
        scroll_back(app, messages - far).await?;
        held.push((far, hold(app).await?));
    }
    ask::<bool>(app, "all('to-newest')[0]?.click(); await frame(); return true;").await?;
    let sending = times(app, async |app: &App, number| send(app, newest, number).await);
    let (sending, (frame, storing)) = sending.await?.into_iter().unzip();
    let mut searching = Vec::new();
    for word in ["zephyr", "coordinator", "caf", "nosuchword"] {
        searching.push((word, times(app, async |app: &App, _| search(app, word).await).await?));
    }
    Ok(Inside { opening, sending, frame, storing, searching, up, down, plain, held })
}

async fn times<T>(
    app: &App,
    mut act: impl AsyncFnMut(&App, usize) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    let mut times = Vec::new();
    for number in 0..TIMES {
        times.push(act(app, number).await?);
    }
    Ok(times)
}

/// Opens another conversation, and then the long one.
async fn open(app: &App, _: usize) -> anyhow::Result<f64> {
    let name = json!(BEN.first_name);
    ask(
        app,
        &format!(
            "const rows = all('conversation');
            const long = rows.find((row) => row.textContent.includes({name}));
            rows.find((row) => row !== long).click();
            await painted(() => all('message').length > 0);
            const other = all('message')[0];
            for (let frames = 0; frames < 30; frames += 1) await frame();
            const begun = performance.now();
            long.click();
            return await painted(() => all('message').length > 0 && !other.isConnected) - begun;"
        ),
    )
    .await
}

async fn send(app: &App, newest: &Picture, number: usize) -> anyhow::Result<(f64, (f64, f64))> {
    let text = json!(format!("message {number} of the benchmark"));
    let typed = format!(
        "const box = all('composer')[0];
        box.focus();
        put(box, {text});
        for (let frames = 0; frames < 30; frames += 1) await frame();
        return true;"
    );
    ask::<bool>(app, &typed).await?;
    let before = newest.look()?;
    let sent = format!(
        "const box = all('composer')[0];
        const at = Date.now();
        const begun = performance.now();
        box.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter', bubbles: true, cancelable: true }}));
        const last = () => all('message').at(-1)?.textContent ?? '';
        let frames = 0;
        await painted(() => (frames += 1) && last().includes({text}));
        const stored = await painted(() => box.value === '') - begun;
        await painted(() => all('message').at(-1).dataset.status === 'sent');
        return [at, frames, stored];"
    );
    // A page is not told when its first frame is on the display: the webview may paint it before it runs what waits
    // for a frame.
    let (shown, (at, frames, stored)) =
        tokio::try_join!(newest.changes(&before), ask::<(f64, f64, f64)>(app, &sent))?;
    let shown = shown.duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3 - at;
    Ok((shown, (frames, stored)))
}

async fn search(app: &App, word: &str) -> anyhow::Result<f64> {
    let word = json!(word);
    ask(
        app,
        &format!(
            "if (all('message-search').length === 0) all('search-messages')[0].click();
            await painted(() => all('message-search').length > 0);
            const field = all('message-search')[0];
            put(field, '');
            await painted(() => all('hit').length === 0);
            for (let frames = 0; frames < 10; frames += 1) await frame();
            const pane = field.closest('nav');
            const before = pane.textContent;
            const begun = performance.now();
            put(field, {word});
            return await painted(() => pane.textContent !== before) - begun;"
        ),
    )
    .await
}

/// Scrolls for some frames; `pane` is what scrolls.
async fn scroll(app: &App, pane: &str, by: i64) -> anyhow::Result<Frames> {
    let frames = ask(
        app,
        &format!(
            "const pane = {pane};
            if (!pane.isConnected) {{
                // A page of nothing but lines, as long as what is scrolled.
                pane.style.cssText = 'position: fixed; inset: 0; overflow: auto; background: white; z-index: 9';
                const line = (at) => Object.assign(document.createElement('p'), {{ textContent: `line ${{at}}` }});
                pane.append(...Array.from({{ length: 1200 }}, (_, at) => line(at)));
                document.body.append(pane);
                await frame();
            }}
            const took = [];
            let last = await frame();
            for (let count = 0; count < {FRAMES}; count += 1) {{
                pane.scrollTop += {by};
                const now = await frame();
                took.push(now - last);
                last = now;
            }}
            if (pane.dataset.testid === undefined) pane.remove();
            return took;"
        ),
    )
    .await?;
    Ok(Frames(frames))
}

/// Scrolls up to the message of this number.
async fn scroll_back(app: &App, end: usize) -> anyhow::Result<()> {
    loop {
        // In pieces, because a driver waits for half a minute at most.
        let at: usize = ask(
            app,
            "const pane = all('timeline')[0];
            const first = () => Number(/no ([0-9]+)/.exec(all('message-text')[0].textContent)[1]);
            const begun = performance.now();
            while (performance.now() - begun < 10000) {
                pane.scrollTop -= 3000;
                await frame();
            }
            return first();",
        )
        .await?;
        crate::report::say(&format!("Scrolled to message {at} …"));
        if at <= end {
            return Ok(());
        }
    }
}

async fn hold(app: &App) -> anyhow::Result<Held> {
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let elements = ask(app, "return document.querySelectorAll('*').length;").await?;
    Ok(Held { elements, memory: memory::of(app.process_id())? })
}

/// Runs a script in the page, and reads what it answers.
async fn ask<T: for<'de> Deserialize<'de>>(app: &App, script: &str) -> anyhow::Result<T> {
    let answer = app.evaluate(&format!("{PRELUDE}{script}{END}")).await?;
    ensure!(answer.get("error").is_none(), "the page says {answer}");
    serde_json::from_value(answer).context("the page answers something else")
}
