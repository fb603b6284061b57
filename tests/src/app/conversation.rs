//! The list of conversations and the one that is open: what people do all day.

use anyhow::{Context, ensure};
use fantoccini::Locator;
use serde::Deserialize;

use super::{
    Size,
    window::{Window, selector},
};
use crate::{people::Person, wait};

/// A message on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bubble {
    /// What it says.
    pub text: String,
    /// Whether it is one's own.
    pub mine: bool,
    /// `storing`, `waiting`, `sending`, `sent`, `delivered`, `read`, `refused` or `held`; only on one's own.
    pub status: Option<String>,
    /// The status in words, as a screen reader says it.
    pub told: Option<String>,
    /// Whether it says that it was changed.
    pub edited: bool,
}

impl Window {
    /// Looks for this person and opens the conversation with them.
    ///
    /// # Errors
    /// Where they are not found.
    pub async fn start_conversation(&self, with: &Person) -> anyhow::Result<()> {
        self.click("new-conversation").await?;
        self.fill("people-search", with.first_name).await?;
        self.click_that_says("person", with.last_name).await?;
        self.composer().await
    }

    /// Opens the conversation with this person from the list.
    ///
    /// # Errors
    /// Where it is not in the list.
    pub async fn open_conversation(&self, with: &Person) -> anyhow::Result<()> {
        let row = format!("//*[@data-testid='conversation'][contains(., '{}')]", with.first_name);
        let open = format!("//main[not(@inert)]//h2[contains(., '{}')]", with.last_name);
        wait::until(&format!("the conversation with {}", with.first_name), async || {
            // Again where the list moved under the click, because something came or went above it.
            if self.client.find(Locator::XPath(&open)).await.is_err() {
                self.client.find(Locator::XPath(&row)).await?.click().await?;
            }
            Ok(self.client.find(Locator::XPath(&open)).await.map(drop)?)
        })
        .await?;
        self.composer().await
    }

    /// Goes where the list is in sight: on a phone, out of the conversation.
    ///
    /// # Errors
    /// Where there is no way back.
    pub async fn to_list(&self) -> anyhow::Result<()> {
        match self.form().await? {
            Size::Desktop => Ok(()),
            Size::Phone => self.click("back").await,
        }
    }

    /// Chooses this entry of the account's menu.
    ///
    /// # Errors
    /// Where the list is out of sight, or the menu lacks the entry.
    pub async fn choose_for_account(&self, entry: &str) -> anyhow::Result<()> {
        wait::until(&format!("{entry} of the account's menu"), async || {
            // A window that is still getting its size closes the menu.
            if self.find(&selector(entry)).await.is_err() {
                self.find(&selector("account-menu")).await?.click().await?;
            }
            Ok(self.find(&selector(entry)).await?.click().await?)
        })
        .await
    }

    /// Goes to a section of the settings; on a phone all of them are there, under one another.
    ///
    /// # Errors
    /// Where the settings are not open.
    pub async fn settings_section(&self, name: &str) -> anyhow::Result<()> {
        match self.form().await? {
            Size::Desktop => self.click(&format!("settings-{name}")).await,
            Size::Phone => Ok(()),
        }
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
            told: message.querySelector('[role=img]')?.getAttribute('aria-label') ?? null,
            edited: message.querySelector('[data-testid=message-edited]') !== null,
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

    /// Waits until there is a composer: a conversation is open.
    ///
    /// # Errors
    /// Where none comes.
    pub async fn composer(&self) -> anyhow::Result<()> {
        wait::until("the composer", async || self.find(&selector("composer")).await).await?;
        Ok(())
    }
}
