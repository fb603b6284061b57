//! The pages of a damaged database, each by itself: from the file, and from the log of what was written last.
//!
//! A page ends with the vector of its encryption and a checksum over both and its number, so whether it is whole can be
//! said without any other page. The log holds newer versions of pages. It is read as a row of frames, and a damaged
//! frame does not end it, as it would for `SQLite`; what comes after its last commit was never promised to anybody.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use aes::Aes256;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::NoPadding};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha512;

use crate::profile::key::{Key, PageKeys};

use super::log::{self, FRAME_HEADER, HEADER};

/// The size of a page, which is that of every database that was ever made here.
pub(super) const PAGE: usize = 4_096;
/// What an encrypted page keeps for itself at its end: the vector and the checksum.
const RESERVED: usize = VECTOR + CHECKSUM;
const VECTOR: usize = 16;
const CHECKSUM: usize = 64;
/// How many times as large as what is left a file may have been before it was cut off.
const CUT_OFF: u32 = 10;
/// In the place of these, the first page of an encrypted database has its salt.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A page that could be read.
pub(super) struct Page {
    /// Without what encryption keeps for itself.
    pub(super) bytes: Vec<u8>,
    /// Whether a newer version of it could not be read.
    pub(super) stale: bool,
}

/// The pages of one database.
pub(super) struct Pages {
    file: File,
    log: Option<File>,
    keys: Option<PageKeys>,
    count: u32,
    /// Where the log has versions of a page, the newest last.
    versions: BTreeMap<u32, Vec<u64>>,
    unreadable: BTreeSet<u32>,
    /// Frames of which not even the page is known.
    lost_frames: usize,
}

impl Pages {
    /// The pages of a database and of its log, where there is one. Without a key, of one that is not encrypted.
    pub(super) fn open(database: &Path, log: &Path, key: Option<&Key>) -> io::Result<Self> {
        let file = File::open(database)?;
        let log = if log.is_file() { Some(File::open(log)?) } else { None };
        let frames = match &log {
            Some(log) => log::committed(log)?,
            None => log::Frames::default(),
        };
        let in_file = u32::try_from(file.metadata()?.len().div_ceil(PAGE as u64)).unwrap_or(u32::MAX);
        let in_log = u32::try_from(frames.pages.len()).unwrap_or(u32::MAX);
        // What a damaged file says of its size is believed as far as it can be.
        let most = in_file.saturating_add(in_log).saturating_mul(CUT_OFF);
        let mut versions: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        for (offset, page) in frames.pages {
            versions.entry(page).or_default().push(offset);
        }
        let mut pages = Self {
            file,
            log,
            keys: key.map(Key::page_keys),
            count: in_file.max(frames.size.min(most)),
            versions,
            unreadable: BTreeSet::new(),
            lost_frames: frames.lost,
        };
        // A file that was cut off says in its first page how long it was.
        if let Some(first) = pages.page(1)
            && let Some(size) = first.bytes.get(28..32)
            && let Ok(size) = size.try_into().map(u32::from_be_bytes)
            && !first.stale
        {
            pages.count = pages.count.max(size.min(most));
        }
        Ok(pages)
    }

    /// How many pages there are, or were.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// How many bytes of a page are its content.
    pub(super) const fn usable(&self) -> usize {
        if self.keys.is_some() { PAGE - RESERVED } else { PAGE }
    }

    /// Whether everything that was asked for could be read in its newest version.
    pub(super) fn complete(&self) -> bool {
        self.unreadable.is_empty() && self.lost_frames == 0
    }

    /// A page, in its newest version that can be read.
    pub(super) fn page(&mut self, number: u32) -> Option<Page> {
        let in_log = self.versions.get(&number).cloned().unwrap_or_default();
        let mut stale = false;
        for offset in in_log.into_iter().rev() {
            let raw = self.log.as_mut().and_then(|log| read_at(log, offset + FRAME_HEADER as u64).ok());
            if let Some(bytes) = raw.and_then(|raw| self.decrypt(number, raw)) {
                return Some(Page { bytes, stale });
            }
            stale = true;
            self.unreadable.insert(number);
        }
        let offset = u64::from(number.checked_sub(1)?) * PAGE as u64;
        let raw = read_at(&mut self.file, offset).ok();
        let bytes = raw.and_then(|raw| self.decrypt(number, raw));
        if bytes.is_none() {
            self.unreadable.insert(number);
        }
        Some(Page { bytes: bytes?, stale })
    }

    /// A page's content; `None` where its checksum says that it is damaged.
    fn decrypt(&self, number: u32, mut raw: Vec<u8>) -> Option<Vec<u8>> {
        let Some(keys) = &self.keys else { return Some(raw) };
        let start = if number == 1 { MAGIC.len() } else { 0 };
        let (content, reserved) = raw.split_at_mut_checked(PAGE - RESERVED)?;
        let (vector, checksum) = reserved.split_at(VECTOR);
        let content = &mut content[start..];
        let mut mac = Hmac::<Sha512>::new_from_slice(keys.checksum.as_slice()).ok()?;
        mac.update(content);
        mac.update(vector);
        mac.update(&number.to_le_bytes());
        mac.verify_slice(checksum).ok()?;
        cbc::Decryptor::<Aes256>::new_from_slices(keys.cipher.as_slice(), vector)
            .ok()?
            .decrypt_padded::<NoPadding>(content)
            .ok()?;
        raw.truncate(PAGE - RESERVED);
        if number == 1 {
            raw[..MAGIC.len()].copy_from_slice(MAGIC);
        }
        Some(raw)
    }
}

fn read_at(file: &mut File, offset: u64) -> io::Result<Vec<u8>> {
    let mut page = vec![0; PAGE];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut page)?;
    Ok(page)
}

/// The offset of a frame in the log.
pub(super) const fn frame_offset(index: u64) -> u64 {
    HEADER as u64 + index * (FRAME_HEADER + PAGE) as u64
}
