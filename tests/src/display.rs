//! A virtual display that nobody else uses.

use std::{
    ffi::OsStr,
    mem,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use x11rb::{
    connection::Connection as _,
    protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat},
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use crate::{
    Device,
    app::Place,
    process::Process,
    programs::{artifacts, installed},
    wait,
};

/// How long a display must look the same to have come to rest.
const MOMENT: Duration = Duration::from_millis(250);

/// For how many such moments that is waited for.
const MOMENTS: usize = 12;

/// An X server without a screen, under a number that it chose itself. Clones are the same display, which ends with
/// the last of them.
#[derive(Clone)]
pub struct Display {
    _server: Arc<Process>,
    name: String,
    kept: Arc<AtomicBool>,
}

impl Display {
    /// Starts one of this size in pixels, and waits until it takes connections.
    ///
    /// # Errors
    /// Where Xvfb is not installed or does not start.
    pub async fn start(width: u32, height: u32) -> anyhow::Result<Self> {
        Self::with(width, height, &[]).await
    }

    /// As [`Display::start`], with what it shows in a file in this folder, `Xvfb_screen0`, at every moment: an image in
    /// the X window dump format.
    ///
    /// # Errors
    /// As [`Display::start`].
    pub async fn mapped(width: u32, height: u32, folder: &Path) -> anyhow::Result<Self> {
        Self::with(width, height, &[OsStr::new("-fbdir"), folder.as_os_str()]).await
    }

    async fn with(width: u32, height: u32, options: &[&OsStr]) -> anyhow::Result<Self> {
        let mut command = Command::new(installed("Xvfb")?);
        // It prints the first free number that it finds, once it is ready.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"]).args(options);
        command.args(["-screen", "0"]).arg(format!("{width}x{height}x24"));
        let mut server = Process::spawn("Xvfb", &mut command)?;
        let number: u32 = server.line("its display number", |line| line.trim().parse().ok()).await?;
        Ok(Self { _server: Arc::new(server), kept: Arc::default(), name: format!(":{number}") })
    }

    /// What a program needs in its environment to be shown here.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("DISPLAY", self.name.clone())]
    }

    /// Moves the mouse pointer over this window: on a display without a window manager, that gives it the focus.
    ///
    /// # Errors
    /// Where xdotool is not installed or cannot.
    pub fn point_at(&self, device: &Device) -> anyhow::Result<()> {
        self.point(device.centre())
    }

    /// Moves the mouse pointer to this place of the display.
    ///
    /// # Errors
    /// As [`Display::point_at`].
    pub fn point(&self, (x, y): (u32, u32)) -> anyhow::Result<()> {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()])
    }

    /// Clicks at this place, as with a mouse.
    ///
    /// # Errors
    /// As [`Display::point_at`].
    pub fn click(&self, (x, y): (u32, u32)) -> anyhow::Result<()> {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"])
    }

    /// Presses the right button of the mouse at this point, in pixels.
    pub(crate) fn press_right_at(&self, (x, y): (u32, u32)) -> anyhow::Result<()> {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "3"])
    }

    /// Drags from one point to another with the left button of the mouse, in pixels.
    pub(crate) fn drag(&self, (x, y): (u32, u32), (to_x, to_y): (u32, u32)) -> anyhow::Result<()> {
        let [from, to] = [[x, y], [to_x, to_y]].map(|point| point.map(|pixel| pixel.to_string()));
        let [from, to] = [&from, &to].map(|[x, y]| ["mousemove", x, y]);
        self.xdotool(&[&from[..], &["mousedown", "1"], &to, &["mouseup", "1"]].concat())
    }

    fn xdotool(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = Command::new(installed("xdotool")?);
        succeed(command.args(arguments).env("DISPLAY", &self.name), "xdotool")
    }

    /// Waits until a window with exactly this title is in sight.
    ///
    /// # Errors
    /// Where none comes.
    pub async fn has_window(&self, title: &str) -> anyhow::Result<()> {
        wait::until(&format!("a window called {title:?}"), async || {
            ensure!(!self.windows(title)?.is_empty(), "there is none");
            Ok(())
        })
        .await
    }

    /// Waits until no window with exactly this title is in sight.
    ///
    /// # Errors
    /// Where one stays.
    pub async fn has_no_window(&self, title: &str) -> anyhow::Result<()> {
        wait::until(&format!("no window called {title:?}"), async || {
            ensure!(self.windows(title)?.is_empty(), "it is still there");
            Ok(())
        })
        .await
    }

    /// Asks the windows with exactly this title to close, as the button in a window's frame does.
    ///
    /// # Errors
    /// Where the display is gone.
    pub fn close(&self, title: &str) -> anyhow::Result<()> {
        let (display, _) = RustConnection::connect(Some(&self.name))?;
        let atom = |name: &str| -> anyhow::Result<u32> {
            Ok(display.intern_atom(false, name.as_bytes())?.reply()?.atom)
        };
        let (protocols, delete) = (atom("WM_PROTOCOLS")?, atom("WM_DELETE_WINDOW")?);
        for window in self.windows(title)? {
            let message = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
            display.send_event(false, window, EventMask::NO_EVENT, message)?;
        }
        Ok(display.sync()?)
    }

    /// The windows in sight that have exactly this title.
    fn windows(&self, title: &str) -> anyhow::Result<Vec<u32>> {
        let pattern = format!("^{}$", title.replace('(', "\\(").replace(')', "\\)"));
        let mut command = Command::new(installed("xdotool")?);
        command.args(["search", "--onlyvisible", "--name", &pattern]).env("DISPLAY", &self.name);
        // Finding none is no success either.
        let found = command.output().context("xdotool could not be started")?.stdout;
        String::from_utf8(found)?.split_whitespace().map(|id| Ok(id.parse()?)).collect()
    }

    /// Saves what the whole display shows as a PNG, once it has come to rest.
    ///
    /// # Errors
    /// Where the display is gone, or `import` (`ImageMagick`) is not installed or cannot.
    pub async fn screenshot(&self, to: &Path) -> anyhow::Result<()> {
        self.rests(None).await?;
        self.import(&[], to)
    }

    /// Saves what this part of the display shows as a PNG, once it has come to rest.
    ///
    /// # Errors
    /// As [`Display::screenshot`].
    pub async fn screenshot_of(&self, place: Place, to: &Path) -> anyhow::Result<()> {
        self.rests(Some(place)).await?;
        let (left, top, width, height) = place;
        self.import(&["-crop", &format!("{width}x{height}+{left}+{top}")], to)
    }

    /// Waits until this part of the display, or all of it, has looked the same for a moment: on a busy machine, what a
    /// page has painted comes to the display after everything else that its program has to do. What never rests, such as
    /// a wheel that turns, is waited for a few seconds.
    async fn rests(&self, place: Option<Place>) -> anyhow::Result<()> {
        let mut before = self.pixels(place)?;
        for _ in 0..MOMENTS {
            tokio::time::sleep(MOMENT).await;
            let last = mem::replace(&mut before, self.pixels(place)?);
            if last == before {
                break;
            }
        }
        Ok(())
    }

    /// What this part of the display shows, or all of it, in the display's own bytes.
    fn pixels(&self, place: Option<Place>) -> anyhow::Result<Vec<u8>> {
        let (display, screen) = RustConnection::connect(Some(&self.name))?;
        let screen = display.setup().roots.get(screen).context("the display has no screen")?;
        let whole = (0, 0, screen.width_in_pixels.into(), screen.height_in_pixels.into());
        let (left, top, width, height) = place.unwrap_or(whole);
        let image = display.get_image(
            ImageFormat::Z_PIXMAP,
            screen.root,
            left.try_into()?,
            top.try_into()?,
            width.try_into()?,
            height.try_into()?,
            !0,
        )?;
        Ok(image.reply()?.data)
    }

    /// Keeps what is shown when a test fails, under the test's name. Only the first time: then all windows are there.
    pub(crate) fn keep_failure(&self) {
        if self.kept.swap(true, Ordering::Relaxed) {
            return;
        }
        let thread = std::thread::current();
        // A failing test has its own error to tell; that there is no picture of it is not worth another.
        let _ = artifacts("failed").and_then(|dir| {
            self.import(&[], &dir.join(format!("{}.png", thread.name().unwrap_or("test").replace("::", "-"))))
        });
    }

    fn import(&self, options: &[&str], to: &Path) -> anyhow::Result<()> {
        // Debian's name for the real one: plain `import` may be something else.
        let import = installed("import-im6.q16").or_else(|_| installed("import"))?;
        let mut command = Command::new(import);
        command.args(["-display", &self.name, "-window", "root"]).args(options).arg(to);
        succeed(&mut command, "import")
    }
}

fn succeed(command: &mut Command, name: &str) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
