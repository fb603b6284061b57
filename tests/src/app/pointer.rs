//! What a mouse does on a desktop and a finger on a phone.

use std::time::Duration;

use anyhow::ensure;
use fantoccini::{Locator, elements::Element};
use serde_json::{Value, json};

use super::{App, Size, Window};
use crate::{people::Person, wait};

/// A finger that rests on an element, and what a webview tells of it. The driver has no finger of its own.
const FINGER: &str = "
    const [element, phase] = arguments;
    const { left, top, width, height } = element.getBoundingClientRect();
    element.dispatchEvent(new PointerEvent(phase, {
        bubbles: true, cancelable: true, composed: true, pointerId: 7, pointerType: 'touch', isPrimary: true,
        clientX: left + width / 2, clientY: top + height / 2,
    }));";

/// Half-way across an element.
const MIDDLE: &str = "(left + right) / 2";

impl Window {
    /// What the window is like now: where there is room for one pane, it is a phone's.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn form(&self) -> anyhow::Result<Size> {
        let narrow = self.script("return matchMedia('(max-width: 719px)').matches").await?;
        Ok(if narrow == Value::Bool(true) { Size::Phone } else { Size::Desktop })
    }
}

impl App {
    /// Chooses this entry of a message's menu: by the right button of the mouse, or by a long press.
    ///
    /// # Errors
    /// Where there is no such message, or its menu lacks the entry.
    pub async fn choose_for_message(&self, text: &str, entry: &str) -> anyhow::Result<()> {
        self.menu(&said(text)).await?;
        self.click(entry).await
    }

    /// Drags the mouse from before the text of a message to behind that of another; both are of one line.
    ///
    /// # Errors
    /// Where there are no such messages.
    pub async fn drag_across(&self, first: &str, last: &str) -> anyhow::Result<()> {
        let edge = async |text: &str, across: &str| {
            let element = self.client.find(Locator::XPath(&said(text))).await?;
            self.point_of(&element, across).await
        };
        self.display.drag(edge(first, "left + 1").await?, edge(last, "right - 1").await?)
    }

    /// What is selected on the page.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn selected(&self) -> anyhow::Result<String> {
        Ok(serde_json::from_value(self.script("return getSelection().toString()").await?)?)
    }

    /// Chooses this entry of a conversation's menu, as [`App::choose_for_message`].
    ///
    /// # Errors
    /// Where it is not in the list, or its menu lacks the entry.
    pub async fn choose_for_conversation(&self, with: &Person, entry: &str) -> anyhow::Result<()> {
        self.menu(&format!("//*[@data-testid='conversation'][contains(., '{}')]", with.last_name)).await?;
        self.click(entry).await
    }

    /// Opens the menu of what is at this path.
    async fn menu(&self, path: &str) -> anyhow::Result<()> {
        let form = self.form().await?;
        wait::until(&format!("the menu of {path}"), async || {
            if !self.client.find_all(Locator::Css("[role=menu]")).await?.is_empty() {
                return Ok(());
            }
            let element = self.client.find(Locator::XPath(path)).await?;
            match form {
                Size::Desktop => {
                    self.display.press_right_at(self.point_of(&element, MIDDLE).await?)?;
                }
                Size::Phone => self.rest_finger(&element).await?,
            }
            ensure!(!self.client.find_all(Locator::Css("[role=menu]")).await?.is_empty(), "no menu opened");
            Ok(())
        })
        .await
    }

    /// Where a point of an element is on the display: half-way down, and across as this expression says.
    async fn point_of(&self, element: &Element, across: &str) -> anyhow::Result<(u32, u32)> {
        let script = format!(
            "const {{ left, right, top, bottom }} = arguments[0].getBoundingClientRect();
            return [Math.round({across}), Math.round((top + bottom) / 2)]"
        );
        let at = self.client.execute(&script, vec![serde_json::to_value(element)?]).await?;
        let (x, y): (u32, u32) = serde_json::from_value(at)?;
        let (left, top) = self.corner();
        Ok((left + x, top + y))
    }

    async fn rest_finger(&self, element: &Element) -> anyhow::Result<()> {
        let finger = async |phase: &str| {
            let arguments = vec![serde_json::to_value(element)?, json!(phase)];
            anyhow::Ok(self.client.execute(FINGER, arguments).await.map(drop)?)
        };
        finger("pointerdown").await?;
        let opened = wait::within(Duration::from_secs(5), "the long press", async || {
            ensure!(!self.client.find_all(Locator::Css("[role=menu]")).await?.is_empty(), "no menu opened");
            Ok(())
        })
        .await;
        finger("pointerup").await?;
        opened
    }
}

/// The path of what a message says.
fn said(text: &str) -> String {
    format!("//*[@data-testid='message'][contains(., \"{text}\")]//*[@data-testid='message-text']")
}
