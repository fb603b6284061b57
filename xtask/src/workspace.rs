//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// The folders that tasks work in.
pub(crate) struct Workspace {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's target directory.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the repository that this binary was built from, and the target directory that it lies in.
    pub(crate) fn locate() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask has no folder above it")?
            .to_path_buf();
        let own = std::env::current_exe().context("the path of this program cannot be found")?;
        let target = own
            .ancestors()
            .nth(2)
            .context("this program does not lie in a target directory: start it as `cargo xtask`")?
            .to_path_buf();
        Ok(Self { root, target })
    }

    /// A program that `cargo build` leaves in the target directory.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// The folder of the chat that the app shows.
    pub(crate) fn interface(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// The folder of the tests that are written in JavaScript.
    pub(crate) fn javascript(&self) -> PathBuf {
        self.root.join("tests/js")
    }
}
