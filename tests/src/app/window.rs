//! What is on the screen, by the test ids that the chat puts on what people use.

use anyhow::{Context, ensure};
use fantoccini::{Client, Locator, elements::Element, key::Key};
use serde::Deserialize;
use serde_json::Value;

use super::device::Place;
use crate::{people::Person, wait};

/// The app's window.
pub struct Window {
    client: Client,
}

/// A message on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bubble {
    /// What it says.
    pub text: String,
    /// Whether it is one's own.
    pub mine: bool,
    /// `waiting`, `sending`, `sent`, `delivered`, `read`, `refused` or `held`; only on one's own.
    pub status: Option<String>,
}

impl Window {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Waits until the page is there: a session can answer before.
    pub(super) async fn ready(&self) -> anyhow::Result<()> {
        wait::until("the app's page", async || {
            let parts = self.script("return document.querySelectorAll('[data-testid]').length").await?;
            ensure!(parts.as_u64() > Some(0), "the page is empty");
            Ok(())
        })
        .await
    }

    /// Clicks what has this test id, once it is there.
    ///
    /// # Errors
    /// Where it does not come.
    pub async fn click(&self, id: &str) -> anyhow::Result<()> {
        wait::until(&format!("{id} to click"), async || Ok(self.find(&selector(id)).await?.click().await?))
            .await
    }

    /// Puts this text into the field with this test id, in place of what is there.
    ///
    /// # Errors
    /// Where the field does not come.
    pub async fn fill(&self, id: &str, text: &str) -> anyhow::Result<()> {
        wait::until(&format!("the field {id}"), async || {
            let field = self.find(&selector(id)).await?;
            field.clear().await?;
            field.send_keys(text).await?;
            let now = field.prop("value").await?;
            ensure!(now.as_deref() == Some(text), "it holds {now:?}");
            Ok(())
        })
        .await
    }

    /// Waits for the text of what has this test id to contain `part`. The whole text.
    ///
    /// # Errors
    /// Where it does not come, or keeps saying something else.
    pub async fn says(&self, id: &str, part: &str) -> anyhow::Result<String> {
        wait::until(&format!("{id} to say {part:?}"), async || {
            // The driver's own idea of visible text leaves out what is cut off with an ellipsis.
            let text = self.find(&selector(id)).await?.prop("textContent").await?.unwrap_or_default();
            ensure!(text.contains(part), "it says {text:?}");
            Ok(text)
        })
        .await
    }

    /// Waits until nothing with this test id is there.
    ///
    /// # Errors
    /// Where it stays.
    pub async fn gone(&self, id: &str) -> anyhow::Result<()> {
        wait::until(&format!("{id} to go"), async || {
            ensure!(self.client.find_all(Locator::Css(&selector(id))).await?.is_empty(), "it is still there");
            Ok(())
        })
        .await
    }

    /// What the field with this test id holds.
    ///
    /// # Errors
    /// Where it does not come.
    pub async fn value(&self, id: &str) -> anyhow::Result<String> {
        wait::until(&format!("the field {id}"), async || {
            self.find(&selector(id)).await?.prop("value").await?.context("it has no value")
        })
        .await
    }

    /// First run: names the server and signs in.
    ///
    /// # Errors
    /// Where the conversations do not come.
    pub async fn sign_in(&self, server: &str, person: &Person) -> anyhow::Result<()> {
        self.name_server(server).await?;
        self.give_password(person.user_name, person.password).await?;
        wait::until("the conversations", async || self.find(&selector("new-conversation")).await).await?;
        Ok(())
    }

    /// Waits until somebody is shown with a picture, and answers how wide it is, in pixels of its own.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn pictured(&self) -> anyhow::Result<u64> {
        wait::until("a picture of somebody", async || {
            let width =
                self.script("return document.querySelector('.avatar img')?.naturalWidth ?? 0").await?;
            width.as_u64().filter(|width| *width > 0).context("there are initials")
        })
        .await
    }

    /// First run, first half: types the server's address and goes on.
    ///
    /// # Errors
    /// Where there is no such field.
    pub async fn name_server(&self, server: &str) -> anyhow::Result<()> {
        self.fill("server-address", server).await?;
        self.click("server-continue").await
    }

    /// First run, second half: types name and password and goes on.
    ///
    /// # Errors
    /// Where there are no such fields.
    pub async fn give_password(&self, name: &str, password: &str) -> anyhow::Result<()> {
        self.fill("login-name", name).await?;
        self.fill("login-password", password).await?;
        self.click("login-submit").await
    }

    /// Looks for this person and opens the conversation with them.
    ///
    /// # Errors
    /// Where they are not found.
    pub async fn start_conversation(&self, with: &Person) -> anyhow::Result<()> {
        self.click("new-conversation").await?;
        self.fill("people-search", with.first_name).await?;
        self.click_with_text("person", with.last_name).await?;
        self.composer().await
    }

    /// Opens the conversation with this person from the list.
    ///
    /// # Errors
    /// Where it is not in the list.
    pub async fn open_conversation(&self, with: &Person) -> anyhow::Result<()> {
        self.click_with_text("conversation", with.first_name).await?;
        self.composer().await
    }

    /// Presses Enter in what has this test id.
    ///
    /// # Errors
    /// Where it is not there.
    pub async fn press_enter(&self, id: &str) -> anyhow::Result<()> {
        Ok(self.find(&selector(id)).await?.send_keys(&Key::Enter.to_string()).await?)
    }

    /// Writes a message and sends it with Enter; the composer is empty afterwards.
    ///
    /// # Errors
    /// Where there is no composer, or it keeps the text.
    pub async fn send(&self, text: &str) -> anyhow::Result<()> {
        self.fill("composer", text).await?;
        self.press_enter("composer").await?;
        wait::until("the composer to clear", async || {
            let left = self.find(&selector("composer")).await?.prop("value").await?;
            ensure!(left.as_deref() == Some(""), "it holds {left:?}");
            Ok(())
        })
        .await
    }

    /// The messages on the screen, from top to bottom.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn bubbles(&self) -> anyhow::Result<Vec<Bubble>> {
        let script = "return [...document.querySelectorAll('[data-testid=message]')].map((message) => ({
            text: message.querySelector('[data-testid=message-text]')?.textContent ?? message.textContent,
            mine: message.dataset.mine === 'true',
            status: message.dataset.status ?? null,
        }))";
        Ok(serde_json::from_value(self.script(script).await?)?)
    }

    /// Waits until exactly these messages are on the screen, in this order.
    ///
    /// # Errors
    /// Where something else stays there.
    pub async fn shows(&self, texts: &[&str]) -> anyhow::Result<()> {
        wait::until("the messages", async || {
            let bubbles = self.bubbles().await?;
            let shown: Vec<&str> = bubbles.iter().map(|bubble| bubble.text.trim()).collect();
            ensure!(shown == texts, "the window shows {bubbles:?}");
            Ok(())
        })
        .await
    }

    /// Waits until the message that says this has this status.
    ///
    /// # Errors
    /// Where it keeps another one.
    pub async fn status(&self, text: &str, status: &str) -> anyhow::Result<()> {
        wait::until(&format!("{text:?} to be {status}"), async || {
            let bubbles = self.bubbles().await?;
            let found =
                bubbles.iter().find(|bubble| bubble.text.trim() == text).context("it is not there")?;
            ensure!(found.status.as_deref() == Some(status), "it is {:?}", found.status);
            Ok(())
        })
        .await
    }

    /// Moves the window to this place of the display and gives it this size.
    ///
    /// # Errors
    /// Where the window is gone, or cannot have this size.
    pub async fn place(&self, (x, y, width, height): Place) -> anyhow::Result<()> {
        self.client.set_window_rect(x, y, width, height).await?;
        wait::until("the window's size", async || {
            let size = self.size().await?;
            ensure!(size == (width, height), "it is {size:?}");
            Ok(())
        })
        .await
    }

    /// The size of the page in pixels, width first.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn size(&self) -> anyhow::Result<(u32, u32)> {
        Ok(serde_json::from_value(self.script("return [innerWidth, innerHeight]").await?)?)
    }

    /// Waits until what the page holds now has been painted.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn painted(&self) -> anyhow::Result<()> {
        let script = "const done = arguments[arguments.length - 1];
            requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        self.client.execute_async(script, Vec::new()).await?;
        Ok(())
    }

    /// Runs a script in the page; its last argument is what it calls with its answer.
    ///
    /// # Errors
    /// Where the window is gone, or the answer takes more than half a minute.
    pub async fn evaluate(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute_async(script, Vec::new()).await?)
    }

    /// The window's content as a PNG.
    pub(super) async fn png(&self) -> anyhow::Result<Vec<u8>> {
        self.painted().await?;
        Ok(self.client.screenshot().await?)
    }

    /// Runs a script in the page.
    async fn script(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Waits until there is a composer: a conversation is open.
    ///
    /// # Errors
    /// Where none comes.
    pub async fn composer(&self) -> anyhow::Result<()> {
        wait::until("the composer", async || self.find(&selector("composer")).await).await?;
        Ok(())
    }

    /// Clicks the first thing with this test id that says this.
    async fn click_with_text(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let path = format!("//*[@data-testid='{id}'][contains(., '{text}')]");
        wait::until(&format!("a {id} that says {text:?}"), async || {
            Ok(self.client.find(Locator::XPath(&path)).await?.click().await?)
        })
        .await
    }

    async fn find(&self, css: &str) -> anyhow::Result<Element> {
        Ok(self.client.find(Locator::Css(css)).await?)
    }
}

fn selector(id: &str) -> String {
    format!("[data-testid='{id}']")
}
