//! Notifications by Tauri's plugin: macOS, Windows and phones.
//!
//! Neither macOS nor Windows lets it replace or take back what it has shown; phones do both, by the number.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tauri::{AppHandle, Wry};
use tauri_plugin_notification::NotificationExt as _;

use super::{Notice, Notifier};
use crate::links::Link;

/// The system's sound for a message, where one can be named.
const SOUND: &str = if cfg!(windows) { "IM" } else { "default" };
/// What the plugin calls a click on the notification itself.
const CLICK: &str = "tap";
/// So many notifications can be clicked on; of older ones the conversation is forgotten.
const CLICKABLE: usize = 256;

/// The system's notifications.
pub(super) struct System {
    app: AppHandle<Wry>,
    shown: Arc<Mutex<HashMap<i32, Link>>>,
}

impl System {
    /// Calls `clicked` where somebody clicks on a notification.
    pub(super) fn new(app: &AppHandle<Wry>, clicked: impl Fn(Link) + Send + Sync + 'static) -> Self {
        let shown = Arc::new(Mutex::new(HashMap::<i32, Link>::new()));
        let known = Arc::clone(&shown);
        let heard = app.notification().on_action(move |action| {
            let number = action.notification().map(|notification| notification.id());
            let shown = known.lock().unwrap_or_else(PoisonError::into_inner);
            let link = number.and_then(|number| shown.get(&number).cloned());
            drop(shown);
            if let Some(link) = link.filter(|_| action.action_id() == CLICK) {
                clicked(link);
            }
        });
        if let Err(error) = heard.and_then(|()| app.notification().request_permission().map(drop)) {
            tracing::warn!(%error, "notifications may not be shown");
        }
        Self { app: app.clone(), shown }
    }

    fn withdraw_numbers(&self, numbers: Vec<i32>) {
        if let Err(error) = self.app.notification().remove_active(numbers) {
            tracing::debug!(%error, "a notification was gone already");
        }
    }
}

impl Notifier for System {
    async fn show(&self, notice: Notice) {
        let number = number(&notice.peer);
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.len() >= CLICKABLE {
            shown.clear();
        }
        shown.insert(number, notice.link);
        drop(shown);
        let mut notification =
            self.app.notification().builder().id(number).title(notice.title).body(notice.body);
        if notice.sound && cfg!(desktop) {
            notification = notification.sound(SOUND);
        }
        if !notice.sound {
            notification = notification.silent();
        }
        if let Err(error) = notification.show() {
            tracing::warn!(%error, "a notification is not shown");
        }
    }

    async fn withdraw(&self, peer: &str) {
        let number = number(peer);
        if self.shown.lock().unwrap_or_else(PoisonError::into_inner).remove(&number).is_some() {
            self.withdraw_numbers(vec![number]);
        }
    }

    async fn withdraw_all(&self) {
        let numbers =
            self.shown.lock().unwrap_or_else(PoisonError::into_inner).drain().map(|(number, _)| number);
        self.withdraw_numbers(numbers.collect());
    }
}

/// A conversation's number, the same for all of its messages.
fn number(peer: &str) -> i32 {
    let mut hasher = DefaultHasher::new();
    peer.hash(&mut hasher);
    // The plugin's numbers are of 32 bits.
    i32::from_ne_bytes(hasher.finish().to_ne_bytes()[..4].try_into().unwrap_or_default())
}
