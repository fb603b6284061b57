//! The system's packages, on Debian, Ubuntu and what descends from them. Elsewhere they are only named.

use std::collections::BTreeSet;

use anyhow::{Context, bail};

use crate::{command::Cmd, console::say};

/// What building the server, the engine and the app takes: a C compiler, OpenSSL, WebKitGTK.
const TO_BUILD: &[&str] =
    &["build-essential", "pkg-config", "libssl-dev", "libwebkit2gtk-4.1-dev", "librsvg2-dev"];

/// What keeps the demo's passwords apart from one's own: a D-Bus session and a secret service that are private to it.
const TO_KEEP_SECRETS: &[&str] = &["dbus-daemon", "gnome-keyring", "libsecret-tools"];

/// What shows and drives the app where nobody watches: a virtual display, the webview's driver and its own small
/// browser, the tray, screenshots, and fonts, because text of a script without a font is shown as boxes.
const TO_SHOW: &[&str] = &[
    "xvfb",
    "webkit2gtk-driver",
    "libwebkit2gtk-4.1-0",
    "libayatana-appindicator3-1",
    "imagemagick",
    "xdotool",
    "fonts-dejavu-core",
    "fonts-noto-color-emoji",
    "fonts-droid-fallback",
];

/// What breaks disks and networks within namespaces of a test's own.
const TO_BREAK: &[&str] = &["util-linux", "mount", "iproute2", "nftables"];

/// What the fuzzer of the API runs on.
const TO_FUZZ: &[&str] = &["python3", "python3-venv"];

/// For what packages are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Build everything.
    Build,
    /// Build, and open windows on the display that is there.
    Windows,
    /// Build, and open windows on a virtual display, driven by a program.
    VirtualDisplay,
}

impl Purpose {
    fn packages(self) -> Vec<&'static str> {
        let groups: &[&[&str]] = match self {
            Self::Build => &[TO_BUILD],
            Self::Windows => &[TO_BUILD, TO_KEEP_SECRETS],
            Self::VirtualDisplay => &[TO_BUILD, TO_KEEP_SECRETS, TO_SHOW, TO_BREAK, TO_FUZZ],
        };
        groups.concat()
    }
}

/// Installs the packages that are missing for this purpose.
pub(crate) fn install(purpose: Purpose) -> anyhow::Result<()> {
    let wanted = purpose.packages();
    if !Cmd::new("apt-get").args(["--version"]).succeeds() {
        say(&format!(
            "This system has no apt-get. Roost needs what Debian calls {}; please see to it that they are there.",
            wanted.join(", ")
        ));
        return present_elsewhere();
    }
    let missing = missing(&wanted)?;
    if missing.is_empty() {
        say(&format!("All {} system packages are there.", wanted.len()));
        return Ok(());
    }
    say(&format!("Missing system packages: {}", missing.join(", ")));
    let prefix = privileges(&missing)?;
    let apt_get = |args: &[&str]| {
        let mut words = prefix.clone();
        words.extend([
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-o",
            "DPkg::Lock::Timeout=900",
            "-q",
        ]);
        words.extend(args);
        Cmd::new(words[0]).args(&words[1..])
    };
    apt_get(&["update"]).run().context(
        "The list of packages could not be fetched. Is this machine connected, and are its package sources right?",
    )?;
    let install = [&["install", "-y", "--no-install-recommends"], missing.as_slice()].concat();
    apt_get(&install).run().with_context(|| {
        format!("Some packages could not be installed. Install them yourself: {}", missing.join(" "))
    })
}

/// The packages that are not installed.
fn missing<'a>(wanted: &[&'a str]) -> anyhow::Result<Vec<&'a str>> {
    // dpkg-query ends with an error when it does not know one of the names, and still lists the others.
    let listed = Cmd::new("sh")
        .args([
            "-c",
            "dpkg-query --show --showformat '${Package} ${db:Status-Status}\\n' \"$@\" || true",
            "dpkg-query",
        ])
        .args(wanted)
        .read()
        .context("dpkg-query, which says what is installed, did not run")?;
    let installed: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    Ok(wanted.iter().copied().filter(|package| !installed.contains(package)).collect())
}

/// What goes before a command that only root may run.
fn privileges(missing: &[&str]) -> anyhow::Result<Vec<&'static str>> {
    if Cmd::new("id").args(["-u"]).read().is_ok_and(|id| id == "0") {
        return Ok(Vec::new());
    }
    if !Cmd::new("sudo").args(["--version"]).succeeds() {
        bail!(
            "Installing packages takes root, and there is no sudo here. As root, run: apt-get install {}",
            missing.join(" ")
        );
    }
    // Asks for the password where one is needed, before anything is under way.
    Ok(vec!["sudo"])
}

/// Where packages cannot be looked up, the one library whose absence would show late and unclearly is looked for.
fn present_elsewhere() -> anyhow::Result<()> {
    if cfg!(target_os = "linux") && !Cmd::new("pkg-config").args(["--exists", "webkit2gtk-4.1"]).succeeds() {
        bail!(
            "WebKitGTK 4.1 with its development files was not found by pkg-config; install it and try again."
        );
    }
    Ok(())
}
