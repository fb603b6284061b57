//! Where the messages stand while somebody reads: measured in CSS pixels, in every frame.

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Window;
use crate::wait;

/// The part of a script that finds the timeline, and how far below its top a message stands.
const TIMELINE: &str = "
    const view = document.querySelector('[data-testid=timeline]');
    const messages = () => [...view.querySelectorAll('[data-testid=message]')];
    const top = (element) => element.getBoundingClientRect().top - view.getBoundingClientRect().top;
    const bottom = (element) => element.getBoundingClientRect().bottom - view.getBoundingClientRect().top;
    const text = (element) => element.querySelector('[data-testid=message-text]').textContent.trim();
    const tell = (element) => element === undefined ? null : {
        key: element.dataset.key, text: text(element), top: top(element), height: element.offsetHeight };
    const held = (key) => view.querySelector(`[data-key='${CSS.escape(key)}']`);
";

/// Notes where a message stands in each frame, once that frame is painted: what is put right before, nobody sees.
const WATCH: &str = "
const watch = (key) => {
    const where = () => { const element = held(key); return element === null ? null : top(element); };
    window.roostWatch?.stop();
    const seen = { tops: [where()], frames: 0 };
    const channel = new MessageChannel();
    let running = true;
    channel.port1.onmessage = () => {
        seen.frames += 1;
        const now = where();
        if (now !== seen.tops.at(-1)) seen.tops.push(now);
    };
    const frame = () => {
        if (!running) return;
        channel.port2.postMessage(null);
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.roostWatch = { seen, stop: () => { running = false; } };
};";

/// A message that somebody looks at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Seen {
    /// What the chat calls it.
    pub key: String,
    /// What it says.
    pub text: String,
    /// How far its top is below the timeline's, in CSS pixels.
    pub top: f64,
    /// How high it is, in CSS pixels.
    pub height: f64,
}

/// Where a message stood while it was watched.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Watched {
    /// The places, each as often as it changed; `None` while it was not held.
    pub tops: Vec<Option<f64>>,
    /// How many frames were painted.
    pub frames: u32,
}

/// How the timeline is scrolled, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Scrolled {
    /// What is above the view.
    pub above: f64,
    /// What is below it.
    pub below: f64,
    /// How high the view is.
    pub height: f64,
    /// How many messages are held.
    pub held: usize,
}

impl Window {
    /// The first message that stands whole in view.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn under_the_eye(&self) -> anyhow::Result<Seen> {
        let found = self.timeline("return tell(messages().find((each) => top(each) >= 0))", vec![]).await?;
        serde_json::from_value(found).context("no message is in view")
    }

    /// The message that says exactly this.
    ///
    /// # Errors
    /// Where it is not held.
    pub async fn seen(&self, said: &str) -> anyhow::Result<Seen> {
        let found = "return tell(messages().find((each) => text(each) === arguments[0]))";
        let found = self.timeline(found, vec![json!(said)]).await?;
        serde_json::from_value(found).with_context(|| format!("{said:?} is not held"))
    }

    /// The texts of the messages of which something is in view, from top to bottom.
    ///
    /// # Errors
    /// Where no conversation is open.
    pub async fn in_view(&self) -> anyhow::Result<Vec<String>> {
        let found =
            "return messages().filter((each) => bottom(each) > 0 && top(each) < view.clientHeight).map(text)";
        Ok(serde_json::from_value(self.timeline(found, vec![]).await?)?)
    }

    /// How the timeline is scrolled.
    ///
    /// # Errors
    /// Where no conversation is open.
    pub async fn scrolled(&self) -> anyhow::Result<Scrolled> {
        let script = "const { scrollTop, scrollHeight, clientHeight } = view;
            return { above: scrollTop, below: scrollHeight - scrollTop - clientHeight, height: clientHeight,
                held: messages().length }";
        Ok(serde_json::from_value(self.timeline(script, vec![]).await?)?)
    }

    /// Scrolls the timeline by so many pixels, as a wheel would; a negative number is towards older messages.
    ///
    /// # Errors
    /// Where no conversation is open.
    pub async fn scroll_by(&self, pixels: f64) -> anyhow::Result<()> {
        self.timeline("view.scrollTop += arguments[0]", vec![json!(pixels)]).await?;
        self.painted().await
    }

    /// Scrolls as [`Window::scroll_by`], and watches what is under the eye then, from that moment on.
    ///
    /// # Errors
    /// Where no conversation is open, or no message is in view.
    pub async fn scroll_watching(&self, pixels: f64) -> anyhow::Result<Seen> {
        let script = "view.scrollTop += arguments[0];
            const found = messages().find((each) => top(each) >= 0);
            if (found !== undefined) watch(found.dataset.key);
            return tell(found)";
        serde_json::from_value(self.timeline(script, vec![json!(pixels)]).await?)
            .context("no message is in view")
    }

    /// Scrolls up, a screen at a time, until the message that says this is in view.
    ///
    /// # Errors
    /// Where it does not come.
    pub async fn scroll_up_to(&self, said: &str) -> anyhow::Result<()> {
        wait::until(&format!("{said:?} while scrolling up"), async || {
            if self.in_view().await?.iter().any(|text| text == said) {
                return Ok(());
            }
            let height = self.scrolled().await?.height;
            self.scroll_by(-0.8 * height).await?;
            None.with_context(|| "it is further up")
        })
        .await
    }

    /// Begins to note where this message stands, in each frame.
    ///
    /// # Errors
    /// Where no conversation is open.
    pub async fn watch(&self, message: &Seen) -> anyhow::Result<()> {
        self.timeline("watch(arguments[0])", vec![json!(message.key)]).await.map(drop)
    }

    /// Where the watched message stood since, once two more frames are painted.
    ///
    /// # Errors
    /// Where nothing is watched.
    pub async fn watched(&self) -> anyhow::Result<Watched> {
        let seen = async || {
            anyhow::Ok(serde_json::from_value::<Watched>(
                self.script("return window.roostWatch.seen").await?,
            )?)
        };
        let before = seen().await?.frames;
        wait::until("two more frames", async || {
            let seen = seen().await?;
            ensure!(seen.frames >= before + 2, "{} came", seen.frames - before);
            Ok(seen)
        })
        .await
    }

    /// Expects that the watched message has stood still, in all frames since.
    ///
    /// # Errors
    /// Where it moved, and by how much.
    pub async fn stood_still(&self, why: &str) -> anyhow::Result<()> {
        let watched = self.watched().await?;
        ensure!(watched.tops.len() == 1, "{why}: the message under the eye stood at {:?}", watched.tops);
        Ok(())
    }

    async fn timeline(&self, script: &str, arguments: Vec<Value>) -> anyhow::Result<Value> {
        Ok(self.client.execute(&format!("{TIMELINE}{WATCH}{script}"), arguments).await?)
    }
}
