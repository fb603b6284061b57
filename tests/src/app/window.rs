//! What is on the screen, by the test ids that the chat puts on what people use.

use anyhow::{Context, ensure};
use fantoccini::{Client, Locator, elements::Element, key::Key};
use serde_json::Value;

use super::device::Place;
use crate::{people::Person, wait};

/// The app's window.
pub struct Window {
    pub(super) client: Client,
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

    /// Clicks the last of all things with this test id.
    ///
    /// # Errors
    /// Where none comes.
    pub async fn click_last(&self, id: &str) -> anyhow::Result<()> {
        wait::until(&format!("the last {id} to click"), async || {
            let all = self.client.find_all(Locator::Css(&selector(id))).await?;
            Ok(all.last().context("there is none")?.click().await?)
        })
        .await
    }

    /// Puts this text into the field with this test id, in place of what is there.
    ///
    /// # Errors
    /// Where the field does not come.
    pub async fn fill(&self, id: &str, text: &str) -> anyhow::Result<()> {
        wait::until(&format!("the field {id}"), async || {
            let field = self.find(&selector(id)).await?;
            if text.is_empty() {
                // The driver takes no empty text, and what it clears the page does not always hear of.
                field.send_keys(&format!("{}a{}{}", Key::Control, Key::Null, Key::Backspace)).await?;
            } else {
                field.clear().await?;
                field.send_keys(text).await?;
            }
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

    /// Waits until the field with this test id holds exactly this.
    ///
    /// # Errors
    /// Where it keeps something else.
    pub async fn holds(&self, id: &str, text: &str) -> anyhow::Result<()> {
        wait::until(&format!("{id} to hold {text:?}"), async || {
            let value = self.find(&selector(id)).await?.prop("value").await?;
            ensure!(value.as_deref() == Some(text), "it holds {value:?}");
            Ok(())
        })
        .await
    }

    /// Waits until there are so many things with this test id.
    ///
    /// # Errors
    /// Where there are more or fewer.
    pub async fn count(&self, id: &str, wanted: usize) -> anyhow::Result<()> {
        wait::until(&format!("{wanted} times {id}"), async || {
            let found = self.client.find_all(Locator::Css(&selector(id))).await?.len();
            ensure!(found == wanted, "there are {found}");
            Ok(())
        })
        .await
    }

    /// Chooses this value of the list with this test id.
    ///
    /// # Errors
    /// Where there is no such list, or no such value in it.
    pub async fn choose(&self, id: &str, value: &str) -> anyhow::Result<()> {
        wait::until(&format!("{value:?} of {id}"), async || {
            Ok(self.find(&selector(id)).await?.select_by_value(value).await?)
        })
        .await
    }

    /// Picks the one of a few that has this test id: by its label, which is what one sees of it.
    ///
    /// # Errors
    /// Where it does not come.
    pub async fn pick(&self, id: &str) -> anyhow::Result<()> {
        let path = format!("//label[.//*[@data-testid='{id}']]");
        wait::until(&format!("{id} to pick"), async || {
            Ok(self.client.find(Locator::XPath(&path)).await?.click().await?)
        })
        .await
    }

    /// Waits until the page's root has this attribute with this value.
    ///
    /// # Errors
    /// Where it keeps another one.
    pub async fn root_has(&self, attribute: &str, wanted: &str) -> anyhow::Result<()> {
        wait::until(&format!("{attribute} to be {wanted}"), async || {
            let value = self.find("html").await?.attr(attribute).await?;
            ensure!(value.as_deref() == Some(wanted), "it is {value:?}");
            Ok(())
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

    /// Presses Enter in what has this test id.
    ///
    /// # Errors
    /// Where it is not there.
    pub async fn press_enter(&self, id: &str) -> anyhow::Result<()> {
        self.press(id, Key::Enter).await
    }

    /// Presses a key in what has this test id, which has the focus then.
    ///
    /// # Errors
    /// Where it does not come.
    pub async fn press(&self, id: &str, key: Key) -> anyhow::Result<()> {
        wait::until(&format!("{id} to press a key in"), async || {
            Ok(self.find(&selector(id)).await?.send_keys(&key.to_string()).await?)
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

    /// Where the window is on its display, and its size.
    pub(super) async fn rectangle(&self) -> anyhow::Result<Place> {
        let (left, top, width, height) = self.client.get_window_rect().await?;
        Ok((left.try_into()?, top.try_into()?, width.try_into()?, height.try_into()?))
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

    /// Runs a script in the page.
    pub(super) async fn script(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Clicks the first thing with this test id that says this, once it is there.
    ///
    /// # Errors
    /// Where it does not come.
    pub async fn click_that_says(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let path = format!("//*[@data-testid='{id}'][contains(., '{text}')]");
        wait::until(&format!("a {id} that says {text:?}"), async || {
            Ok(self.client.find(Locator::XPath(&path)).await?.click().await?)
        })
        .await
    }

    pub(super) async fn find(&self, css: &str) -> anyhow::Result<Element> {
        Ok(self.client.find(Locator::Css(css)).await?)
    }
}

/// What has this test id, for CSS.
pub(super) fn selector(id: &str) -> String {
    format!("[data-testid='{id}']")
}
