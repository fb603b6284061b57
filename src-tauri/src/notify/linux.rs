//! Notifications by the Desktop Notifications Specification 1.2, spoken with whatever serves it on the session's bus.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use tauri::AppHandle;
use tokio::sync::{Mutex, OnceCell};
use zbus::{Connection, proxy, zvariant::Value};

use super::{Notice, Notifier};
use crate::links::Link;

/// The app's name, its desktop entry (which groups its notifications) and its icon, as the packages install them.
const NAME: &str = "Roost";
const ENTRY: &str = "Roost";
const ICON: &str = "roost";
/// A click on the notification itself.
const CLICK: &str = "default";
/// How long it is shown is the system's choice.
const AS_LONG_AS_USUAL: i32 = -1;

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification has so many")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;
    fn close_notification(&self, id: u32) -> zbus::Result<()>;
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// The session's notifications.
pub(super) struct System {
    /// Where the bus is; the session's own where nothing is said.
    address: Option<String>,
    clicked: std::sync::Arc<dyn Fn(Link) + Send + Sync>,
    server: OnceCell<Server>,
}

/// What serves notifications, once it was asked for the first time.
struct Server {
    proxy: NotificationsProxy<'static>,
    shown: std::sync::Arc<Shown>,
    /// Whether it reads texts as markup.
    markup: bool,
}

/// What is shown, by conversation: the server's number of it, and where a click leads.
type Shown = Mutex<HashMap<String, (u32, Link)>>;

impl System {
    /// Calls `clicked` where somebody clicks on a notification. Nothing is asked of the system before the first one.
    pub(super) fn new(_app: &AppHandle, clicked: impl Fn(Link) + Send + Sync + 'static) -> Self {
        Self::at(None, clicked)
    }

    fn at(address: Option<String>, clicked: impl Fn(Link) + Send + Sync + 'static) -> Self {
        Self { address, clicked: std::sync::Arc::new(clicked), server: OnceCell::new() }
    }

    async fn server(&self) -> zbus::Result<&Server> {
        self.server.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> zbus::Result<Server> {
        let bus = match &self.address {
            Some(address) => zbus::connection::Builder::address(&**address)?.build().await?,
            None => Connection::session().await?,
        };
        let proxy = NotificationsProxy::new(&bus).await?;
        let markup = proxy.get_capabilities().await?.iter().any(|capability| capability == "body-markup");
        let shown = std::sync::Arc::new(Shown::default());
        // Listened to before the first is shown, so that no click is missed.
        let mut clicks = proxy.receive_action_invoked().await?;
        let mut ends = proxy.receive_notification_closed().await?;
        let (clicked, known) = (std::sync::Arc::clone(&self.clicked), std::sync::Arc::clone(&shown));
        tauri::async_runtime::spawn(async move {
            loop {
                tokio::select! {
                    // A click comes before the end that it brings.
                    biased;
                    Some(click) = clicks.next() => {
                        let Ok(click) = click.args() else { continue };
                        let shown = known.lock().await;
                        let link = shown.values().find(|(id, _)| *id == click.id).map(|(_, link)| link.clone());
                        drop(shown);
                        if let Some(link) = link.filter(|_| click.action_key == CLICK) {
                            clicked(link);
                        }
                    }
                    Some(end) = ends.next() => {
                        let Ok(end) = end.args() else { continue };
                        known.lock().await.retain(|_, (id, _)| *id != end.id);
                    }
                    else => break,
                }
            }
        });
        Ok(Server { proxy, shown, markup })
    }

    async fn try_to_show(&self, notice: Notice) -> zbus::Result<()> {
        let server = self.server().await?;
        // Held until the number is known, so that its click is not for nothing.
        let mut shown = server.shown.lock().await;
        let replaced = shown.get(&notice.peer).map_or(0, |(id, _)| *id);
        let body = if server.markup { escaped(&notice.body) } else { notice.body };
        let sound = if notice.sound {
            ("sound-name", Value::from("message-new-instant"))
        } else {
            ("suppress-sound", Value::from(true))
        };
        let hints = HashMap::from([
            ("desktop-entry", Value::from(ENTRY)),
            ("category", Value::from("im.received")),
            sound,
        ]);
        // An action without words is not shown as a button.
        let actions = [CLICK, ""];
        let id = server
            .proxy
            .notify(NAME, replaced, ICON, &notice.title, &body, &actions, hints, AS_LONG_AS_USUAL)
            .await?;
        shown.insert(notice.peer, (id, notice.link));
        Ok(())
    }
}

impl Notifier for System {
    async fn show(&self, notice: Notice) {
        if let Err(error) = self.try_to_show(notice).await {
            tracing::warn!(%error, "a notification is not shown");
        }
    }

    async fn withdraw(&self, peer: &str) {
        // Nothing was shown before the system was asked.
        let Some(server) = self.server.get() else { return };
        let shown = server.shown.lock().await.remove(peer);
        if let Some((id, _)) = shown
            && let Err(error) = server.proxy.close_notification(id).await
        {
            tracing::debug!(%error, "a notification was gone already");
        }
    }

    async fn withdraw_all(&self) {
        let Some(server) = self.server.get() else { return };
        let peers: Vec<_> = server.shown.lock().await.keys().cloned().collect();
        for peer in peers {
            self.withdraw(&peer).await;
        }
    }
}

/// The text as markup says it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
