//! Devices, and the app on them.

use std::{
    fs,
    ops::Deref,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::ensure;
use tempfile::TempDir;

use super::{Window, driver::Driver};
use crate::{
    Display, SecretService,
    process::{self, Process},
    programs, wait,
};

/// A person's device: a home folder of its own. What the app left in it is there when the app is started again.
pub struct Device {
    home: PathBuf,
    // Removes a throw-away home when the device is dropped.
    _folder: Option<TempDir>,
    display: Display,
    environment: Vec<(&'static str, String)>,
    place: Place,
}

/// Where a window lies on the display: left, top, width and height in pixels.
pub type Place = (u32, u32, u32, u32);

impl Device {
    /// A new device with nothing on it, whose window lies at this place of the display.
    ///
    /// # Errors
    /// Where its home cannot be made.
    pub fn new(display: &Display, secrets: &SecretService, place: Place) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("roost-device-").tempdir()?;
        let device = Self::at(folder.path().to_path_buf(), display, secrets, place);
        Ok(Self { _folder: Some(folder), ..device })
    }

    /// The device with this home, on which the app may have been before.
    #[must_use]
    pub fn at(home: PathBuf, display: &Display, secrets: &SecretService, place: Place) -> Self {
        let environment = [display.environment(), secrets.environment()].concat();
        Self { home, _folder: None, display: display.clone(), environment, place }
    }

    /// Starts the app under a driver, and waits until its page is there.
    ///
    /// # Errors
    /// Where the app or its driver does not start.
    pub async fn open(&self) -> anyhow::Result<App> {
        let app = self.open_as_it_was().await?;
        app.place(self.place).await?;
        Ok(app)
    }

    /// As [`Device::open`], with the window where the app puts it.
    ///
    /// # Errors
    /// As [`Device::open`].
    pub async fn open_as_it_was(&self) -> anyhow::Result<App> {
        let driver = Driver::start(|command| self.prepare(command)).await?;
        let (client, pid) = driver.open(&programs::built("roost")?, &self.arguments()).await?;
        let window = Window::new(client);
        window.ready().await?;
        Ok(App { window, pid, driver, display: self.display.clone(), place: self.place })
    }

    /// Starts the app once more while it runs, with these arguments, and waits until that start has ended.
    ///
    /// # Errors
    /// Where it goes on, or ends badly.
    pub async fn start_again(&self, args: &[&str]) -> anyhow::Result<()> {
        let mut command = Command::new(programs::built("roost")?);
        self.prepare(&mut command)?;
        command.args(self.arguments()).args(args);
        Process::spawn("a second start", &mut command)?.end().await
    }

    /// Gives the device a browser, of which is known what it was asked to open: [`Device::opened`].
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn install_browser(&self) -> anyhow::Result<()> {
        let program = self.programs().join("xdg-open");
        fs::create_dir_all(self.programs())?;
        fs::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$HOME/opened\"\n")?;
        Ok(fs::set_permissions(&program, fs::Permissions::from_mode(0o700))?)
    }

    /// Waits until the browser was asked to open exactly these addresses, in this order.
    ///
    /// # Errors
    /// Where it stays otherwise.
    pub async fn opened(&self, addresses: &[&str]) -> anyhow::Result<()> {
        wait::until("the browser to open it", async || {
            let opened = fs::read_to_string(self.home.join("opened"))?;
            ensure!(opened.lines().eq(addresses.iter().copied()), "opened is {opened:?}");
            Ok(())
        })
        .await
    }

    /// Where this device has programs of its own, which go before the system's.
    fn programs(&self) -> PathBuf {
        self.home.join("bin")
    }

    /// The middle of its window.
    pub(crate) fn centre(&self) -> (u32, u32) {
        let (left, top, width, height) = self.place;
        (left + width / 2, top + height / 2)
    }

    /// What the app is started with on this device.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        vec!["--data-dir".to_owned(), self.home.join("roost").to_string_lossy().into_owned()]
    }

    /// Gives a program this device's home and environment.
    ///
    /// # Errors
    /// Where the folders of the home cannot be made.
    pub fn prepare(&self, command: &mut Command) -> anyhow::Result<()> {
        for (name, folder) in [
            ("HOME", ""),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
        ] {
            let folder = self.home.join(folder);
            fs::create_dir_all(&folder)?;
            command.env(name, folder);
        }
        let system = std::env::var_os("PATH").unwrap_or_default();
        command.env(
            "PATH",
            std::env::join_paths([self.programs()].into_iter().chain(std::env::split_paths(&system)))?,
        );
        // The system's accessibility bus would be looked for on a bus that starts nothing.
        command.env("NO_AT_BRIDGE", "1").env("GTK_A11Y", "none");
        command.env_remove("ROOST_DATA_DIR").env_remove("WAYLAND_DISPLAY");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(())
    }
}

/// The app, running. Everything that its window can do, it can do itself.
pub struct App {
    window: Window,
    pid: u32,
    driver: Driver,
    pub(super) display: Display,
    place: Place,
}

impl App {
    /// Its process id.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.pid
    }

    /// Where the window's left upper corner was put.
    pub(super) fn corner(&self) -> (u32, u32) {
        (self.place.0, self.place.1)
    }

    /// Kills the app at once, in the middle of whatever it does, and waits until it is gone.
    ///
    /// # Errors
    /// Where it stays.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        process::kill(self.pid);
        self.driver.end();
        // What it held, such as the lock on its profile, is free once it is gone.
        self.ended().await
    }

    /// Waits until the app has ended by itself.
    ///
    /// # Errors
    /// Where it goes on.
    pub async fn ended(&self) -> anyhow::Result<()> {
        wait::until("the app's end", async || {
            ensure!(!process::is_running(self.pid), "process {} still runs", self.pid);
            Ok(())
        })
        .await
    }

    /// Saves what the display shows of the window as a PNG. (`WebKitWebDriver` has pictures of windows that are painted
    /// with OpenGL only; of others they never come.)
    ///
    /// # Errors
    /// Where the window is gone, or the file cannot be written.
    pub async fn screenshot(&self, to: &Path) -> anyhow::Result<()> {
        self.window.painted().await?;
        self.display.screenshot_of(self.window.rectangle().await?, to).await
    }
}

impl Deref for App {
    type Target = Window;

    fn deref(&self) -> &Window {
        &self.window
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.display.keep_failure();
        }
        process::kill(self.pid);
    }
}
