//! The log that `SQLite` keeps beside a database: what was committed last, as frames of one page each.
//!
//! `SQLite` reads it up to the first frame that is damaged and takes the rest for what a crash left unfinished. It can't
//! know better; but where a commit follows, that frame had been synced to the disk, and what it held was promised.

use std::{
    fs::File,
    io::{self, BufReader, Seek as _, SeekFrom},
    path::Path,
};

use super::pages::{PAGE, frame_offset};

pub(super) const HEADER: usize = 32;
pub(super) const FRAME_HEADER: usize = 24;

/// The frames up to the last commit.
#[derive(Default)]
pub(super) struct Frames {
    /// Where each is, and of which page it is.
    pub(super) pages: Vec<(u64, u32)>,
    /// How many pages the database has after the last commit.
    pub(super) size: u32,
    /// How many frames before the last commit say nothing of their page.
    pub(super) lost: usize,
}

/// The frames of a log up to its last commit, damaged ones among them left out as far as they are known to be.
///
/// # Errors
/// Where the file cannot be read.
pub(super) fn committed(log: &File) -> io::Result<Frames> {
    let (mut frames, mut uncommitted) = (Frames::default(), Frames::default());
    for (index, frame) in (0..).zip(read(log)?.frames) {
        if !frame.current {
            uncommitted.lost += 1;
            continue;
        }
        uncommitted.pages.push((frame_offset(index), frame.page));
        if frame.commit > 0 {
            frames.pages.append(&mut uncommitted.pages);
            frames.lost += std::mem::take(&mut uncommitted.lost);
            frames.size = frame.commit;
        }
    }
    Ok(frames)
}

/// Whether the log at this path holds a commit that `SQLite` would not see, because a frame before it is damaged.
///
/// # Errors
/// Where the file cannot be read.
pub(super) fn hides_commits(path: &Path) -> io::Result<bool> {
    let log = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        log => read(&log?)?,
    };
    // The damaged frame itself may be what a crash left half written.
    let mut behind = log.frames.iter().skip_while(|frame| frame.sound).skip(1);
    Ok(behind.any(|frame| frame.current && frame.commit > 0))
}

struct Log {
    frames: Vec<Frame>,
}

struct Frame {
    page: u32,
    /// How many pages the database has, where a commit ends here; otherwise 0.
    commit: u32,
    /// Whether it was written since the log began anew: older ones may follow.
    current: bool,
    /// Whether `SQLite` would accept it: its checksum, and those of all before it, are right.
    sound: bool,
}

fn read(mut file: &File) -> io::Result<Log> {
    file.seek(SeekFrom::Start(0))?;
    let mut file = BufReader::new(file);
    let mut header = [0; HEADER];
    let mut frames = Vec::new();
    if !filled(&mut file, &mut header)? {
        return Ok(Log { frames });
    }
    // The last bit of the magic number says in which order the checksums take bytes.
    let word = if header[3] & 1 == 1 { u32::from_be_bytes } else { u32::from_le_bytes };
    let mut sum = checksum((0, 0), &header[..24], word);
    let mut chained = at(&header, 0) & !1 == 0x377f_0682 && (at(&header, 24), at(&header, 28)) == sum;
    let mut salt = chained.then(|| (at(&header, 16), at(&header, 20)));
    let mut frame = vec![0; FRAME_HEADER + PAGE];
    while filled(&mut file, &mut frame)? {
        // Where the header is damaged, the first frame tells what it said.
        let current =
            *salt.get_or_insert_with(|| (at(&frame, 8), at(&frame, 12))) == (at(&frame, 8), at(&frame, 12));
        sum = checksum(checksum(sum, &frame[..8], word), &frame[FRAME_HEADER..], word);
        chained &= current && (at(&frame, 16), at(&frame, 20)) == sum;
        frames.push(Frame {
            page: at(&frame, 0),
            commit: at(&frame, 4),
            current: current && at(&frame, 0) > 0,
            sound: chained,
        });
    }
    Ok(Log { frames })
}

/// A number of the log, which are written with the high byte first.
fn at(bytes: &[u8], offset: usize) -> u32 {
    bytes[offset..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// `SQLite`'s checksum of the log, in words of four bytes.
fn checksum((mut low, mut high): (u32, u32), bytes: &[u8], word: fn([u8; 4]) -> u32) -> (u32, u32) {
    let (pairs, _) = bytes.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in pairs {
        low = low.wrapping_add(word([*a, *b, *c, *d])).wrapping_add(high);
        high = high.wrapping_add(word([*e, *f, *g, *h])).wrapping_add(low);
    }
    (low, high)
}

/// Fills the buffer; `false` where the file ends before.
fn filled(file: &mut impl io::Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        outcome => outcome.map(|()| true),
    }
}
