//! The two interfaces of a session's bus that the app speaks to.

#![expect(clippy::used_underscore_binding, reason = "what is served reads every argument, used or not")]
#![expect(clippy::unused_self, reason = "an interface has methods, also where each answers the same")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use zbus::{interface, object_server::SignalEmitter, zvariant::OwnedValue};

use super::Shown;

/// What shows notifications.
pub(super) struct Notifications {
    shown: Arc<Mutex<Vec<Shown>>>,
    last: u32,
}

impl Notifications {
    pub(super) fn new(shown: Arc<Mutex<Vec<Shown>>>) -> Self {
        Self { shown, last: 0 }
    }

    fn replace(&self, id: u32, shown: Option<Shown>) {
        let mut all = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| other.id != id);
        all.extend(shown);
    }
}

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification has so many")]
    fn notify(
        &mut self,
        _app_name: String,
        replaces: u32,
        _app_icon: String,
        title: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        self.last += u32::from(replaces == 0);
        let id = if replaces == 0 { self.last } else { replaces };
        self.replace(id, Some(Shown { id, title, body }));
        id
    }

    async fn close_notification(&mut self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>, id: u32) {
        self.replace(id, None);
        // Whoever asked may be gone by now.
        let _ = Self::notification_closed(&emitter, id, 3).await;
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned()]
    }

    /// Somebody clicked.
    #[zbus(signal)]
    pub(super) async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        id: u32,
        action_key: &str,
    ) -> zbus::Result<()>;

    /// It is shown no longer.
    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

/// What shows the icons of apps.
pub(super) struct Watcher {
    icons: Arc<Mutex<Vec<String>>>,
}

impl Watcher {
    pub(super) fn new(icons: Arc<Mutex<Vec<String>>>) -> Self {
        Self { icons }
    }
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&mut self, service: String) {
        self.icons.lock().unwrap_or_else(PoisonError::into_inner).push(service);
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.icons.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
