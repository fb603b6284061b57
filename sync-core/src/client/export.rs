//! Taking one's messages along: all that are on this device, as a file of JSON Lines.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    domain::{Connection, Reach},
    error::{ExportError, StoreError},
    store::{
        export::{self, Next},
        summaries,
    },
};

use super::Client;

impl Client {
    /// From when on every message is on this device: what [`Client::search`] and [`Client::export`] cover.
    /// [`crate::Update::Progress`] and [`crate::Update::Connection`] tell when it changes.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn reach(&self) -> Result<Reach, StoreError> {
        let reach = self.inner.face.store.read(|connection| summaries::reach(connection)).await?;
        // A server without a feed tells everything there is each time, and it has been told to the end.
        let told = matches!(self.connection(), Connection::Online { .. });
        Ok(if reach == Reach::Unknown && told { Reach::All } else { reach })
    }

    /// Writes all messages on this device that are not deleted into a file, one line of JSON each, conversation by
    /// conversation, and then what waits to be sent. `docs/export.md` describes the lines. The file takes the place of
    /// another one of this path once it is whole; where the future is dropped, nothing is left. `progress` is told how
    /// many messages were written so far. Answers how many there are.
    ///
    /// # Errors
    /// [`ExportError`]; then nothing is left.
    pub async fn export(&self, to: &Path, progress: impl Fn(u64) + Send) -> Result<u64, ExportError> {
        let failed = |source| ExportError::File { path: to.to_owned(), source };
        let path = to.to_owned();
        let mut unfinished = blocking(move || Unfinished::create(&path)).await.map_err(failed)?;
        let (mut next, mut count) = (Some(Next::first()), 0);
        while let Some(here) = next {
            let page = self.inner.face.store.read(move |connection| export::page(connection, &here)).await?;
            (next, count) = (page.next, count + page.count);
            unfinished = blocking(move || {
                unfinished.file.write_all(&page.lines)?;
                Ok(unfinished)
            })
            .await
            .map_err(failed)?;
            progress(count);
        }
        let path = to.to_owned();
        blocking(move || unfinished.finish(&path)).await.map_err(failed)?;
        Ok(count)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A file that is being written beside the one that it will be; removed where it does not become it.
struct Unfinished {
    file: File,
    path: PathBuf,
    finished: bool,
}

impl Unfinished {
    fn create(to: &Path) -> io::Result<Self> {
        let name = to.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut part = OsString::from(name);
        part.push(".part");
        let path = to.with_file_name(part);
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true);
        // Messages are for their owner's eyes.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { file: options.open(&path)?, path, finished: false })
    }

    fn finish(mut self, to: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, to)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "an unfinished export could not be removed");
        }
    }
}
