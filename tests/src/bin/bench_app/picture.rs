//! What is on the virtual display, read from the file that it draws into: no program takes part in it.

use std::{
    fs::File,
    ops::Range,
    os::unix::fs::FileExt as _,
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, bail, ensure};

/// How often the display is looked at.
const INTERVAL: Duration = Duration::from_millis(3);

/// Every how manieth line is looked at: text has more of them.
const LINES: usize = 3;

/// By how much two pixels may differ and still be alike, of 255 steps of each colour.
///
/// The webview smooths the same letter by a step or so differently, depending on which layers it paints on.
const SHADE: u8 = 24;

/// How many bytes are compared at once.
const LINE: usize = 512;

/// How long anything may take.
const DEADLINE: Duration = Duration::from_mins(1);

/// A part of the display.
pub(crate) struct Picture {
    file: File,
    /// Where in the file the pixels of each looked-at line stand.
    lines: Vec<Range<u64>>,
}

/// What a part of the display looks like: the bytes of its pixels. Equal where a person sees no difference.
#[derive(Clone)]
pub(crate) struct Look(Vec<u8>);

impl PartialEq for Look {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            // Most lines are the same to the byte, which is found out quickly: looking must not slow down what is looked at.
            && self.0.chunks(LINE).zip(other.0.chunks(LINE)).all(|(one, two)| {
                one == two || one.iter().zip(two).all(|(one, two)| one.abs_diff(*two) <= SHADE)
            })
    }
}

impl Picture {
    /// The part of the display that draws into this folder, in pixels: its left and right end, and its top and bottom.
    pub(crate) fn of(folder: &Path, across: &Range<u64>, down: Range<u64>) -> anyhow::Result<Self> {
        let file = File::open(folder.join("Xvfb_screen0")).context("the display draws into no file")?;
        // The header of the X window dump format: numbers of 32 bits, the first byte the highest.
        let number = |at: u64| {
            let mut bytes = [0; 4];
            file.read_exact_at(&mut bytes, 4 * at)?;
            anyhow::Ok(u64::from(u32::from_be_bytes(bytes)))
        };
        let (header, bits, stride, colours) = (number(0)?, number(11)?, number(12)?, number(19)?);
        if bits != 32 {
            bail!("the display has {bits} bits a pixel instead of 32");
        }
        let pixels = header + 12 * colours;
        let lines = down.step_by(LINES).map(|line| {
            let start = pixels + line * stride;
            start + 4 * across.start..start + 4 * across.end
        });
        let lines = lines.collect();
        Ok(Self { file, lines })
    }

    /// What it looks like now.
    pub(crate) fn look(&self) -> anyhow::Result<Look> {
        let mut bytes = Vec::new();
        for line in &self.lines {
            let read = bytes.len();
            bytes.resize(read + usize::try_from(line.end - line.start)?, 0);
            self.file.read_exact_at(&mut bytes[read..], line.start)?;
        }
        Ok(Look(bytes))
    }

    /// Waits until it looks like this; answers when it did.
    pub(crate) async fn becomes(&self, wanted: &Look) -> anyhow::Result<Instant> {
        self.until(|look| look == wanted)
            .await
            .context("the window does not look as it did the first time")?;
        Ok(Instant::now())
    }

    /// Waits until it looks other than this; answers when it did.
    #[expect(
        clippy::disallowed_methods,
        reason = "it is compared with what a page in another process reads of it"
    )]
    pub(crate) async fn changes(&self, from: &Look) -> anyhow::Result<SystemTime> {
        self.until(|look| look != from).await.context("nothing changes in the window")?;
        Ok(SystemTime::now())
    }

    async fn until(&self, wanted: impl Fn(&Look) -> bool) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !wanted(&self.look()?) {
            ensure!(begun.elapsed() < DEADLINE, "waited {} s", DEADLINE.as_secs());
            tokio::time::sleep(INTERVAL).await;
        }
        Ok(())
    }

    /// Waits until it looks other than this, and then the same for so long; answers what it looks like.
    pub(crate) async fn rests(&self, other: &Look, length: Duration) -> anyhow::Result<Look> {
        let begun = Instant::now();
        let (mut last, mut since) = (other.clone(), begun);
        loop {
            let now = self.look()?;
            if now != last {
                (last, since) = (now, Instant::now());
            }
            if last != *other && since.elapsed() > length {
                return Ok(last);
            }
            if begun.elapsed() > DEADLINE {
                bail!("the window does not come to rest");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}
