//! What a desktop's session serves to apps, on a bus of our own: notifications, and the watcher of tray icons. They show
//! nothing, and tell what they were asked for.

mod served;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{bail, ensure};
use zbus::{Connection, connection};

use self::served::{Notifications, Watcher};
use crate::wait;

const NOTIFICATIONS: &str = "/org/freedesktop/Notifications";
const WATCHER: &str = "/StatusNotifierWatcher";

/// A notification that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The number by which the app knows it.
    pub id: u32,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// A desktop's session.
pub struct Session {
    bus: Connection,
    shown: Arc<Mutex<Vec<Shown>>>,
    icons: Arc<Mutex<Vec<String>>>,
}

impl Session {
    /// Serves apps on the bus at this address.
    ///
    /// # Errors
    /// Where there is no such bus, or something else serves there already.
    pub async fn start(address: &str) -> anyhow::Result<Self> {
        let shown = Arc::<Mutex<Vec<Shown>>>::default();
        let icons = Arc::<Mutex<Vec<String>>>::default();
        let bus = connection::Builder::address(address)?
            .serve_at(NOTIFICATIONS, Notifications::new(Arc::clone(&shown)))?
            .serve_at(WATCHER, Watcher::new(Arc::clone(&icons)))?
            .name("org.freedesktop.Notifications")?
            .name("org.kde.StatusNotifierWatcher")?
            .build()
            .await?;
        Ok(Self { bus, shown, icons })
    }

    /// Waits until exactly these notifications are shown, each by its title and text.
    ///
    /// # Errors
    /// Where it stays otherwise.
    pub async fn shows(&self, wanted: &[(&str, &str)]) -> anyhow::Result<Vec<Shown>> {
        wait::until("the notifications", async || {
            let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let texts: Vec<_> = shown.iter().map(|shown| (&*shown.title, &*shown.body)).collect();
            ensure!(texts == wanted, "shown is {texts:?}");
            Ok(shown)
        })
        .await
    }

    /// Clicks on a notification.
    ///
    /// # Errors
    /// Where the bus is gone.
    pub async fn click(&self, shown: &Shown) -> anyhow::Result<()> {
        let served = self.bus.object_server().interface::<_, Notifications>(NOTIFICATIONS).await?;
        Ok(Notifications::action_invoked(served.signal_emitter(), shown.id, "default").await?)
    }

    /// Waits until so many starts of an app have put an icon into the tray. Each start puts one there, once its window
    /// has its content.
    ///
    /// # Errors
    /// Where fewer do.
    pub async fn has_icons(&self, starts: usize) -> anyhow::Result<()> {
        wait::until("the icon in the tray", async || {
            let icons = self.icons.lock().unwrap_or_else(PoisonError::into_inner).len();
            ensure!(icons >= starts, "{icons} starts put one there");
            Ok(())
        })
        .await
    }
}

/// The address of the bus in an environment.
///
/// # Errors
/// Where it names none.
pub fn bus_address(environment: &[(&'static str, String)]) -> anyhow::Result<String> {
    match environment.iter().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS") {
        Some((_, address)) => Ok(address.clone()),
        None => bail!("the environment names no bus"),
    }
}
