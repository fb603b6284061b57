//! The first picture: what the page shows before it has asked for anything.
//!
//! The engine is open long before the webview has a page, but each question and its answer take the page tens of
//! milliseconds at its start. So what the first screen needs stands in the page itself when it is loaded. The page asks
//! for everything all the same, and shows that from then on.

use std::{
    borrow::Cow,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use specta::Type;
use sync_core::{Client, StoreError};
use tauri::{
    AppHandle, Manager as _,
    http::{Request, Response},
};

use crate::{
    dto::{Conversation, SessionState},
    settings::{Settings, SettingsFile},
};

/// How many conversations are in the picture: more than a window has room for.
const CONVERSATIONS: usize = 40;

/// Where the page keeps it until it is read, as `ui/src/lib/api/first.ts` does. It is data: nothing in it is ever run.
const OPENING: &str = r#"<script id="first" type="application/json">"#;
const CLOSING: &str = "</script>";

/// What stands after it in the page.
const BEFORE: &str = "</head>";

/// What the first screen shows.
#[derive(Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct First {
    settings: Settings,
    session: SessionState,
    /// Whether secrets outlive this run.
    secrets_last: bool,
    /// The first of them, in their order.
    conversations: Vec<Conversation>,
}

impl First {
    async fn of(client: &Client, settings: Settings) -> Result<Self, StoreError> {
        let conversations = client.conversations().await?;
        Ok(Self {
            settings,
            session: client.session().into(),
            secrets_last: client.stays_signed_in(),
            conversations: conversations.into_iter().take(CONVERSATIONS).map(Into::into).collect(),
        })
    }

    /// This page with the picture in it; the same page where it has no place for one.
    fn put_into(&self, page: &str) -> Result<String, serde_json::Error> {
        // A text must not end the element that it stands in.
        let json = serde_json::to_string(self)?.replace('<', "\\u003c");
        Ok(page.replacen(BEFORE, &format!("{OPENING}{json}{CLOSING}{BEFORE}"), 1))
    }
}

/// The picture on its way from the engine to the page.
#[derive(Default)]
pub(crate) struct FirstPicture(Mutex<Stage>);

#[derive(Default)]
enum Stage {
    #[default]
    Awaited,
    Drawn(Box<First>),
    /// A page was loaded. The next one asks: what was so at the start need not be so any more, nor the same account.
    Over,
}

impl FirstPicture {
    fn keep(&self, first: First) {
        let mut stage = self.stage();
        if matches!(*stage, Stage::Awaited) {
            *stage = Stage::Drawn(Box::new(first));
        }
    }

    fn take(&self) -> Option<First> {
        match mem::replace(&mut *self.stage(), Stage::Over) {
            Stage::Drawn(first) => Some(*first),
            Stage::Awaited | Stage::Over => None,
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Draws the picture. Where that fails the page asks, and is told why.
pub(crate) async fn draw(app: AppHandle, client: Client) {
    let settings = app.state::<SettingsFile>().get();
    match First::of(&client, settings).await {
        Ok(first) => app.state::<FirstPicture>().keep(first),
        Err(error) => tracing::warn!(%error, "the first screen waits for its answers"),
    }
}

/// Puts the picture into the page as it is loaded, where it is drawn already.
pub(crate) fn show(app: &AppHandle, request: &Request<Vec<u8>>, response: &mut Response<Cow<'static, [u8]>>) {
    if !matches!(request.uri().path(), "" | "/" | "/index.html") {
        return;
    }
    let Some(first) = app.state::<FirstPicture>().take() else { return };
    let Ok(page) = str::from_utf8(response.body()) else { return };
    match first.put_into(page) {
        Ok(page) => *response.body_mut() = Cow::Owned(page.into_bytes()),
        Err(error) => tracing::warn!(%error, "the first screen waits for its answers"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><title>Roost</title></head><body></body></html>";

    fn first(language: &str) -> First {
        First {
            settings: Settings { language: Some(language.to_owned()), ..Settings::default() },
            session: SessionState::SignedOut,
            secrets_last: true,
            conversations: Vec::new(),
        }
    }

    #[test]
    fn the_page_holds_the_picture_and_is_otherwise_the_same() {
        let page = first("fil").put_into(PAGE).unwrap();
        let (before, rest) = page.split_once(OPENING).unwrap();
        let (picture, after) = rest.split_once(CLOSING).unwrap();
        assert_eq!(format!("{before}{after}"), PAGE);
        let picture: serde_json::Value = serde_json::from_str(picture).unwrap();
        assert_eq!(picture["settings"]["language"], "fil");
        assert_eq!(picture["session"]["state"], "signedOut");
    }

    #[test]
    fn what_people_wrote_cannot_leave_the_picture() {
        let hostile = "</script><script>alert(1)</script><!--";
        let page = first(hostile).put_into(PAGE).unwrap();
        assert_eq!(page.matches("<script").count(), 1, "{page}");
        assert_eq!(page.matches("</script").count(), 1, "{page}");
        assert!(!page.contains("<!--"), "{page}");
        let picture = page.split_once(OPENING).unwrap().1.split_once(CLOSING).unwrap().0;
        let picture: serde_json::Value = serde_json::from_str(picture).unwrap();
        assert_eq!(picture["settings"]["language"], hostile);
    }

    #[test]
    fn the_chat_has_a_place_for_it() {
        assert_eq!(include_str!("../../ui/index.html").matches(BEFORE).count(), 1);
    }

    #[test]
    fn only_the_first_page_has_it_and_only_in_time() {
        let in_time = FirstPicture::default();
        in_time.keep(first("fil"));
        assert_eq!(in_time.take().unwrap().settings.language.as_deref(), Some("fil"));
        assert!(in_time.take().is_none());

        let late = FirstPicture::default();
        assert!(late.take().is_none());
        late.keep(first("fil"));
        assert!(late.take().is_none());
    }

    #[test]
    fn a_page_without_a_place_for_it_stays_as_it_is() {
        assert_eq!(first("en").put_into("<p>Something else</p>").unwrap(), "<p>Something else</p>");
    }
}
