//! A disk that can be full: a small file system in memory, within a [sandbox](crate::sandbox).

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::bail;

use crate::sandbox;

/// The size of such a disk, most of which is filled with nothing: `doctor` finds fault with one on which less is free.
const BYTES: u64 = 96 * 1024 * 1024;

/// A disk, for as long as the sandbox stands.
pub struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Mounts an empty one.
    ///
    /// # Errors
    /// Where it cannot be mounted.
    pub fn mount(at: &Path) -> anyhow::Result<Self> {
        sandbox::mount_memory(at, BYTES)?;
        Ok(Self { path: at.to_owned() })
    }

    /// Takes every byte that is left.
    ///
    /// # Errors
    /// Where the disk fails in another way than by being full.
    pub fn fill(&self) -> anyhow::Result<()> {
        let mut file = File::options().create(true).append(true).open(self.ballast())?;
        // The last bytes are taken one by one.
        for size in [64 * 1024, 4 * 1024, 1] {
            let block = vec![0; size];
            loop {
                match file.write(&block) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => bail!("filling the disk: {error}"),
                }
            }
        }
        Ok(())
    }

    /// Gives the space back.
    ///
    /// # Errors
    /// Where that fails.
    pub fn free(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}
