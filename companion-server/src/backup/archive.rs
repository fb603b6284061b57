//! The tar archive of a backup, written and read. What is read may be anything.

use std::{
    fmt::Write as _,
    fs::{File, OpenOptions},
    io::{self, BufWriter, Read, Write},
    path::Path,
};

use sha2::{Digest as _, Sha256};
use tar::{Archive, Builder, EntryType, Header};
use tempfile::NamedTempFile;

use super::{BackupError, Content, Manifest, failed, manifest::FORMAT};
use crate::{auth::secret, store::sqlite};

const MANIFEST: &str = "manifest.json";

/// The largest manifest that is read, in bytes.
const MANIFEST_BYTES: u64 = 1024 * 1024;

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// What the manifest says of a file.
pub(super) fn content(path: &Path) -> Result<Content, BackupError> {
    let mut file = File::open(path).map_err(failed(path))?;
    let (bytes, sha256) = pass(&mut file, &mut io::sink()).map_err(failed(path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Content { name, bytes, sha256 })
}

/// Writes an archive of these files into a temporary file within `parent`, which only its owner reads and which is on
/// the disk when this returns.
pub(super) fn write(
    parent: &Path,
    manifest: &Manifest,
    files: &[impl AsRef<Path>],
) -> Result<NamedTempFile, BackupError> {
    let partial =
        tempfile::Builder::new().prefix(".roost-backup-").tempfile_in(parent).map_err(failed(parent))?;
    let fill = || -> io::Result<()> {
        let mut archive = Builder::new(BufWriter::with_capacity(CHUNK, partial.as_file()));
        let text = serde_json::to_vec_pretty(manifest)?;
        append(&mut archive, manifest, MANIFEST, text.len() as u64, text.as_slice())?;
        for (content, file) in manifest.files.iter().zip(files) {
            append(&mut archive, manifest, &content.name, content.bytes, File::open(file)?)?;
        }
        archive.into_inner()?.flush()?;
        partial.as_file().sync_all()
    };
    fill().map_err(failed(partial.path()))?;
    Ok(partial)
}

/// Reads an archive into a folder, and checks each file against the manifest.
pub(super) fn read(path: &Path, to: &Path) -> Result<Manifest, BackupError> {
    let no_backup = |problem: String| BackupError::NoBackup { path: path.to_owned(), problem };
    let damaged = |problem: String| BackupError::Damaged { path: path.to_owned(), problem };
    let mut archive = Archive::new(File::open(path).map_err(failed(path))?);
    let mut entries = archive.entries().map_err(|error| no_backup(error.to_string()))?;
    let first = entries.next().ok_or_else(|| no_backup("it is empty".to_owned()))?;
    let first = first.map_err(|error| no_backup(error.to_string()))?;
    if first.path_bytes().as_ref() != MANIFEST.as_bytes() {
        return Err(no_backup(format!("it does not begin with {MANIFEST}")));
    }
    let manifest: Manifest = serde_json::from_reader(first.take(MANIFEST_BYTES))
        .map_err(|error| no_backup(format!("{MANIFEST}: {error}")))?;
    check_names(&manifest).map_err(no_backup)?;
    for content in &manifest.files {
        let entry = entries.next().ok_or_else(|| damaged(format!("{} is missing", content.name)))?;
        let mut entry = entry.map_err(|error| damaged(error.to_string()))?;
        // Names come from our own list, never from the archive.
        if entry.path_bytes().as_ref() != content.name.as_bytes()
            || entry.header().entry_type() != EntryType::Regular
        {
            return Err(damaged(format!("{} is not where it should be", content.name)));
        }
        let target = to.join(&content.name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&target).map_err(failed(&target))?;
        let (bytes, sha256) = pass(&mut entry, &mut file).map_err(|error| damaged(error.to_string()))?;
        if (bytes, &sha256) != (content.bytes, &content.sha256) {
            return Err(damaged(format!("{} is not what was backed up", content.name)));
        }
        file.sync_all().map_err(failed(&target))?;
    }
    Ok(manifest)
}

fn check_names(manifest: &Manifest) -> Result<(), String> {
    if manifest.format != FORMAT {
        return Err(format!("its format is {:?}, not {FORMAT}", manifest.format));
    }
    let mut names: Vec<&str> = manifest.files.iter().map(|content| content.name.as_str()).collect();
    names.sort_unstable();
    match names.as_slice() {
        [sqlite::FILE_NAME] | [sqlite::FILE_NAME, secret::FILE_NAME] => Ok(()),
        _ => Err(format!("it holds {}", names.join(", "))),
    }
}

fn append(
    archive: &mut Builder<impl Write>,
    manifest: &Manifest,
    name: &str,
    bytes: u64,
    data: impl Read,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(bytes);
    header.set_mtime(u64::try_from(manifest.created_at.millis() / 1000).unwrap_or(0));
    archive.append_data(&mut header, name, data)
}

/// Passes everything on; how much it was, and its hash.
fn pass(from: &mut impl Read, to: &mut impl Write) -> io::Result<(u64, String)> {
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        let count = from.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        hash.update(&chunk[..count]);
        to.write_all(&chunk[..count])?;
        bytes += count as u64;
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        write!(text, "{byte:02x}").map_err(io::Error::other)?;
    }
    Ok((bytes, text))
}
