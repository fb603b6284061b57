//! What most stories need: a running server, a display with room for two windows, and a device for each of two
//! people.

use std::path::Path;

use crate::{
    App, Device, Display, SecretService, Server,
    app::Size,
    people::{ANA, BEN},
};

/// The size of each window, in pixels, unless something else is asked for.
pub const WINDOW: (u32, u32) = Size::Desktop.pixels();

/// Ana's window on the left, Ben's on the right.
pub struct Scene {
    /// Where Ana and Ben have accounts.
    pub server: Server,
    /// Wide enough for both windows.
    pub display: Display,
    /// Ana's device, with nothing on it.
    pub ana: Device,
    /// Ben's device, with nothing on it.
    pub ben: Device,
    // Both devices keep their secrets there.
    _secrets: SecretService,
}

impl Scene {
    /// Starts everything but the apps.
    ///
    /// # Errors
    /// Where one of the parts is not installed or does not start.
    pub async fn set() -> anyhow::Result<Self> {
        Self::sized(Size::Desktop).await
    }

    /// As [`Scene::set`], with both windows of this size.
    ///
    /// # Errors
    /// As above.
    pub async fn sized(size: Size) -> anyhow::Result<Self> {
        let (width, height) = size.pixels();
        let secrets = SecretService::start().await?;
        let display = Display::start(2 * width, height).await?;
        let place = |x| (x, 0, width, height);
        Ok(Self {
            server: Server::with_people(&[ANA, BEN]).await?,
            ana: Device::new(&display, &secrets, place(0))?,
            ben: Device::new(&display, &secrets, place(width))?,
            display,
            _secrets: secrets,
        })
    }

    /// Saves the display as `NAME.png` in this folder, once these windows have painted what they hold.
    ///
    /// # Errors
    /// Where a window is gone, or the picture cannot be saved.
    pub async fn picture(&self, windows: [&App; 2], folder: &Path, name: &str) -> anyhow::Result<()> {
        for window in windows {
            window.painted().await?;
        }
        self.display.screenshot(&folder.join(format!("{name}.png"))).await
    }
}
