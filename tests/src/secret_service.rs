//! A D-Bus session with a Secret Service (GNOME Keyring) that nobody else uses.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::{process::Process, programs, wait};

/// A session bus of our own: it lets its one user do everything, and starts nothing by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// An unlocked Secret Service on a bus of its own.
pub struct SecretService {
    // Dropped in this order: the keyring before the bus that it is on, the folder last.
    _keyring: Process,
    _bus: Process,
    folder: TempDir,
    secrets: PathBuf,
}

impl SecretService {
    /// Starts both, and waits until a secret can be stored and read.
    ///
    /// # Errors
    /// Where one of them is not installed or does not start.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = own_folder()?;
        let secrets = folder.path().to_path_buf();
        Self::start_in(folder, secrets).await
    }

    /// As [`SecretService::start`], with the secrets kept in a folder from one time to the next.
    ///
    /// # Errors
    /// As above, and where the folder cannot be made.
    pub async fn keeping(secrets: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(secrets)?;
        Self::start_in(own_folder()?, secrets.to_path_buf()).await
    }

    async fn start_in(folder: TempDir, secrets: PathBuf) -> anyhow::Result<Self> {
        let config = folder.path().join("bus.conf");
        let socket = socket(&folder);
        fs::write(&config, BUS.replace("SOCKET", &socket.to_string_lossy()))?;
        let mut command = Command::new(programs::installed("dbus-daemon")?);
        command.arg("--config-file").arg(&config).args(["--nofork", "--nopidfile"]);
        let bus = Process::spawn("dbus-daemon", &mut command)?;
        wait::until("the bus", async || {
            std::os::unix::net::UnixStream::connect(&socket).context("no socket yet")
        })
        .await?;

        let mut command = Command::new(programs::installed("gnome-keyring-daemon")?);
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        own_environment(&folder, &secrets, &mut command);
        let mut keyring = Process::spawn("gnome-keyring-daemon", &mut command)?;
        // The password of a new keyring is the first line; an empty one is allowed, no line is not.
        keyring.write("\n")?;
        keyring.close_input();

        let service = Self { _keyring: keyring, _bus: bus, folder, secrets };
        wait::until("the secret service", async || service.try_out().await).await?;
        Ok(service)
    }

    /// What a program needs in its environment to use this secret service.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("DBUS_SESSION_BUS_ADDRESS", address(&self.folder))]
    }

    /// Stores a secret and reads it again.
    async fn try_out(&self) -> anyhow::Result<()> {
        let tool = programs::installed("secret-tool")?;
        let attribute = ["roost-test", "ready"];
        let mut store = Command::new(&tool);
        store.args(["store", "--label", "ready"]).args(attribute);
        own_environment(&self.folder, &self.secrets, &mut store);
        let mut store = Process::spawn("secret-tool", &mut store)?;
        // The tool may have ended with an error already; what it stored is looked at below.
        let _ = store.write("yes");
        store.close_input();
        store.end().await?;
        let mut lookup = Command::new(&tool);
        lookup.arg("lookup").args(attribute);
        own_environment(&self.folder, &self.secrets, &mut lookup);
        let found = lookup.output()?;
        if found.stdout != b"yes" {
            bail!("a secret was not kept: {}", String::from_utf8_lossy(&found.stderr));
        }
        Ok(())
    }
}

/// The bus and the sockets in one folder, the secrets in another, and nothing of the person's own.
fn own_environment(folder: &TempDir, secrets: &Path, command: &mut Command) {
    command
        .env("DBUS_SESSION_BUS_ADDRESS", address(folder))
        .env("HOME", secrets)
        .env("XDG_DATA_HOME", secrets)
        .env("XDG_RUNTIME_DIR", folder.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
}

/// In the system's folder for such, because the path of a socket may have no more than 107 bytes.
fn own_folder() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("roost-bus-").tempdir()
}

fn socket(folder: &TempDir) -> PathBuf {
    folder.path().join("bus")
}

fn address(folder: &TempDir) -> String {
    format!("unix:path={}", socket(folder).display())
}
