//! The keyboard, and where its focus is.

use anyhow::{bail, ensure};
use fantoccini::{
    actions::{Actions, InputSource, KeyAction, KeyActions},
    key::Key,
};
use serde::Deserialize;

use super::Window;
use crate::wait;

/// Whatever shows that something has the focus: a ring around it, or around the frame that it stands in.
const FOCUS: &str = "
    const held = document.activeElement;
    const ringed = (element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
    };
    const id = held?.closest('[data-testid]')?.dataset.testid ?? null;
    return { id, ringed: held !== null && [held, held.parentElement].some((each) => each && ringed(each)) };";

/// What has the focus.
#[derive(Debug, Deserialize)]
struct Focus {
    /// Its test id, or that of what it stands in.
    id: Option<String>,
    /// Whether one sees it.
    ringed: bool,
}

impl Window {
    /// Presses a key while these are held down.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn chord(&self, held: &[Key], key: impl Into<char>) -> anyhow::Result<()> {
        let key = key.into();
        let mut keys = KeyActions::new("keyboard".to_owned());
        for held in held {
            keys = keys.then(KeyAction::Down { value: (*held).into() });
        }
        keys = keys.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        for held in held.iter().rev() {
            keys = keys.then(KeyAction::Up { value: (*held).into() });
        }
        Ok(self.client.perform_actions(Actions::from(keys)).await?)
    }

    /// Presses a key.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn key(&self, key: Key) -> anyhow::Result<()> {
        self.chord(&[], key).await
    }

    /// Types this into whatever has the focus.
    ///
    /// # Errors
    /// Where the window is gone.
    pub async fn type_text(&self, text: &str) -> anyhow::Result<()> {
        let keys = text.chars().fold(KeyActions::new("keyboard".to_owned()), |keys, value| {
            keys.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(Actions::from(keys)).await?)
    }

    /// Waits until what has this test id has the focus.
    ///
    /// # Errors
    /// Where something else keeps it.
    pub async fn focus_is_on(&self, id: &str) -> anyhow::Result<()> {
        self.focus(id).await.map(drop)
    }

    /// As [`Window::focus_is_on`], and one sees it, as whoever uses the keyboard must.
    ///
    /// # Errors
    /// Where something else keeps it, or nothing shows it.
    pub async fn focus_shows_on(&self, id: &str) -> anyhow::Result<()> {
        let focus = self.focus(id).await?;
        ensure!(focus.ringed, "{id} has the focus, and nobody sees it");
        Ok(())
    }

    async fn focus(&self, id: &str) -> anyhow::Result<Focus> {
        wait::until(&format!("the focus on {id}"), async || {
            let focus: Focus = serde_json::from_value(self.script(FOCUS).await?)?;
            ensure!(focus.id.as_deref() == Some(id), "it is on {:?}", focus.id);
            Ok(focus)
        })
        .await
    }

    /// Presses Tab until what has this test id has the focus.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub async fn tab_to(&self, id: &str) -> anyhow::Result<()> {
        self.tab(&[], id).await
    }

    /// Presses Shift and Tab until what has this test id has the focus.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub async fn tab_back_to(&self, id: &str) -> anyhow::Result<()> {
        self.tab(&[Key::Shift], id).await
    }

    async fn tab(&self, held: &[Key], id: &str) -> anyhow::Result<()> {
        const STOPS_MOST: usize = 40;
        let mut passed = Vec::new();
        for _ in 0..STOPS_MOST {
            let focus: Focus = serde_json::from_value(self.script(FOCUS).await?)?;
            if focus.id.as_deref() == Some(id) {
                return self.focus_shows_on(id).await;
            }
            passed.push(focus.id);
            self.chord(held, Key::Tab).await?;
            self.painted().await?;
        }
        bail!("Tab does not reach {id}; it went over {passed:?}")
    }

    /// Waits until the window has the focus, or has it no more.
    ///
    /// # Errors
    /// Where that stays as it is.
    pub async fn is_focused(&self, wanted: bool) -> anyhow::Result<()> {
        wait::until("the window's focus", async || {
            let focused = self.script("return document.hasFocus()").await?;
            ensure!(focused == wanted, "it is {focused}");
            Ok(())
        })
        .await
    }
}
