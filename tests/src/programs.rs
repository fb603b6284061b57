//! Where the programs and the folders are.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A program that Cargo built, next to the one that is running: `companion-server`, `roost`, `examples/chat`.
///
/// # Errors
/// Where it has not been built.
pub fn built(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("the path of this program cannot be found")?;
    // A test lies in target/debug/deps, a program in target/debug.
    let found = own.ancestors().skip(1).take(2).map(|dir| dir.join(name)).find(|path| path.is_file());
    match found {
        Some(path) => Ok(path),
        None => bail!("{name} has not been built: run `cargo xtask build`"),
    }
}

/// A program of the system.
///
/// # Errors
/// Where it is not installed.
pub fn installed(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    match std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!("{name} is not installed: run `cargo xtask setup`"),
    }
}

/// The small browser that comes with the app's webview.
///
/// # Errors
/// Where it is not installed.
pub fn mini_browser() -> anyhow::Result<PathBuf> {
    let libraries = std::fs::read_dir("/usr/lib").context("the system's libraries cannot be listed")?;
    libraries
        .flatten()
        .map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser"))
        .find(|path| path.is_file())
        .context("WebKitGTK's MiniBrowser is not installed: run `cargo xtask setup`")
}

/// The repository.
#[must_use]
pub fn repository() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// Where a test of this name keeps what people may want to look at afterwards.
///
/// # Errors
/// Where the folder cannot be made.
pub fn artifacts(test: &str) -> anyhow::Result<PathBuf> {
    let dir = repository().join("artifacts").join(test);
    std::fs::create_dir_all(&dir).with_context(|| format!("{} could not be made", dir.display()))?;
    Ok(dir)
}
